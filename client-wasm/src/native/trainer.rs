//! The trainer's thread: it may compute for seconds, so it never shares a thread with a socket.

use std::sync::mpsc;

use engine::devices::DeviceKind;
use protocol::shard::Shard;
use protocol::task::Task;
use protocol::wire::Contribution;
use tokio::sync::mpsc::UnboundedSender;

use super::Incoming;
use crate::notices::Notice;
use crate::probe::probe;
use crate::session::Event;
use crate::steadfast::Steadfast;
use crate::trainer::{Assignment, foresee};

/// What the trainer is asked to do.
pub(super) enum Job {
    /// Compile what a session will need.
    Foresee(Box<Task>),
    /// Get ready for a session.
    Prepare(Box<Task>, Shard),
    /// Train.
    Work(Box<Assignment>),
}

/// Starts the thread; it probes the devices, then takes jobs until nobody can send any.
pub(super) fn start(wish: Option<DeviceKind>, sender: UnboundedSender<Incoming>) -> mpsc::Sender<Job> {
    let (jobs, todo) = mpsc::channel();
    std::thread::spawn(move || pollster::block_on(run(wish, &todo, &sender)));
    jobs
}

async fn run(wish: Option<DeviceKind>, todo: &mpsc::Receiver<Job>, sender: &UnboundedSender<Incoming>) {
    let probe = probe(wish).await;
    let device = probe.device.clone();
    // Nobody listens once the session is over; then the channel of jobs is closed too.
    let _ = sender.send(Incoming::Probed(Box::new(probe)));
    let mut trainer = None;
    while let Ok(job) = todo.recv() {
        let worked = match job {
            Job::Foresee(task) => {
                let tell = |done, total| {
                    let _ = sender.send(Incoming::Told(Notice::Compiling { done, total }));
                };
                foresee(&device, &task, tell).await;
                continue;
            }
            Job::Prepare(task, shard) => match Steadfast::new(device.clone(), *task, shard).await {
                Ok(ready) => {
                    trainer = Some(ready);
                    continue;
                }
                Err(error) => Err(error.to_string()),
            },
            Job::Work(assignment) => work(&mut trainer, &assignment, sender).await,
        };
        let _ = sender.send(Incoming::Heart(Event::Worked(worked)));
    }
}

async fn work(
    trainer: &mut Option<Steadfast>,
    assignment: &Assignment,
    sender: &UnboundedSender<Incoming>,
) -> Result<Contribution, String> {
    let trainer = trainer.as_mut().ok_or("a plan came before any data")?;
    let tell = |notice| {
        let _ = sender.send(Incoming::Told(notice));
    };
    let tick = async |tick| tell(Notice::Tick { tick });
    let lost = |message| tell(Notice::DeviceLost { message });
    trainer.work(assignment, tick, lost).await.map_err(|error| error.to_string())
}
