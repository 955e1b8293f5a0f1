//! Patterns: which weights are pruned together as one group.

pub mod weight;
pub mod unit;
pub mod row;
pub mod column;
pub mod half_row;
pub mod half_column;

use crate::graph::Graph;
use crate::groups::{Among, Groups};
use crate::registry;

registry! {
    /// The weights that one bit of a mask stands for.
    pub enum Pattern: Shape {
        "weight" => weight::Weight,
        "unit" => unit::Unit,
        "row" => row::Row,
        "column" => column::Column,
        "half_row" => half_row::HalfRow,
        "half_column" => half_column::HalfColumn,
    }
}

/// Cuts a model into groups.
pub trait Shape {
    /// The groups that `among` admits; there may be none.
    fn groups(&self, graph: &Graph, among: &Among) -> Groups;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::Role;
    use crate::layers::Layer;
    use crate::layers::avitm::{Avitm, Decoder};
    use crate::layers::conv2d::Conv2d;
    use crate::layers::flatten::Flatten;
    use crate::layers::linear::Linear;
    use crate::layers::relu::Relu;
    use crate::layers::softplus::Softplus;
    use crate::mask::Mask;
    use crate::model::{Model, Stack};
    use crate::models;

    fn pattern(text: &str) -> Pattern {
        serde_json::from_str(text).expect("a pattern")
    }

    fn groups(text: &str, model: &Model, among: &Among) -> Vec<Vec<Vec<usize>>> {
        let groups = pattern(&format!(r#"{{"kind":"{text}"}}"#)).groups(model.graph(), among);
        let coordinates = |row: &crate::groups::Row, group: u32| {
            row.stripes.iter().flat_map(|it| it.coordinates(group)).collect::<Vec<_>>()
        };
        groups.rows.iter().map(|row| (0..row.len() as u32).map(|it| coordinates(row, it)).collect()).collect()
    }

    fn linear(units: usize) -> Layer {
        Layer::Linear(Linear { units })
    }

    fn named(only: &[&str]) -> Among {
        Among { only: only.iter().map(|it| (*it).into()).collect(), never: vec![], biases: false }
    }

    /// 2 inputs, 3 hidden units, 2 classes.
    fn tiny() -> Model {
        Stack { input: vec![2], layers: vec![linear(3), Layer::Relu(Relu {}), linear(2)] }.check().expect("fits")
    }

    /// One linear layer with two or more outputs.
    fn matrix(outputs: usize, inputs: usize) -> Model {
        Stack { input: vec![inputs], layers: vec![linear(outputs)] }.check().expect("fits")
    }

    #[test]
    fn a_unit_is_its_row_bias_and_column_and_its_own_is_the_row_alone() {
        let all = pattern(r#"{"kind":"unit"}"#).groups(tiny().graph(), &Among::usual());
        assert_eq!(groups("unit", &tiny(), &Among::usual())[0][1], [2, 3, 7, 10, 13]);
        let own = all.rows[0].stripes.iter().filter(|it| it.role == Role::Own);
        assert_eq!(own.flat_map(|it| it.coordinates(1)).collect::<Vec<_>>(), [2, 3]);
        assert_eq!((all.rows.len(), all.n_groups(), all.rows[0].own_len), (1, 3, 2));
    }

    #[test]
    fn columns_are_outputs_and_rows_are_inputs() {
        let all = named(&["*"]);
        assert_eq!(groups("column", &matrix(2, 3), &all), [[[0, 1, 2], [3, 4, 5]]]);
        assert_eq!(groups("row", &matrix(2, 3), &all), [[[0, 3], [1, 4], [2, 5]]]);
    }

    #[test]
    fn halves_are_rows_of_their_own_and_the_first_gets_more() {
        let all = named(&["*"]);
        assert_eq!(
            groups("half_column", &matrix(2, 5), &all),
            [[[0, 1, 2], [5, 6, 7]].map(Vec::from).to_vec(), [[3, 4], [8, 9]].map(Vec::from).to_vec()]
        );
        assert_eq!(
            groups("half_row", &matrix(3, 2), &all),
            [[[0, 2], [1, 3]].map(Vec::from).to_vec(), [[4], [5]].map(Vec::from).to_vec()]
        );
    }

    #[test]
    fn convolutions_are_cut_as_matrices_of_filters_by_taps() {
        let conv = Layer::Conv2d(Conv2d { filters: 2, kernel: 2, stride: 1, padding: 0, bias: true });
        let layers = vec![conv, Layer::Flatten(Flatten {}), linear(2)];
        let model = Stack { input: vec![1, 3, 3], layers }.check().expect("fits");
        let conv = named(&["conv*"]);
        assert_eq!(groups("row", &model, &conv), [[[0, 4], [1, 5], [2, 6], [3, 7]]]);
        assert_eq!(groups("column", &model, &conv), [[[0, 1, 2, 3], [4, 5, 6, 7]]]);
    }

    #[test]
    fn topics_classes_and_input_features_are_pruned_only_where_they_are_named() {
        let layers = vec![linear(100), Layer::Softplus(Softplus {}), linear(100), Layer::Softplus(Softplus {})];
        let avitm = Layer::Avitm(Avitm { topics: 20, dropout: 0.2, decoder: Decoder::ProdLda });
        let topics = Stack { input: vec![1612], layers: [layers, vec![avitm]].concat() }.check().expect("fits");
        let n = |text: &str, model: &Model, among: &Among| {
            pattern(&format!(r#"{{"kind":"{text}"}}"#)).groups(model.graph(), among).n_groups()
        };
        assert_eq!(n("unit", &topics, &Among::usual()), 200);
        assert_eq!(n("unit", &topics, &Among { never: vec!["avitm*".into()], ..Among::usual() }), 200);
        assert_eq!(n("unit", &topics, &named(&["*"])), 220);
        // Of 3·2 and 2·3 weights: classes are columns of the second matrix, input features are rows of the first.
        assert_eq!(n("column", &tiny(), &Among::usual()), 3);
        assert_eq!(n("row", &tiny(), &Among::usual()), 3);
        assert_eq!((n("column", &tiny(), &named(&["*"])), n("row", &tiny(), &named(&["*"]))), (5, 5));
    }

    #[test]
    fn a_fifth_of_the_units_leaves_more_of_a_topic_models_weights() {
        // Topics and vocabulary are not pruned: 26.0, 31.7 and 44.0 % for 10, 20 and 50 topics over 1,612 words.
        for (topics, share) in [(10, 0.260), (20, 0.317), (50, 0.440)] {
            let layers = vec![linear(100), Layer::Softplus(Softplus {}), linear(100), Layer::Softplus(Softplus {})];
            let avitm = Layer::Avitm(Avitm { topics, dropout: 0.2, decoder: Decoder::ProdLda });
            let model = Stack { input: vec![1612], layers: [layers, vec![avitm]].concat() }.check().expect("fits");
            let groups = pattern(r#"{"kind":"unit"}"#).groups(model.graph(), &Among::usual());
            let units = groups.unit_mask(model.graph(), &Mask::from_fn(200, |it| it % 100 < 20));
            let left = model.pruned(&units).n_trained() as f64 / model.graph().n_trained() as f64;
            assert!((left - share).abs() < 0.0005, "{topics} topics: {left}");
        }
    }

    #[test]
    fn biases_stay_unless_they_are_asked_for() {
        let asked = Among { biases: true, ..Among::usual() };
        let n = |among: &Among| pattern(r#"{"kind":"weight"}"#).groups(tiny().graph(), among).n_groups();
        assert_eq!((n(&Among::usual()), n(&asked)), (12, 17));
        assert_eq!(groups("column", &tiny(), &asked)[0][1], [2, 3, 7]);
        let lenet = models::named("lenet-300-100").and_then(|it| it.check().ok()).expect("named");
        let n = |among: &Among| pattern(r#"{"kind":"weight"}"#).groups(lenet.graph(), among).n_groups();
        assert_eq!((n(&Among::usual()), n(&asked)), (266_200, 266_610));
    }

    #[test]
    fn rows_partition_what_is_admitted_and_kept_weights_are_those_of_living_groups() {
        let mut all_names = vec!["small-cnn", "lenet-300-100", "resnet-18", "prodlda"];
        all_names.dedup();
        for name in all_names {
            let model = models::chosen(name, (name == "resnet-18").then_some(0.05))
                .and_then(|it| it.check().map_err(|it| it.to_string()));
            let model = model.expect("fits");
            for text in Pattern::NAMES {
                let groups = pattern(&format!(r#"{{"kind":"{text}"}}"#)).groups(model.graph(), &Among::usual());
                let mask = Mask::from_fn(groups.n_groups(), |it| it % 3 != 1);
                let kept = groups.kept(model.graph(), &mask);
                // A weight dies with any group that owns it, and with no other group.
                let mut dead = vec![false; model.graph().n_params()];
                let mut owners = vec![0_u32; model.graph().n_params()];
                for row in &groups.rows {
                    for (group, bit) in row.range().enumerate() {
                        for at in row.stripes.iter().flat_map(|it| it.coordinates(group as u32)) {
                            owners[at] += 1;
                            dead[at] |= !mask.has(bit);
                        }
                    }
                }
                assert!((0..dead.len()).all(|it| kept.has(it) != dead[it]), "{name} {text}");
                let is_narrow = groups.form == crate::groups::Form::Narrow;
                assert!(is_narrow || owners.iter().all(|it| *it <= 1), "{name} {text}: groups overlap");
            }
        }
    }
}
