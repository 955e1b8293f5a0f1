//! Proof that a registry is load-bearing: any two entries differ in what they are for, and every key of every entry,
//! moved once, makes a difference.

use std::collections::BTreeSet;

use protocol::registry::Entry;
use serde_json::{Map, Value};

/// What an entry, as a recipe has it, comes to on a fixture.
pub(crate) type Effect = fn(&str) -> String;

/// A key, and what it is moved to from the entry's fixture.
pub(crate) struct Move {
    entry: &'static str,
    key: &'static str,
    to: &'static str,
    /// Keys that the fixture has beside those of the entry's, for a key that only acts beside others.
    beside: &'static str,
}

/// A key of an entry that is moved.
pub(crate) const fn moved(entry: &'static str, key: &'static str, to: &'static str) -> Move {
    Move { entry, key, to, beside: "{}" }
}

impl Move {
    /// Beside these keys.
    pub(crate) const fn beside(self, keys: &'static str) -> Self {
        Self { beside: keys, ..self }
    }
}

/// What is held against a registry.
pub(crate) struct Proof {
    pub(crate) registry: &'static str,
    pub(crate) entries: &'static [Entry],
    pub(crate) effect: Effect,
    /// One fixture an entry.
    pub(crate) fixtures: Vec<&'static str>,
    pub(crate) moves: Vec<Move>,
}

fn object(text: &str) -> Map<String, Value> {
    match serde_json::from_str(text) {
        Ok(Value::Object(it)) => it,
        Ok(_) | Err(_) => panic!("not an object: {text}"),
    }
}

fn with(mut it: Map<String, Value>, more: Map<String, Value>) -> Map<String, Value> {
    it.extend(more);
    it
}

fn text(it: Map<String, Value>) -> String {
    Value::Object(it).to_string()
}

impl Proof {
    /// What does not hold.
    pub(crate) fn faults(&self) -> Vec<String> {
        let all = [self.missing(), self.alike(), self.idle()].concat();
        all.into_iter().map(|it| format!("{}: {it}", self.registry)).collect()
    }

    fn fixture(&self, entry: &str) -> Option<Map<String, Value>> {
        self.fixtures.iter().map(|it| object(it)).find(|it| it["kind"] == entry)
    }

    /// Entries and keys that nobody thought of, or that are not there any more.
    fn missing(&self) -> Vec<String> {
        let is: BTreeSet<String> = self.fixtures.iter().map(|it| object(it)["kind"].to_string()).collect();
        let should: BTreeSet<String> = self.entries.iter().map(|it| format!("{:?}", it.name)).collect();
        let keys: BTreeSet<(&str, &str)> = self.moves.iter().map(|it| (it.entry, it.key)).collect();
        let of = |entry: &'static Entry| entry.fields.iter().map(|it| (entry.name, it.name));
        let all: BTreeSet<(&str, &str)> = self.entries.iter().flat_map(of).collect();
        let few = (self.entries.len() < 2).then(|| "has fewer than two entries".into());
        let fixtures = is.symmetric_difference(&should).map(|it| format!("fixtures and entries differ in {it}"));
        let moves = keys.symmetric_difference(&all).map(|it| format!("moves and keys differ in {it:?}"));
        few.into_iter().chain(fixtures).chain(moves).collect()
    }

    /// Entries that come to the same.
    fn alike(&self) -> Vec<String> {
        let effects: Vec<String> = self.fixtures.iter().map(|it| (self.effect)(it)).collect();
        let pairs = (0..effects.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
        let same = pairs.filter(|it| effects[it.0] == effects[it.1]);
        same.map(|(a, b)| format!("{} and {} come to the same", self.fixtures[a], self.fixtures[b])).collect()
    }

    /// Keys that make no difference.
    fn idle(&self) -> Vec<String> {
        let is_idle = |it: &&Move| {
            let Some(fixture) = self.fixture(it.entry) else { return true };
            let before = with(fixture, object(it.beside));
            let after = with(before.clone(), object(&format!("{{{:?}: {}}}", it.key, it.to)));
            before == after || (self.effect)(&text(before)) == (self.effect)(&text(after))
        };
        self.moves.iter().filter(is_idle).map(|it| format!("{} of {} makes no difference", it.key, it.entry)).collect()
    }
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "what a registry declares is public")]
mod tests {
    use protocol::registry;

    use super::*;

    mod loud {
        protocol::settings! {
            /// Speaks.
            pub struct Loud {
                /// How often.
                times: u32,
                /// Nobody asks for it.
                pitch: f64 = 1.0,
            }
        }

        impl super::Speak for Loud {
            fn says(&self) -> String {
                "ha".repeat(self.times as usize)
            }
        }
    }

    mod dead {
        protocol::settings! {
            /// An entry that nobody reads: it does what another does.
            pub struct Dead {}
        }

        impl super::Speak for Dead {
            fn says(&self) -> String {
                "ha".into()
            }
        }
    }

    registry! {
        /// What is said.
        pub enum Voice: Speak { "loud" => loud::Loud, "dead" => dead::Dead, }
    }

    /// How to speak.
    pub trait Speak {
        /// What is said.
        fn says(&self) -> String;
    }

    fn said(text: &str) -> String {
        serde_json::from_str::<Voice>(text).expect("a voice").says()
    }

    fn proof(fixtures: &[&'static str], moves: Vec<Move>) -> Vec<String> {
        Proof { registry: "voices", entries: Voice::ENTRIES, effect: said, fixtures: fixtures.to_vec(), moves }.faults()
    }

    #[test]
    fn what_holds_is_not_found_at_fault_but_for_what_is_dead() {
        let moves = || vec![moved("loud", "times", "3"), moved("loud", "pitch", "2")];
        let faults = proof(&[r#"{"kind":"loud","times":2}"#, r#"{"kind":"dead"}"#], moves());
        assert_eq!(faults, ["voices: pitch of loud makes no difference"], "the key that nobody reads");
        let faults = proof(&[r#"{"kind":"loud","times":1}"#, r#"{"kind":"dead"}"#], moves());
        assert!(faults.iter().any(|it| it.ends_with("come to the same")), "the entry that nobody reads: {faults:?}");
    }

    #[test]
    fn an_entry_or_a_key_without_a_fixture_is_found() {
        let faults = proof(&[r#"{"kind":"loud","times":2}"#], vec![moved("loud", "times", "3")]);
        let expected = [
            r#"voices: fixtures and entries differ in "dead""#,
            r#"voices: moves and keys differ in ("loud", "pitch")"#,
        ];
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_move_to_where_the_key_is_already_proves_nothing() {
        let moves = vec![moved("loud", "times", "2"), moved("loud", "pitch", "2")];
        let faults = proof(&[r#"{"kind":"loud","times":2}"#, r#"{"kind":"dead"}"#], moves);
        assert!(faults.contains(&"voices: times of loud makes no difference".into()));
    }

    #[test]
    fn one_entry_is_no_choice() {
        let fixtures = vec![r#"{"kind":"dead"}"#];
        let it = Proof { registry: "voices", entries: &Voice::ENTRIES[1..], effect: said, fixtures, moves: vec![] };
        assert_eq!(it.faults(), ["voices: has fewer than two entries"]);
    }
}
