//! Practice clients: native clients of the host's own process, so that nobody first meets an empty screen.

use client_wasm::native::{self, Options};
use tokio::task::JoinSet;

use crate::args::DeviceWish;

/// Starts `n` practice clients that join by this link; they end with the set.
pub fn start(n: u32, link: &str, device: Option<DeviceWish>) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for number in 1..=n {
        let link = link.to_owned();
        let options = Options {
            name: format!("practice {number}"),
            device: device.map(Into::into),
            practice: true,
            seed: u64::from(number),
        };
        clients.spawn(async move {
            if let Err(error) = native::join(&link, options, |_| {}).await {
                eprintln!("practice client {number}: {error}");
            }
        });
    }
    clients
}
