//! Variants: one of everything that a client may show, so that the page is tried with each. Whoever adds a variant to an enum of a
//! view finds a compile error here.

use client_wasm::failure::{Failure, Fallback, Trouble};
use client_wasm::probe::{NoGpu, Report, Verdict, Why};
use client_wasm::view::{
    About, Chosen, Compiling, Connection, Layer, Losses, Own, Point, Round, Samples, Sent, State, Traffic, View, Vote,
};
use coordinator::found::Found;
use engine::devices::DeviceKind;
use protocol::tally::Ballots;
use protocol::wire::refusal::{Part, Wanted};
use protocol::wire::{Done, Refusal};

/// A value for every variant: the patterns are held to be all there are.
macro_rules! each {
    ($of:ty { $($pattern:pat => $value:expr,)+ }) => {{
        let _all = |it: &$of| match it { $($pattern => (),)+ };
        vec![$($value),+]
    }};
}

pub(crate) use each;

/// What a driver may say.
const DETAIL: &str = "0x887A0005 DEVICE_REMOVED";

/// A client in the middle of a round in which it has voted.
pub fn usual() -> View {
    let layer = |name: &str, votes: bool| Layer {
        name: name.into(),
        size: 12,
        alive: 10,
        units: "111101111011".into(),
        vote: votes.then(|| Vote { n: 3, units: "100000000110".into() }),
    };
    View {
        state: State::Training,
        connection: Connection::Online,
        session: Some(About {
            client: 7,
            token: "00112233445566778899aabbccddeeff".into(),
            recipe: "voted".into(),
            about: "everyone votes.".into(),
            data: Found::Digits { n_train: 20_000, n_test: 2_000 }.to_text(),
            rounds: 20,
            n_params: 266_610,
            pattern: "unit",
            own_kinds: vec!["drawing"],
        }),
        samples: Some(Samples { n_train: 2_250, n_held_out: 250, bytes: 1_960_000 }),
        own: None,
        device: Some(chosen(DeviceKind::Cpu, Why::Asked)),
        compiling: None,
        round: Some(Round {
            number: 4,
            stage: "train".into(),
            n_alive_weights: 123_456,
            density: 0.83,
            is_own_part: false,
            saves_time: true,
            wants_vote: true,
            bytes: 471_000,
        }),
        progress: 0.22,
        loss: Some(0.321),
        accuracy: Some(0.934),
        layers: vec![layer("linear1", true), layer("linear2", true)],
        losses: Losses {
            from: 0,
            points: (1..=40).map(|it| Point { at: it as f32 / 8.0, loss: 2.3 / it as f32 }).collect(),
            stride: 1,
        },
        cuts: vec![2, 4],
        traffic: Traffic { up: 512_345, down: 2_300_000 },
        refusal: None,
    }
}

fn chosen(kind: DeviceKind, why: Why) -> Chosen {
    Chosen { kind, name: "cpu (wasm simd)".into(), why, reports: verdicts().into_iter().map(report).collect() }
}

fn report(verdict: Verdict) -> Report {
    let step_micros = (verdict == Verdict::Right).then_some(3_210);
    Report { kind: DeviceKind::Gpu, name: String::new(), verdict, step_micros }
}

/// Views in which every variant of every enum is at least once.
pub fn views() -> Vec<View> {
    let mut views: Vec<View> = states().into_iter().map(|state| View { state, ..usual() }).collect();
    views.extend(failures().into_iter().map(|it| View { state: State::Failed(it), ..usual() }));
    views.extend(troubles().into_iter().map(|it| View { state: State::Recovering(fallback(it)), ..usual() }));
    views.extend(connections().into_iter().map(|connection| View { connection, ..usual() }));
    views.extend(refusals().into_iter().map(|it| View { refusal: Some(it), ..usual() }));
    views.extend(own().into_iter().map(|it| View { own: Some(it), ..usual() }));
    for kind in kinds() {
        views.extend(reasons().into_iter().map(|it| View { device: Some(chosen(kind, it)), ..usual() }));
    }
    views.extend(shapes());
    views
}

/// Views in which something is not there, or is otherwise than usual.
fn shapes() -> Vec<View> {
    let session = usual().session;
    let round = usual().round;
    let pattern = |pattern| View { session: session.clone().map(|it| About { pattern, ..it }), ..usual() };
    let mut views: Vec<View> = protocol::patterns::Pattern::NAMES.iter().copied().map(pattern).collect();
    let part = round.clone().map(|it| Round { is_own_part: true, saves_time: false, stage: "search".into(), ..it });
    let last = round.clone().map(|it| Round { number: 20, wants_vote: false, ..it });
    let unvoted = usual().layers.into_iter().map(|it| Layer { vote: None, ..it }).collect();
    let told = usual().layers.into_iter().map(|it| Layer { units: String::new(), ..it }).collect();
    views.extend([
        client_wasm::session::Session::new(client_wasm::session::Identity::default()).view(),
        View { round: part, ..usual() },
        View { round: last, layers: unvoted, ..usual() },
        View { round: None, layers: vec![], ..usual() },
        View { layers: vec![], ..usual() },
        View { layers: told, ..usual() },
        View { compiling: Some(Compiling { done: 3, total: 66 }), ..usual() },
        View { loss: Some(f32::NAN), accuracy: None, samples: None, ..usual() },
        View { state: State::Connecting, connection: Connection::Connecting { attempt: 3 }, ..usual() },
    ]);
    views
}

fn sent() -> Sent {
    Sent { bytes: 471_000, train_millis: 12_345.0 }
}

fn fallback(trouble: Trouble) -> Fallback {
    let forgets = matches!(trouble, Trouble::Refused { .. });
    Fallback { trouble, device: "cpu (wasm simd)".into(), forgets }
}

/// Every state.
pub fn states() -> Vec<State> {
    let done = Done { rounds: 20, accuracy: Some(0.971), density: 0.3 };
    each!(State {
        State::Probing => State::Probing,
        State::Connecting => State::Connecting,
        State::Ready => State::Ready,
        State::Lobby { .. } => State::Lobby { joined: 12, needed: 30 },
        State::NextRound => State::NextRound,
        State::Paused => State::Paused,
        State::SteppedAside => State::SteppedAside,
        State::Watching => State::Watching,
        State::Training => State::Training,
        State::Sent(_) => State::Sent(sent()),
        State::Voted(_) => State::Voted(sent()),
        State::Recovering(_) => State::Recovering(fallback(Trouble::Lost { detail: DETAIL.into() })),
        State::Done(_) => State::Done(done),
        State::Left => State::Left,
        State::Failed(_) => State::Failed(Failure::Stopped),
    })
}

fn connections() -> Vec<Connection> {
    each!(Connection {
        Connection::None => Connection::None,
        Connection::Connecting { .. } => Connection::Connecting { attempt: 2 },
        Connection::Online => Connection::Online,
        Connection::Offline { .. } => Connection::Offline { retry_secs: 3.4 },
    })
}

/// Every failure.
pub fn failures() -> Vec<Failure> {
    let detail = || DETAIL.to_owned();
    each!(Failure {
        Failure::Refused(_) => Failure::Refused(Refusal::UnknownSession),
        Failure::Unreadable(_) => Failure::Unreadable(Refusal::Malformed),
        Failure::Recipe { .. } => Failure::Recipe { detail: detail() },
        Failure::Data { .. } => Failure::Data { detail: detail() },
        Failure::PlanBeforeData => Failure::PlanBeforeData,
        Failure::Plan { .. } => Failure::Plan { detail: detail() },
        Failure::Device(_) => Failure::Device(Trouble::Lost { detail: detail() }),
        Failure::Stopped => Failure::Stopped,
    })
}

/// Every trouble of a device.
pub fn troubles() -> Vec<Trouble> {
    let detail = || DETAIL.to_owned();
    each!(Trouble {
        Trouble::Absent { .. } => Trouble::Absent { detail: detail() },
        Trouble::Unloaded { .. } => Trouble::Unloaded { detail: detail() },
        Trouble::Refused { .. } => Trouble::Refused { detail: detail() },
        Trouble::Wide { .. } => Trouble::Wide { name: "SwiftShader".into() },
        Trouble::Lost { .. } => Trouble::Lost { detail: detail() },
    })
}

fn own() -> Vec<Own> {
    each!(Own {
        Own::Waiting => Own::Waiting,
        Own::Used => Own::Used,
        Own::Unfit { .. } => Own::Unfit { detail: "label 3 in a model of 2 classes".into() },
    })
}

fn kinds() -> Vec<DeviceKind> {
    each!(DeviceKind {
        DeviceKind::Gpu => DeviceKind::Gpu,
        DeviceKind::GpuF16 => DeviceKind::GpuF16,
        DeviceKind::Cpu => DeviceKind::Cpu,
    })
}

/// Every reason for a device.
pub fn reasons() -> Vec<Why> {
    let mut reasons = each!(Why {
        Why::Asked => Why::Asked,
        Why::Faster { .. } => Why::Faster { micros: 812, other_micros: Some(4_100) },
        Why::OnlySoftware => Why::OnlySoftware,
        Why::WrongGpu { .. } => Why::WrongGpu { detail: DETAIL.into() },
        Why::NoGpu(_) => Why::NoGpu(NoGpu::NoWebGpu),
    });
    reasons.push(Why::Faster { micros: 812, other_micros: None });
    reasons.extend(no_gpus().into_iter().map(Why::NoGpu));
    reasons
}

/// Every reason for having no GPU.
pub fn no_gpus() -> Vec<NoGpu> {
    each!(NoGpu {
        NoGpu::InsecureContext => NoGpu::InsecureContext,
        NoGpu::NoWebGpu => NoGpu::NoWebGpu,
        NoGpu::Trouble(_) => NoGpu::Trouble(Trouble::Absent { detail: DETAIL.into() }),
    })
}

/// Every verdict on a device.
pub fn verdicts() -> Vec<Verdict> {
    let mut verdicts = each!(Verdict {
        Verdict::Right => Verdict::Right,
        Verdict::Software => Verdict::Software,
        Verdict::Wrong { .. } => Verdict::Wrong { detail: DETAIL.into() },
        Verdict::Absent(_) => Verdict::Absent(NoGpu::NoWebGpu),
    });
    verdicts.extend(no_gpus().into_iter().map(Verdict::Absent));
    verdicts
}

/// Every refusal.
pub fn refusals() -> Vec<Refusal> {
    let mut refusals = each!(Refusal {
        Refusal::WrongVersion { .. } => Refusal::WrongVersion { client: 3, server: 4 },
        Refusal::UnknownSession => Refusal::UnknownSession,
        Refusal::Full { .. } => Refusal::Full { max: 30 },
        Refusal::Over => Refusal::Over,
        Refusal::Malformed => Refusal::Malformed,
        Refusal::TooLarge { .. } => Refusal::TooLarge { claimed: 5_000_000, allowed: 1_000_000 },
        Refusal::OutOfTurn => Refusal::OutOfTurn,
        Refusal::Stale { .. } => Refusal::Stale { got: 3, open: 4 },
        Refusal::NotInCohort => Refusal::NotInCohort,
        Refusal::Duplicate => Refusal::Duplicate,
        Refusal::Presence { .. } => Refusal::Presence { part: Part::Vote, wanted: Wanted::Absent },
        Refusal::WrongLength { .. } => Refusal::WrongLength { got: 3, expected: 4 },
        Refusal::WrongEvidenceLength { .. } => Refusal::WrongEvidenceLength { got: 3, expected: 4 },
        Refusal::BadValue { .. } => Refusal::BadValue { part: Part::Update, at: 17, limit: 1000 },
        Refusal::BadSamples { .. } => Refusal::BadSamples { n: 0, max: 9000 },
        Refusal::WrongBallotLength { .. } => Refusal::WrongBallotLength { expected: 50 },
        Refusal::WrongBallotSize { .. } => Refusal::WrongBallotSize { space: 1, got: 3, quota: 4 },
        Refusal::WrongMask => Refusal::WrongMask,
        Refusal::DeadUnit { .. } => Refusal::DeadUnit { unit: 83 },
        Refusal::OtherBallot { .. } => Refusal::OtherBallot { wanted: Ballots::Drop },
        Refusal::NoOrder { .. } => Refusal::NoOrder { unit: 83 },
        Refusal::TakenOver => Refusal::TakenOver,
    });
    let parts = each!(Part {
        Part::Update => Part::Update,
        Part::Vote => Part::Vote,
        Part::Evidence => Part::Evidence,
        Part::Metrics => Part::Metrics,
    });
    refusals.extend(parts.into_iter().map(|part| Refusal::Presence { part, wanted: Wanted::Present }));
    refusals.push(Refusal::OtherBallot { wanted: Ballots::Order });
    refusals
}
