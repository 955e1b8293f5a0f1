//! The architecture's rules, held against the repository as it is. Each has a planted violation in `tests/src/rules/`.

use e2e::repository::{self, Files};
use e2e::rules::{comments, crates, document, engine, habits, methods, places, registers, touched, words};

#[track_caller]
fn holds(rule: fn(&Files) -> Vec<String>) {
    let files = repository::files().expect("the repository is readable");
    assert!(files.len() > 50, "only {} files were found, so the rules would hold of nothing", files.len());
    report(&rule(&files));
}

#[track_caller]
fn report(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn crates_use_only_what_the_table_allows() {
    let edges = repository::edges().expect("cargo reads the workspace");
    assert_eq!(edges.len(), crates::MAY_USE.len(), "{edges:?}");
    report(&crates::edges(&edges));
}

#[test]
fn modules_use_only_modules_above_them() {
    holds(crates::order);
}

#[test]
fn the_engine_knows_no_shell_and_of_the_protocol_only_what_it_may_name() {
    holds(engine::engine);
}

#[test]
fn libraries_are_named_only_in_their_places() {
    holds(places::confined);
}

#[test]
fn hearts_are_pure() {
    holds(places::pure);
}

#[test]
fn every_shader_has_its_twin_and_is_listed() {
    holds(registers::kernels);
}

#[test]
fn every_entry_of_a_registry_is_registered() {
    holds(registers::registries);
}

#[test]
fn methods_have_no_code_of_their_own() {
    holds(methods::methods);
}

#[test]
fn every_file_says_what_it_is() {
    holds(habits::openings);
}

#[test]
fn file_names_say_what_is_inside() {
    holds(habits::file_names);
}

#[test]
fn files_hold_one_idea() {
    holds(habits::lengths);
}

#[test]
fn doc_comments_name_their_subjects() {
    holds(comments::subjects);
}

#[test]
fn nothing_is_left_unfinished() {
    holds(habits::leftovers);
}

#[test]
fn the_page_leaves_numerics_and_protocol_to_the_client() {
    holds(habits::scripts);
}

#[test]
fn every_word_is_in_each_language_and_used() {
    holds(words::languages);
}

#[test]
fn people_read_nothing_that_is_not_among_the_words() {
    holds(words::elsewhere);
}

#[test]
fn the_architecture_document_is_true() {
    holds(document::document);
}

#[test]
fn one_more_costs_what_the_table_says() {
    holds(touched::touched);
}
