//! A gathering as clients read it in their task. Eight numbers and not fields with names, whose reading would weigh
//! 4 kB in every page.

use crate::choices::{Fold, Grain, Moment, Norm, Over, Sends, Travels};
use crate::evidence::{Gathering, Source};

const FOLDS: [Fold; 3] = [Fold::Sum, Fold::Abs, Fold::Square];
const GRAINS: [Grain; 2] = [Grain::Weights, Grain::Groups];
const SENDS: [Sends; 2] = [Sends::Round, Sends::Event];
const TRAVELS: [Travels; 2] = [Travels::Gradients, Travels::Scores];
const MOMENTS: [Moment; 2] = [Moment::Received, Moment::Trained];
const NORMS: [Norm; 3] = [Norm::L1, Norm::L2, Norm::Mean];
const OVERS: [Over; 2] = [Over::Own, Over::All];

impl From<Gathering> for Vec<usize> {
    /// The source's number, four that say more of it, then moment, norm and entries. What only the coordinator reads is nothing
    /// to a client.
    fn from(Gathering { source, at, norm, over }: Gathering) -> Self {
        let of = |kind, [a, b, c, d]: [usize; 4]| [kind, a, b, c, d];
        let source = match source {
            Source::Nothing | Source::Updates { .. } => of(0, [0; 4]),
            Source::Steps { fold, of: grain, every } => of(1, [fold as usize, grain as usize, every as usize, 0]),
            Source::Rounds => of(2, [0; 4]),
            Source::Batches { n, size, fold, travels } => {
                of(3, [n as usize, size.into(), fold as usize, travels as usize])
            }
            // No recipe says 0 samples.
            Source::Curvature { samples } => of(4, [samples.unwrap_or(0) as usize, 0, 0, 0]),
        };
        [&source[..], &[at as usize, norm as usize, over as usize]].concat()
    }
}

impl TryFrom<Vec<usize>> for Gathering {
    type Error = &'static str;

    fn try_from(numbers: Vec<usize>) -> Result<Self, Self::Error> {
        read(&numbers).ok_or("these numbers say of no evidence how it is gathered")
    }
}

fn read(numbers: &[usize]) -> Option<Gathering> {
    let &[kind, a, b, c, d, at, norm, over] = numbers else { return None };
    let source = match kind {
        0 => Source::Nothing,
        1 => Source::Steps { fold: *FOLDS.get(a)?, of: *GRAINS.get(b)?, every: *SENDS.get(c)? },
        2 => Source::Rounds,
        3 => {
            let (n, size) = (u32::try_from(a).ok()?, u16::try_from(b).ok()?);
            Source::Batches { n, size, fold: *FOLDS.get(c)?, travels: *TRAVELS.get(d)? }
        }
        4 => Source::Curvature { samples: Some(u32::try_from(a).ok()?).filter(|it| *it > 0) },
        _ => return None,
    };
    Some(Gathering { source, at: *MOMENTS.get(at)?, norm: *NORMS.get(norm)?, over: *OVERS.get(over)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gathering_is_read_as_it_was_written() {
        let mut sources = vec![Source::Nothing, Source::Rounds];
        sources.extend([None, Some(7)].map(|samples| Source::Curvature { samples }));
        for fold in FOLDS {
            let steps = |of, every| Source::Steps { fold, of, every };
            sources.extend(GRAINS.into_iter().flat_map(|of| SENDS.map(|every| steps(of, every))));
            sources.extend(TRAVELS.map(|travels| Source::Batches { n: 1_000_000, size: 65_535, fold, travels }));
        }
        for (source, at) in sources.iter().flat_map(|it| MOMENTS.map(|at| (*it, at))) {
            for (norm, over) in NORMS.into_iter().flat_map(|norm| OVERS.map(|over| (norm, over))) {
                let gathering = Gathering { source, at, norm, over };
                let text = serde_json::to_string(&gathering).expect("numbers are JSON");
                assert_eq!(serde_json::from_str::<Gathering>(&text).expect("what was written"), gathering, "{text}");
            }
        }
    }

    #[test]
    fn other_numbers_are_refused() {
        for text in [
            "[]",
            "[1,0,0,0,0,0,0]",
            "[5,0,0,0,0,0,0,0]",
            "[1,3,0,0,0,0,0,0]",
            "[3,1,65536,0,0,0,0,0]",
            "[0,0,0,0,0,2,0,0]",
        ] {
            let error = serde_json::from_str::<Gathering>(text).expect_err(text).to_string();
            assert!(error.contains("say of no evidence"), "{error}");
        }
    }
}
