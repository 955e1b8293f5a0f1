//! Swish: every entry times its own sigmoid (Ramachandran et al. 2017).

activation! {
    Swish = "swish", SwishGrad = "swish_grad"
    /// y = x · σ(x).
    forward(x) { x / (1.0 + (-x).exp()) }
    by hand [0.0 => 0.0, -80.0 => 0.0, 80.0 => 80.0]
    /// dx = dy · (σ(x) + x · σ(x) · (1 − σ(x))).
    backward(Input: x, dy) {
        let share = 1.0 / (1.0 + (-x).exp());
        dy * (share + x * share * (1.0 - share))
    }
    by hand [(0.0, 4.0) => 2.0, (-80.0, 3.0) => 0.0, (80.0, 3.0) => 3.0]
}
