fn forward(x: f32) -> f32 {
    return x / (1.0 + exp(-x));
}

fn backward(x: f32, dy: f32) -> f32 {
    let share = 1.0 / (1.0 + exp(-x));
    return dy * (share + x * share * (1.0 - share));
}
