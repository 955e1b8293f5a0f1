//! Variant: a recipe with its method removed, or replaced by another one.

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

/// Variant of a recipe.
#[derive(Clone, Debug)]
pub(crate) enum Variant {
    /// The recipe as it is.
    Method,
    /// Without mask events, with all weights on the wire.
    Dense,
    /// Groups are dropped at random, as many as the recipe says. Where the method itself finds how many, or where a
    /// search stage discards its training, each row keeps these shares, drawn in one round before the network trains.
    Lot(Vec<f64>),
    /// Groups are dropped by the magnitude of their weights.
    Magnitude,
}

/// A recipe as TOML, with the changes of a row.
#[derive(Clone, Debug)]
pub(crate) struct Text(Table);

impl Text {
    /// Reads a recipe and sets keys, such as `stage.search.rounds`, to TOML values.
    pub(crate) fn new(text: &str, edits: &[(&str, &str)]) -> Result<Self> {
        let mut table: Table = text.parse()?;
        for (path, value) in edits {
            let value: Table = format!("value = {value}").parse()?;
            let keys: Vec<&str> = path.split('.').collect();
            set(&mut table, &keys, value["value"].clone()).with_context(|| format!("no key {path}"))?;
        }
        // Accuracy is only needed at the end; a stage that waits for an accuracy has its own key.
        table.insert("evaluate".into(), entry("every = 1000000"));
        Ok(Self(table))
    }

    /// Text of the variant. `searches` are the stages that only search for a mask.
    pub(crate) fn of(&self, variant: &Variant, searches: &[&str]) -> Result<String> {
        let mut table = self.0.clone();
        match variant {
            Variant::Method => {}
            Variant::Dense => dense(&mut table, searches),
            Variant::Lot(shares) if searches.is_empty() => by_lot(&mut table, shares)?,
            Variant::Lot(shares) => drawn_at_once(&mut table, searches, shares)?,
            Variant::Magnitude => ranked_by(&mut table, entry("kind = \"magnitude\"")),
        }
        Ok(table.to_string())
    }
}

/// Parses an inline table.
fn entry(text: &str) -> Value {
    Value::Table(text.parse().expect("a constant that parses"))
}

fn set(table: &mut Table, keys: &[&str], value: Value) -> Result<()> {
    match keys {
        ["stage", name, rest @ ..] => {
            let stage = stages(table).into_iter().find(|it| it["name"].as_str() == Some(name));
            set(stage.context("no such stage")?, rest, value)
        }
        [key] => {
            table.insert((*key).into(), value);
            Ok(())
        }
        [key, rest @ ..] => {
            let inner = table.entry(*key).or_insert_with(|| Value::Table(Table::new()));
            set(inner.as_table_mut().context("no table")?, rest, value)
        }
        [] => bail!("an empty path"),
    }
}

fn stages(table: &mut Table) -> Vec<&mut Table> {
    let stages = table.get_mut("stage").and_then(Value::as_array_mut);
    stages.into_iter().flatten().filter_map(Value::as_table_mut).collect()
}

/// The mask tables of the recipe and of its stages.
fn masks(table: &mut Table) -> Vec<&mut Table> {
    let mut masks = Vec::new();
    for (key, value) in table.iter_mut() {
        match (key.as_str(), value) {
            ("mask", Value::Table(mask)) => masks.push(mask),
            ("stage", Value::Array(stages)) => {
                masks.extend(stages.iter_mut().filter_map(|it| it.get_mut("mask")?.as_table_mut()));
            }
            (_, _) => {}
        }
    }
    masks
}

/// Removes pruning, search stages and aggregation by holders.
fn dense(table: &mut Table, searches: &[&str]) {
    for key in ["mask", "cost", "wire"] {
        table.remove(key);
    }
    let by = table.get("aggregation").and_then(|it| it["kind"].as_str());
    if by.is_some_and(|it| it.starts_with("by_")) {
        table.insert("aggregation".into(), entry("kind = \"mean\""));
    }
    without_masks(table, searches);
}

/// Keeps only the stages that train the result, without mask events.
fn without_masks(table: &mut Table, searches: &[&str]) {
    if let Some(stages) = table.get_mut("stage").and_then(Value::as_array_mut) {
        stages.retain(|it| it["name"].as_str().is_some_and(|it| !searches.contains(&it)));
    }
    for stage in stages(table) {
        for key in ["mask", "wire", "until"] {
            stage.remove(key);
        }
    }
}

/// Keeps all events and budgets, with groups chosen at random. Random swaps would only undo each other, so with
/// dynamics that swap the random choice is kept.
fn by_lot(table: &mut Table, shares: &[f64]) -> Result<()> {
    ranked_by(table, entry("kind = \"random\""));
    let mask = table.get_mut("mask").and_then(Value::as_table_mut).context("no mask")?;
    mask.insert("decider".into(), entry("kind = \"server\""));
    match mask.get("scope").and_then(|it| it["kind"].as_str()) {
        Some("threshold") => mask.insert("scope".into(), keeping(shares)),
        Some("adaptive") => mask.insert("scope".into(), entry("kind = \"layer_equal\"")),
        Some(_) | None => None,
    };
    for mask in masks(table) {
        mask.remove("regrow");
        if mask.get("dynamics").is_some_and(|it| it["kind"].as_str() != Some("monotone")) {
            mask.insert("dynamics".into(), entry("kind = \"monotone\""));
            mask.remove("schedule");
        }
    }
    Ok(())
}

/// Ranks by this criterion in all masks, without gradients.
fn ranked_by(table: &mut Table, criterion: Value) {
    for mask in masks(table) {
        for key in ["criterion", "evidence", "at"] {
            mask.remove(key);
        }
    }
    if let Some(mask) = table.get_mut("mask").and_then(Value::as_table_mut) {
        mask.insert("criterion".into(), criterion);
    }
}

/// Runs one round of the stages that train the result, then drops groups at random to the rows' shares, then runs the
/// other rounds.
fn drawn_at_once(table: &mut Table, searches: &[&str], shares: &[f64]) -> Result<()> {
    let mut mask: Table = toml::from_str(
        "criterion = { kind = \"random\" }\ndynamics = { kind = \"monotone\" }\ndecider = { kind = \"server\" }",
    )?;
    mask.insert("scope".into(), keeping(shares));
    for key in ["pattern", "among"] {
        let said = table.get("mask").and_then(|it| it.get(key)).cloned();
        mask.extend(said.map(|it| (key.to_owned(), it)));
    }
    table.remove("cost");
    table.insert("mask".into(), Value::Table(mask));
    without_masks(table, searches);
    let stages = table.get_mut("stage").and_then(Value::as_array_mut).context("no stages")?;
    let first = stages.first_mut().and_then(Value::as_table_mut).context("no stage trains")?;
    let mut lot = first.clone();
    // The round before the draw is one of the training rounds.
    let rounds = first.get("rounds").and_then(Value::as_integer).context("a stage has rounds")?;
    first.insert("rounds".into(), (rounds - 1).max(1).into());
    lot.insert("name".into(), "lot".into());
    lot.insert("rounds".into(), 1.into());
    lot.remove("repeat");
    // A stage of one round has no optimizer memory.
    lot.get_mut("local").and_then(Value::as_table_mut).map(|it| it.remove("memory"));
    lot.insert("mask".into(), entry("schedule = { kind = \"level\" }"));
    stages.insert(0, Value::Table(lot));
    Ok(())
}

fn keeping(shares: &[f64]) -> Value {
    let shares: Vec<Value> = shares.iter().map(|it| Value::Float(*it)).collect();
    let entries = [("kind".to_owned(), "layer_vector".into()), ("keep".to_owned(), Value::Array(shares))];
    Value::Table(entries.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEARCHED: &str = "name = \"a\"\nwire = { up = { kind = \"f32\" } }\naggregation = { kind = \"by_all\" }\n\
        [mask]\npattern = { kind = \"unit\" }\ncriterion = { kind = \"saliency\" }\nevidence = { kind = \"update\" }\n\
        scope = { kind = \"threshold\", q = 0.8 }\n\
        [[stage]]\nname = \"search\"\nrounds = 3\nmask.schedule = { kind = \"level\" }\nmask.at = \"received\"\n\
        [[stage]]\nname = \"finish\"\nrounds = 9\n";

    fn played(variant: &Variant, searches: &[&str]) -> Table {
        let text = Text::new(SEARCHED, &[("stage.finish.rounds", "5")]).expect("it parses");
        text.of(variant, searches).expect("it is played").parse().expect("TOML")
    }

    #[test]
    fn a_row_changes_keys_of_stages_by_name() {
        assert_eq!(played(&Variant::Method, &[])["stage"][1]["rounds"].as_integer(), Some(5));
        let unknown = Text::new(SEARCHED, &[("stage.gone.rounds", "5")]).expect_err("no such stage");
        assert!(unknown.to_string().contains("stage.gone.rounds"), "{unknown}");
    }

    #[test]
    fn the_dense_network_trains_as_long_as_what_is_found() {
        let dense = played(&Variant::Dense, &["search"]);
        assert!(dense.get("mask").is_none() && dense.get("wire").is_none());
        assert_eq!(dense["aggregation"]["kind"].as_str(), Some("mean"));
        let stages = dense["stage"].as_array().expect("stages");
        assert_eq!(stages.iter().map(|it| it["name"].as_str()).collect::<Vec<_>>(), [Some("finish")]);
    }

    #[test]
    fn groups_by_lot_keep_the_recipes_events_or_are_drawn_at_once_instead_of_a_search() {
        let lot = Variant::Lot(vec![0.5, 0.25]);
        let events = played(&lot, &[]);
        assert_eq!(events["mask"]["criterion"]["kind"].as_str(), Some("random"));
        assert_eq!(events["mask"]["scope"]["keep"].as_array().map(Vec::len), Some(2));
        assert!(events["mask"].get("evidence").is_none() && events["stage"][0]["mask"].get("at").is_none());
        let drawn = played(&lot, &["search"]);
        assert_eq!(drawn["stage"][0]["name"].as_str(), Some("lot"));
        assert_eq!(drawn["stage"][0]["rounds"].as_integer(), Some(1));
        assert_eq!(drawn["stage"][1]["name"].as_str(), Some("finish"));
        assert_eq!(drawn["stage"][1]["rounds"].as_integer(), Some(4), "as many rounds train as without a draw");
        assert_eq!(drawn["mask"]["pattern"]["kind"].as_str(), Some("unit"));
    }

    #[test]
    fn a_rival_ranks_by_magnitude_and_gathers_nothing() {
        let rival = played(&Variant::Magnitude, &[]);
        assert_eq!(rival["mask"]["criterion"]["kind"].as_str(), Some("magnitude"));
        assert!(rival["mask"].get("evidence").is_none());
        assert_eq!(rival["mask"]["scope"]["kind"].as_str(), Some("threshold"));
    }
}
