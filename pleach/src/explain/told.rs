//! What an explanation says to people.

use std::fmt::Write as _;

use client_wasm::trainer::planned_bytes;
use protocol::choices::Memory;
use protocol::local::Work;
use protocol::mask::Mask;
use protocol::recipe::{Length, Recipe, Stage};

use super::walk::trains;
use super::{Explanation, Round, StageTold};
use crate::words::bytes;
use crate::{recipes, summary};

/// A stage, as it will run.
pub(super) fn stage(it: &Stage, length: Length) -> StageTold {
    StageTold {
        name: it.name.clone(),
        rounds: length.total(),
        levels: length.repeat,
        picks: recipes::picks(it),
        computes: computes(it),
        keeps: keeps(it),
    }
}

fn computes(it: &Stage) -> String {
    if !trains(it) {
        return "nothing".into();
    }
    let work = match it.local.work() {
        Work::Evaluate => String::new(),
        Work::Epochs(1) => "one pass over its samples".into(),
        Work::Epochs(n) => format!("{n} passes over its samples"),
        Work::Steps(n) => format!("{n} steps"),
    };
    let most = it.local.samples.map_or_else(String::new, |n| format!(", {n} samples at most"));
    let votes = it.mask.as_ref().is_some_and(|it| it.decider.asks_voters());
    let vote = if votes { ", and a vote where a mask event follows" } else { "" };
    format!("{work} in batches of {}{most}{vote}", it.local.batch)
}

fn keeps(it: &Stage) -> String {
    match it.local.memory {
        Memory::Fresh => "its data and the latest mask".into(),
        Memory::Kept => format!("its data, the latest mask and the memory of {}", it.local.optimizer.name()),
    }
}

/// The largest program that a client runs: nothing is pruned yet.
pub(super) fn peak_bytes(recipe: &Recipe, n_samples: usize) -> u64 {
    let (task, groups) = (recipe.task(), recipe.groups());
    let full = Mask::full(groups.n_groups());
    // A masked program is larger by its mask, and is there once something is dead.
    let mut thinned = full.clone();
    if let Some(row) = groups.rows.iter().find(|it| it.len() > 1) {
        thinned.clear(row.range().start);
    }
    let stages = 0..recipe.stages().len() as u16;
    let bytes = |(stage, mask)| planned_bytes(&task, recipe.model(), groups, mask, stage, n_samples);
    stages.flat_map(|it| [(it, &full), (it, &thinned)]).map(bytes).max().unwrap_or(0)
}

/// The explanation as a page of text.
pub(super) fn text(it: &Explanation) -> String {
    let mut text = String::new();
    write(it, &mut text).expect("a string takes any text");
    text
}

fn write(it: &Explanation, to: &mut String) -> std::fmt::Result {
    writeln!(to, "{}: {}", it.recipe, it.about)?;
    writeln!(to, "{} weights, {} groups that may be pruned, {} clients", it.n_params, it.n_groups, it.clients)?;
    writeln!(to, "a client needs {} at its peak\n", bytes(it.peak_bytes))?;
    for stage in &it.stages {
        let levels = if stage.levels > 1 { format!(" in {} levels", stage.levels) } else { String::new() };
        writeln!(to, "stage {}: {} rounds{levels}", stage.name, stage.rounds)?;
        let picks: Vec<String> = stage.picks.iter().map(|(registry, entry)| format!("{registry} {entry}")).collect();
        writeln!(to, "  {}", picks.join(", "))?;
        writeln!(to, "  a client computes {}; it keeps {}\n", stage.computes, stage.keeps)?;
    }
    let [rounds, stage, up, down, alive] = ["rounds", "stage", "up a client", "down a client", "alive after"];
    writeln!(to, "{rounds:>11}  {stage:<12} {up:>22} {down:>22}  {alive:>18}")?;
    for (first, last) in alike(&it.rounds) {
        *to += &row(first, last);
    }
    it.warnings.iter().try_for_each(|it| writeln!(to, "warning: {it}"))
}

/// Runs of rounds that are alike, by their first and last.
fn alike(rounds: &[Round]) -> Vec<(&Round, &Round)> {
    let same = |a: &Round, b: &Round| {
        let first = summary::Round { round: a.figures.round, ..b.figures.clone() };
        a.figures == first && a.bounds == b.bounds
    };
    rounds.chunk_by(same).filter_map(|run| Some((run.first()?, run.last()?))).collect()
}

fn row(first: &Round, last: &Round) -> String {
    let (bounds, first, last) = (first.bounds, &first.figures, &last.figures);
    let numbers = if first.round == last.round {
        format!("{}", first.round + 1)
    } else {
        format!("{}–{}", first.round + 1, last.round + 1)
    };
    let of_bytes = |value: f64| bytes(value.round() as u64);
    let of_share = |value: f64| format!("{:.1} %", 100.0 * value);
    let up = between(first.bytes_up, bounds.map(|it| it.bytes_up), of_bytes);
    let down = between(first.bytes_down, bounds.map(|it| it.bytes_down), of_bytes);
    let density = between(first.density, bounds.map(|it| it.density), of_share);
    format!("{numbers:>11}  {:<12} {up:>22} {down:>22}  {density:>18}\n", first.stage)
}

/// A figure, or its bounds where those read differently.
fn between(exact: f64, bounds: Option<[f64; 2]>, words: impl Fn(f64) -> String) -> String {
    let [least, most] = bounds.unwrap_or([exact; 2]).map(words);
    if least == most { most } else { format!("{least} to {most}") }
}
