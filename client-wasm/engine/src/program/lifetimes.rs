//! Lifetimes: calls first use named places, which then share a few buffers; a buffer is free again after its last use.

use std::cmp::Reverse;
use std::ops::RangeInclusive;

use super::{BufferId, Fixed, Step};
use crate::kernels::{Call, Halves};

/// A place to which a call on a tape is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A buffer that every program has.
    Fixed(Fixed),
    /// A temporary, which lives from its first use to its last.
    Temporary(usize),
}

/// Calls in order, before their temporaries are assigned to buffers.
#[derive(Debug, Default)]
pub(super) struct Tape {
    calls: Vec<(Call, Vec<Place>)>,
    temporaries: Vec<Temporary>,
}

/// An intermediate value between calls.
#[derive(Clone, Copy, Debug)]
struct Temporary {
    words: usize,
    is_half: bool,
}

impl Tape {
    /// Adds a temporary of this many words.
    pub(super) fn temporary(&mut self, words: usize) -> Place {
        self.new_temporary(Temporary { words, is_half: false })
    }

    /// Adds a temporary of this many 16-bit floats.
    pub(super) fn half_temporary(&mut self, entries: usize) -> Place {
        self.new_temporary(Temporary { words: entries.div_ceil(2), is_half: true })
    }

    fn new_temporary(&mut self, temporary: Temporary) -> Place {
        self.temporaries.push(temporary);
        Place::Temporary(self.temporaries.len() - 1)
    }

    /// Adds a call.
    pub(super) fn push<const N: usize>(&mut self, call: Call, places: [Place; N]) {
        self.calls.push((call, places.to_vec()));
    }

    /// Number of words of all living temporaries at the call where this number is largest.
    #[cfg(test)]
    pub(super) fn most_alive(&self) -> usize {
        let lives = self.lives(0);
        let alive_at = |now: usize| {
            let alive = |it: &usize| lives[*it].as_ref().is_some_and(|life| life.contains(&now));
            (0..lives.len()).filter(alive).map(|it| self.temporaries[it].words).sum()
        };
        (0..self.calls.len()).map(alive_at).max().unwrap_or_default()
    }

    /// First and last call that use each temporary, counting calls from `start`; `None` for unused ones.
    fn lives(&self, start: usize) -> Vec<Option<RangeInclusive<usize>>> {
        let mut lives = vec![None; self.temporaries.len()];
        for (now, (_, places)) in (start..).zip(&self.calls) {
            for place in places {
                if let Place::Temporary(it) = *place {
                    let first = lives[it].as_ref().map_or(now, |life: &RangeInclusive<usize>| *life.start());
                    lives[it] = Some(first..=now);
                }
            }
        }
        lives
    }

    /// The calls as steps, with the buffer of every temporary.
    fn steps(self, homes: &[Option<BufferId>]) -> Vec<Step> {
        let buffer = |place: &Place| match *place {
            Place::Fixed(fixed) => fixed.id(),
            Place::Temporary(it) => homes[it].expect("every used temporary has a buffer"),
        };
        let is_half = |place: &Place| match *place {
            Place::Fixed(_) => false,
            Place::Temporary(it) => self.temporaries[it].is_half,
        };
        let step = |(call, places): &(Call, Vec<Place>)| Step {
            call: *call,
            buffers: places.iter().map(buffer).collect(),
            halves: Halves::of(places.iter().map(is_half)),
        };
        self.calls.iter().map(step).collect()
    }
}

/// Assigns every temporary a buffer that no other temporary uses during its lifetime, with as few and as small buffers
/// as possible: the largest temporaries come first, each in the smallest buffer that is free. Tapes never run at the
/// same time, so they share buffers.
pub(super) fn placed(tapes: Vec<Tape>, buffers: &mut Vec<usize>) -> Vec<Vec<Step>> {
    let mut waiting = Vec::new();
    let mut start = 0;
    for (tape, it) in tapes.iter().enumerate() {
        let lives = it.lives(start).into_iter().enumerate();
        waiting.extend(lives.filter_map(|(at, life)| Some((it.temporaries[at].words, tape, at, life?))));
        start += it.calls.len();
    }
    waiting.sort_by_key(|it| Reverse(it.0));
    let fixed = buffers.len();
    let mut tenants: Vec<Vec<RangeInclusive<usize>>> = Vec::new();
    let mut homes: Vec<_> = tapes.iter().map(|it| vec![None; it.temporaries.len()]).collect();
    for (words, tape, at, life) in waiting {
        // Later buffers are smaller, and all of them are large enough.
        let home = (0..tenants.len()).rev().find(|&it| tenants[it].iter().all(|other| are_apart(other, &life)));
        let home = home.unwrap_or_else(|| {
            buffers.push(words);
            tenants.push(vec![]);
            tenants.len() - 1
        });
        tenants[home].push(life);
        homes[tape][at] = Some(fixed + home);
    }
    tapes.into_iter().zip(&homes).map(|(tape, homes)| tape.steps(homes)).collect()
}

fn are_apart(one: &RangeInclusive<usize>, other: &RangeInclusive<usize>) -> bool {
    one.end() < other.start() || other.end() < one.start()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::activation::relu::forward as relu;

    /// A chain of `links` copies, each of which only needs the previous one.
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
        let steps = placed(vec![chain(10)], &mut buffers).remove(0);
        assert_eq!(buffers.len(), Fixed::COUNT + 2);
        assert!(steps.iter().all(|it| it.buffers[0] != it.buffers[1]));
        assert!(steps.windows(2).all(|it| it[0].buffers[1] == it[1].buffers[0]));
    }

    #[test]
    fn tapes_share_buffers() {
        let mut buffers = vec![0; Fixed::COUNT];
        placed(vec![chain(3), chain(3)], &mut buffers);
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
        let steps = placed(vec![tape], &mut vec![0; Fixed::COUNT]).remove(0);
        let home = steps[0].buffers[0];
        assert!(steps[1..3].iter().all(|it| !it.buffers.contains(&home)));
        assert_eq!(steps[3].buffers[0], home);
    }
}
