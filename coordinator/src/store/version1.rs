//! Version 1 of checkpoints, as programs before stages and groups wrote them: read, never written.

use std::sync::Arc;

use protocol::groups::Groups;
use protocol::mask::Mask;
use protocol::recipe::{Course, Place, Recipe};
use protocol::wire::Evaluation;
use serde::Deserialize;

use crate::session::{Parts, RoundRecord, Saved, Settings, State};

/// What of a state was not tensors.
#[derive(Deserialize)]
pub(super) struct OldSaved {
    w0_seed: u64,
    is_w0: bool,
    history: Vec<OldRecord>,
    n_void: u32,
    final_evaluation: Option<OldEvaluation>,
}

#[derive(Clone, Copy, Deserialize)]
struct OldEvaluation {
    n: u32,
    correct: Option<u32>,
    loss: f32,
}

#[derive(Deserialize)]
struct OldRecord {
    round: u32,
    cohort: u32,
    counted: u32,
    void: u32,
    loss: f32,
    received: OldEvaluation,
    trained: OldEvaluation,
    test: Option<OldEvaluation>,
    alive: Vec<u32>,
    n_alive_weights: u64,
    bytes_up: u64,
    bytes_down: u64,
    bytes_dense: u64,
    seconds: f64,
}

/// The state and history of an old checkpoint, whose mask was over all units of the model.
///
/// # Errors
/// When the mask prunes what this program's recipe does not.
pub(super) fn state(
    recipe: &Recipe,
    settings: &Settings,
    old: OldSaved,
    weights: Vec<f32>,
    units: &[u8],
) -> Result<(State, Vec<Arc<RoundRecord>>), String> {
    let mask = mask(recipe, units)?;
    let course = Course::of(recipe, settings.rounds);
    let mut place = Place::default();
    let mut history = Vec::with_capacity(old.history.len());
    for it in &old.history {
        history.push(Arc::new(it.read(recipe.groups(), place)));
        place = course.after(place);
    }
    let records: Vec<RoundRecord> = history.iter().map(|it| (**it).clone()).collect();
    let final_evaluation = old.final_evaluation.map(OldEvaluation::read);
    let saved = Saved::of_version_1(old.w0_seed, old.is_w0, place, &records, old.n_void, final_evaluation);
    Ok((State::from_saved(recipe, saved, weights, mask, Parts::default()), history))
}

/// The groups' part of a mask over all units.
fn mask(recipe: &Recipe, units: &[u8]) -> Result<Mask, String> {
    let graph = recipe.model().graph();
    let all = Mask::from_bytes(graph.n_units(), units).ok_or("the mask does not fit the model")?;
    let ranges = graph.unit_ranges();
    let groups = recipe.groups();
    let mut mask = Mask::full(groups.n_groups());
    for (space, range) in ranges.into_iter().enumerate() {
        let row = groups.rows.iter().find(|it| it.space == Some(space));
        for (at, unit) in range.enumerate().filter(|it| !all.has(it.1)) {
            let Some(row) = row else {
                return Err(format!(
                    "its mask prunes unit {unit} of {}, which stays whole now",
                    graph.spaces[space].name
                ));
            };
            mask.clear(row.range().start + at);
        }
    }
    Ok(mask)
}

impl OldRecord {
    fn read(&self, groups: &Groups, place: Place) -> RoundRecord {
        // They were counted in every space, also in those that are no rows now.
        let alive: Vec<u32> = groups.rows.iter().filter_map(|it| self.alive.get(it.space?).copied()).collect();
        RoundRecord {
            round: self.round,
            cohort: self.cohort,
            counted: self.counted,
            void: self.void,
            loss: self.loss,
            received: self.received.read(),
            trained: self.trained.read(),
            test: self.test.map(OldEvaluation::read),
            n_alive_weights: self.n_alive_weights,
            bytes_up: self.bytes_up,
            bytes_down: self.bytes_down,
            bytes_dense: self.bytes_dense,
            seconds: self.seconds,
            stage: place.stage,
            level: place.level,
            // What it pruned by then is not known round by round.
            mask_event: false,
            density: groups.density(&alive),
            alive,
            bytes_contributions: 0,
            bytes_plans: 0,
        }
    }
}

impl OldEvaluation {
    fn read(self) -> Evaluation {
        let Self { n, correct, loss } = self;
        Evaluation { n, correct, loss }
    }
}

#[cfg(test)]
mod tests {
    use protocol::recipe::RawRecipe;

    use super::*;

    const TOPICS: &str = r#"{"name":"topics","about":"","model":{"input":[20],"layers":[
        {"kind":"linear","units":4},{"kind":"softplus"},{"kind":"avitm","topics":3}]},
        "rounds":{"total":1},"local":{"epochs":1,"batch":1,"optimizer":{"kind":"sgd","learning_rate":0.1}},
        "aggregation":{"kind":"mean"},"mask":{"pattern":{"kind":"unit"},"criterion":{"kind":"magnitude"},
        "scope":{"kind":"layer_equal"},"schedule":{"kind":"once","keep":0.5},"dynamics":{"kind":"monotone"},
        "decider":{"kind":"vote_rank"}}}"#;

    #[test]
    fn a_mask_over_all_units_becomes_one_over_what_may_be_pruned() {
        let recipe = RawRecipe::from_json(TOPICS).and_then(RawRecipe::check).expect("legal");
        assert_eq!((recipe.model().graph().n_units(), recipe.groups().n_groups()), (7, 4));
        let of_hidden = mask(&recipe, &Mask::from_fn(7, |it| it != 2).to_bytes()).expect("units of a hidden layer");
        assert_eq!(of_hidden, Mask::from_fn(4, |it| it != 2));
        let of_topics = mask(&recipe, &Mask::from_fn(7, |it| it != 5).to_bytes()).expect_err("a topic");
        assert_eq!(of_topics, "its mask prunes unit 5 of avitm3, which stays whole now");
        assert_eq!(mask(&recipe, &[0xFF]).expect_err("a bit past the end"), "the mask does not fit the model");
    }

    #[test]
    fn units_that_were_counted_and_are_no_row_now_are_left_out_of_records() {
        let recipe = RawRecipe::from_json(TOPICS).and_then(RawRecipe::check).expect("legal");
        let nothing = OldEvaluation { n: 0, correct: None, loss: 0.0 };
        let old = OldRecord {
            round: 0,
            cohort: 2,
            counted: 2,
            void: 0,
            loss: 1.0,
            received: nothing,
            trained: nothing,
            test: None,
            alive: vec![2, 3],
            n_alive_weights: 1,
            bytes_up: 2,
            bytes_down: 3,
            bytes_dense: 4,
            seconds: 5.0,
        };
        let record = old.read(recipe.groups(), Place::default());
        // Two of four hidden units, and all three topics: 5 of 7.
        assert_eq!((record.alive, record.density), (vec![2], 5.0 / 7.0));
    }
}
