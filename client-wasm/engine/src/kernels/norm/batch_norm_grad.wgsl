const NONE = 0xffffffffu;

fn n_entries() -> u32 { return params.rows * params.channels * params.inner; }

fn entry(at: u32) {
    let plane = at / params.inner;
    let row = plane / params.channels;
    let channel = plane - row * params.channels;
    var gain = 1.0;
    if params.gain != NONE {
        gain = weights[params.gain + channel];
    }
    let inverse = stats[params.channels + channel];
    let along = (x[at] - stats[channel]) * inverse * sums[params.channels + channel];
    let through_stats = row_scale[row] / f32(params.inner) * (sums[channel] + along);
    dx[at] = gain * inverse * (dy[at] - through_stats);
}
