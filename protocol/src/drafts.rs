//! Drafts: defaults for tests, so that each test states only what it is about.

use std::fmt::Write as _;

use crate::local::Work;
use crate::recipe::{RawRecipe, Recipe};
use crate::wire::{Contribution, Evaluation, MaskOn, Packed, Plan, Weights};

/// A recipe for tests. Values are TOML; a bare name stands for `{ kind = "name" }`, and an existing key is replaced.
#[derive(Clone, Debug)]
pub struct Draft {
    keys: Vec<(String, String)>,
    mask: Vec<(String, String)>,
    stages: Vec<String>,
}

impl Draft {
    /// A dense recipe: hidden units between two inputs and two classes, one epoch of batches of two with η = 0.1;
    /// nothing is pruned.
    pub fn dense(units: usize) -> Self {
        let layers = r#"{ kind = "relu" }, { kind = "linear", units = 2 }"#;
        let model = format!(r#"{{ input = [2], layers = [{{ kind = "linear", units = {units} }}, {layers}] }}"#);
        let draft = Self { keys: vec![], mask: vec![], stages: vec![] };
        let named = draft.with("name", r#""draft""#).with("about", r#""A test.""#);
        named.with("model", &model).trained(2, 0.1).with("aggregation", "mean")
    }

    /// Sets training to one epoch of batches of this size by gradient descent with this step size.
    pub fn trained(self, batch: usize, learning_rate: f32) -> Self {
        let optimizer = format!(r#"{{ kind = "sgd", learning_rate = {learning_rate} }}"#);
        self.with("local", &format!("{{ epochs = 1, batch = {batch}, optimizer = {optimizer} }}"))
    }

    /// Makes the recipe flat, with this many rounds.
    pub fn rounds(self, total: u32) -> Self {
        self.with("rounds", &format!("{{ total = {total} }}"))
    }

    /// Prunes units by magnitude, the same share in every layer, by clients' votes.
    pub fn units(self) -> Self {
        let by = [("pattern", "unit"), ("criterion", "magnitude"), ("scope", "layer_equal"), ("decider", "vote_rank")];
        self.masked("dynamics", "monotone").all_masked(&by)
    }

    /// Prunes single weights by magnitude, over the whole model, by the coordinator alone.
    pub fn weights(self) -> Self {
        let by = [("pattern", "weight"), ("criterion", "magnitude"), ("scope", "global"), ("decider", "server")];
        self.masked("dynamics", "monotone").all_masked(&by)
    }

    /// Sets a key outside of tables.
    pub fn with(mut self, key: &str, value: &str) -> Self {
        put(&mut self.keys, key, value);
        self
    }

    /// Sets a key of `[mask]`.
    pub fn masked(mut self, key: &str, value: &str) -> Self {
        put(&mut self.mask, key, value);
        self
    }

    fn all_masked(self, keys: &[(&str, &str)]) -> Self {
        keys.iter().fold(self, |draft, (key, value)| draft.masked(key, value))
    }

    /// Adds a stage: its name, its rounds, and its other keys, line by line.
    pub fn stage(mut self, name: &str, rounds: u32, rest: &[&str]) -> Self {
        self.stages.push(format!("[[stage]]\nname = \"{name}\"\nrounds = {rounds}\n{}\n", rest.join("\n")));
        self
    }

    /// The recipe as TOML text.
    pub fn text(&self) -> String {
        let mut text = lines(&self.keys);
        if !self.mask.is_empty() {
            write!(text, "[mask]\n{}", lines(&self.mask)).expect("strings take what is written");
        }
        text + &self.stages.concat()
    }

    /// The checked recipe.
    ///
    /// # Panics
    /// If the recipe is invalid: then the test is wrong.
    pub fn recipe(&self) -> Recipe {
        let text = self.text();
        RawRecipe::from_toml(&text).and_then(RawRecipe::check).unwrap_or_else(|error| panic!("{text}\n{error}"))
    }
}

/// Sets a key in place, or adds it at the end.
fn put(keys: &mut Vec<(String, String)>, key: &str, value: &str) {
    let is_name = value.starts_with(char::is_alphabetic) && value != "true" && value != "false";
    let value = if is_name { format!("{{ kind = \"{value}\" }}") } else { value.into() };
    match keys.iter_mut().find(|it| it.0 == key) {
        Some(there) => there.1 = value,
        None => keys.push((key.into(), value)),
    }
}

fn lines(keys: &[(String, String)]) -> String {
    keys.iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
}

/// The plan of a first round: one epoch from seeded weights, with evaluation and update, without a vote.
pub fn plan(mask: MaskOn) -> Plan {
    Plan {
        round: 0,
        stage: 0,
        level: 0,
        seed: 3,
        learning_rate: 0.1,
        work: Work::Epochs(1),
        mask,
        weights: Weights::Seed(5),
        vote: None,
        wants_update: true,
        evidence: None,
        evaluates: true,
    }
}

/// A contribution to a plan by a client with ten samples, half of them classified correctly, with neither update nor
/// vote.
pub fn contribution(plan: &Plan) -> Contribution {
    let evaluation = Evaluation { n: 10, correct: Some(5), loss: 0.5 };
    Contribution {
        round: plan.round,
        mask: plan.mask.id,
        n_samples: 10,
        loss: 1.0,
        received: evaluation,
        trained: evaluation,
        train_micros: 1000,
        update: None,
        vote: None,
        evidence: None,
    }
}

/// Floats in the default encoding.
pub fn packed(values: impl IntoIterator<Item = f32>) -> Packed {
    Packed::new(values.into_iter().flat_map(f32::to_le_bytes).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_says_what_it_is_told_last() {
        let draft = Draft::dense(4).units().masked("scope", "global").masked("regrow", r#""zero""#);
        let staged = draft.stage("search", 2, &["repeat = 3"]);
        let text = staged.text();
        assert_eq!(text.matches("scope").count(), 1, "{text}");
        assert!(text.contains("scope = { kind = \"global\" }\n") && text.contains("regrow = \"zero\"\n"), "{text}");
        assert!(text.ends_with("[[stage]]\nname = \"search\"\nrounds = 2\nrepeat = 3\n"), "{text}");
    }

    #[test]
    fn a_dense_draft_has_its_units() {
        let recipe = Draft::dense(4).rounds(3).recipe();
        assert_eq!((recipe.model().graph().n_params(), recipe.groups().n_groups()), (22, 4));
    }
}
