//! The browser shell: the same client in a dedicated worker. It owns the socket, the timers and the trainer; the page
//! only draws what it is told.

#[cfg(feature = "bench")]
mod bench;
mod shaders;
mod socket;

use futures_channel::mpsc::{UnboundedSender, unbounded};
use gloo_timers::future::TimeoutFuture;
use protocol::hex;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::WorkerGlobalScope;

use crate::own::{Collection, Example, Flaw};
use crate::probe::NoGpu;
use crate::session::{Event, Identity, Session};
use crate::shell::{Incoming, Platform, Shell};
use crate::training::{self, Job, Wish};
use crate::view::{Losses, View};
use socket::Socket;

/// A client in this worker.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Client {
    sender: UnboundedSender<Incoming>,
    own: Collection,
}

#[wasm_bindgen]
impl Client {
    /// Probes the devices and joins; `show` gets the client as it stands after everything that happens to it, as an object.
    /// `origin` is where the page came from, e.g. `http://192.168.1.20:8080`; `device` is the `?device=` of the page, and `token`,
    /// in hexadecimal, from an earlier visit of this tab: empty where there is none.
    pub fn join(code: String, name: String, device: &str, origin: &str, token: &str, show: js_sys::Function) -> Client {
        let (sender, inbox) = unbounded();
        let (jobs, todo) = unbounded();
        let scheme = origin.replacen("http", "ws", 1);
        let page = Page {
            url: format!("{scheme}/ws/{code}"),
            socket: None,
            sender: sender.clone(),
            jobs,
            show,
            shown: Losses::default(),
        };
        let identity = Identity {
            token: hex::bytes(token),
            seed: (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64,
            code,
            name,
            ..Identity::default()
        };
        let wish = Wish { device: device.parse().ok(), no_gpu: no_gpu() };
        let teller = sender.clone();
        let tell = move |event| drop(teller.unbounded_send(Incoming::Heart(event)));
        // Between ticks the worker's event loop gets its turn, so that the socket and the page stay awake.
        spawn_local(training::run(wish, todo, tell, async || TimeoutFuture::new(0).await));
        let mut shell = Shell::new(Session::new(identity), page);
        // The last view says how it ended.
        spawn_local(async move { drop(shell.run(inbox).await) });
        Client { sender, own: Collection::default() }
    }

    /// Takes an example of the person's own, of a kind that the view names among those that fit, and of the class `label`;
    /// `sizes` and `numbers` are what the kind takes. Gives how many examples there are, or throws a flaw as a code; none of
    /// them leaves this tab.
    pub fn add(&mut self, kind: &str, label: u8, sizes: &[u32], numbers: &[f32]) -> Result<usize, JsValue> {
        self.own.add(kind, label, &Example { sizes, numbers }).map_err(|it| code(&it))
    }

    /// Trains on the examples so far instead of the host's data, from the next plan on; the view says what becomes of them.
    pub fn bring(&self) -> Result<(), JsValue> {
        let shard = self.own.shard().map_err(|it| code(&it))?;
        // After the end of the session nobody trains.
        let _ = self.sender.unbounded_send(Incoming::Heart(Event::Brought(shard)));
        Ok(())
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

/// A flaw as a page reads it.
fn code(flaw: &Flaw) -> JsValue {
    flaw.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}

/// Why no GPU need be looked for, if so.
fn no_gpu() -> Option<NoGpu> {
    let worker: WorkerGlobalScope = js_sys::global().unchecked_into();
    let is_offered = js_sys::Reflect::has(&worker.navigator(), &"gpu".into()).unwrap_or(false);
    match (worker.is_secure_context(), is_offered) {
        (_, true) => None,
        (false, false) => Some(NoGpu::InsecureContext),
        (true, false) => Some(NoGpu::NoWebGpu),
    }
}

struct Page {
    url: String,
    socket: Option<Socket>,
    sender: UnboundedSender<Incoming>,
    jobs: UnboundedSender<Job>,
    show: js_sys::Function,
    /// The losses that the page has.
    shown: Losses,
}

impl Platform for Page {
    fn connect(&mut self, number: u32) {
        self.socket = Socket::open(&self.url, number, &self.sender).ok();
        if self.socket.is_none() {
            let _ = self.sender.unbounded_send(Incoming::Closed(number));
        }
    }

    fn send(&mut self, message: &[u8]) -> u64 {
        self.socket.as_ref().map_or(0, |it| it.send(message))
    }

    fn close(&mut self) {
        self.socket = None;
    }

    fn wake(&mut self, attempt: u32, millis: u32) {
        let sender = self.sender.clone();
        spawn_local(async move {
            TimeoutFuture::new(millis).await;
            let _ = sender.unbounded_send(Incoming::Heart(Event::Woke { attempt }));
        });
    }

    fn train(&mut self, job: Job) {
        // Training ends with the worker.
        let _ = self.jobs.unbounded_send(job);
    }

    fn show(&mut self, mut view: View) {
        view.losses = view.losses.news(&mut self.shown);
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        let shown = view.serialize(&serializer).map(|it| self.show.call1(&JsValue::NULL, &it));
        debug_assert!(matches!(shown, Ok(Ok(_))), "the page gets {view:?}");
    }
}
