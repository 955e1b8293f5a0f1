//! What a client's heart shows: noted as it happens, and put together when somebody looks.

use std::sync::Arc;

use protocol::groups::Groups;
use protocol::mask::Mask;
use protocol::order;
use protocol::tally::Ballots;
use protocol::wire::{Contribution, Refusal};

use crate::trainer::Tick;
use crate::view::{
    About, Chosen, Compiling, Connection, Layer, Losses, Own, Point, Round, Samples, State, Traffic, View, Vote,
};

/// More groups than this over all rows are told by their number alone.
const MOST_DRAWN: usize = 4096;

/// More points of the loss than this are halved, so that a long session stays one picture.
const MOST_POINTS: usize = 320;

/// What of a round is over once its training is: what remains is to be measured, sent and waited for.
const TRAINED: f32 = 0.9;

/// What of a round is over for a client that has sent its contribution.
const DELIVERED: f32 = 0.95;

/// All that is shown and that the heart itself has no use for.
#[derive(Debug, Default)]
pub(super) struct Showing {
    pub(super) state: State,
    pub(super) connection: Connection,
    pub(super) session: Option<About>,
    pub(super) samples: Option<Samples>,
    pub(super) own: Option<Own>,
    pub(super) device: Option<Chosen>,
    pub(super) compiling: Option<Compiling>,
    pub(super) round: Option<Round>,
    pub(super) traffic: Traffic,
    pub(super) refusal: Option<Refusal>,
    /// Groups alive by row, as the latest plan has them.
    alive: Vec<u32>,
    pub(super) mask: Option<Arc<Mask>>,
    votes: Vec<Vote>,
    /// What of the round's own part is over, 0 to 1.
    part: f32,
    loss: Option<f32>,
    accuracy: Option<f32>,
    losses: Losses,
    cuts: Vec<u32>,
    n_ticks: usize,
}

impl Showing {
    /// A plan is worked on.
    pub(super) fn begin(&mut self, round: Round, alive: Vec<u32>, mask: Arc<Mask>) {
        let is_cut = self.round.as_ref().is_some_and(|it| it.density > round.density);
        if is_cut && self.cuts.last() != Some(&round.number) {
            self.cuts.push(round.number);
        }
        (self.round, self.alive, self.mask, self.part) = (Some(round), alive, Some(mask), 0.0);
        self.votes.clear();
        self.state = State::Training;
    }

    /// Training goes on.
    pub(super) fn tick(&mut self, tick: Tick) {
        self.state = State::Training;
        let share = (tick.step as f32 / tick.steps.max(1) as f32).min(1.0);
        self.part = TRAINED * share;
        self.loss = Some(tick.loss);
        let at = self.round.as_ref().map_or(0.0, |it| it.number as f32) + share;
        let Losses { points, stride, .. } = &mut self.losses;
        *stride = (*stride).max(1);
        if tick.loss.is_finite() && self.n_ticks.is_multiple_of(*stride) {
            points.push(Point { at, loss: tick.loss });
        }
        self.n_ticks += 1;
        if points.len() > MOST_POINTS {
            let mut is_kept = false;
            points.retain(|_| {
                is_kept = !is_kept;
                is_kept
            });
            *stride *= 2;
        }
    }

    /// A contribution is sent.
    pub(super) fn deliver(&mut self, state: State, it: &Contribution, votes: Vec<Vote>) {
        self.loss = Some(it.loss);
        self.accuracy = it.received.accuracy().map(|it| it as f32).or(self.accuracy);
        (self.state, self.votes, self.part, self.refusal) = (state, votes, DELIVERED, None);
    }

    /// Nobody looks at them any more.
    pub(super) fn forget_votes(&mut self) {
        self.votes = vec![];
    }

    /// The session is over.
    pub(super) fn end(&mut self, done: protocol::wire::Done) {
        self.accuracy = done.accuracy.or(self.accuracy);
        if let Some(round) = &mut self.round {
            round.density = done.density.into();
        }
        self.state = State::Done(done);
    }

    /// Share of the session that is over.
    fn progress(&self) -> f32 {
        if matches!(self.state, State::Done(_)) {
            return 1.0;
        }
        let Some((round, session)) = self.round.as_ref().zip(self.session.as_ref()) else { return 0.0 };
        ((round.number as f32 + self.part) / session.rounds.max(1) as f32).min(1.0)
    }

    /// The whole view of a client whose task has these groups.
    pub(super) fn view(&self, groups: Option<&Groups>) -> View {
        let known = groups.zip(self.mask.as_deref());
        View {
            state: self.state.clone(),
            connection: self.connection.clone(),
            session: self.session.clone(),
            samples: self.samples,
            own: self.own.clone(),
            device: self.device.clone(),
            compiling: self.compiling.filter(|it| it.done < it.total),
            round: self.round.clone(),
            progress: self.progress(),
            loss: self.loss,
            accuracy: self.accuracy,
            layers: known.map_or_else(Vec::new, |(groups, mask)| self.layers(groups, mask)),
            losses: self.losses.clone(),
            cuts: self.cuts.clone(),
            traffic: self.traffic,
            refusal: self.refusal.clone(),
        }
    }

    fn layers(&self, groups: &Groups, mask: &Mask) -> Vec<Layer> {
        let rows = groups.rows.iter().zip(drawn(groups, mask)).enumerate();
        let layer = |(at, (row, units)): (usize, (&protocol::groups::Row, String))| Layer {
            name: row.name.clone(),
            size: row.len(),
            alive: self.alive.get(at).copied().unwrap_or(0),
            units,
            vote: self.votes.get(at).cloned(),
        };
        rows.map(layer).collect()
    }
}

/// What a vote drops by row, as people see it; of an order about a mask, what would go by it alone.
pub(super) fn votes(vote: &protocol::wire::Vote, groups: &Groups, mask: &Mask, quotas: &[u32]) -> Option<Vec<Vote>> {
    let dropped = match vote {
        protocol::wire::Vote::Drop(bits) => Mask::from_bytes(groups.n_groups(), &bits.0)?,
        protocol::wire::Vote::Order(bits) => {
            let bits = Mask::from_bytes(Ballots::Order.n_bits(groups, mask), &bits.0)?;
            order::lowest(groups, mask, &order::ranks(groups, mask, &bits).ok()?, quotas)
        }
    };
    let n = groups.rows.iter().map(|row| dropped.count_in(row.range()) as u32);
    Some(n.zip(drawn(groups, &dropped)).map(|(n, units)| Vote { n, units }).collect())
}

/// A mask or ballot as people see it: per row, one character per group; empty where there are too many to draw.
fn drawn(groups: &Groups, bits: &Mask) -> Vec<String> {
    let is_drawn = groups.n_groups() <= MOST_DRAWN;
    let drawn = |row: &protocol::groups::Row| row.range().map(|it| if bits.has(it) { '1' } else { '0' }).collect();
    groups.rows.iter().map(|it| if is_drawn { drawn(it) } else { String::new() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn showing(rounds: u32) -> Showing {
        let session = About {
            client: 1,
            token: String::new(),
            recipe: String::new(),
            about: String::new(),
            data: String::new(),
            rounds,
            n_params: 1,
            pattern: "unit",
            own_kinds: vec![],
        };
        Showing { session: Some(session), ..Showing::default() }
    }

    fn round(number: u32) -> Round {
        Round {
            number,
            stage: "train".into(),
            n_alive_weights: 1,
            density: 1.0,
            is_own_part: false,
            saves_time: true,
            wants_vote: false,
            bytes: 1,
        }
    }

    /// Steps are counted over the whole plan, passes from 1.
    fn tick(epoch: u16, epochs: u16, step: u32, steps: u32) -> Tick {
        Tick { epoch, epochs, step, steps, loss: 0.5 }
    }

    #[test]
    fn progress_is_the_rounds_before_and_what_is_done_of_this_one() {
        let mut showing = showing(4);
        assert_eq!(showing.progress(), 0.0);
        showing.begin(round(2), vec![], Arc::new(Mask::full(1)));
        assert_eq!(showing.progress(), 0.5);
        // One pass of 50 steps: after the first step a fiftieth of it is done, and not all of it.
        showing.tick(tick(1, 1, 1, 50));
        assert!((showing.progress() - (2.0 + 0.9 / 50.0) / 4.0).abs() < 1e-6, "{}", showing.progress());
        // Twelve passes of 10 steps: after 15 steps, in the second pass, an eighth.
        showing.tick(tick(2, 12, 15, 120));
        assert!((showing.progress() - (2.0 + 0.9 / 8.0) / 4.0).abs() < 1e-6, "{}", showing.progress());
        showing.tick(tick(12, 12, 120, 120));
        assert!((showing.progress() - 2.9 / 4.0).abs() < 1e-6, "{}", showing.progress());
    }

    #[test]
    fn a_round_that_begins_with_less_is_a_cut() {
        let mut showing = showing(4);
        for (number, density) in [(0, 1.0), (1, 0.8), (2, 0.8), (3, 0.5)] {
            showing.begin(Round { density, ..round(number) }, vec![], Arc::new(Mask::full(1)));
        }
        assert_eq!(showing.view(None).cuts, [1, 3]);
    }

    #[test]
    fn a_last_look_at_the_final_model_is_no_more_than_everything() {
        let mut showing = showing(4);
        showing.begin(round(4), vec![], Arc::new(Mask::full(1)));
        showing.tick(tick(1, 1, 1, 2));
        assert_eq!(showing.progress(), 1.0);
    }

    #[test]
    fn a_long_session_keeps_half_of_its_points_and_their_order() {
        let mut showing = showing(1);
        showing.begin(round(0), vec![], Arc::new(Mask::full(1)));
        (1..=1000).for_each(|it| showing.tick(tick(1, 1, it, 1000)));
        let points = &showing.losses.points;
        assert!((160..=MOST_POINTS).contains(&points.len()), "{}", points.len());
        assert!(points.windows(2).all(|it| it[0].at < it[1].at));
        let apart: Vec<f32> = points.windows(2).map(|it| it[1].at - it[0].at).collect();
        assert!(apart.iter().all(|it| (it - 0.004).abs() < 1e-4), "{apart:?}");
    }
}
