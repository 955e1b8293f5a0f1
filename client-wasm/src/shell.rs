//! The shell: what every client does between its heart and the world. A platform connects, sends, sleeps, trains and shows.

use futures_channel::mpsc::UnboundedReceiver;
use futures_util::StreamExt;
use protocol::wire::frames::Assembler;
use protocol::wire::{self, Done};

use crate::failure::Failure;
use crate::session::{Effect, Event, Session};
use crate::training::Job;
use crate::view::{Traffic, View};

/// What differs between a tab and a native program.
pub trait Platform {
    /// Opens a socket under this number; what happens to it arrives as [`Incoming`].
    fn connect(&mut self, number: u32);
    /// Sends a message on the latest socket and says how many bytes that is. A failure shows as a closed socket.
    fn send(&mut self, message: &[u8]) -> u64;
    /// Closes the latest socket, after what was sent on it.
    fn close(&mut self);
    /// Gives [`Event::Woke`] of this attempt back after so many milliseconds.
    fn wake(&mut self, attempt: u32, millis: u32);
    /// Orders a job from whoever trains.
    fn train(&mut self, job: Job);
    /// Shows the client as it stands.
    fn show(&mut self, view: View);
}

/// What reaches a shell.
#[derive(Debug)]
pub enum Incoming {
    /// For the heart.
    Heart(Event),
    /// The socket of this number is open.
    Opened(u32),
    /// The socket of this number gave a frame.
    Frame(u32, Vec<u8>),
    /// The socket of this number is closed, or could not be opened.
    Closed(u32),
}

/// A heart on its platform.
#[derive(Debug)]
pub struct Shell<P> {
    session: Session,
    /// What differs.
    pub platform: P,
    assembler: Assembler,
    n_sockets: u32,
    /// The socket in use.
    socket: Option<u32>,
    traffic: Traffic,
}

impl<P: Platform> Shell<P> {
    /// A heart that has yet to hear of its devices.
    pub fn new(session: Session, platform: P) -> Self {
        let (assembler, traffic) = (Assembler::default(), Traffic::default());
        Self { session, platform, assembler, n_sockets: 0, socket: None, traffic }
    }

    /// Takes part until it is over.
    ///
    /// # Errors
    /// Why the client gave up.
    pub async fn run(&mut self, mut inbox: UnboundedReceiver<Incoming>) -> Result<Done, Failure> {
        self.platform.show(self.session.view());
        while let Some(incoming) = inbox.next().await {
            let Some(event) = self.event(incoming) else { continue };
            let effects = self.session.step(event);
            let end = effects.into_iter().fold(None, |end, effect| end.or(self.perform(effect)));
            self.session.carried(self.traffic);
            self.platform.show(self.session.view());
            if let Some(end) = end {
                return end;
            }
        }
        Err(Failure::Stopped)
    }

    /// What an arrival means to the heart, if anything.
    fn event(&mut self, incoming: Incoming) -> Option<Event> {
        // What an older socket still had to say is of no interest.
        let is_current = |number| self.socket == Some(number);
        match incoming {
            Incoming::Heart(event) => Some(event),
            Incoming::Opened(number) => is_current(number).then_some(Event::Opened),
            Incoming::Frame(number, bytes) if is_current(number) => self.assemble(&bytes),
            Incoming::Closed(number) if is_current(number) => {
                self.socket = None;
                self.platform.close();
                Some(Event::Closed)
            }
            Incoming::Frame(..) | Incoming::Closed(_) => None,
        }
    }

    fn assemble(&mut self, frame: &[u8]) -> Option<Event> {
        self.traffic.down += frame.len() as u64;
        let message = match self.assembler.push(frame, self.session.longest_message()) {
            Ok(None) => return None,
            Ok(Some(bytes)) => wire::decode(&bytes),
            Err(refusal) => Err(refusal),
        };
        Some(match message {
            Ok(message) => Event::Received(message),
            Err(refusal) => Event::Garbled(refusal),
        })
    }

    /// Does what the heart says; gives the end where that is it.
    fn perform(&mut self, effect: Effect) -> Option<Result<Done, Failure>> {
        match effect {
            Effect::Connect => {
                self.n_sockets += 1;
                self.socket = Some(self.n_sockets);
                self.assembler = Assembler::default();
                self.platform.connect(self.n_sockets);
            }
            Effect::Send(message) => self.traffic.up += self.platform.send(&wire::encode(&message)),
            Effect::Close | Effect::Hang => {
                self.socket = None;
                self.platform.close();
            }
            Effect::Wake { attempt, millis } => self.platform.wake(attempt, millis),
            Effect::Foresee(task) => self.platform.train(Job::Foresee(task)),
            Effect::Prepare(task, shard) => self.platform.train(Job::Prepare(task, shard)),
            Effect::Work(assignment) => self.platform.train(Job::Work(assignment)),
            Effect::Finish(end) => return Some(end),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use protocol::wire::{Down, Refusal, Up};

    use super::*;
    use crate::session::Identity;
    use crate::view::State;

    /// What a platform was asked for.
    #[derive(Default)]
    struct Noted {
        connected: Vec<u32>,
        sent: Vec<Up>,
        n_closed: u32,
        shown: Vec<View>,
    }

    impl Platform for Noted {
        fn connect(&mut self, number: u32) {
            self.connected.push(number);
        }

        fn send(&mut self, message: &[u8]) -> u64 {
            self.sent.push(wire::decode(message).expect("a message of ours"));
            message.len() as u64
        }

        fn close(&mut self) {
            self.n_closed += 1;
        }

        fn wake(&mut self, _attempt: u32, _millis: u32) {}

        fn train(&mut self, _job: Job) {}

        fn show(&mut self, view: View) {
            self.shown.push(view);
        }
    }

    /// Runs on these arrivals; the channel ends after them.
    fn played(arrivals: Vec<Incoming>) -> (Noted, Result<Done, Failure>) {
        let (sender, inbox) = futures_channel::mpsc::unbounded();
        arrivals.into_iter().for_each(|it| sender.unbounded_send(it).expect("the inbox is there"));
        drop(sender);
        let mut shell = Shell::new(Session::new(Identity::default()), Noted::default());
        let end = pollster::block_on(shell.run(inbox));
        (shell.platform, end)
    }

    fn frame(message: &Down) -> Vec<u8> {
        wire::frames::split(&wire::encode(message)).next().expect("a short message is one frame")
    }

    #[test]
    fn what_an_older_socket_says_is_not_heard() {
        let (full, over) = (Refusal::Full { max: 3 }, Refusal::Over);
        let old = frame(&Down::Refused(full));
        let new = frame(&Down::Refused(over.clone()));
        let (started, nudged) = (Incoming::Heart(Event::Started), Incoming::Heart(Event::Nudged));
        let arrivals = vec![
            started,
            Incoming::Opened(1),
            Incoming::Closed(1),
            nudged,
            Incoming::Frame(1, old),
            Incoming::Opened(2),
            Incoming::Frame(2, new),
        ];
        let (noted, end) = played(arrivals);
        assert_eq!(noted.connected, [1, 2]);
        assert_eq!(end, Err(Failure::Refused(over)));
        assert!(matches!(&noted.sent[..], [Up::Hello(_), Up::Hello(_), Up::Leave]), "{:?}", noted.sent);
    }

    #[test]
    fn the_last_view_says_how_it_ended_and_what_was_carried() {
        let done = Done { rounds: 2, accuracy: Some(0.5), density: 1.0 };
        let last = frame(&Down::Done(done));
        let n = last.len() as u64;
        let started = Incoming::Heart(Event::Started);
        let (noted, end) = played(vec![started, Incoming::Opened(1), Incoming::Frame(1, last)]);
        assert_eq!(end, Ok(done));
        let view = noted.shown.last().expect("one before anything happens, and one after each event");
        assert_eq!((&view.state, view.progress, view.traffic.down), (&State::Done(done), 1.0, n));
        assert_eq!(noted.shown[0].state, State::Probing);
    }
}
