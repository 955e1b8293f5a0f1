//! Words: what a client's codes mean, in the terminal's language, which is English. The page has its own, in `www/words/`.

pub mod reach;
pub mod session;

use client_wasm::failure::{Failure, Fallback, Trouble};
use client_wasm::native::JoinError;
use client_wasm::probe::{NoGpu, Why};
use client_wasm::view::{About, Chosen, Compiling, Connection, Samples, Sent, State, View};
use coordinator::found::Found;
use engine::devices::DeviceKind;

/// What is new in a client's view since the one before, a line each.
pub fn news(before: Option<&View>, now: &View) -> Vec<String> {
    let old = |is_same: fn(&View, &View) -> bool| before.is_some_and(|it| is_same(it, now));
    let mut lines = vec![];
    if !old(|a, b| a.device == b.device) {
        lines.extend(now.device.as_ref().map(device));
    }
    if !old(|a, b| a.compiling == b.compiling) {
        lines.extend(now.compiling.and_then(compiling));
    }
    if !old(|a, b| a.connection == b.connection) {
        lines.extend(connection(&now.connection));
    }
    if !old(|a, b| a.session.as_ref().map(|it| it.client) == b.session.as_ref().map(|it| it.client)) {
        lines.extend(now.session.as_ref().map(session));
    }
    if !old(|a, b| a.samples == b.samples) {
        lines.extend(now.samples.map(samples));
    }
    if !old(|a, b| a.refusal == b.refusal) {
        lines.extend(now.refusal.as_ref().map(|it| format!("refused: {it}")));
    }
    let round = |it: &View| it.round.as_ref().map(|it| it.number);
    if before.is_none_or(|it| it.state != now.state || round(it) != round(now)) {
        lines.extend(state(now));
    }
    lines
}

fn device(Chosen { name, why, kind, .. }: &Chosen) -> String {
    format!("training on {name} ({})", reason(why, *kind))
}

/// Why this kind of device trains.
pub fn reason(why: &Why, kind: DeviceKind) -> String {
    let (this, other) = match kind {
        DeviceKind::Gpu => ("the GPU", "the CPU"),
        DeviceKind::GpuF16 => ("the GPU with 16-bit activations", "the CPU"),
        DeviceKind::Cpu => ("the CPU", "the GPU"),
    };
    match why {
        Why::Asked => format!("{this}, as asked"),
        Why::Faster { micros, other_micros: Some(more) } => {
            format!("{this}: {micros} µs per step, {other} takes {more}")
        }
        Why::Faster { micros, other_micros: None } => format!("{this}: {micros} µs per step, {other} is not right"),
        Why::OnlySoftware => format!("{this}: {other} is only imitated by software"),
        Why::WrongGpu { detail } => format!("{this}: the GPU's gradient is wrong ({detail})"),
        Why::NoGpu(reason) => format!("{this}: {}", no_gpu(reason)),
    }
}

fn no_gpu(reason: &NoGpu) -> String {
    match reason {
        NoGpu::InsecureContext => "browsers offer a GPU only over HTTPS".into(),
        NoGpu::NoWebGpu => "there is no WebGPU here".into(),
        NoGpu::Trouble(it) => trouble(it),
    }
}

/// Why a device cannot go on.
fn trouble(it: &Trouble) -> String {
    match it {
        Trouble::Absent { detail } => format!("no GPU is available to this program: {detail}"),
        Trouble::Unloaded { detail } => format!("the GPU's shaders could not be loaded: {detail}"),
        Trouble::Refused { detail } => {
            format!("the GPU cannot hold this model and data ({detail}); use the CPU device instead")
        }
        Trouble::Wide { name } => {
            format!("the GPU ({name}) has no 16-bit floats in shaders; as device `gpu` it works with 32-bit ones")
        }
        Trouble::Lost { detail } => format!("the GPU was lost ({detail})"),
    }
}

fn compiling(Compiling { done, total }: Compiling) -> Option<String> {
    // A line for each would push everything else away.
    (done % 8 == 1).then(|| format!("compiling shaders: {done} of {total}"))
}

fn connection(it: &Connection) -> Option<String> {
    match it {
        Connection::None | Connection::Connecting { .. } => None,
        Connection::Online => Some("connected".into()),
        Connection::Offline { retry_secs } => {
            Some(format!("no connection, trying again in {retry_secs:.1} s; finished work is kept"))
        }
    }
}

fn session(About { client, recipe, data, rounds, .. }: &About) -> String {
    // A host of another version may tell it otherwise.
    let data = Found::from_text(data).map_or_else(|_| data.clone(), |it| it.to_string());
    format!("client {client} of a session with {data}, recipe {recipe}, {rounds} rounds")
}

fn samples(Samples { n_train, n_held_out, bytes: n }: Samples) -> String {
    format!("{n_train} samples to train on, {n_held_out} held out ({})", bytes(n as u64))
}

/// What a client is doing, where that is worth a line.
fn state(view: &View) -> Option<String> {
    Some(match &view.state {
        State::Probing => "trying the devices".into(),
        State::Lobby { joined, needed } => format!("waiting for others: {joined} of {needed} are here"),
        State::NextRound => "the next round includes this client".into(),
        State::Paused => "the host has paused".into(),
        State::SteppedAside => "people have joined: this practice client rests".into(),
        State::Watching => "another client trains on all of the data: this one watches".into(),
        State::Sent(it) | State::Voted(it) => sent(view, *it),
        State::Recovering(it) => recovering(it),
        State::Connecting | State::Ready | State::Training | State::Done(_) | State::Left | State::Failed(_) => {
            return None;
        }
    })
}

fn sent(view: &View, Sent { bytes: n, train_millis }: Sent) -> String {
    let round = view.round.as_ref().map_or(0, |it| it.number) + 1;
    let loss = view.loss.unwrap_or(f32::NAN);
    let accuracy = view.accuracy.map_or_else(String::new, |it| format!(", global model {:.1} %", 100.0 * it));
    format!("round {round}: loss {loss:.4}{accuracy}, trained in {train_millis:.0} ms, sent {}", bytes(n as u64))
}

fn recovering(Fallback { trouble: it, device, forgets }: &Fallback) -> String {
    let lost =
        if *forgets { "what the optimizer remembered of earlier rounds is lost too" } else { "nothing else is lost" };
    format!("{}. This round's work starts again on {device}; {lost}.", trouble(it))
}

/// Bytes in decimal units.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", n as f64 / 1e6),
        1_000_000_000.. => format!("{:.2} GB", n as f64 / 1e9),
    }
}

/// Why a client gave up, and what to do.
pub fn failure(it: &Failure) -> String {
    match it {
        Failure::Refused(refusal) => refusal.to_string(),
        Failure::Unreadable(refusal) => {
            format!("the coordinator sent something unreadable ({refusal}): both ends must be of the same version")
        }
        Failure::Recipe { detail } => format!("this client cannot run the session's recipe: {detail}"),
        Failure::Data { detail } => format!("the data does not fit the model: {detail}"),
        Failure::PlanBeforeData => "a plan came before any data: join again".into(),
        Failure::Plan { detail } => format!("the plan does not fit the model: {detail}; join again"),
        Failure::Device(it) => trouble(it),
        Failure::Stopped => "the thread that trains has stopped: join again".into(),
    }
}

/// Why somebody could not take part to the end.
pub fn join_error(error: &JoinError) -> String {
    match error {
        JoinError::Link { .. } | JoinError::Unreachable { .. } => error.to_string(),
        JoinError::Failed(it) => failure(it),
    }
}

#[cfg(test)]
mod tests {
    use client_wasm::session::{Event, Identity, Session};
    use protocol::wire::{Down, Refusal, Standby};

    use super::*;

    #[test]
    fn a_line_is_said_once_for_each_thing_that_is_new() {
        let mut heart = Session::new(Identity::default());
        let first = heart.view();
        assert_eq!(news(None, &first), ["trying the devices"]);
        heart.step(Event::Started);
        heart.step(Event::Opened);
        heart.step(Event::Received(Down::Standby(Standby::Lobby { joined: 1, needed: 3 })));
        let second = heart.view();
        assert_eq!(news(Some(&first), &second), ["waiting for others: 1 of 3 are here"]);
        assert_eq!(news(Some(&second), &second), Vec::<String>::new());
        heart.step(Event::Received(Down::Refused(Refusal::Duplicate)));
        let refused = "refused: this client has already been counted in this round";
        assert_eq!(news(Some(&second), &heart.view()), [refused]);
    }
}
