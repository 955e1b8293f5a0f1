//! Drafts: what tests begin with, so that each says only what it is about.

use std::fmt::Write as _;

use crate::local::Work;
use crate::recipe::{RawRecipe, Recipe};
use crate::wire::{Contribution, Evaluation, MaskOn, Packed, Plan, Weights};

/// A recipe of tests. Values are TOML; a name alone stands for `{ kind = "name" }`, and a key that is there already is replaced.
#[derive(Clone, Debug)]
pub struct Draft {
    keys: Vec<(String, String)>,
    mask: Vec<(String, String)>,
    stages: Vec<String>,
}

impl Draft {
    /// Hidden units between two inputs and two classes, over an epoch of batches of two with η = 0.1; nothing is pruned.
    pub fn dense(units: usize) -> Self {
        let layers = r#"{ kind = "relu" }, { kind = "linear", units = 2 }"#;
        let model = format!(r#"{{ input = [2], layers = [{{ kind = "linear", units = {units} }}, {layers}] }}"#);
        let draft = Self { keys: vec![], mask: vec![], stages: vec![] };
        let named = draft.with("name", r#""draft""#).with("about", r#""A test.""#);
        named.with("model", &model).trained(2, 0.1).with("aggregation", "mean")
    }

    /// An epoch of batches of so many samples by gradient descent at this step size.
    pub fn trained(self, batch: usize, learning_rate: f32) -> Self {
        let optimizer = format!(r#"{{ kind = "sgd", learning_rate = {learning_rate} }}"#);
        self.with("local", &format!("{{ epochs = 1, batch = {batch}, optimizer = {optimizer} }}"))
    }

    /// A flat recipe of so many rounds.
    pub fn rounds(self, total: u32) -> Self {
        self.with("rounds", &format!("{{ total = {total} }}"))
    }

    /// Units are pruned by magnitude, in every layer the same share, as clients vote.
    pub fn units(self) -> Self {
        let by = [("pattern", "unit"), ("criterion", "magnitude"), ("scope", "layer_equal"), ("decider", "vote_rank")];
        self.masked("dynamics", "monotone").all_masked(&by)
    }

    /// Single weights are pruned by magnitude, wherever they are, by the coordinator alone.
    pub fn weights(self) -> Self {
        let by = [("pattern", "weight"), ("criterion", "magnitude"), ("scope", "global"), ("decider", "server")];
        self.masked("dynamics", "monotone").all_masked(&by)
    }

    /// Another value of a key outside of tables.
    pub fn with(mut self, key: &str, value: &str) -> Self {
        put(&mut self.keys, key, value);
        self
    }

    /// Another value of a key of `[mask]`.
    pub fn masked(mut self, key: &str, value: &str) -> Self {
        put(&mut self.mask, key, value);
        self
    }

    fn all_masked(self, keys: &[(&str, &str)]) -> Self {
        keys.iter().fold(self, |draft, (key, value)| draft.masked(key, value))
    }

    /// A stage more: its name, its rounds, and its other keys, line by line.
    pub fn stage(mut self, name: &str, rounds: u32, rest: &[&str]) -> Self {
        self.stages.push(format!("[[stage]]\nname = \"{name}\"\nrounds = {rounds}\n{}\n", rest.join("\n")));
        self
    }

    /// The recipe as a file has it.
    pub fn text(&self) -> String {
        let mut text = lines(&self.keys);
        if !self.mask.is_empty() {
            write!(text, "[mask]\n{}", lines(&self.mask)).expect("strings take what is written");
        }
        text + &self.stages.concat()
    }

    /// The recipe as sessions run it.
    ///
    /// # Panics
    /// If it is no legal recipe: then the test is wrong.
    pub fn recipe(&self) -> Recipe {
        let text = self.text();
        RawRecipe::from_toml(&text).and_then(RawRecipe::check).unwrap_or_else(|error| panic!("{text}\n{error}"))
    }
}

/// A key at its place, or after the others.
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

/// The plan of a first round: an epoch from a seed's weights, to be measured and sent back, without a vote.
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

/// What a client of ten samples says of a plan, half of its answers right, with neither update nor vote.
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

/// Floats as they travel when nobody says otherwise.
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
