//! Registries are load-bearing: an entry or a key that nobody reads would be accepted and ignored. Here is what the rule
//! book alone can show; what needs a coordinator, a client or data is shown by their tests.

mod proof;
mod pruning;
mod scene;
mod training;

use proof::Proof;

/// Every registry that is proven here.
fn proofs() -> [Proof; 14] {
    [
        pruning::patterns(),
        pruning::criteria(),
        pruning::evidence(),
        pruning::scopes(),
        pruning::schedules(),
        pruning::dynamics(),
        pruning::deciders(),
        training::afterwards(),
        training::aggregations(),
        training::codecs(),
        training::cohorts(),
        training::inits(),
        training::rates(),
        training::untils(),
    ]
}

#[test]
fn every_entry_and_every_key_changes_what_it_is_for() {
    let faults: Vec<String> = proofs().iter().flat_map(Proof::faults).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}
