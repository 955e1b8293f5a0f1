//! Told: what `explain` says of a session beforehand, beside what the session came to.

use pleach::explain::{self, Explanation};
use pleach::summary::{self, Summary};

fn is_within(value: f64, [least, most]: [f64; 2]) -> bool {
    (least - 1e-9..=most + 1e-9).contains(&value)
}

/// Whether what was told about a round holds for what was measured: equal, or within the bounds where there are any.
pub fn held(told: &explain::Round, measured: &summary::Round) -> bool {
    told.bounds.map_or(told.figures == *measured, |it| {
        told.figures.stage == measured.stage
            && is_within(measured.bytes_up, it.bytes_up)
            && is_within(measured.bytes_down, it.bytes_down)
            && is_within(measured.density, it.density)
    })
}

/// How many rounds were told exactly, if as many were told as were measured and each of them holds.
///
/// # Errors
/// The number of rounds, or the first that does not hold, as told and as measured.
pub fn n_exact(told: &Explanation, measured: &Summary) -> Result<usize, String> {
    let (told, measured) = (&told.rounds, &measured.rounds);
    if told.len() != measured.len() {
        return Err(format!("told {} rounds, measured {}", told.len(), measured.len()));
    }
    match told.iter().zip(measured).find(|(told, measured)| !held(told, measured)) {
        Some((told, measured)) => Err(format!("told {told:?}, measured {measured:?}")),
        None => Ok(told.iter().filter(|it| it.bounds.is_none()).count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(bytes_up: f64) -> summary::Round {
        summary::Round { round: 0, stage: "train".into(), bytes_up, bytes_down: 20.0, density: 0.5 }
    }

    #[test]
    fn a_byte_more_than_was_told_is_found() {
        let exact = explain::Round { figures: measured(10.0), is_event: false, bounds: None };
        assert!(held(&exact, &measured(10.0)) && !held(&exact, &measured(11.0)));
        assert!(!held(&exact, &summary::Round { stage: "tune".into(), ..measured(10.0) }));
        let bounds = explain::Bounds { bytes_up: [8.0, 10.0], bytes_down: [20.0; 2], density: [0.5; 2] };
        let bounded = explain::Round { bounds: Some(bounds), ..exact };
        assert!(held(&bounded, &measured(8.0)) && !held(&bounded, &measured(11.0)));
    }
}
