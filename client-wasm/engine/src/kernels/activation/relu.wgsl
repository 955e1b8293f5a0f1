fn forward(x: f32) -> f32 {
    return max(x, 0.0);
}

fn backward(y: f32, dy: f32) -> f32 {
    return select(0.0, dy, y > 0.0);
}
