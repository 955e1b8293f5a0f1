//! Words for codes: the tables of each language have exactly the codes that Rust sends.

use std::collections::BTreeSet;

use e2e::{host_variants, repository, rules, variants};
use protocol::patterns::Pattern;
use serde::Serialize;

/// Failures that a page has without a client.
const OF_THE_PAGE: [&str; 5] = ["crashed", "foreign", "no_simd", "no_wasm", "unloaded"];

/// Why a host screen is not connected, beside what the coordinator says.
const OF_THE_SCREEN: [&str; 3] = ["foreign", "no_secret", "other"];

/// The codes of these values of an enum.
fn codes(values: &[impl Serialize]) -> BTreeSet<String> {
    let code = |it| {
        let it = serde_json::to_value(it).expect("it has a form in JSON");
        let named = it.as_object().and_then(|it| it.keys().next()).cloned();
        named.or_else(|| it.as_str().map(str::to_owned)).expect("a variant has a name")
    };
    values.iter().map(code).collect()
}

/// The keys of a room in a language's file.
fn keys(language: &str, room: &str) -> BTreeSet<String> {
    let files = repository::files().expect("the repository is readable");
    let texts = rules::words::texts(&files[&format!("www/words/{language}.js")]);
    texts.keys().filter_map(|it| it.split_once('.').filter(|it| it.0 == room)).map(|it| it.1.to_owned()).collect()
}

#[test]
fn every_code_that_rust_sends_has_its_words_and_no_words_are_left_over() {
    let own = |more: &[&str], codes: BTreeSet<String>| more.iter().map(|it| (*it).to_owned()).chain(codes).collect();
    let patterns: BTreeSet<String> = Pattern::NAMES.iter().map(|it| (*it).to_owned()).collect();
    let kinds = host_variants::kinds().iter().map(|it| it.replace(' ', "_")).collect();
    let final_words =
        host_variants::farewells().iter().filter(|it| it.code() == 1008).map(|it| it.word().to_owned()).collect();
    let tables: [(&str, BTreeSet<String>); 19] = [
        ("states", codes(&variants::states())),
        ("doing", codes(&variants::states())),
        ("failures", own(&OF_THE_PAGE, codes(&variants::failures()))),
        ("refusals", codes(&variants::refusals())),
        ("troubles", codes(&variants::troubles())),
        ("why", codes(&variants::reasons())),
        ("noGpu", codes(&variants::no_gpus())),
        ("verdicts", own(&["step"], codes(&variants::verdicts()))),
        ("counted", patterns.clone()),
        ("alive", patterns.clone()),
        ("groups", patterns),
        ("phases", codes(&host_variants::phases())),
        ("members", codes(&host_variants::members())),
        ("roles", codes(&host_variants::roles())),
        ("nameless", codes(&host_variants::roles())),
        ("problems", codes(&host_variants::problems())),
        ("found", codes(&host_variants::found())),
        ("farewells", own(&OF_THE_SCREEN, final_words)),
        ("refused", kinds),
    ];
    for language in ["en", "de"] {
        for (room, codes) in &tables {
            assert_eq!(&keys(language, room), codes, "{language}: {room}");
        }
    }
}
