//! Waiting: states that wait for the evaluator. When it is slower than the rounds, the oldest ones are never measured.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::session::State;

/// Bytes of states that wait at most; one state always may.
const BYTES: usize = 64 << 20;

/// Bytes of a state beside its weights and evidence, roughly.
const OVERHEAD: usize = 4096;

/// A queue between a room and its evaluator; clones are the same queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    states: VecDeque<Arc<State>>,
    is_closed: bool,
}

impl Waiting {
    /// Puts a state at the end, and forgets the first ones where there are too many; `false` when nobody takes them any more.
    pub(crate) fn push(&self, state: Arc<State>) -> bool {
        // States of one session are of one size.
        let most = (BYTES / (state.n_bytes() + OVERHEAD)).max(1);
        let mut queue = self.lock();
        if queue.is_closed {
            return false;
        }
        queue.states.push_back(state);
        while queue.states.len() > most {
            queue.states.pop_front();
        }
        self.0.changed.notify_one();
        true
    }

    /// The first state, if there is one.
    #[cfg(test)]
    fn take(&self) -> Option<Arc<State>> {
        self.lock().states.pop_front()
    }

    /// The first state, once there is one; `None` when no more will come.
    pub(crate) fn next(&self) -> Option<Arc<State>> {
        let mut queue = self.lock();
        loop {
            if let Some(state) = queue.states.pop_front() {
                return Some(state);
            }
            if queue.is_closed {
                return None;
            }
            queue = self.0.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Nothing comes any more, and what waits is forgotten.
    pub(crate) fn close(&self) {
        let mut queue = self.lock();
        queue.is_closed = true;
        queue.states.clear();
        self.0.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use protocol::recipe::RawRecipe;

    use super::*;

    #[test]
    fn of_too_many_the_latest_are_measured() {
        // A million weights take 4 MB: sixteen states may wait.
        let text = r#"{"name":"wide","about":"","model":{"input":[1000],"layers":[{"kind":"linear","units":1000}]},
            "rounds":{"total":1},"local":{"epochs":1,"batch":1,"optimizer":{"kind":"sgd","learning_rate":0.1}},
            "aggregation":{"kind":"mean"}}"#;
        let recipe = RawRecipe::from_json(text).and_then(RawRecipe::check).expect("legal");
        let waiting = Waiting::default();
        let states: Vec<Arc<State>> = (0..20).map(|seed| Arc::new(State::new(&recipe, seed))).collect();
        assert!(states.iter().all(|it| waiting.push(it.clone())));
        assert!(waiting.next().is_some_and(|it| Arc::ptr_eq(&it, &states[4])), "the first four are forgotten");
        assert_eq!(std::iter::from_fn(|| waiting.take()).count(), 15);
        waiting.close();
        assert!(!waiting.push(states[0].clone()), "nobody takes them any more");
        assert!(waiting.next().is_none() && waiting.lock().states.is_empty(), "nor are they kept");
    }

    #[test]
    fn states_with_gathered_evidence_take_three_times_the_room() {
        let waiting = Waiting::default();
        let wide = r#""local":{"epochs":1,"batch":1,"optimizer":{"kind":"sgd","learning_rate":0.1}},"aggregation":{"kind":"mean"}"#;
        let mask = r#""mask":{"pattern":{"kind":"weight"},"among":{"only":["*"]},"criterion":{"kind":"gradient"},
            "evidence":{"kind":"update"},"scope":{"kind":"global"},"schedule":{"kind":"once","keep":0.5},
            "dynamics":{"kind":"monotone"},"decider":{"kind":"server"}}"#;
        let text = format!(
            r#"{{"name":"wide","about":"","model":{{"input":[1000],"layers":[{{"kind":"linear","units":1000}}]}},
            "rounds":{{"total":1}},{wide},{mask}}}"#
        );
        let recipe = RawRecipe::from_json(&text).and_then(RawRecipe::check).expect("legal");
        for seed in 0..9 {
            waiting.push(Arc::new(State::new(&recipe, seed)));
        }
        // 12 bytes a weight: five of them fill 64 MB.
        assert_eq!(std::iter::from_fn(|| waiting.take()).count(), 5);
    }
}
