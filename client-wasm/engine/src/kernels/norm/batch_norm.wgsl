const NONE = 0xffffffffu;

fn n_entries() -> u32 { return params.rows * params.channels * params.inner; }

fn entry(at: u32) {
    let plane = at / params.inner;
    let channel = plane - plane / params.channels * params.channels;
    var gain = 1.0;
    var shift = 0.0;
    if params.gain != NONE {
        gain = weights[params.gain + channel];
    }
    if params.shift != NONE {
        shift = weights[params.shift + channel];
    }
    y[at] = (x[at] - stats[channel]) * stats[params.channels + channel] * gain + shift;
}
