//! The browser shell: the same client in a dedicated worker. It owns the socket, the timers and the trainer; the page
//! only draws what it is told.

#[cfg(feature = "bench")]
mod bench;
mod shaders;
mod socket;

use std::cell::RefCell;
use std::rc::Rc;

use engine::devices::{Device, DeviceKind};
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use gloo_timers::future::TimeoutFuture;
use protocol::shard::Shard;
use protocol::task::Task;
use protocol::wire::frames::Assembler;
use protocol::wire::{self, Contribution};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::notices::Notice;
use crate::probe::probe;
use crate::session::{Effect, Event, Identity, Session};
use crate::steadfast::Steadfast;
use crate::trainer::{Assignment, foresee};
use socket::Socket;

/// What the page knows when the person taps join.
#[derive(Debug, Deserialize)]
struct Settings {
    /// The session's join code.
    code: String,
    /// Nickname, may be empty.
    name: String,
    /// `?device=` of the page.
    device: Option<DeviceKind>,
    /// Where the page came from, e.g. `http://192.168.1.20:8080`.
    origin: String,
    /// From an earlier visit of this tab, in hexadecimal.
    token: Option<String>,
}

/// A client in this worker.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Client {
    sender: UnboundedSender<Incoming>,
}

#[wasm_bindgen]
impl Client {
    /// Probes the devices and joins; `tell` gets every notice as an object.
    ///
    /// # Errors
    /// When the settings are not of the expected form.
    pub async fn join(settings: JsValue, tell: js_sys::Function) -> Result<Client, JsValue> {
        let settings: Settings = serde_wasm_bindgen::from_value(settings)?;
        let (sender, inbox) = unbounded();
        let scheme = settings.origin.replacen("http", "ws", 1);
        let identity = Identity {
            token: settings.token.as_deref().and_then(token_from_hex),
            seed: (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64,
            code: settings.code.clone(),
            name: settings.name,
            ..Identity::default()
        };
        let mut shell = Shell {
            socket_url: format!("{scheme}/ws/{}", settings.code),
            session: Session::new(identity),
            socket: None,
            n_sockets: 0,
            assembler: Assembler::default(),
            sender: sender.clone(),
            tell,
            device: None,
            trainer: Rc::default(),
            up: 0,
            down: 0,
        };
        shell.tell(&Notice::Probing);
        let probed = probe(settings.device).await;
        shell.session.name_device(probed.device.name(), probed.tier());
        shell.tell(&Notice::from(&probed));
        shell.device = Some(probed.device);
        shell.send(Incoming::Heart(Event::Started));
        spawn_local(shell.run(inbox));
        Ok(Client { sender })
    }

    /// Leaves on purpose.
    pub fn leave(&self) {
        // After the end of the session nobody listens.
        let _ = self.sender.unbounded_send(Incoming::Heart(Event::Left));
    }

    /// The page is visible or the network is back: reconnect now if need be.
    pub fn wake(&self) {
        let _ = self.sender.unbounded_send(Incoming::Heart(Event::Nudged));
    }
}

/// What reaches the shell.
#[derive(Debug)]
enum Incoming {
    /// For the heart.
    Heart(Event),
    /// To be shown.
    Told(Notice),
    /// From the socket of this number.
    Opened(u32),
    Frame(u32, Vec<u8>),
    Closed(u32),
}

struct Shell {
    session: Session,
    socket_url: String,
    socket: Option<Socket>,
    n_sockets: u32,
    assembler: Assembler,
    sender: UnboundedSender<Incoming>,
    tell: js_sys::Function,
    device: Option<Device>,
    /// Away while it works.
    trainer: Rc<RefCell<Option<Steadfast>>>,
    up: u64,
    down: u64,
}

impl Shell {
    async fn run(mut self, mut inbox: UnboundedReceiver<Incoming>) {
        while let Some(incoming) = inbox.next().await {
            let Some(event) = self.event(incoming) else { continue };
            for effect in self.session.step(event) {
                self.perform(effect).await;
            }
        }
    }

    /// What an arrival means to the heart, if anything.
    fn event(&mut self, incoming: Incoming) -> Option<Event> {
        // What an older socket still had to say is of no interest.
        let is_current = |number| self.socket.is_some() && number == self.n_sockets;
        match incoming {
            Incoming::Heart(event) => Some(event),
            Incoming::Told(notice) => {
                self.tell(&notice);
                None
            }
            Incoming::Opened(number) => is_current(number).then_some(Event::Opened),
            Incoming::Frame(number, bytes) if is_current(number) => self.assemble(&bytes),
            Incoming::Closed(number) if is_current(number) => {
                self.socket = None;
                Some(Event::Closed)
            }
            Incoming::Frame(..) | Incoming::Closed(_) => None,
        }
    }

    fn assemble(&mut self, frame: &[u8]) -> Option<Event> {
        self.down += frame.len() as u64;
        let message = match self.assembler.push(frame, self.session.longest_message()) {
            Ok(None) => return None,
            Ok(Some(bytes)) => wire::decode(&bytes),
            Err(refusal) => Err(refusal),
        };
        self.tell(&Notice::Traffic { up: self.up, down: self.down });
        Some(match message {
            Ok(message) => Event::Received(message),
            Err(refusal) => Event::Garbled(refusal),
        })
    }

    async fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Connect => self.connect(),
            Effect::Send(message) => {
                if let Some(socket) = &self.socket {
                    self.up += socket.send(&wire::encode(&message));
                    self.tell(&Notice::Traffic { up: self.up, down: self.down });
                }
            }
            Effect::Close | Effect::Hang => self.socket = None,
            Effect::Wake { attempt, millis } => {
                let sender = self.sender.clone();
                spawn_local(async move {
                    TimeoutFuture::new(millis).await;
                    let _ = sender.unbounded_send(Incoming::Heart(Event::Woke { attempt }));
                });
            }
            Effect::Foresee(task) => self.foresee(*task),
            Effect::Prepare(task, shard) => self.prepare(*task, shard).await,
            Effect::Work(assignment) => spawn_local(work(self.trainer.clone(), *assignment, self.sender.clone())),
            Effect::Tell(notice) => self.tell(&notice),
            Effect::Finish(_) => {}
        }
    }

    fn connect(&mut self) {
        self.n_sockets += 1;
        self.assembler = Assembler::default();
        match Socket::open(&self.socket_url, self.n_sockets, &self.sender) {
            Ok(socket) => self.socket = Some(socket),
            Err(_) => self.send(Incoming::Heart(Event::Closed)),
        }
    }

    /// Beside everything else: the data comes in meanwhile.
    fn foresee(&self, task: Task) {
        let Some(device) = self.device.clone() else { return };
        let sender = self.sender.clone();
        spawn_local(async move {
            let tell = |done, total| {
                let _ = sender.unbounded_send(Incoming::Told(Notice::Compiling { done, total }));
            };
            foresee(&device, &task, tell).await;
        });
    }

    async fn prepare(&mut self, task: Task, shard: Shard) {
        let Some(device) = self.device.clone() else { return };
        match Steadfast::new(device, task, shard).await {
            Ok(trainer) => *self.trainer.borrow_mut() = Some(trainer),
            Err(error) => self.send(Incoming::Heart(Event::Worked(Err(error.to_string())))),
        }
    }

    fn send(&self, incoming: Incoming) {
        // The receiver lives as long as the shell.
        let _ = self.sender.unbounded_send(incoming);
    }

    fn tell(&self, notice: &Notice) {
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        let told = notice.serialize(&serializer).map(|it| self.tell.call1(&JsValue::NULL, &it));
        debug_assert!(matches!(told, Ok(Ok(_))), "the page hears {notice:?}");
    }
}

/// Works on a plan; between ticks the worker's event loop gets its turn, so that the socket and the page stay awake.
async fn work(slot: Rc<RefCell<Option<Steadfast>>>, assignment: Assignment, sender: UnboundedSender<Incoming>) {
    let trainer = slot.borrow_mut().take();
    let worked: Result<Contribution, String> = match trainer {
        None => Err("a plan came before any data".into()),
        Some(mut trainer) => {
            let tell = |notice| {
                let _ = sender.unbounded_send(Incoming::Told(notice));
            };
            let tick = async |tick| {
                tell(Notice::Tick { tick });
                TimeoutFuture::new(0).await;
            };
            let lost = |message| tell(Notice::DeviceLost { message });
            let worked = trainer.work(&assignment, tick, lost).await.map_err(|error| error.to_string());
            slot.borrow_mut().get_or_insert(trainer);
            worked
        }
    };
    let _ = sender.unbounded_send(Incoming::Heart(Event::Worked(worked)));
}

/// 32 hexadecimal digits.
fn token_from_hex(text: &str) -> Option<[u8; 16]> {
    let mut token = [0; 16];
    let digits = text.as_bytes();
    if digits.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in token.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(token)
}
