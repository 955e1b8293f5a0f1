const WIDTH = 64u;

fn n_items() -> u32 { return params.channels; }

fn item(channel: u32) {
    stats[channel] = weights[params.mean + channel];
    // Averaging may round a variance below 0.
    let variance = max(weights[params.variance + channel], 0.0);
    stats[params.channels + channel] = 1.0 / sqrt(variance + params.epsilon);
}
