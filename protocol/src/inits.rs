//! Inits: how the weights of linear layers and convolutions are initialised.
//!
//! Gains and shifts of norms and the parameters of topics have published initial values of their own, which these
//! choices do not change.

pub mod pytorch;
pub mod glorot_normal;
pub mod kaiming_normal;
pub mod variance_scaling;

use crate::graph::Init;
use crate::registry;
use crate::settings::choices;

registry! {
    /// Distribution of initial weights and biases.
    pub enum Initial: Start {
        "pytorch" => pytorch::Pytorch,
        "glorot_normal" => glorot_normal::GlorotNormal,
        "kaiming_normal" => kaiming_normal::KaimingNormal,
        "variance_scaling" => variance_scaling::VarianceScaling,
    }
}

/// How a layer is initialised. Fan-in is the number of entries that one output reads, fan-out the number of outputs
/// that read one entry: for a linear layer its inputs and units, for a convolution its channels and filters times
/// kernel², for a depthwise convolution kernel² in both cases.
pub trait Start {
    /// Initialisation of a layer's weights.
    fn weight(&self, fan_in: usize, fan_out: usize) -> Init;

    /// Initialisation of a layer's biases.
    fn bias(&self, fan_in: usize) -> Init;
}

/// Default: PyTorch's initialisation.
impl Default for Initial {
    fn default() -> Self {
        Self::Pytorch(pytorch::Pytorch { bias: Bias::Uniform })
    }
}

choices! {
    /// How biases are initialised.
    pub enum Bias {
        /// Uniform in ±1/√in, as in PyTorch.
        Uniform = "uniform",
        /// At 0.
        Zero = "zero",
    }
}

impl Bias {
    /// Initialisation of the biases of a layer whose outputs read `fan_in` entries each.
    fn init(self, fan_in: usize) -> Init {
        match self {
            Self::Uniform => Init::Uniform { bound: 1.0 / (fan_in as f32).sqrt() },
            Self::Zero => Init::Constant { value: 0.0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Stack;

    fn read(text: &str) -> Initial {
        serde_json::from_str(text).expect("an init")
    }

    #[test]
    fn every_entry_starts_as_its_source_says() {
        // Fan-in 50, fan-out 150; variances 1/(3·50), 2/200, 2/50 and 1/50.
        let expected = [1.0 / 150.0, 0.01, 0.04, 0.02];
        for (name, variance) in Initial::NAMES.iter().zip(expected) {
            let initial = read(&format!(r#"{{"kind": "{name}"}}"#));
            let deviation = f64::from(initial.weight(50, 150).deviation());
            assert!((deviation.powi(2) - variance).abs() < 1e-8, "{name}: {deviation}");
            let zero = Init::Constant { value: 0.0 };
            assert_eq!(initial.bias(50) == zero, initial != Initial::default(), "{name}");
            for (bias, is_zero) in [("uniform", false), ("zero", true)] {
                let initial = read(&format!(r#"{{"kind": "{name}", "bias": "{bias}"}}"#));
                assert_eq!(initial.bias(50) == zero, is_zero, "{name} {bias}");
            }
        }
    }

    /// Two channels of 4 × 4 through every layer that has random initial values, and a norm.
    fn stack() -> Stack {
        let layers = r#"[{"kind": "conv2d", "filters": 6, "kernel": 3}, {"kind": "batch_norm"},
            {"kind": "depthwise", "kernel": 2}, {"kind": "flatten"}, {"kind": "linear", "units": 5}]"#;
        Stack { input: vec![2, 4, 4], layers: serde_json::from_str(layers).expect("layers") }
    }

    #[test]
    fn layers_start_by_their_fans_and_norms_as_they_always_do() {
        let glorot = read(r#"{"kind": "glorot_normal"}"#);
        let model = stack().check_with(&glorot).expect("the shapes fit");
        let normal = |fans: usize| Init::Normal { deviation: (2.0 / fans as f32).sqrt() };
        let constant = |value| Init::Constant { value };
        // Fan-in 2 · 9 and fan-out 6 · 9; norm; 4 and 4; fan-in 6 and fan-out 5.
        let [weight, bias, gain, shift] = [normal(72), constant(0.0), constant(1.0), constant(0.0)];
        let trained: Vec<Init> = model.graph().params.iter().filter(|it| it.trained).map(|it| it.init).collect();
        assert_eq!(trained, [weight, bias, gain, shift, normal(8), bias, normal(11), bias]);
    }

    #[test]
    fn without_a_choice_layers_start_as_in_pytorch() {
        let [plain, chosen] = [stack().check(), stack().check_with(&Initial::default())];
        assert_eq!(plain, chosen);
        let other = stack().check_with(&read(r#"{"kind": "kaiming_normal"}"#)).expect("the shapes fit");
        let plain = plain.expect("the shapes fit");
        assert_ne!(plain.w0(1), other.w0(1));
        assert_eq!(plain.w0(1).len(), other.w0(1).len());
    }
}
