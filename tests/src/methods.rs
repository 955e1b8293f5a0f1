//! Methods in tabs: published methods as they are carried, played by browser tabs and by native clients, and how far apart
//! both end up.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use client_wasm::native::{self, Options};
use coordinator::data::Dataset;
use coordinator::host::Handle;
use coordinator::session::{Phase, RoundRecord};
use engine::devices::DeviceKind;
use pleach::recipes;
use protocol::recipe::{Course, RawRecipe, Recipe};
use tokio::task::JoinSet;

use crate::chromium::{Chromium, Tab};
use crate::duet::Committed;
use crate::replay::{Turn, replayed};
use crate::stage::{Stage, settings, until};
use crate::tap::Tap;
use crate::worth::{Astray, Worth};

const DEADLINE: Duration = Duration::from_secs(300);

/// Bytes of a digit.
const DIGIT: usize = 28 * 28;

/// What losses may be apart after up to 150 steps in which devices take sums in another order, relative to a loss: seen 3e-6 of
/// topics, whose loss is a sum over all words, and 2e-7 of classes.
const LOSS: f64 = 3e-5;

/// What the scores of single weights may be apart, relative to the threshold: sums of gradients, which cancel in part.
const SCORE: f64 = 1e-4;

/// The share of single weights that may end up on the other side of a threshold.
const WEIGHTS_ASTRAY: f64 = 1e-4;

/// A method, and how little of it is played.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// The carried recipe.
    pub recipe: &'static str,
    /// Clients.
    pub n_clients: u32,
    /// Samples of all of them.
    pub n_samples: usize,
    /// Rounds, among which are mask events, and one after them.
    pub rounds: u32,
    /// What is less than the recipe says, where that is too much for a test.
    pub shortens: fn(&mut RawRecipe),
}

/// Methods that between them vote, gather evidence of every kind that a session prunes by, regrow, draw parts and rewind.
pub const METHODS: [Method; 7] = [
    Method { recipe: "normalprune_fedavitm", n_clients: 2, n_samples: 300, rounds: 3, shortens: |_| {} },
    Method { recipe: "federated_pruning", n_clients: 2, n_samples: 240, rounds: 4, shortens: |_| {} },
    Method { recipe: "mpfl", n_clients: 3, n_samples: 360, rounds: 3, shortens: one_pass },
    Method { recipe: "prunefl", n_clients: 2, n_samples: 240, rounds: 6, shortens: |_| {} },
    Method { recipe: "federated_dropout", n_clients: 2, n_samples: 120, rounds: 3, shortens: |_| {} },
    Method { recipe: "federated_snip", n_clients: 2, n_samples: 240, rounds: 3, shortens: |_| {} },
    // With 100 steps these digits are known by heart, and Adam makes whole steps of the rounding that is left of gradients: the
    // last bit of the data's scale alone moved 4,128 of 266,200 weights across the threshold, natively; with 50 it moves none.
    Method { recipe: "lottery_ticket", n_clients: 1, n_samples: 6_000, rounds: 3, shortens: fifty_steps },
];

/// A pass a round in all stages.
fn one_pass(recipe: &mut RawRecipe) {
    recipe.stage.iter_mut().for_each(|it| it.local.epochs = Some(Some(1)));
}

fn fifty_steps(recipe: &mut RawRecipe) {
    recipe.local.steps = Some(Some(50));
}

/// Who plays.
#[derive(Clone, Copy)]
pub enum Players<'a> {
    /// Native clients on the CPU.
    Native,
    /// Tabs of this browser, on this device.
    Tabs(&'a Chromium, &'static str),
}

/// What a play came to.
pub struct Played {
    history: Vec<RoundRecord>,
    rounds: Vec<Committed>,
    /// How long it took, the start of clients included.
    pub seconds: f64,
}

/// How far two plays are apart.
#[derive(Debug, Default)]
pub struct Apart {
    /// Largest difference of a loss, relative to it.
    pub loss: f64,
    /// Mask events.
    pub n_events: usize,
    /// Groups that an event decided otherwise, by round.
    pub astray: Vec<(u32, Astray)>,
}

impl Method {
    fn recipe(&self) -> Result<Recipe> {
        let mut raw = recipes::raw(self.recipe)?.over(DIGIT);
        (self.shortens)(&mut raw);
        Ok(raw.check()?)
    }

    /// Generated digits; for a topic model bytes as counts up to eight, since no word is counted less than not at all.
    fn dataset(&self) -> Result<Dataset> {
        let mut dataset = Dataset::digits(self.n_samples, 40, 1);
        if self.recipe()?.model().n_classes().is_none() {
            for shard in [&mut dataset.train, &mut dataset.test] {
                (shard.scale, shard.shift) = (1.0 / 32.0, 0.0);
            }
        }
        Ok(dataset)
    }

    /// Plays it, and holds the session to what a fresh heart makes of the same contributions, in either order.
    ///
    /// # Errors
    /// When somebody cannot take part, or the heart comes to another mask or weight.
    pub async fn play(&self, players: Players<'_>) -> Result<Played> {
        let (begun, stage) = (Instant::now(), Stage::open().await);
        let tap = Tap::lay(stage.address).await?;
        let handle = stage.host(self.recipe()?, self.dataset()?, self.n_clients, self.rounds);
        let link = format!("http://{}/j/{}", tap.address, handle.code);
        let (mut natives, mut tabs) = (JoinSet::new(), vec![]);
        for number in 0..self.n_clients {
            match players {
                Players::Native => {
                    let (link, device) = (link.clone(), Some(DeviceKind::Cpu));
                    let options = Options { device, seed: number.into(), ..Options::default() };
                    natives.spawn(async move { native::join(&link, options, |_| {}).await });
                }
                Players::Tabs(chromium, device) => {
                    tabs.push(chromium.open(&format!("{link}?join=1&device={device}")).await?);
                }
            }
            // One after another, so that everyone has the same number and data in every play.
            until(&handle, "a client to join", DEADLINE, |it| it.clients.len() > number as usize).await?;
        }
        let view = until(&handle, "the session to end", DEADLINE, |it| it.phase == Phase::Done).await?;
        if let Players::Tabs(_, device) = players {
            let is_it = view.clients.iter().all(|it| it.device.starts_with(device));
            ensure!(is_it, "{} instead of {device}", view.clients[0].device);
        }
        for tab in tabs {
            close(tab).await?;
        }
        let seconds = begun.elapsed().as_secs_f64();
        let history = view.history.iter().map(|it| (**it).clone()).collect();
        Ok(Played { history, rounds: self.replay(&handle, &tap)?, seconds })
    }

    fn replay(&self, handle: &Handle, tap: &Tap) -> Result<Vec<Committed>> {
        let (recipe, said, live) = (self.recipe()?, tap.said()?, handle.committed.borrow().clone());
        let heard = |turn| replayed(&recipe, settings(self.n_clients, self.rounds), self.n_clients, &said, turn);
        let (rounds, backwards) = (heard(Turn::Forwards), heard(Turn::Backwards));
        ensure!(rounds.len() as u32 == live.rounds_committed(), "{} rounds were heard", rounds.len());
        for (one, other) in rounds.iter().zip(&backwards) {
            ensure!(one.after.mask() == other.after.mask(), "{}: the order matters", self.recipe);
        }
        let bits = |it: &[f32]| it.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
        for end in [&rounds, &backwards].map(|it| it.last().context("a round")) {
            let end = &end?.after;
            ensure!(end.mask() == live.mask(), "{}: another mask", self.recipe);
            ensure!(bits(end.held()) == bits(live.held()), "{}: other weights", self.recipe);
        }
        Ok(rounds)
    }

    /// How far a play is from a native one.
    ///
    /// # Errors
    /// When it is not the same session.
    pub fn apart(&self, truth: &Played, found: &Played) -> Result<Apart> {
        let recipe = self.recipe()?;
        let course = Course::of(&recipe, self.rounds);
        ensure!(truth.rounds.len() == found.rounds.len(), "as many rounds");
        let mut apart = Apart { loss: losses_apart(&truth.history, &found.history), ..Apart::default() };
        for (round, (truth, found)) in (0..).zip(truth.rounds.iter().zip(&found.rounds)) {
            let (mask, other) = (truth.after.mask(), found.after.mask());
            let is_same = truth.before.mask() == found.before.mask();
            ensure!(!is_same || asked(truth).eq(asked(found)), "round {round}: everyone works on the same part");
            apart.n_events += usize::from(truth.before.mask() != mask);
            let decides = truth.before.mask() != mask && self.may_differ();
            if decides || mask != other {
                let worth = Worth::of(&recipe, &course, truth);
                ensure!(worth.leads_to(mask), "round {round}: these are not the scores that the session ranked by");
                let was_astray = |it: usize| truth.before.mask().has(it) != found.before.mask().has(it);
                let astray = worth.astray(mask, other).into_iter().filter(|it| !was_astray(it.group));
                apart.astray.extend(astray.map(|it| (round, it)));
            }
        }
        Ok(apart)
    }

    /// Whether its groups are single weights, of which two may be worth the same but for rounding.
    fn may_differ(&self) -> bool {
        recipes::raw(self.recipe)
            .is_ok_and(|it| it.mask.is_some_and(|it| it.pattern.is_some_and(|it| it.name() == "weight")))
    }

    /// Whether its masks are drawn round by round instead of found at events.
    fn draws_parts(&self) -> Result<bool> {
        let draws = |it: &protocol::rules::Pruning| it.dynamics.draws().is_some();
        Ok(self.recipe()?.stages().iter().any(|it| it.mask.as_ref().is_some_and(draws)))
    }

    /// What is allowed, else why not.
    ///
    /// # Errors
    /// When losses or masks are farther apart than rounding explains.
    pub fn judge(&self, apart: &Apart) -> Result<()> {
        let n_groups = self.recipe()?.groups().n_groups() as f64;
        let allowed = if self.may_differ() { (n_groups * WEIGHTS_ASTRAY) as usize } else { 0 };
        let has_events = apart.n_events > 0 || self.draws_parts()?;
        ensure!(has_events, "{}: no mask event", self.recipe);
        ensure!(apart.loss <= LOSS, "{}: losses are {:e} apart", self.recipe, apart.loss);
        ensure!(apart.astray.len() <= allowed, "{}: {} groups astray", self.recipe, apart.astray.len());
        let farthest = apart.astray.iter().map(|it| it.1.distance).fold(0.0, f64::max);
        ensure!(farthest <= SCORE, "{}: a group {farthest:e} from the threshold is astray", self.recipe);
        Ok(())
    }
}

impl Apart {
    /// In words, a line for every group that is astray.
    pub fn lines(&self) -> Vec<String> {
        let of_group = |(round, Astray { group, score, distance }): &(u32, Astray)| {
            format!("  round {round}: group {group} of score {score:e} lies {distance:.1e} from the threshold")
        };
        let first = format!(
            "losses {:.1e} apart, {} mask events, {} groups astray",
            self.loss,
            self.n_events,
            self.astray.len()
        );
        std::iter::once(first).chain(self.astray.iter().map(of_group)).collect()
    }
}

/// The masks that clients worked on.
fn asked(round: &Committed) -> impl Iterator<Item = (u32, u64)> {
    round.counted.iter().map(|(client, it)| (*client, it.mask))
}

fn losses_apart(truth: &[RoundRecord], found: &[RoundRecord]) -> f64 {
    let losses = |it: &RoundRecord| [it.loss, it.received.loss, it.trained.loss].map(f64::from);
    let pairs = truth.iter().zip(found).flat_map(|(truth, found)| losses(truth).into_iter().zip(losses(found)));
    // Nobody measures in every round; maxima pass over what is not a number.
    let apart = |(truth, found): (f64, f64)| if truth == found { 0.0 } else { ((truth - found) / truth).abs() };
    pairs.map(apart).map(|it| if it.is_finite() { it } else { f64::INFINITY }).fold(0.0, f64::max)
}

/// Plays every method natively and in tabs on a device; gives what to say of each, in lines.
///
/// # Errors
/// When one of them does not prune alike.
pub async fn alike(device: &'static str) -> Result<String> {
    let (chromium, mut lines) = (Chromium::launch().await?, vec![]);
    for method in &METHODS {
        let truth = method.play(Players::Native).await?;
        let found = method.play(Players::Tabs(&chromium, device)).await?;
        let apart = method.apart(&truth, &found)?;
        let told = apart.lines().join("\n");
        lines.push(format!(
            "{}: {told} ({:.1} s natively, {:.1} s on {device})",
            method.recipe, truth.seconds, found.seconds
        ));
        method.judge(&apart).with_context(|| lines.join("\n"))?;
    }
    chromium.close().await?;
    Ok(lines.join("\n"))
}

async fn close(tab: Tab) -> Result<()> {
    let errors = tab.errors();
    ensure!(errors.is_empty(), "a tab complains: {errors:?}");
    tab.close().await
}

#[cfg(test)]
mod tests {
    use protocol::random;
    use protocol::wire::{Contribution, Packed};

    use super::*;
    use crate::tap::Said;

    const SNIP: Method = METHODS[5];

    /// The update with every value off by up to this share of it, in the same way for all clients.
    fn off(it: &Contribution, by: f32) -> Contribution {
        let bytes = it.update.as_ref().expect("the first round's updates are its evidence").bytes();
        let values = bytes.as_chunks().0.iter().map(|it| f32::from_le_bytes(*it));
        let spoil = |(at, it): (u64, f32)| it * (1.0 + by * (2.0 * random::unit_f32(1, 0, at) - 1.0));
        let spoilt = (0..).zip(values).map(spoil).flat_map(f32::to_le_bytes).collect();
        Contribution { update: Some(Packed::new(spoilt)), ..it.clone() }
    }

    /// The first round, in which the mask is found, of a play and of one whose updates are off.
    fn first_rounds(played: &Played, by: f32) -> [Played; 2] {
        [0.0, by].map(|by| {
            let counted = &played.rounds[0].counted;
            let said: Said = counted.iter().map(|(client, it)| ((0, *client), off(it, by))).collect();
            let (recipe, settings) = (SNIP.recipe().expect("legal"), settings(SNIP.n_clients, SNIP.rounds));
            let rounds = replayed(&recipe, settings, SNIP.n_clients, &said, Turn::Forwards);
            Played { history: played.history.clone(), rounds, seconds: 0.0 }
        })
    }

    #[tokio::test]
    async fn weights_astray_are_found_and_only_rounding_is_forgiven() {
        assert_eq!(SNIP.recipe, "federated_snip");
        let played = SNIP.play(Players::Native).await.expect("a native play");
        let apart = |by| {
            let [truth, found] = first_rounds(&played, by);
            SNIP.apart(&truth, &found).expect("the same session")
        };
        let same = apart(0.0);
        assert!(same.astray.is_empty() && SNIP.judge(&same).is_ok(), "{}", same.lines().join("\n"));
        let (near, far) = (apart(3e-5), apart(0.3));
        let farthest = near.astray.iter().map(|it| it.1.distance).fold(0.0, f64::max);
        assert!(!near.astray.is_empty() && farthest < 7e-5, "{}", near.lines().join("\n"));
        assert_eq!(near.lines().len(), 1 + near.astray.len());
        assert!(SNIP.judge(&near).is_ok());
        assert!(SNIP.judge(&far).expect_err("far too many").to_string().contains("groups astray"));
        let planted =
            Apart { astray: far.astray.into_iter().filter(|it| it.1.distance > 0.1).take(1).collect(), ..near };
        let refused = SNIP.judge(&planted).expect_err("one, but by a fault").to_string();
        assert!(refused.contains("from the threshold is astray"), "{refused}");
        let lossy = Apart { loss: 1e-3, ..same };
        assert!(SNIP.judge(&lossy).expect_err("a loss").to_string().contains("losses are"));
    }
}
