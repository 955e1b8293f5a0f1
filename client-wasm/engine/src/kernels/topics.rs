//! Kernels of topic models: random draws, shares of topics and words, and both parts of the loss (evidence lower
//! bound).

pub mod load_rows;
pub mod store_rows;
pub mod gaussian;
pub mod gaussian_grad;
pub mod softmax;
pub mod softmax_grad;
pub mod reconstruction;
pub mod likelihood;
pub mod divergence;
pub mod divergence_prior;
