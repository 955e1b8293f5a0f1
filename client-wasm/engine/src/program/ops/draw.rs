//! Draws from normal distributions (the reparameterisation of Kingma & Welling 2014), in every pass: the loss of a
//! topic model is an expectation over draws, in evaluation too.

use protocol::graph::TensorId;

use super::{CURSOR, Lowering, Operation};
use crate::kernels::Call;
use crate::kernels::topics::{gaussian, gaussian_grad};

/// y = mean + exp(log variance / 2) · noise.
pub(super) struct Draw {
    pub(super) mean: TensorId,
    pub(super) log_variance: TensorId,
    pub(super) y: TensorId,
}

impl Operation for Draw {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        let params = gaussian::Params { len: lowering.entries(self.y), stream: self.y as u32 };
        let (middle, spread) = (lowering.value(self.mean), lowering.value(self.log_variance));
        let to = lowering.new_value(self.y);
        lowering.tape.push(Call::Gaussian(params), [CURSOR, middle, spread, to]);
    }

    /// Passes the gradient on to the mean unchanged, and to the log-variance scaled by the noise.
    fn backward(&self, lowering: &mut Lowering<'_>) {
        let params = gaussian_grad::Params { len: lowering.entries(self.y) };
        let (middle, drawn) = (lowering.value(self.mean), lowering.value(self.y));
        let dy = lowering.gradient(self.y);
        lowering.pass(dy, self.mean);
        lowering.give(self.log_variance, |tape, dx| tape.push(Call::GaussianGrad(params), [middle, drawn, dy, dx]));
    }
}
