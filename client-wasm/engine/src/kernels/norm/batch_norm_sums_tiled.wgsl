fn n_lines() -> u32 { return params.channels; }

fn line(channel: u32, lane: u32) {
    let mean = stats[channel];
    let inverse = stats[params.channels + channel];
    var part = vec2f();
    for (var entry = lane; entry < params.rows * params.inner; entry += 64u) {
        let row = entry / params.inner;
        let at = (row * params.channels + channel) * params.inner + entry % params.inner;
        part += dy[at] * vec2f(1.0, (x[at] - mean) * inverse);
    }
    let plain = total(lane, part.x);
    let along = total(lane, part.y);
    if lane == 0u {
        store_sums(channel, plain, along);
    }
}
