//! A WebSocket of the browser: frames in, frames out, closed when dropped.

use futures_channel::mpsc::UnboundedSender;
use protocol::wire::frames;
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, MessageEvent, WebSocket};

use crate::shell::Incoming;

/// What the browser calls: opened, heard, closed.
type Listeners = (Closure<dyn FnMut()>, Closure<dyn FnMut(MessageEvent)>, Closure<dyn FnMut()>);

/// An open or opening socket with its listeners.
pub(super) struct Socket {
    socket: WebSocket,
    _listeners: Listeners,
}

impl Socket {
    /// Opens; what happens to it arrives under its number.
    pub(super) fn open(url: &str, number: u32, sender: &UnboundedSender<Incoming>) -> Result<Self, JsValue> {
        let socket = WebSocket::new(url)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let tell = |what: fn(u32) -> Incoming| {
            let sender = sender.clone();
            Closure::<dyn FnMut()>::new(move || {
                let _ = sender.unbounded_send(what(number));
            })
        };
        let (opened, closed) = (tell(Incoming::Opened), tell(Incoming::Closed));
        let messages = sender.clone();
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let bytes = js_sys::Uint8Array::new(&event.data()).to_vec();
            let _ = messages.unbounded_send(Incoming::Frame(number, bytes));
        });
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Ok(Self { socket, _listeners: (opened, heard, closed) })
    }

    /// Sends a message and says how many bytes that is. A failure shows as a closed socket.
    pub(super) fn send(&self, message: &[u8]) -> u64 {
        let mut sent = 0;
        for frame in frames::split(message) {
            if self.socket.send_with_u8_array(&frame).is_err() {
                break;
            }
            sent += frame.len() as u64;
        }
        sent
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // The listeners go with it: nothing may call them any more.
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}
