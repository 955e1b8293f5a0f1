fn n_lines() -> u32 { return params.channels; }

fn line(channel: u32, lane: u32) {
    let share = 1.0 / f32(params.inner);
    let len = params.rows * params.inner;
    var part = 0.0;
    var counted = 0.0;
    for (var entry = lane; entry < len; entry += 64u) {
        let row = entry / params.inner;
        let scale = row_scale[row];
        part += scale * share * x[(row * params.channels + channel) * params.inner + entry % params.inner];
        counted += select(0.0, 1.0, scale > 0.0);
    }
    let middle = total(lane, part);
    let entries = total(lane, counted);
    part = 0.0;
    for (var entry = lane; entry < len; entry += 64u) {
        let row = entry / params.inner;
        let apart = x[(row * params.channels + channel) * params.inner + entry % params.inner] - middle;
        part += row_scale[row] * share * apart * apart;
    }
    let spread = total(lane, part);
    if lane == 0u {
        store_stats(channel, middle, spread, entries);
    }
}
