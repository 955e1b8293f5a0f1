const WIDTH = 64u;

fn n_items() -> u32 { return params.channels; }

fn item(channel: u32) {
    stats[channel] = weights[params.mean + channel];
    // Averaging rounds; a variance is not negative.
    let variance = max(weights[params.variance + channel], 0.0);
    stats[params.channels + channel] = 1.0 / sqrt(variance + params.epsilon);
}
