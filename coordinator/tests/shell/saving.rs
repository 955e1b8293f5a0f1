//! Saving beside the room: while the disk takes nothing, everybody is heard, and nobody is told of what is not there yet.

use std::fs;
use std::path::Path;
use std::time::Duration;

use coordinator::host::{Resumed, Setup};
use coordinator::session::{Order, Problem, View};
use protocol::wire::{Down, Plan, Standby, Up};
use tokio::time::timeout;

use crate::raw::{Raw, Served, hello, served, setup};
use crate::tiny;

const PATIENCE: Duration = Duration::from_secs(20);

/// A session that is kept in a folder, with Ada and Bob, who have their first plan.
async fn two(folder: &Path) -> (Served, Raw, Raw, Plan) {
    let served = served(Setup { state_dir: Some(folder.into()), ..setup() }).await;
    let (mut ada, _) = served.joined("Ada").await;
    let (mut bob, _) = served.joined("Bob").await;
    let plan = ada.plan().await;
    assert_eq!(bob.plan().await, plan);
    (served, ada, bob, plan)
}

async fn answered(raws: [&mut Raw; 2], plan: &Plan) {
    for raw in raws {
        raw.send(&Up::Contribution(tiny::contribution(plan, 0.1))).await;
    }
}

async fn until(served: &Served, what: &str, is_there: impl Fn(&View) -> bool) -> View {
    let mut views = served.session.views.clone();
    let found = timeout(PATIENCE, views.wait_for(|it| is_there(it))).await;
    let view = found.ok().and_then(|it| it.ok().map(|it| (**it).clone()));
    view.unwrap_or_else(|| panic!("waited in vain for {what}: {:?}", served.session.views.borrow()))
}

fn is_unsaved(view: &View) -> bool {
    matches!(view.problem, Some(Problem::Unsaved { .. }))
}

#[tokio::test]
async fn while_nothing_can_be_saved_everybody_is_heard_and_nothing_is_told() {
    let parent = tempfile::tempdir().expect("a folder");
    let [folder, away] = ["state", "away"].map(|it| parent.path().join(it));
    let (served, mut ada, mut bob, first) = two(&folder).await;
    answered([&mut ada, &mut bob], &first).await;
    let second = ada.plan().await;
    assert_eq!(bob.plan().await, second);
    until(&served, "the first round", |it| it.rounds_committed == 1).await;

    // As a disk that takes nothing: no file can be made there.
    fs::rename(&folder, &away).expect("it is there");
    answered([&mut ada, &mut bob], &second).await;
    let view = until(&served, "the problem", is_unsaved).await;
    assert_eq!((view.rounds_committed, view.history.len(), view.done), (1, 1, false), "it is not there yet");
    let silent = timeout(Duration::from_millis(300), ada.receive()).await;
    assert!(silent.is_err(), "nobody is told of what is not there: {silent:?}");
    // Somebody comes, and hears that it is for the next round; the host pauses, and sees it.
    let mut cy = served.client().await;
    let welcome = timeout(PATIENCE, cy.join(hello())).await.expect("a welcome");
    assert_eq!(welcome.client, 2);
    let standby = timeout(PATIENCE, cy.receive()).await.expect("a word");
    assert_eq!(standby, Ok(Down::Standby(Standby::NextRound)));
    served.session.order(Order::Pause).await;
    let view = until(&served, "the pause", |it| it.is_paused && it.clients.len() == 3).await;
    assert!(is_unsaved(&view) && view.rounds_committed == 1);
    // Somebody goes.
    cy.send(&Up::Leave).await;
    until(&served, "the departure", |it| it.clients[2].state == coordinator::session::MemberState::Gone).await;

    fs::rename(&away, &folder).expect("it is there");
    let view = until(&served, "the second round", |it| it.rounds_committed == 2).await;
    assert!(view.problem.is_none() && view.is_paused);
    let third = timeout(PATIENCE, ada.plan()).await.expect("a plan");
    assert_eq!((third.round, timeout(PATIENCE, bob.plan()).await.expect("a plan")), (2, third.clone()));
    answered([&mut ada, &mut bob], &third).await;
    until(&served, "the last round", |it| it.rounds_committed == 3).await;
    served.stop.send(()).expect("it runs");
    drop(served.session);
    served.ended.await.expect("it ends");
}

#[tokio::test]
async fn a_session_that_was_stopped_while_nothing_could_be_saved_lost_nothing_that_was_told() {
    let parent = tempfile::tempdir().expect("a folder");
    let [folder, away] = ["state", "away"].map(|it| parent.path().join(it));
    let (served, mut ada, mut bob, first) = two(&folder).await;
    answered([&mut ada, &mut bob], &first).await;
    let second = ada.plan().await;
    fs::rename(&folder, &away).expect("it is there");
    answered([&mut ada, &mut bob], &second).await;
    until(&served, "the problem", is_unsaved).await;
    served.session.order(Order::Stop).await;
    let silent = timeout(Duration::from_millis(300), served.session.finished()).await;
    assert!(silent.is_err(), "it is over once that is on the disk");
    fs::rename(&away, &folder).expect("it is there");
    let done = timeout(PATIENCE, served.session.finished()).await.expect("the end").expect("it ended");
    assert_eq!(done.rounds, 2);
    drop(served);
    let rounds = loop {
        // Whoever had the folder lets go of it in a moment.
        match Resumed::open(&folder) {
            Ok(it) => break it.checkpoint.state.rounds_committed(),
            Err(coordinator::error::Error::Locked { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(rounds, 2);
}
