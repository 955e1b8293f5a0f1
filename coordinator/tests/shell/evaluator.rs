//! An evaluator that fails, or is no longer needed.

use std::sync::mpsc;
use std::time::Duration;

use coordinator::Evaluator;
use coordinator::host::Setup;
use coordinator::session::{Problem, State};
use protocol::wire::{Evaluation, Up};

use crate::raw::{served, setup};
use crate::tiny;

struct Panics;

impl Evaluator for Panics {
    fn evaluate(&mut self, _: &State) -> Evaluation {
        panic!("the test data is gone")
    }
}

#[tokio::test]
async fn an_evaluator_that_panics_is_missed_at_once() {
    let served = served(Setup { evaluator: Some(Box::new(Panics)), ..setup() }).await;
    let (mut ada, _) = served.joined("Ada").await;
    let (mut bob, _) = served.joined("Bob").await;
    let plan = ada.plan().await;
    for raw in [&mut ada, &mut bob] {
        raw.send(&Up::Contribution(tiny::contribution(&plan, 0.1))).await;
    }
    let mut views = served.session.views.clone();
    let view = views.wait_for(|it| it.problem.is_some()).await.expect("the room is open");
    assert_eq!(view.problem, Some(Problem::EvaluatorGone));
    assert_eq!(ada.plan().await.round, 1, "rounds go on");
}

/// Says when it is gone, by its sender.
struct Missed {
    _sender: mpsc::Sender<()>,
}

impl Evaluator for Missed {
    fn evaluate(&mut self, _: &State) -> Evaluation {
        Evaluation::default()
    }
}

#[test]
fn an_evaluator_ends_with_its_room() {
    let (sender, receiver) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let evaluator = Box::new(Missed { _sender: sender });
    let served = runtime.block_on(served(Setup { evaluator: Some(evaluator), ..setup() }));
    drop((runtime, served));
    assert_eq!(receiver.recv_timeout(Duration::from_secs(5)), Err(mpsc::RecvTimeoutError::Disconnected));
}
