fn forward(x: f32) -> f32 {
    return max(x, 0.0) + log(1.0 + exp(-abs(x)));
}

fn backward(x: f32, dy: f32) -> f32 {
    let share = 1.0 / (1.0 + exp(-x));
    return dy * share;
}
