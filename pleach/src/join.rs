//! Joining without a browser: the same client, told in the terminal.

use client_wasm::native::{self, Options};
use client_wasm::notices::Notice;

use crate::args::Join;
use crate::terminal::bytes;

/// Takes part until the session is over.
///
/// # Errors
/// When the link makes no sense or the session refuses this client for good.
pub async fn join(args: Join) -> anyhow::Result<()> {
    let options = Options {
        name: if args.name.is_empty() { "native client".into() } else { args.name },
        device: args.device.map(Into::into),
        practice: false,
        seed: u64::from(std::process::id()),
        token: None,
    };
    let told = |notice: Notice| {
        if let Some(line) = line(&notice) {
            eprintln!("{line}");
        }
    };
    let done = tokio::select! {
        done = native::join(&args.link, options, told) => done?,
        interrupted = tokio::signal::ctrl_c() => return Ok(interrupted?),
    };
    let accuracy = done.accuracy.map_or_else(String::new, |it| format!("accuracy {:.2} %, ", 100.0 * it));
    eprintln!("done after {} rounds: {accuracy}{:.1} % of units alive", done.rounds, 100.0 * done.density);
    Ok(())
}

/// What of a notice is worth a line.
fn line(notice: &Notice) -> Option<String> {
    Some(match notice {
        Notice::Compiling { done, total } if done == total => format!("{total} shaders are compiled"),
        // A line for each would push everything else away.
        Notice::Compiling { done, total } if done % 8 == 1 => format!("compiling shaders: {done} of {total}"),
        Notice::Probing => "trying the devices".into(),
        Notice::Device { name, why, .. } => format!("training on {name} ({why})"),
        Notice::Offline { retry_secs } => {
            format!("no connection, trying again in {retry_secs:.1} s; finished work is kept")
        }
        Notice::Online => "connected".into(),
        Notice::Welcome { client, recipe, data, rounds, .. } => {
            format!("client {client} of a session with {data}, recipe {recipe}, {rounds} rounds")
        }
        Notice::Data { n_train, n_held_out, bytes: n } => {
            format!("{n_train} samples to train on, {n_held_out} held out ({})", bytes(*n as u64))
        }
        Notice::Standby { reason, joined, needed } => match *reason {
            "lobby" => format!("waiting for others: {joined} of {needed} are here"),
            "paused" => "the host has paused".into(),
            "stepped_aside" => "people have joined: this practice client rests".into(),
            "watching" => "another client trains on all of the data: this one watches".into(),
            _ => "the next round includes this client".into(),
        },
        Notice::Sent { round, loss, accuracy, bytes: n, train_millis, .. } => {
            let accuracy = accuracy.map_or_else(String::new, |it| format!(", global model {:.1} %", 100.0 * it));
            format!(
                "round {}: loss {loss:.4}{accuracy}, trained in {train_millis:.0} ms, sent {}",
                round + 1,
                bytes(*n as u64)
            )
        }
        Notice::Refused { message } => format!("refused: {message}"),
        Notice::DeviceLost { message } => message.clone(),
        Notice::Compiling { .. }
        | Notice::Connecting { .. }
        | Notice::Plan { .. }
        | Notice::Tick { .. }
        | Notice::Traffic { .. }
        | Notice::Done { .. }
        | Notice::Failed { .. } => return None,
    })
}
