//! Tickets: what a mask event leaves for other sessions to start from.

use std::path::Path;

use coordinator::session::Session;
use coordinator::store::{Checkpoint, Identity, Reason, Store};
use coordinator::tickets::{FOLDER, Ticket};
use protocol::choices::{TicketMask, TicketWeights};
use protocol::random;
use protocol::recipe::Recipe;

use crate::crew::{Crew, draft, settings};

/// Half of what may go goes after two rounds, and the rest rewinds.
fn levels(pattern: &str) -> Recipe {
    let draft = draft().weights().masked("pattern", pattern).masked("scope", "layer_equal");
    let schedule = r#"{ kind = "level", drop = 0.5 }"#;
    draft.masked("schedule", schedule).masked("afterwards", "rewind").stage("level", 2, &["repeat = 2"]).recipe()
}

/// A session right after its first mask event, and its ticket.
fn first_level(recipe: &Recipe) -> (Crew, Ticket) {
    let mut crew = Crew::new(recipe, 2);
    crew.rounds(2);
    let state = crew.session.state();
    let ticket = Ticket::of(recipe, crew.session.settings(), state, state.last().expect("two rounds"));
    (crew, ticket)
}

#[test]
fn a_ticket_comes_back_from_its_file_with_mask_weights_and_where_it_comes_from() {
    let recipe = levels("weight");
    let (crew, ticket) = first_level(&recipe);
    let read = Ticket::from_bytes(&recipe, &ticket.to_bytes(&recipe)).expect("as it was written");
    assert_eq!(read, ticket);
    let state = crew.session.state();
    assert_eq!((&read.mask, read.weights.as_slice()), (state.mask(), state.held()));
    let w0 = recipe.model().w0(random::derive(settings(&recipe).seed, "w0", 0));
    assert_eq!(read.weights, w0, "a lottery ticket rewinds");
    let from = &read.provenance;
    assert_eq!((from.stage.as_str(), from.level, from.rounds), ("level", 0, 2));
    assert_eq!(from.seed, settings(&recipe).seed);
}

#[test]
fn a_session_starts_from_a_ticket_or_from_a_control_of_it() {
    let recipe = levels("weight");
    let (_, ticket) = first_level(&recipe);
    let alive = recipe.groups().alive(&ticket.mask);
    let start = |weights, mask| ticket.clone().start(&recipe, 77, weights, mask);
    let same = start(TicketWeights::Ticket, TicketMask::Ticket);
    assert_eq!((same.held(), same.mask()), (ticket.weights.as_slice(), &ticket.mask));
    assert!(!same.is_unmoved(), "its weights are no seed's that this session knows");
    let fresh = start(TicketWeights::Fresh, TicketMask::Ticket);
    assert_eq!(fresh.mask(), &ticket.mask);
    assert_ne!(fresh.held(), ticket.weights.as_slice());
    assert_eq!(fresh.held(), recipe.model().w0(random::derive(77, "w0", 0)));
    let shuffled = start(TicketWeights::Ticket, TicketMask::Shuffled);
    assert_ne!(shuffled.mask(), &ticket.mask);
    assert_eq!(recipe.groups().alive(shuffled.mask()), alive, "every row is as dense");
    let mut crew = Crew::of(Session::resumed(recipe.clone(), settings(&recipe), same, vec![]));
    (0..2).for_each(|it| crew.join(it));
    crew.rounds(2);
    assert!(crew.session.state().mask().is_subset_of(&ticket.mask), "it goes on from there");
}

#[test]
fn a_ticket_of_another_model_or_no_ticket_is_refused_with_what_differs() {
    let narrow = levels("weight");
    let (_, ticket) = first_level(&narrow);
    let bytes = ticket.to_bytes(&narrow);
    let units = levels("unit");
    let error = Ticket::from_bytes(&units, &bytes).expect_err("it masks weights");
    assert!(error.contains("another model or pattern"), "{error}");
    let error = Ticket::from_bytes(&narrow, b"nothing of the kind").expect_err("no file of ours");
    assert!(error.contains("not a ticket"), "{error}");
    let whole = Ticket { weights: vec![f32::NAN; ticket.weights.len()], ..ticket };
    let error = Ticket::from_bytes(&narrow, &whole.to_bytes(&narrow)).expect_err("no weights");
    assert!(error.contains("not finite"), "{error}");
}

#[test]
fn every_level_leaves_its_ticket_in_the_sessions_folder() {
    let recipe = levels("weight");
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).expect("free");
    let mut crew = Crew::new(&recipe, 2);
    crew.finish();
    for commit in &crew.commits {
        let identity = Identity { code: "TEST01".into(), host_secret: "s".into(), n_clients: 2 };
        let (recipe, settings, state) = (recipe.clone(), settings(&recipe), (*commit.state).clone());
        let checkpoint = Checkpoint { recipe, settings, state, identity, dataset: String::new() };
        let reason = if commit.is_event { Reason::MaskEvent } else { Reason::Due };
        store.save(&checkpoint, reason).expect("saved");
    }
    let read = |name: &str| {
        let bytes = std::fs::read(Path::new(dir.path()).join(FOLDER).join(name)).expect(name);
        assert!(!bytes.windows(6).any(|it| it == b"TEST01"), "nothing about who may speak to the session");
        Ticket::from_bytes(&recipe, &bytes).expect("a ticket")
    };
    let levels = ["stage-0-level-00.safetensors", "stage-0-level-01.safetensors"].map(read);
    assert!(levels[1].mask.is_subset_of(&levels[0].mask) && levels[1].mask != levels[0].mask);
    assert_eq!(levels.map(|it| it.provenance.level), [0, 1]);
}
