//! Softplus: a smooth ReLU.

activation! {
    Softplus = "softplus", SoftplusGrad = "softplus_grad"
    /// y = log(1 + exp(x)), without overflow.
    forward(x) { x.max(0.0) + (1.0 + (-x.abs()).exp()).ln() }
    by hand [0.0 => std::f32::consts::LN_2, -90.0 => 0.0, 90.0 => 90.0]
    /// dx = dy · σ(x).
    backward(Input: x, dy) {
        let share = 1.0 / (1.0 + (-x).exp());
        dy * share
    }
    by hand [(0.0, 4.0) => 2.0, (-80.0, 3.0) => 0.0, (80.0, 3.0) => 3.0]
}
