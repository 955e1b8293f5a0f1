fn n_lines() -> u32 { return params.channels; }

fn line(channel: u32, lane: u32) {
    var part = 0.0;
    for (var entry = lane; entry < params.rows * params.inner; entry += 64u) {
        let row = entry / params.inner;
        part += x[(row * params.channels + channel) * params.inner + entry % params.inner];
    }
    let sum = total(lane, part);
    if lane == 0u {
        sums[params.offset + channel] = sum;
    }
}
