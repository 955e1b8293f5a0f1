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

use crate::probe::NoGpu;
use crate::session::{Event, Identity, Session};
use crate::shell::{Incoming, Platform, Shell};
use crate::training::{self, Job, Wish};
use crate::view::{Losses, View};
use engine::devices::DeviceKind;
use socket::Socket;

/// A client in this worker.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Client {
    sender: UnboundedSender<Incoming>,
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
        let wish = Wish { device: wished(device), no_gpu: no_gpu() };
        let teller = sender.clone();
        let tell = move |event| drop(teller.unbounded_send(Incoming::Heart(event)));
        // Between ticks the worker's event loop gets its turn, so that the socket and the page stay awake.
        spawn_local(training::run(wish, todo, tell, async || TimeoutFuture::new(0).await));
        let mut shell = Shell::new(Session::new(identity), page);
        // The last view says how it ended.
        spawn_local(async move { drop(shell.run(inbox).await) });
        Client { sender }
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

/// The device that a page's address asks for.
fn wished(device: &str) -> Option<DeviceKind> {
    match device {
        "gpu" => Some(DeviceKind::Gpu),
        "gpu-f16" => Some(DeviceKind::GpuF16),
        "cpu" => Some(DeviceKind::Cpu),
        _ => None,
    }
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
