//! Practice clients: native clients of the host's own process, so that nobody first meets an empty screen.

use client_wasm::native::{self, Options};
use tokio::task::JoinSet;

use crate::args::DeviceWish;

/// Starts the host's own centre, which all data is lent to.
pub fn start_centre(link: &str, token: [u8; 16], device: Option<DeviceWish>) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    let options =
        Options { name: "centre".into(), device: device.map(Into::into), practice: true, seed: 0, token: Some(token) };
    let link = link.to_owned();
    clients.spawn(async move {
        if let Err(error) = native::join(&link, options, |_| {}).await {
            eprintln!("centre: {error}");
        }
    });
    clients
}

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
            token: None,
        };
        clients.spawn(async move {
            if let Err(error) = native::join(&link, options, |_| {}).await {
                eprintln!("practice client {number}: {error}");
            }
        });
    }
    clients
}
