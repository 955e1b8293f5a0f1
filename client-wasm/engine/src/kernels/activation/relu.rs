//! ReLU: replaces negative entries by zero.

activation! {
    Relu = "relu", ReluGrad = "relu_grad"
    /// y = max(x, 0).
    forward(x) { if x > 0.0 { x } else { 0.0 } }
    by hand [-2.0 => 0.0, -1.0 => 0.0, 0.0 => 0.0, 2.5 => 2.5]
    /// dx = dy where y > 0, else 0.
    backward(Output: y, dy) { if y > 0.0 { dy } else { 0.0 } }
    by hand [(1.0, 3.0) => 3.0, (0.0, 3.0) => 0.0, (2.0, -4.0) => -4.0]
}
