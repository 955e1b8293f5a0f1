//! Lifetimes: calls on named places first, then few buffers for many of them, each free again after its last use.

use super::{BufferId, Fixed, Step};
use crate::kernels::Call;

/// What a call on a tape is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A buffer that every program has.
    Fixed(Fixed),
    /// One that lives from its first use to its last.
    Temporary(usize),
}

/// Calls in order, before their temporaries have buffers.
#[derive(Debug, Default)]
pub(super) struct Tape {
    calls: Vec<(Call, Vec<Place>)>,
    temporaries: Vec<usize>,
}

impl Tape {
    /// A new temporary of so many words.
    pub(super) fn temporary(&mut self, words: usize) -> Place {
        self.temporaries.push(words);
        Place::Temporary(self.temporaries.len() - 1)
    }

    /// The next call.
    pub(super) fn push<const N: usize>(&mut self, call: Call, places: [Place; N]) {
        self.calls.push((call, places.to_vec()));
    }

    /// Gives every temporary a buffer that nobody else uses during its life, making new buffers where it must.
    pub(super) fn placed(self, buffers: &mut Vec<usize>) -> Vec<Step> {
        let lives = self.lives();
        let mut home = vec![None; self.temporaries.len()];
        let mut free: Vec<BufferId> = (Fixed::COUNT..buffers.len()).collect();
        let mut steps = Vec::with_capacity(self.calls.len());
        for (now, (call, places)) in self.calls.into_iter().enumerate() {
            let bound = places.iter().map(|place| match *place {
                Place::Fixed(fixed) => fixed.id(),
                Place::Temporary(it) => *home[it].get_or_insert_with(|| take(buffers, &mut free, self.temporaries[it])),
            });
            steps.push(Step { call, buffers: bound.collect() });
            let ended = (0..home.len()).filter(|&it| lives[it] == Some(now));
            free.extend(ended.filter_map(|it| home[it]));
        }
        steps
    }

    /// The last call that uses each temporary.
    fn lives(&self) -> Vec<Option<usize>> {
        let mut lives = vec![None; self.temporaries.len()];
        for (now, (_, places)) in self.calls.iter().enumerate() {
            for place in places {
                if let Place::Temporary(it) = *place {
                    lives[it] = Some(now);
                }
            }
        }
        lives
    }
}

/// The smallest free buffer that is large enough, else the largest one grown to fit, else a new one.
fn take(buffers: &mut Vec<usize>, free: &mut Vec<BufferId>, words: usize) -> BufferId {
    let fits = free.iter().filter(|&&it| buffers[it] >= words).min_by_key(|&&it| buffers[it]).copied();
    let Some(chosen) = fits.or_else(|| free.iter().max_by_key(|&&it| buffers[it]).copied()) else {
        buffers.push(words);
        return buffers.len() - 1;
    };
    free.retain(|&it| it != chosen);
    buffers[chosen] = buffers[chosen].max(words);
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::relu;

    /// A chain of `links` copies, each of which needs only the one before.
    fn chain(links: usize) -> Tape {
        let mut tape = Tape::default();
        let mut last = tape.temporary(4);
        for _ in 0..links {
            let next = tape.temporary(4);
            tape.push(Call::Relu(relu::Params { len: 4 }), [last, next]);
            last = next;
        }
        tape
    }

    #[test]
    fn a_chain_needs_two_buffers() {
        let mut buffers = vec![0; Fixed::COUNT];
        let steps = chain(10).placed(&mut buffers);
        assert_eq!(buffers.len(), Fixed::COUNT + 2);
        assert!(steps.iter().all(|it| it.buffers[0] != it.buffers[1]));
        assert!(steps.windows(2).all(|it| it[0].buffers[1] == it[1].buffers[0]));
    }

    #[test]
    fn tapes_share_buffers() {
        let mut buffers = vec![0; Fixed::COUNT];
        chain(3).placed(&mut buffers);
        chain(3).placed(&mut buffers);
        assert_eq!(buffers.len(), Fixed::COUNT + 2);
    }

    #[test]
    fn what_is_needed_later_is_not_overwritten() {
        let mut tape = Tape::default();
        let kept = tape.temporary(4);
        let mut last = kept;
        for _ in 0..3 {
            let next = tape.temporary(4);
            tape.push(Call::Relu(relu::Params { len: 4 }), [last, next]);
            last = next;
        }
        tape.push(Call::Relu(relu::Params { len: 4 }), [kept, last]);
        let steps = tape.placed(&mut vec![0; Fixed::COUNT]);
        let home = steps[0].buffers[0];
        assert!(steps[1..3].iter().all(|it| !it.buffers.contains(&home)));
        assert_eq!(steps[3].buffers[0], home);
    }
}
