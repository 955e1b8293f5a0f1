//! AVITM: topics between an encoder and the words, with the loss of a topic model.

use super::{Builder, Lower, ShapeError};
use crate::graph::{Axis, Init, Op, ParamId, SpaceId, Spoken, TensorId};
use crate::settings;
use crate::settings::choices;

settings! {
    /// Topics (Srivastava & Sutton 2017, with the learnable prior of PyTorchAVITM) as the last layer over an encoder of
    /// word counts. When a topic is pruned, its rows in both heads, its prior and its words go too. The prior's
    /// variance is exp(ρ), so that the variance stays positive. All parameters are initialised as in that reference,
    /// whatever init a recipe chooses for the layers before.
    pub struct Avitm {
        /// Number of topics.
        topics: usize [from(2.0).up_to(10_000.0)],
        /// Share of the topics' weights that is dropped in training.
        dropout: f32 [from(0.0).below(1.0)] = 0.2,
        /// How topics become words.
        decoder: Decoder = Decoder::ProdLda,
    }
}

choices! {
    /// How a mixture of topics becomes words.
    pub enum Decoder {
        /// Topics are experts whose logits are added: p = softmax(norm(θ · β)).
        ProdLda = "prodlda",
        /// Topics are distributions that are mixed: p = θ · softmax(norm(β)).
        Lda = "lda",
    }
}

impl Lower for Avitm {
    fn lower(&self, name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let (&[encoded], &[words]) = (graph.axes(x), graph.axes(0)) else {
            return Err(ShapeError::new(format!(
                "needs flat word counts and a flat encoding, got {:?}",
                graph.shape(x)
            )));
        };
        if self.topics < 2 {
            return Err(ShapeError::new(format!("topics = {} must be at least 2", self.topics)));
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(ShapeError::new(format!("dropout = {} must be at least 0 and below 1", self.dropout)));
        }
        let space = graph.meaningful_space(name, self.topics);
        let prior = self.prior(name, space, graph);
        let mean = head(&format!("{name}.f_mu"), x, encoded, space, graph);
        let log_variance = head(&format!("{name}.f_sigma"), x, encoded, space, graph);
        let topics = Axis::Units { space, block: 1 };
        let [sampled, shares, kept] = [(); 3].map(|()| graph.tensor(vec![topics]));
        graph.op(Op::Gaussian { mean, log_variance, y: sampled });
        graph.op(Op::Softmax { x: sampled, y: shares });
        graph.op(Op::Dropout { x: shares, y: kept, rate: self.dropout });
        let (spoken, output) = match self.decoder {
            Decoder::ProdLda => self.product(name, kept, [words, topics], graph),
            Decoder::Lda => self.mixture(name, kept, [words, topics], graph),
        };
        graph.op(Op::Topics { x: 0, spoken, mean, log_variance, prior });
        Ok(output)
    }
}

impl Avitm {
    /// Adds up the topics' logits, weighted by their shares, and normalises them over the batch.
    fn product(&self, name: &str, x: TensorId, [words, topics]: [Axis; 2], graph: &mut Builder) -> (Spoken, TensorId) {
        let init = self.init(words, graph);
        let weight = graph.param(format!("{name}.beta"), vec![words, topics], init);
        let y = graph.tensor(vec![words]);
        graph.op(Op::Linear { x, weight, bias: None, y });
        let logits = normed(&format!("{name}.beta_batchnorm"), y, graph);
        (Spoken::Logits(logits), logits)
    }

    /// Adds up the topics' distributions over the words, weighted by their shares.
    fn mixture(&self, name: &str, x: TensorId, [words, topics]: [Axis; 2], graph: &mut Builder) -> (Spoken, TensorId) {
        let init = self.init(words, graph);
        let beta = graph.param(format!("{name}.beta"), vec![topics, words], init);
        let running = statistics(&format!("{name}.beta_batchnorm"), &[words], graph);
        let y = graph.tensor(vec![words]);
        graph.op(Op::Mixture { x, topics: beta, running, momentum: 0.1, epsilon: 1e-5, y });
        (Spoken::Shares(y), y)
    }

    /// Initialisation of the topics, as in PyTorchAVITM (Glorot & Bengio 2010).
    fn init(&self, words: Axis, graph: &Builder) -> Init {
        Init::Uniform { bound: (6.0 / (self.topics + graph.graph().axis_len(words)) as f32).sqrt() }
    }

    /// Initial prior: the Laplace approximation of a symmetric Dirichlet with α = 1.
    fn prior(&self, name: &str, space: SpaceId, graph: &mut Builder) -> [ParamId; 2] {
        let log_variance = (1.0 - 1.0 / self.topics as f32).ln();
        [("prior_mean", 0.0), ("prior_log_variance", log_variance)].map(|(part, value)| {
            graph.param(format!("{name}.{part}"), vec![Axis::Units { space, block: 1 }], Init::Constant { value })
        })
    }
}

/// A linear layer onto the topics, and the head's batch norm.
fn head(name: &str, x: TensorId, input: Axis, space: SpaceId, graph: &mut Builder) -> TensorId {
    let topics = Axis::Units { space, block: 1 };
    let init = Init::Uniform { bound: 1.0 / (graph.graph().axis_len(input) as f32).sqrt() };
    let weight = graph.param(format!("{name}.weight"), vec![topics, input], init);
    let bias = graph.param(format!("{name}.bias"), vec![topics], init);
    let y = graph.tensor(vec![topics]);
    graph.op(Op::Linear { x, weight, bias: Some(bias), y });
    normed(&format!("{name}_batchnorm"), y, graph)
}

/// A batch norm without gain and shift.
fn normed(name: &str, x: TensorId, graph: &mut Builder) -> TensorId {
    let axes = graph.axes(x).to_vec();
    let running = statistics(name, &axes, graph);
    let y = graph.tensor(axes);
    graph.op(Op::BatchNorm { x, y, affine: None, running, momentum: 0.1, epsilon: 1e-5 });
    y
}

/// Running mean and variance of a norm.
fn statistics(name: &str, axes: &[Axis], graph: &mut Builder) -> [ParamId; 2] {
    [("running_mean", 0.0), ("running_var", 1.0)]
        .map(|(part, value)| graph.statistic(format!("{name}.{part}"), axes.to_vec(), value))
}

#[cfg(test)]
mod tests {
    use crate::layers::softplus::Softplus;
    use crate::layers::{Layer, dropout::Dropout, linear::Linear};
    use crate::mask::Mask;
    use crate::model::Stack;

    use super::*;

    #[test]
    fn parameters_are_those_of_the_reference() {
        for (words, topics, params) in [(1612, 10, 189_560), (1612, 50, 262_200), (1513, 20, 195_840)] {
            let (linear, softplus) = (Layer::Linear(Linear { units: 100 }), Layer::Softplus(Softplus {}));
            let mut layers = vec![linear.clone(), softplus.clone(), linear, softplus];
            layers.push(Layer::Dropout(Dropout { rate: 0.2 }));
            for decoder in [Decoder::ProdLda, Decoder::Lda] {
                let layers = [&layers[..], &[Layer::Avitm(Avitm { topics, dropout: 0.2, decoder })]].concat();
                let model = Stack { input: vec![words], layers }.check().expect("the shapes fit");
                assert_eq!((model.graph().n_trained(), model.graph().n_units()), (params, 200 + topics));
            }
        }
    }

    #[test]
    fn a_topic_takes_its_heads_its_prior_and_its_words_along() {
        for decoder in [Decoder::ProdLda, Decoder::Lda] {
            let layers = vec![Layer::Avitm(Avitm { topics: 3, dropout: 0.0, decoder })];
            let model = Stack { input: vec![5], layers }.check().expect("the shapes fit");
            let mut mask = Mask::full(3);
            mask.clear(1);
            // Two priors, two heads of 5 + 1, 5 words; running mean and variance of both heads.
            assert_eq!(model.graph().n_params() - model.pruned(&mask).n_params(), 2 + 2 * 6 + 5 + 4, "{decoder:?}");
        }
    }

    #[test]
    fn a_decoder_is_chosen_by_name() {
        let read = |text: &str| serde_json::from_str::<Avitm>(text);
        assert_eq!(read(r#"{"topics": 3}"#).expect("legal").decoder, Decoder::ProdLda);
        assert_eq!(read(r#"{"topics": 3, "decoder": "lda"}"#).expect("legal").decoder, Decoder::Lda);
        let error = read(r#"{"topics": 3, "decoder": "plda"}"#).expect_err("unknown").to_string();
        assert!(error.contains("`prodlda`") && error.contains("`lda`"), "{error}");
    }
}
