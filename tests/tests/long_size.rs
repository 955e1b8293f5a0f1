//! Size: what millions of groups, large models and many clients cost. Times are compared with what the same machine needs
//! for the same bytes and additions, within one run.

use std::collections::VecDeque;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use client_wasm::session as client;
use client_wasm::trainer::Assignment;
use coordinator::found::Found;
use coordinator::session::{Effect, Event, Introduction, Session, Settings};
use coordinator::sums::Sum;
use engine::bench::Bench;
use engine::bench::workload::{Batches, N_BATCHES, Workload};
use engine::devices::Device;
use peak_alloc::PeakAlloc;
use pleach::opening::{Opening, Wish};
use pleach::simulate::Simulation;
use protocol::data::shard::Shard;
use protocol::drafts::Draft;
use protocol::mask::Mask;
use protocol::prune::{self, Event as MaskEvent};
use protocol::recipe::Recipe;
use protocol::schedules::Budget;
use protocol::scoring::{Gathered, Material};
use protocol::tally::Tally;
use protocol::wire::{Contribution, Down, Evaluation, Packed, Up, Weights, Welcome};

const MEGA: f64 = 1e6;

/// Counts what is allocated, so that memory is measured in bytes and not in what the system has lent.
#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The most bytes held at once while something is done, beyond what was held before.
fn peak_during(work: impl FnOnce()) -> f64 {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    work();
    ALLOCATOR.peak_usage() as f64 - before as f64
}

#[test]
fn an_election_over_ten_million_groups_takes_a_second_and_200_mb_at_most() {
    let layers = r#"{ kind = "linear", units = 3163 }, { kind = "relu" }, { kind = "linear", units = 2 }"#;
    let draft = Draft::dense(3163).with("model", &format!("{{ input = [3162], layers = [{layers}] }}")).rounds(2);
    let recipe = draft.trained(10, 0.1).weights().masked("schedule", r#"{ kind = "once", keep = 0.1 }"#).recipe();
    let (graph, groups) = (recipe.model().graph(), recipe.groups());
    let weights = recipe.model().w0(7);
    let mask = Mask::full(groups.n_groups());
    let pruning = recipe.stage(0).mask.as_ref().expect("it prunes");
    let taus = recipe.taus();
    let (gathered, tally) = (Gathered::Nothing, Tally::default());
    let material = Material { graph, groups, mask: &mask, weights: &weights, gathered, seed: 1, taus: &taus };
    let event = MaskEvent { budget: Budget::Keep(0.1), round: 0, tally: &tally, constant: recipe.constant_cost() };
    let start = Instant::now();
    let peak = peak_during(|| {
        let left = prune::elect(pruning, &material, &event).mask.count();
        assert_eq!(left, (groups.n_groups() as f64 * 0.1).round() as usize);
    });
    let seconds = start.elapsed().as_secs_f64();
    println!("an election over {} groups: {seconds:.2} s, {:.0} MB", groups.n_groups(), peak / MEGA);
    assert!(seconds <= 1.0 && peak <= 200.0 * MEGA);
}

/// Both hearts and the wire's values, with clients that send an update without having trained.
struct Round {
    host: Session,
    hearts: Vec<client::Session>,
}

impl Round {
    fn begin(recipe: Recipe, n: u32) -> (Self, Vec<Effect>) {
        let task = recipe.task();
        let sample_len = recipe.model().sample_len();
        let settings = Settings {
            seed: 1,
            rounds: 2,
            min_clients: n,
            max_clients: n,
            deadline_secs: u32::MAX,
            max_samples: 100,
            has_evaluator: true,
            data: Found::default(),
            data_digest: 0,
        };
        let mut host = Session::new(recipe, settings);
        let mut effects = vec![];
        let hearts = (0..n).map(|id| {
            let welcome = Welcome {
                client: id,
                token: [0; 16],
                task: task.clone(),
                data: String::new(),
                rounds: 2,
                shard_bytes: 0,
            };
            let shard =
                Shard::new(sample_len as u32, 10, vec![id as u8; sample_len * 20], (0..20).map(|it| it % 10).collect());
            let mut heart = client::Session::new(client::Identity::default());
            for event in [client::Event::Started, client::Event::Opened] {
                heart.step(event);
            }
            for message in [Down::Welcome(Box::new(welcome)), Down::Shard(shard)] {
                heart.step(client::Event::Received(message));
            }
            effects.extend(host.step(Event::Joined(id, Introduction { tier: 16, ..Introduction::default() })));
            heart
        });
        let hearts = hearts.collect();
        (Self { host, hearts }, effects)
    }

    /// Carries plans and contributions until a round is committed; gives what comes after the commit.
    fn until_commit(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut todo: VecDeque<Effect> = effects.into();
        while let Some(effect) = todo.pop_front() {
            match effect {
                Effect::Plan(clients, plan, _) => {
                    for id in clients {
                        let heart = &mut self.hearts[id as usize];
                        let told = heart.step(client::Event::Received(Down::Plan((*plan).clone())));
                        let works = |it| if let client::Effect::Work(it) = it { Some(it) } else { None };
                        let work = told.into_iter().find_map(works).expect("the plan fits");
                        let done = answer(self.host.recipe(), &work);
                        let told = heart.step(client::Event::Worked(Ok(done)));
                        let sends = |it| if let client::Effect::Send(it) = it { Some(it) } else { None };
                        let Some(Up::Contribution(sent)) = told.into_iter().find_map(sends) else {
                            panic!("client {id} has nothing to say")
                        };
                        heart.forget_finished();
                        todo.extend(self.host.step(Event::Contributed(id, sent, 0)));
                    }
                }
                Effect::Commit(_) => return todo.into(),
                Effect::Refuse(id, refusal) => panic!("client {id} was refused: {refusal}"),
                Effect::Evaluate(_) | Effect::Finish(_) | Effect::Standby(..) | Effect::Wake(..) => {}
            }
        }
        panic!("nothing was committed")
    }
}

/// An update of a thousandth of what came.
fn answer(recipe: &Recipe, assignment: &Assignment) -> Contribution {
    let plan = assignment.plan();
    let stage = recipe.stage(plan.stage);
    let kept = recipe.groups().kept(recipe.model().graph(), assignment.mask());
    let blocks = kept.blocks(&recipe.model().graph().param_ranges());
    let mut weights = match &plan.weights {
        Weights::Seed(seed) => kept.gather(&recipe.model().w0(*seed)),
        Weights::Values(it) => stage.coding.down.unpack(it.bytes(), &blocks).expect("as it was packed"),
    };
    weights.iter_mut().for_each(|it| *it *= 1e-3);
    let evaluation = Evaluation { n: 2, correct: Some(1), loss: 2.0 };
    Contribution {
        round: plan.round,
        mask: plan.mask.id,
        n_samples: 18,
        loss: 2.0,
        received: evaluation,
        trained: evaluation,
        train_micros: 1,
        update: Some(Packed::new(stage.coding.up.pack(&weights, &blocks, 1))),
        vote: None,
        evidence: None,
    }
}

/// Seconds that the fastest of some runs takes.
fn fastest(mut run: impl FnMut()) -> f64 {
    let timed = || {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    std::iter::repeat_with(timed).take(5).fold(f64::MAX, f64::min)
}

#[test]
fn a_round_of_vgg_11_costs_its_bytes_and_additions() {
    const N: u32 = 10;
    let vgg = || Draft::dense(1).with("model", r#"{ name = "vgg-11" }"#).trained(10, 0.1).rounds(2).recipe();
    let n = vgg().model().graph().n_params();
    let mut measured = f64::MAX;
    let peak = peak_during(|| {
        let (mut round, effects) = Round::begin(vgg(), N);
        // In the first round weights are a seed; from the second on they travel.
        let mut effects = round.until_commit(effects);
        let start = Instant::now();
        effects = round.until_commit(effects);
        measured = measured.min(start.elapsed().as_secs_f64());
        drop(effects);
    });
    let one: Vec<f32> = vec![1e-3; n];
    // A copy reads and writes four bytes a value, into memory that is new.
    let copy = fastest(|| drop(black_box(black_box(&one).clone())));
    let mut sum = Sum::new(n);
    let add = fastest(|| sum.add(black_box(&one), 18));
    // Of each client: the plan is unpacked, the update scaled, packed, unpacked, looked through (half a copy each) and added.
    let per_client = 3.0 * copy + 2.0 * 0.5 * copy + add;
    // Once: the mean is as wide as two copies, and so is moving the weights by it.
    let once = 4.0 * copy;
    let counted = f64::from(N) * per_client + once;
    println!(
        "a round of vgg-11 ({n} weights), {N} clients, no training: {measured:.2} s, {:.2} × its bytes and additions \
         ({counted:.2} s); at most {:.0} MB",
        measured / counted,
        peak / MEGA
    );
    assert!(measured <= 1.2 * counted && peak <= 900.0 * MEGA);
}

fn opening(recipe: &str, data: &Path, clients: u32, rounds: u32) -> Opening {
    Opening::new(Wish {
        recipe: recipe.into(),
        data: Some(data.into()),
        partition: "iid".parse().expect("a partition"),
        corrupt: vec![],
        parts: clients,
        rounds: Some(rounds),
        seed: 1,
    })
    .expect("it can be opened")
}

/// Samples that a simulation of some clients trains on in a second, by one thread, and the memory that it takes beside the
/// data.
fn simulated(recipe: &str, data: &Path, clients: u32, rounds: u32) -> (f64, f64) {
    let opening = opening(recipe, data, clients, rounds);
    let mut seconds = 0.0;
    let peak = peak_during(|| {
        let simulation = Simulation::new(opening, 1, None).expect("it can begin");
        let start = Instant::now();
        let view = simulation.run(1, &AtomicBool::new(false)).expect("everyone trains");
        seconds = start.elapsed().as_secs_f64();
        assert!(view.done);
    });
    (f64::from(rounds) * 54_000.0 / seconds, peak)
}

/// Samples that the engine trains on in a second, one step of a batch after another on data that is there.
fn bare(recipe: &Recipe, data: &Shard) -> f64 {
    let local = &recipe.stage(0).local;
    let batch = usize::from(local.batch);
    let n = N_BATCHES * batch;
    let workload = Workload {
        graph: recipe.model().graph().clone(),
        optimizer: local.optimizer.clone(),
        weights: recipe.model().w0(1),
        alive: None,
        batches: Batches {
            len: batch,
            features: data.features[..n * recipe.model().sample_len()].to_vec(),
            scale: data.scale,
            shift: data.shift,
            labels: data.labels[..n].iter().map(|it| u32::from(*it)).collect(),
        },
    };
    // Anew every few steps, as a client begins: a network that knows the batches by heart has less to do.
    let seconds = (0..100).map(|_| {
        let mut bench = pollster::block_on(Bench::new(&Device::cpu(), &workload)).expect("it fits");
        let stretch = pollster::block_on(bench.run(2 * N_BATCHES, u64::MAX)).expect("it runs");
        stretch.micros.iter().sum::<f64>() / 1e6
    });
    (100 * 2 * n) as f64 / seconds.sum::<f64>()
}

/// The carried `fedavg` with something else at its end or in its stead, as a file.
fn changed(folder: &Path, change: impl Fn(String) -> String) -> String {
    let file = folder.join("changed.toml");
    let text = fs::read_to_string(e2e::repository::root().join("recipes/fedavg.toml")).expect("carried");
    fs::write(&file, change(text)).expect("written");
    file.to_str().expect("temporary paths are text").to_owned()
}

#[test]
fn a_hundred_clients_train_nearly_as_fast_as_the_bare_engine() {
    let Some(mnist) = test_data::found("mnist") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    // The 540 samples that each of a hundred trains on are nine batches, and nobody measures: what is compared is training.
    let recipe =
        changed(folder.path(), |text| text.replace("batch = 50", "batch = 60") + "\n[evaluate]\nevery = 1000\n");
    let opening = opening(&recipe, &mnist, 100, 10);
    let mut ratios: Vec<f64> = (0..5)
        .map(|_| {
            let bare = bare(&opening.recipe, &opening.dealt.parts[0]);
            let [sparse, carried] = [&recipe, "fedavg"].map(|it| simulated(it, &mnist, 100, 10).0);
            println!("samples/s of one thread: {bare:.0} bare, {sparse:.0} with 100 clients, {carried:.0} with evaluations and ragged batches");
            sparse / bare
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    println!("median ratio of 100 clients to the bare engine: {:.2}", ratios[2]);
    assert!(ratios[2] >= 0.9, "{ratios:?}");
}

#[test]
fn a_client_more_costs_less_than_100_kb() {
    let Some(mnist) = test_data::found("mnist") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = changed(folder.path(), |text| text + "\n[cohort]\nkind = \"sample\"\nn = 100\n");
    let [few, many] = [100, 1_000].map(|it| simulated(&recipe, &mnist, it, 2).1);
    let each = (many - few) / 900.0;
    let (few, many) = (few / MEGA, many / MEGA);
    println!("1,000 clients, 100 a round: {many:.0} MB; 100 clients: {few:.0} MB; {:.0} kB a client more", each / 1e3);
    assert!(each < 100e3);
}

#[test]
fn what_is_held_is_measured() {
    // A planted fault: ten megabytes that are held.
    let peak = peak_during(|| drop(black_box(vec![1_u8; 10_000_000])));
    assert!((10.0 * MEGA..10.1 * MEGA).contains(&peak), "{peak}");
}
