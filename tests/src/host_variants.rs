//! Variants of what a host screen is sent: one of everything, so that the screen is tried with each. Whoever adds a variant to an
//! enum of a view finds a compile error here.

use std::collections::BTreeMap;
use std::sync::Arc;

use coordinator::export::FILES;
use coordinator::found::Found;
use coordinator::reach::{Address, Link, Obstacle, Reach};
use coordinator::session::{ClientView, MemberState, Phase, Problem, Role, RoundRecord, Session, SpaceView, View};
use coordinator::showing::{Invitation, Shown};
use coordinator::{FOREIGN, Farewell};
use protocol::patterns::Pattern;
use protocol::wire::Evaluation;
use serde_json::Value;

use crate::stage::settings;
use crate::variants::{each, refusals};

/// What the system may say.
const DETAIL: &str = "No space left on device (os error 28)";

/// The session of a view as a host screen is sent it.
pub fn shown(view: &View) -> Value {
    shown_at(view, &Reach::default())
}

/// The same to a host whose coordinator people reach so.
pub fn shown_at(view: &View, reach: &Reach) -> Value {
    let downloads: BTreeMap<&str, String> = FILES.map(|it| (it, format!("/s/K7QX2M/download/{it}?token=1"))).into();
    let invitation = Invitation::new("K7QX2M", "http://192.168.1.20:7070").among(reach);
    let history = view.history.iter().map(Arc::as_ref).collect();
    serde_json::to_value(Shown { view, history, invitation: &invitation, downloads }).expect("a view is plain data")
}

/// What people reach a coordinator by: every kind of address, and what may be in the way.
pub fn reaches() -> Vec<Reach> {
    let links = each!(Link {
        Link::Public => Link::Public,
        Link::Network => Link::Network,
        Link::Tether => Link::Tether,
        Link::Virtual => Link::Virtual,
        Link::Tunnel => Link::Tunnel,
        Link::Unassigned => Link::Unassigned,
        Link::ThisMachine => Link::ThisMachine,
    });
    let address = |(at, link)| Address { origin: format!("http://192.168.{at}.20:7070"), link };
    let every: Vec<Address> = (1..).zip(links).map(address).collect();
    let one = |link| vec![Address { link, ..every[0].clone() }];
    let obstacles = each!(Obstacle {
        Obstacle::Alone => Reach { addresses: one(Link::ThisMachine), is_inside: false },
        Obstacle::Inside => Reach { addresses: one(Link::Network), is_inside: true },
    });
    [vec![Reach { addresses: every.clone(), is_inside: false }], obstacles].concat()
}

/// A session in the middle of its sixth round.
pub fn usual() -> View {
    let recipe = pleach::recipes::load("voted").expect("carried");
    let space = |name: &str, size: u32| SpaceView {
        name: name.into(),
        size,
        alive: size * 3 / 4,
        units: "1101".repeat(size as usize / 4),
    };
    View {
        phase: Phase::Collecting,
        data: Found::Digits { n_train: 24_000, n_test: 2_000 },
        rounds_committed: 5,
        cohort: 3,
        counted: 1,
        seconds_left: Some(42.3),
        clients: clients(),
        history: (0..5).map(|it| Arc::new(record(it))).collect(),
        has_evaluator: false,
        accuracy: Some(0.934),
        loss: Some(0.21),
        unit_density: 0.75,
        spaces: vec![space("linear1", 300), space("linear3", 100)],
        n_alive_weights: 123_456,
        ..Session::new(recipe, settings(3, 20)).view()
    }
}

fn client(id: u32, name: &str, role: Role, state: MemberState) -> ClientView {
    ClientView {
        id,
        name: name.into(),
        device: "gpu (Apple M2)".into(),
        role,
        state,
        rounds: 5,
        refusals: 0,
        loss: Some(0.123),
        n_samples: 2_250,
        train_millis: 1_234.5,
        bytes_up: 512_345,
        bytes_down: 2_300_000,
        bytes_entry: 1_960_000,
    }
}

fn clients() -> Vec<ClientView> {
    let states = each!(MemberState {
        MemberState::Joined => MemberState::Joined,
        MemberState::Training => MemberState::Training,
        MemberState::Voted => MemberState::Voted,
        MemberState::Late => MemberState::Late,
        MemberState::Gone => MemberState::Gone,
    });
    let mut clients: Vec<ClientView> =
        (0..).zip(states).map(|(id, state)| client(id, "Ada Lovelace", Role::Guest, state)).collect();
    let unknown = |(id, role)| ClientView {
        device: String::new(),
        loss: None,
        rounds: 0,
        refusals: 3,
        train_millis: 0.0,
        ..client(id, "", role, MemberState::Joined)
    };
    clients.extend((10..).zip(roles()).map(unknown));
    clients
}

fn record(round: u32) -> RoundRecord {
    let seen = |correct| Evaluation { n: 1_000, correct: Some(correct), loss: 1.0 / (round + 1) as f32 };
    RoundRecord {
        round,
        cohort: 3,
        counted: 3,
        loss: 2.3 / (round + 1) as f32,
        received: seen(820 + 20 * round),
        trained: seen(850 + 20 * round),
        alive: vec![300 - 15 * round, 100 - 5 * round],
        n_alive_weights: 266_610 - 28_000 * u64::from(round),
        bytes_up: 900_000 - 80_000 * u64::from(round),
        bytes_down: 900_000 - 80_000 * u64::from(round),
        bytes_dense: 6_400_000,
        seconds: 4.2,
        mask_event: round > 1,
        density: 1.0 - 0.05 * f64::from(round),
        ..RoundRecord::default()
    }
}

/// Views in which every variant of every enum is at least once.
pub fn views() -> Vec<View> {
    let mut views: Vec<View> = phases().into_iter().map(|phase| View { phase, ..usual() }).collect();
    views.extend(problems().into_iter().map(|it| View { problem: Some(it), ..usual() }));
    views.extend(found().into_iter().map(|data| View { data, ..usual() }));
    views.extend(Pattern::NAMES.iter().map(|it| View { pattern: (*it).into(), ..usual() }));
    views.push(View { refusals: kinds().into_iter().map(|it| (it, 2)).collect(), ..usual() });
    views.extend(shapes());
    views
}

/// Views in which something is not there, or is otherwise than usual.
fn shapes() -> Vec<View> {
    let changed = |change: fn(&mut RoundRecord)| {
        let mut history = usual().history;
        history.iter_mut().map(Arc::make_mut).for_each(change);
        View { history, ..usual() }
    };
    let topics = changed(|it| {
        for seen in [&mut it.received, &mut it.trained] {
            seen.correct = None;
        }
    });
    let tested = changed(|it| it.test = Some(Evaluation { n: 2_000, correct: Some(1_900), loss: 0.2 }));
    let space = |it: u32| SpaceView { name: format!("conv{it}"), size: 512, alive: 100 * it, units: String::new() };
    let many = View { spaces: (0..9).map(space).collect(), ..changed(|it| it.alive = vec![100; 9]) };
    let begun = View {
        phase: Phase::Lobby,
        rounds_committed: 0,
        seconds_left: None,
        clients: vec![],
        history: vec![],
        accuracy: None,
        loss: None,
        ..usual()
    };
    vec![
        begun,
        View { has_classes: false, accuracy: None, ..topics },
        View { phase: Phase::Done, has_evaluator: true, ..tested },
        many,
        changed(|it| it.loss = f32::NAN),
        changed(|it| it.void = 1),
        View { is_paused: true, ..usual() },
        View { phase: Phase::Done, accuracy: Some(0.97), ..usual() },
        View { stages: vec!["search".into(), "train".into()], stage: 1, level: 2, levels: 7, ..usual() },
        View { draws_parts: true, saves_time: false, ..usual() },
        View { spaces: vec![], unit_density: 1.0, ..usual() },
        View { seconds_left: None, ..usual() },
    ]
}

/// Every phase.
pub fn phases() -> Vec<Phase> {
    each!(Phase {
        Phase::Lobby => Phase::Lobby,
        Phase::Collecting => Phase::Collecting,
        Phase::Paused => Phase::Paused,
        Phase::Closing => Phase::Closing,
        Phase::Done => Phase::Done,
    })
}

/// Every role.
pub fn roles() -> Vec<Role> {
    each!(Role { Role::Guest => Role::Guest, Role::Practice => Role::Practice, Role::Centre => Role::Centre, })
}

/// Every state of a client.
pub fn members() -> Vec<MemberState> {
    clients().iter().map(|it| it.state).collect()
}

/// Every problem.
pub fn problems() -> Vec<Problem> {
    let detail = || DETAIL.to_owned();
    each!(Problem {
        Problem::Unsaved { .. } => Problem::Unsaved { detail: detail() },
        Problem::Unmeasured { .. } => Problem::Unmeasured { detail: detail() },
        Problem::Unjournaled { .. } => Problem::Unjournaled { detail: detail() },
        Problem::ForeignPage { .. } => Problem::ForeignPage { detail: "https://class.example".into() },
        Problem::EvaluatorGone => Problem::EvaluatorGone,
    })
}

/// Every kind of data.
pub fn found() -> Vec<Found> {
    let place = || "mnist".to_owned();
    let (n_train, n_test) = (60_000, 10_000);
    let mut found = each!(Found {
        Found::Digits { .. } => Found::Digits { n_train, n_test },
        Found::Images { .. } => Found::Images { place: place(), n_train, n_test, n_classes: 10 },
        Found::Recordings { .. } => Found::Recordings { place: place(), n_train, n_test },
        Found::Documents { .. } => Found::Documents { place: place(), n_train, n_test, n_words: 1_513, n_beyond: 2 },
        Found::Named { .. } => Found::Named { name: "two dots".into() },
    });
    found.push(Found::default());
    found
}

/// Every way in which the coordinator closes a socket.
pub fn farewells() -> Vec<Farewell> {
    each!(Farewell {
        Farewell::Stranger => Farewell::Stranger,
        Farewell::Garbled => Farewell::Garbled,
        Farewell::Refused => Farewell::Refused,
        Farewell::Restarting => Farewell::Restarting,
        Farewell::Silent => Farewell::Silent,
        Farewell::Over => Farewell::Over,
    })
}

/// Every kind of refusal.
pub fn kinds() -> Vec<&'static str> {
    refusals().iter().map(protocol::wire::Refusal::kind).chain([FOREIGN]).collect()
}
