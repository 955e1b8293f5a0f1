//! Models that a recipe can choose by name.

mod layering;
mod digits;
mod vgg;
mod resnet;
mod audio;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::inits::Initial;
use crate::layers::Layer;
use crate::layers::avitm::{Avitm, Decoder};
use crate::layers::dropout::Dropout;
use crate::layers::softplus::Softplus;
use crate::model::{Model, Stack};
use crate::settings::{unranged, written};
use layering::linear;

written! {
    /// A model by name, or by its input and layers.
    pub struct RawModel {
        /// Name of one of the models below; or `input` and `layers`.
        name: Option<String> = absent,
        /// Factor for the number of units of every hidden layer, with the `name` of a model that has widths. Default:
        /// 1.
        width: Option<f64> [above(0.0).up_to(4.0)] = absent,
        /// Shape of one sample, with `layers`.
        input: Option<Input> = absent,
        /// Layers in forward order, with `input`.
        layers: Option<Vec<Layer>> = absent,
        /// How weights are initialised. Default: as in PyTorch.
        init: Option<Initial> = absent,
    }
}

/// Input of a model.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Samples of this shape.
    Shape(Vec<usize>),
    /// The shape of the data, e.g. one feature for every word of the vocabulary.
    From(Source),
}

/// Source of a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The session's data.
    Data,
}

unranged!(Input);

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            it if !serializer.is_human_readable() => it.shape().serialize(serializer),
            Self::Shape(shape) => shape.serialize(serializer),
            Self::From(source) => source.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// The input as written.
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "must be a shape such as [784], or \"data\" for flat samples of the data's length"
        )]
        enum Typed {
            Shape(Vec<usize>),
            From(Source),
        }

        if !deserializer.is_human_readable() {
            return Ok(Option::deserialize(deserializer)?.map_or(Self::From(Source::Data), Self::Shape));
        }
        Ok(match Typed::deserialize(deserializer)? {
            Typed::Shape(shape) => Self::Shape(shape),
            Typed::From(source) => Self::From(source),
        })
    }
}

impl Input {
    /// The shape, where it does not depend on the data.
    fn shape(&self) -> Option<&[usize]> {
        match self {
            Self::Shape(shape) => Some(shape),
            Self::From(Source::Data) => None,
        }
    }
}

impl RawModel {
    /// How weights are initialised.
    pub fn initial(&self) -> Initial {
        self.init.clone().unwrap_or_default()
    }

    /// The layers of the chosen model.
    ///
    /// # Errors
    /// When a key is missing or not allowed: names the key.
    pub fn stack(&self) -> Result<Stack, String> {
        match self {
            Self { name: Some(name), width, input: None, layers: None, .. } => chosen(name, *width),
            Self { name: None, width: None, input: Some(Input::Shape(input)), layers: Some(layers), .. } => {
                Ok(Stack { input: input.clone(), layers: layers.clone() })
            }
            Self { name: None, width: None, input: Some(Input::From(Source::Data)), layers: Some(_), .. } => {
                Err("input = \"data\" needs a session's data to say how long it is".into())
            }
            Self { .. } => Err("needs either `name`, with `width` or without, or both `input` and `layers`".into()),
        }
    }

    /// The checked model.
    ///
    /// # Errors
    /// When the model is invalid: says what is wrong.
    pub fn check(&self) -> Result<Model, String> {
        self.stack()?.check_with(&self.initial()).map_err(|error| error.to_string())
    }
}

/// Factor for the number of units of every hidden layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Width(f64);

impl Width {
    /// The published width.
    pub const FULL: Self = Self(1.0);

    /// Scaled number of units, rounded, at least one.
    fn of(self, units: usize) -> usize {
        ((units as f64 * self.0).round() as usize).max(1)
    }
}

/// Makes a stack.
#[derive(Clone, Copy, Debug)]
pub enum Maker {
    /// A stack of one fixed width.
    Fixed(fn() -> Stack),
    /// A stack of any width.
    Wide(fn(Width) -> Stack),
}

impl Maker {
    /// The stack at its published width.
    pub fn make(self) -> Stack {
        match self {
            Self::Fixed(make) => make(),
            Self::Wide(make) => make(Width::FULL),
        }
    }
}

/// Every name with its stack.
pub const NAMED: &[(&str, Maker)] = &[
    ("lenet-300-100", Maker::Fixed(digits::lenet_300_100)),
    ("lenet-5-caffe", Maker::Fixed(digits::lenet_5_caffe)),
    ("conv-2", Maker::Fixed(digits::conv_2)),
    ("conv-2-512", Maker::Fixed(digits::conv_2_512)),
    ("small-cnn", Maker::Fixed(digits::small_cnn)),
    ("vgg-11", Maker::Wide(vgg::vgg_11)),
    ("vgg-11-bn", Maker::Wide(vgg::vgg_11_bn)),
    ("resnet-18", Maker::Wide(resnet::resnet_18)),
    ("resnet-18-imagenet", Maker::Wide(resnet::resnet_18_imagenet)),
    ("audio-cnn", Maker::Fixed(audio::audio_cnn)),
    ("prodlda", Maker::Fixed(prodlda)),
    ("neurallda", Maker::Fixed(neurallda)),
];

/// The published stack of this name.
pub fn named(name: &str) -> Option<Stack> {
    NAMED.iter().find(|it| it.0 == name).map(|it| it.1.make())
}

/// The stack of this name, with hidden layers scaled by `width` if one is given.
///
/// # Errors
/// When the name or the width is not allowed: says what is.
pub fn chosen(name: &str, width: Option<f64>) -> Result<Stack, String> {
    let names = |it: Vec<&str>| it.join(", ");
    let Some((_, maker)) = NAMED.iter().find(|it| it.0 == name) else {
        let all = names(NAMED.iter().map(|it| it.0).collect());
        return Err(format!("name = \"{name}\" must be one of: {all}"));
    };
    match (maker, width) {
        (_, None) => Ok(maker.make()),
        (Maker::Wide(make), Some(width)) if width > 0.0 && width <= 4.0 => Ok(make(Width(width))),
        (Maker::Wide(_), Some(width)) => Err(format!("width = {width} must be above 0 and at most 4")),
        (Maker::Fixed(_), Some(_)) => {
            let wide = names(NAMED.iter().filter(|it| matches!(it.1, Maker::Wide(_))).map(|it| it.0).collect());
            Err(format!("width: {name} has only one; these have more: {wide}"))
        }
    }
}

/// ProdLDA over the 2,000 most frequent words, with 50 topics (Srivastava & Sutton 2017; vocabulary as in gFedNTM).
fn prodlda() -> Stack {
    topics(Decoder::ProdLda)
}

/// NeuralLDA, the second decoder of the same paper.
fn neurallda() -> Stack {
    topics(Decoder::Lda)
}

fn topics(decoder: Decoder) -> Stack {
    let softplus = || Layer::Softplus(Softplus {});
    let mut layers = vec![linear(100), softplus(), linear(100), softplus(), Layer::Dropout(Dropout { rate: 0.2 })];
    layers.push(Layer::Avitm(Avitm { topics: 50, dropout: 0.2, decoder }));
    Stack { input: vec![2000], layers }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(stack: &Stack) -> (usize, usize) {
        let model = stack.check().expect("the shapes fit");
        (model.graph().n_trained(), model.graph().n_units())
    }

    #[test]
    fn models_have_their_published_sizes() {
        for (name, params, units) in [
            ("lenet-300-100", 266_610, 400),
            ("lenet-5-caffe", 431_080, 570),
            ("conv-2", 6_603_710, 2144),
            ("conv-2-512", 1_663_370, 608),
            ("small-cnn", 20_522, 88),
            ("vgg-11", 9_750_922, 3776),
            ("vgg-11-bn", 9_756_426, 3776),
            // Units: each stage has one row for all units that its sums join, and one row inside each block.
            ("resnet-18", 11_173_962, 2880),
            ("resnet-18-imagenet", 11_689_512, 2880),
            ("audio-cnn", 19_162, 96),
            ("prodlda", 320_400, 250),
            ("neurallda", 320_400, 250),
        ] {
            assert_eq!(sizes(&named(name).expect("registered")), (params, units), "{name}");
        }
    }

    #[test]
    fn the_small_cnn_has_its_size_on_colour_images_too() {
        let small = Stack { input: vec![3, 32, 32], ..named("small-cnn").expect("registered") };
        assert_eq!(sizes(&small).0, 30_138);
    }

    #[test]
    fn a_width_multiplies_every_hidden_layer() {
        for (name, width, params, units) in [
            ("vgg-11", 1.0, 9_750_922, 3776),
            // 32, 64, 128, 128, 256 × 4 filters, two layers of 256.
            ("vgg-11", 0.5, 2_440_394, 1888),
            ("vgg-11-bn", 0.5, 2_443_146, 1888),
            ("resnet-18", 0.25, 701_466, 720),
            ("resnet-18", 2.0, 44_662_922, 5760),
            // One filter everywhere, and ten classes: 28 + 7 · 10 + 2 · 2 + 20.
            ("vgg-11", 0.001, 122, 10),
        ] {
            let stack = chosen(name, Some(width)).expect("a legal width");
            assert_eq!(sizes(&stack), (params, units), "{name} at {width}");
        }
    }

    /// FNV-1a over the bits of w0.
    fn digest_of_w0(stack: &Stack) -> u64 {
        let w0 = stack.check().expect("the shapes fit").w0(7);
        w0.iter().fold(0xCBF2_9CE4_8422_2325, |hash: u64, it| {
            (hash ^ u64::from(it.to_bits())).wrapping_mul(0x0000_0100_0000_01B3)
        })
    }

    #[test]
    fn the_initial_weights_of_a_seed_are_the_same_for_ever() {
        // Golden values: a change here changes every session and every replay.
        for (name, digest) in [
            ("lenet-300-100", 0x0047_85C8_26A5_521E),
            ("audio-cnn", 0xE2DE_A1CB_F66F_1492),
            ("vgg-11-bn", 0x13AB_3412_209A_AC09),
            ("prodlda", 0xF362_342E_BC35_A34B),
        ] {
            assert_eq!(digest_of_w0(&named(name).expect("registered")), digest, "{name}");
        }
        let layers = r#"[{"kind": "depthwise", "kernel": 3}, {"kind": "flatten"}, {"kind": "linear", "units": 2}]"#;
        let layers = serde_json::from_str(layers).expect("layers");
        assert_eq!(digest_of_w0(&Stack { input: vec![5, 6, 7], layers }), 0x5475_57DA_ED79_7041, "depthwise");
    }

    #[test]
    fn names_and_widths_that_are_not_there_are_refused_in_words() {
        let refusal = |name: &str, width| chosen(name, width).expect_err("refused");
        assert!(refusal("vgg-12", None).starts_with("name = \"vgg-12\" must be one of: lenet-300-100, "));
        for width in [0.0, -1.0, 4.5, f64::NAN] {
            assert_eq!(refusal("vgg-11", Some(width)), format!("width = {width} must be above 0 and at most 4"));
        }
        let only = "width: small-cnn has only one; these have more: vgg-11, vgg-11-bn, resnet-18, resnet-18-imagenet";
        assert_eq!(refusal("small-cnn", Some(1.0)), only);
    }
}
