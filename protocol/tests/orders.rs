//! Orders against votes to drop, over the units of LeNet-300-100: how near each comes to the units that are worth most, when
//! ten voters see worth with errors of their own, and when three of them turn their order round. `--nocapture` prints it.

use protocol::groups::Groups;
use protocol::mask::Mask;
use protocol::model::Model;
use protocol::models;
use protocol::order;
use protocol::prune::{self, Event, elect};
use protocol::random;
use protocol::rules::{Pruning, TypedPruning};
use protocol::schedules::Budget;
use protocol::scoring::{Gathered, Material};
use protocol::tally::{Ballots, Tally};

const N_VOTERS: u64 = 10;
const N_BAD: u64 = 3;
const SEEDS: std::ops::Range<u64> = 0..10;

/// What voters rank units by, and how far their views of a unit lie apart: a unit's worth is drawn from 0..1, and every voter
/// sees it with an error of its own, drawn from 0..spread.
struct Poll {
    model: Model,
    seed: u64,
    spread: f64,
    keep: f64,
}

impl Poll {
    fn score(&self, voter: u64, unit: usize) -> f64 {
        let drawn = |stream: u64| random::unit_f64(self.seed, stream, unit as u64);
        drawn(0) + self.spread * drawn(1 + voter)
    }

    /// The mask that a decider finds, when so many of the voters turn their scores round.
    fn elected(&self, decider: &str, n_bad: u64) -> Mask {
        let rules = rules(decider);
        let graph = self.model.graph();
        let groups = &rules.pattern.groups(graph, &rules.among);
        let (mask, budget) = (&Mask::full(groups.n_groups()), Budget::Keep(self.keep));
        let quotas = prune::quotas(&rules, groups, &groups.alive(mask), budget);
        let mut tally = Tally::new(mask.len());
        for voter in 0..N_VOTERS {
            let sign = if voter < n_bad { -1.0 } else { 1.0 };
            let bits = order::by_scores(groups, mask, |it| sign * self.score(voter, it));
            let ranks = order::ranks(groups, mask, &bits).expect("it was just written");
            match rules.decider.ballots().expect("voters are asked") {
                Ballots::Drop => tally.count(&order::lowest(groups, mask, &ranks, &quotas)),
                Ballots::Order => tally.count_ranks(&ranks),
            }
        }
        // The coordinator's weights, by which votes to drop break ties, say nothing about worth.
        let (weights, taus) = (&self.model.w0(self.seed), &vec![1.0; groups.rows.len()]);
        let material = Material { graph, groups, mask, weights, gathered: Gathered::Nothing, seed: 0, taus };
        elect(&rules, &material, &Event { budget, round: 0, tally: &tally, constant: 0.0 }).mask
    }

    /// The units that are worth most, as many as are kept.
    fn worthiest(&self) -> Mask {
        let groups = groups(&self.model);
        let mut mask = Mask::empty(groups.n_groups());
        for row in &groups.rows {
            let mut order: Vec<usize> = row.range().collect();
            let worth = |it: usize| random::unit_f64(self.seed, 0, it as u64);
            order.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)));
            let n_kept = (self.keep * row.len() as f64).round() as usize;
            order[..n_kept].iter().for_each(|it| mask.set(*it));
        }
        mask
    }

    /// Share of units on which the mask agrees with worth.
    fn agreement(&self, decider: &str, n_bad: u64) -> f64 {
        let (worthiest, found) = (self.worthiest(), self.elected(decider, n_bad));
        let n_apart = worthiest.and_not(&found).count() + found.and_not(&worthiest).count();
        1.0 - n_apart as f64 / worthiest.len() as f64
    }
}

fn rules(decider: &str) -> Pruning {
    let text = format!(
        r#"{{"pattern": {{"kind": "unit"}}, "criterion": {{"kind": "magnitude"}}, "scope": {{"kind": "layer_equal"}},
            "dynamics": {{"kind": "monotone"}}, "decider": {{"kind": "{decider}"}}}}"#
    );
    serde_json::from_str::<TypedPruning>(&text).expect("legal").complete().expect("complete")
}

fn lenet() -> Model {
    models::named("lenet-300-100").expect("a named model").check().expect("its shapes fit")
}

fn groups(model: &Model) -> Groups {
    let rules = rules("borda");
    rules.pattern.groups(model.graph(), &rules.among)
}

/// Agreement of votes to drop and of orders, over all seeds.
fn means(spread: f64, keep: f64, n_bad: u64) -> [f64; 2] {
    let of = |decider: &str| {
        let each = SEEDS.map(|seed| Poll { model: lenet(), seed, spread, keep }.agreement(decider, n_bad));
        each.sum::<f64>() / SEEDS.count() as f64
    };
    ["vote_rank", "borda"].map(of)
}

const SPREADS: [f64; 3] = [0.5, 1.0, 2.0];

#[test]
fn orders_of_honest_voters_come_nearer_to_worth_than_their_votes_to_drop() {
    for spread in SPREADS {
        for keep in [0.1, 0.5, 0.9] {
            let [drops, orders] = means(spread, keep, 0);
            println!("spread {spread}, {keep} kept, none dishonest: vote_rank {drops:.2}, borda {orders:.2}");
            assert!(orders > drops, "{orders} and {drops} at a spread of {spread} where {keep} stay");
        }
    }
}

#[test]
fn three_of_ten_who_turn_their_order_round_do_less_harm_to_orders_where_half_goes() {
    for spread in SPREADS {
        let [drops, orders] = means(spread, 0.5, N_BAD);
        println!("spread {spread}, 0.5 kept, {N_BAD} dishonest: vote_rank {drops:.2}, borda {orders:.2}");
        assert!(orders > drops + 0.02, "{orders} and {drops} at a spread of {spread}");
    }
}

#[test]
fn and_more_harm_where_few_go_about_which_a_vote_to_drop_says_all_it_can() {
    for spread in SPREADS {
        let [drops, orders] = means(spread, 0.9, N_BAD);
        println!("spread {spread}, 0.9 kept, {N_BAD} dishonest: vote_rank {drops:.2}, borda {orders:.2}");
        assert!(orders < drops, "{orders} and {drops} at a spread of {spread}");
    }
}

#[test]
fn an_order_takes_seven_times_the_bytes_of_a_vote_to_drop() {
    let groups = groups(&lenet());
    let bytes = [Ballots::Drop, Ballots::Order].map(|it| it.n_bits(&groups, &Mask::full(400)).div_ceil(8));
    assert_eq!(bytes, [50, 346]);
}
