//! A session in words: what its host reads in the terminal. The page has its own, in `www/words/`.

use coordinator::session::{ClientView, MemberState, Phase, Problem, Role, RoundRecord, View};
use protocol::wire::Evaluation;

use super::bytes;

/// What is going on.
pub fn phase(view: &View) -> String {
    let present = view.clients.iter().filter(|it| it.state != MemberState::Gone).count();
    match view.phase {
        Phase::Lobby => format!("waiting for clients: {present} of {} are here", view.needed),
        Phase::Collecting => format!("{} of {} clients have answered", view.counted, view.cohort),
        Phase::Paused => "paused by the host".into(),
        Phase::Closing => "measuring the final model".into(),
        Phase::Done => "done".into(),
    }
}

/// What the host cannot do for the session.
pub fn problem(it: &Problem) -> String {
    match it {
        Problem::Unsaved { detail } => format!("the round cannot be saved, trying again: {detail}"),
        Problem::Unmeasured { detail } => format!("measurements cannot be written: {detail}"),
        Problem::Unjournaled { detail } => format!("the journal cannot be written: {detail}"),
        Problem::ForeignPage { detail } => format!(
            "a page at {detail} was refused: if people find this session there, stop and go on with `pleach resume` and \
             --public-url {detail}"
        ),
        Problem::EvaluatorGone => "the evaluator has stopped: accuracy on test data is no longer known".into(),
    }
}

/// A client's name; one that gave none is known by its number, counted from 1 as people do.
pub fn name(it: &ClientView) -> String {
    match (it.name.as_str(), it.role) {
        ("", Role::Centre) => "the centre".into(),
        ("", Role::Guest | Role::Practice) => format!("client {}", it.id + 1),
        (name, _) => name.into(),
    }
}

/// What a client trains on.
pub fn device(it: &ClientView) -> String {
    if it.device.is_empty() { "unknown device".into() } else { it.device.clone() }
}

/// A committed round, with the one after it where there is one: only then may its model be measured.
pub fn round(record: &RoundRecord, next: Option<&RoundRecord>, view: &View) -> String {
    let figure = figure(record, next, view);
    let moved = record.bytes_up + record.bytes_down;
    format!(
        "round {:>3}  {figure}  loss {:.4}  {}s {:5.1} %  {:>9} moved ({:5.1} % of dense)  {}/{} clients  {:.1} s",
        record.round + 1,
        record.loss,
        view.pattern.replace('_', " "),
        100.0 * record.density,
        bytes(moved),
        100.0 * moved as f64 / record.bytes_dense.max(1) as f64,
        record.counted,
        record.cohort,
        record.seconds,
    )
}

/// How the model that a round committed does: the host's measurement, or what clients said one round later.
pub fn measured(record: &RoundRecord, next: Option<&RoundRecord>) -> Option<Evaluation> {
    record.test.or_else(|| next.map(|it| it.received)).filter(|it| it.n > 0)
}

/// Its accuracy, or what stands for it where there are no classes.
fn figure(record: &RoundRecord, next: Option<&RoundRecord>, view: &View) -> String {
    let evaluation = measured(record, next);
    if !view.has_classes {
        let loss = evaluation.map(|it| it.loss).or(view.loss.filter(|_| next.is_none()));
        return loss.map_or_else(|| "shared loss    –  ".into(), |it| format!("shared loss {it:7.2}"));
    }
    let accuracy = evaluation.and_then(|it| it.accuracy()).or(view.accuracy.map(f64::from).filter(|_| next.is_none()));
    accuracy.map_or_else(|| "accuracy    –  ".into(), |it| format!("accuracy {:5.2} %", 100.0 * it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_gives_no_name_is_known_by_a_number_and_the_centre_by_its_office() {
        let client = |id, name: &str, role| ClientView {
            id,
            name: name.into(),
            device: String::new(),
            role,
            state: MemberState::Joined,
            rounds: 0,
            refusals: 0,
            loss: None,
            n_samples: 0,
            train_millis: 0.0,
            bytes_up: 0,
            bytes_down: 0,
            bytes_entry: 0,
        };
        let named = [client(0, "", Role::Guest), client(7, "Ada", Role::Guest), client(u32::MAX, "", Role::Centre)];
        assert_eq!(named.each_ref().map(name), ["client 1", "Ada", "the centre"]);
        assert_eq!(device(&named[0]), "unknown device");
    }
}
