// Stores the statistics of a channel over a batch, and moves the running statistics towards them.

fn store_stats(channel: u32, middle: f32, spread: f32, entries: f32) {
    stats[channel] = middle;
    stats[params.channels + channel] = 1.0 / sqrt(spread + params.epsilon);
    if entries > 0.0 {
        let unbiased = spread * entries / max(entries - 1.0, 1.0);
        weights[params.mean + channel] += params.momentum * (middle - weights[params.mean + channel]);
        weights[params.variance + channel] += params.momentum * (unbiased - weights[params.variance + channel]);
    }
}
