//! Charts: accuracy, loss, density and bytes by round, as SVG for exported reports; screens draw their own.

mod plot;

use std::ops::Range;

use plotters::style::RGBColor;
use protocol::wire::Evaluation;

use self::plot::{BERRY, DENSE, INK, LEAF, MUTED, Mark, Plot, SKY, Series, drawn};
use crate::session::{Phase, RoundRecord, View};

/// More bars than this would be thinner than a pixel.
const MOST_BARS: usize = 60;

/// Every chart of a session, by name.
pub fn all(view: &View) -> [(&'static str, String); 4] {
    let charts =
        [("accuracy", accuracy(view)), ("loss", loss(view)), ("density", density(view)), ("bytes", bytes(view))];
    charts.map(|(name, plot)| (name, drawn(&plot)))
}

fn accuracy(view: &View) -> Plot {
    let mut shared = shared_model(view, |it| it.accuracy());
    // The clients' word on the final model belongs to no round's record.
    if let (Phase::Done, Some(accuracy)) = (view.phase, view.accuracy) {
        let n = f64::from(view.rounds_committed);
        if shared.last().is_none_or(|it| it.0 < n) {
            shared.push((n, f64::from(accuracy)));
        }
    }
    let trained = after_rounds(view, |it| it.trained.accuracy());
    Plot {
        title: "Accuracy",
        x: rounds_axis(view),
        y_max: 1.0,
        y_text: percent,
        series: vec![line("trained", SKY, 3, trained), line("shared", LEAF, 5, shared)],
    }
}

fn loss(view: &View) -> Plot {
    let shared = shared_model(view, |it| (it.n > 0).then_some(f64::from(it.loss)));
    let training = after_rounds(view, |it| Some(f64::from(it.loss)));
    let series = vec![line("training", SKY, 3, training), line("shared", LEAF, 5, shared)];
    Plot { title: "Loss", x: rounds_axis(view), y_max: headroom(&series), y_text: decimal, series }
}

fn density(view: &View) -> Plot {
    let colours = [LEAF, SKY, BERRY, DENSE, MUTED];
    let mut series: Vec<Series> = vec![];
    for (space, (shape, colour)) in view.spaces.iter().zip(colours.into_iter().cycle()).enumerate() {
        let share = |it: &RoundRecord| it.alive.get(space).map(|n| f64::from(*n) / f64::from(shape.size.max(1)));
        series.push(line(&shape.name, colour, 4, from_full(after_rounds(view, share))));
    }
    let weights = |it: &RoundRecord| Some(it.n_alive_weights as f64 / view.n_params.max(1) as f64);
    series.push(line("weights", INK, 3, from_full(after_rounds(view, weights))));
    Plot { title: "Alive", x: rounds_axis(view), y_max: 1.0, y_text: whole_percent, series }
}

fn bytes(view: &View) -> Plot {
    let first = view.history.len().saturating_sub(MOST_BARS);
    let bars = |bytes: fn(&RoundRecord) -> u64| {
        let it = view.history[first..].iter();
        it.map(|it| (f64::from(it.round + 1), bytes(it) as f64)).collect()
    };
    let series = vec![
        Series {
            name: "dense".to_owned(),
            colour: DENSE,
            mark: Mark::Bars(-0.42, 0.0),
            points: bars(|it| it.bytes_dense),
        },
        Series {
            name: "moved".to_owned(),
            colour: LEAF,
            mark: Mark::Bars(0.0, 0.42),
            points: bars(|it| it.bytes_up + it.bytes_down),
        },
    ];
    let last = rounds_axis(view).end.min((first + MOST_BARS) as f64).max(f64::from(view.rounds_committed));
    let x = first as f64 + 0.5..last + 0.5;
    Plot { title: "Bytes each round", x, y_max: headroom(&series), y_text: byte_text, series }
}

/// Of the committed model: on the host's test data, else on what clients held out before they trained on.
fn shared_model(view: &View, figure: impl Fn(Evaluation) -> Option<f64>) -> Vec<(f64, f64)> {
    if view.history.iter().any(|it| it.test.is_some()) {
        return after_rounds(view, |it| it.test.and_then(&figure));
    }
    let received = |it: &RoundRecord| Some((f64::from(it.round), figure(it.received)?));
    finite(view.history.iter().filter_map(|it| received(it)))
}

fn after_rounds(view: &View, figure: impl Fn(&RoundRecord) -> Option<f64>) -> Vec<(f64, f64)> {
    finite(view.history.iter().filter_map(|it| Some((f64::from(it.round + 1), figure(it)?))))
}

fn finite(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    points.filter(|it| it.1.is_finite()).collect()
}

fn from_full(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    std::iter::once((0.0, 1.0)).chain(points).collect()
}

fn line(name: &str, colour: RGBColor, width: u32, points: Vec<(f64, f64)>) -> Series {
    Series { name: name.to_owned(), colour, mark: Mark::Line(width), points }
}

/// Long sessions grow their axis; short ones show from the start how far they go.
fn rounds_axis(view: &View) -> Range<f64> {
    0.0..f64::from(view.rounds_committed.max(view.rounds.min(12)).max(1))
}

fn headroom(series: &[Series]) -> f64 {
    let most = series.iter().flat_map(|it| &it.points).fold(0.0, |most: f64, it| most.max(it.1));
    if most > 0.0 { most * 1.12 } else { 1.0 }
}

fn percent(share: f64) -> String {
    // A tenth of a percent matters where accuracies end up, and only there.
    if share > 0.9 && share < 0.9995 { format!("{:.1} %", share * 100.0) } else { whole_percent(share) }
}

fn whole_percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn decimal(value: f64) -> String {
    if value >= 10.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

fn byte_text(bytes: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let step = (bytes.max(1.0).log10() / 3.0).floor().min(4.0);
    let value = bytes / 1000f64.powf(step);
    if value >= 10.0 || step == 0.0 || value.fract() == 0.0 {
        format!("{value:.0} {}", units[step as usize])
    } else {
        format!("{value:.1} {}", units[step as usize])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::session::SpaceView;

    fn view(n_rounds: u32) -> View {
        let space =
            |name: &str, size| SpaceView { name: name.into(), size, alive: size, units: "1".repeat(size as usize) };
        View {
            recipe: "voted".into(),
            about: String::new(),
            data: "generated digits".into(),
            seconds_left: None,
            phase: Phase::Collecting,
            is_paused: false,
            rounds_committed: n_rounds,
            rounds: 30,
            needed: 2,
            cohort: 2,
            counted: 0,
            deadline_secs: 60,
            clients: vec![],
            history: (0..n_rounds).map(record).map(Arc::new).collect(),
            stages: vec!["train".into()],
            stage: 0,
            level: 0,
            levels: 1,
            has_classes: true,
            has_evaluator: true,
            accuracy: None,
            loss: None,
            unit_density: 1.0,
            pattern: "unit".into(),
            saves_time: true,
            draws_parts: false,
            density_by_layer: vec![("h1".into(), 1.0), ("<h2> & co".into(), 1.0)],
            done: false,
            rounds_asked: 30,
            spaces: vec![space("h1", 300), space("<h2> & co", 100)],
            n_params: 266_610,
            n_alive_weights: 266_610,
            refusals: [].into(),
            problem: None,
        }
    }

    fn record(round: u32) -> RoundRecord {
        let left = 0.95f64.powi(round as i32 + 1);
        let evaluation =
            |correct| Evaluation { n: 1000, correct: Some(correct), loss: 2.3 * 0.8f32.powi(round as i32) };
        RoundRecord {
            round,
            cohort: 3,
            counted: 3,
            void: 0,
            loss: 2.0 * 0.78f32.powi(round as i32),
            received: evaluation(950 - 850 / (round + 1)),
            trained: evaluation(970 - 700 / (round + 1)),
            test: None,
            alive: vec![(300.0 * left) as u32, (100.0 * left.sqrt()) as u32],
            n_alive_weights: (266_610.0 * left * left) as u64,
            bytes_up: (3.2e6 * left * left) as u64,
            bytes_down: (3.2e6 * left * left) as u64,
            bytes_dense: 6_400_000,
            seconds: 4.0,
            stage: 0,
            level: 0,
            mask_event: true,
            density: left,
            bytes_contributions: (3.1e6 * left * left) as u64,
            bytes_plans: (3.1e6 * left * left) as u64,
        }
    }

    fn at(view: &mut View, round: usize) -> &mut RoundRecord {
        Arc::make_mut(&mut view.history[round])
    }

    /// Why a text is not an SVG that a browser draws; nothing when it is.
    fn fault(svg: &str) -> Option<String> {
        let mut open = vec![];
        for tag in svg.split('<').skip(1) {
            let Some((tag, _)) = tag.split_once('>') else { return Some(format!("unclosed tag {tag}")) };
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return Some(format!("{name} closes what it did not open"));
                }
            } else if !tag.ends_with('/') {
                open.push(tag.split_whitespace().next()?);
            }
        }
        let is_number = !svg.contains("NaN") && !svg.contains("inf") && !svg.contains("-2147483648");
        (!open.is_empty() || !is_number).then(|| "something stays open or is no number".to_owned())
    }

    #[test]
    fn the_checker_finds_planted_faults() {
        assert_eq!(fault("<svg><g/><text>a</text></svg>"), None);
        for bad in ["<svg><g></svg>", "<svg>", "<svg><line x=\"NaN\"/></svg>", "<svg", "</svg>"] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn every_chart_is_well_formed_at_every_length_of_a_session() {
        for n_rounds in [0, 1, 2, 30, 200] {
            for (name, svg) in all(&view(n_rounds)) {
                assert_eq!(fault(&svg), None, "{name} of {n_rounds} rounds");
                let count = |it| svg.matches(it).count();
                let lines = (count("<circle"), count("#147A4A\" stroke-width"));
                match name {
                    // One more is the paper.
                    "bytes" => {
                        assert_eq!(count("<rect"), 1 + 2 * (n_rounds as usize).min(MOST_BARS), "{n_rounds} rounds")
                    }
                    "density" => assert_eq!(lines, (3, 1), "{n_rounds} rounds"),
                    _ => assert_eq!(lines.0, if n_rounds > 0 { 2 } else { 0 }, "{name} of {n_rounds} rounds"),
                }
                assert_eq!(svg.contains("after the first round"), n_rounds == 0 && name != "density", "{name}");
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_left_out() {
        let mut view = view(3);
        at(&mut view, 1).loss = f32::NAN;
        at(&mut view, 2).loss = f32::INFINITY;
        at(&mut view, 1).trained.loss = f32::NAN;
        at(&mut view, 2).received = Evaluation::default();
        for (name, svg) in all(&view) {
            assert_eq!(fault(&svg), None, "{name}");
        }
    }

    #[test]
    fn labels_say_where_each_series_stands() {
        let [.., (_, density), _] = all(&view(30));
        assert!(density.contains("21 % h1") && density.contains("46 % &lt;h2&gt; &amp; co"), "{density}");
        let [.., (_, bytes)] = all(&view(1));
        assert!(bytes.contains("5.8 MB moved") && bytes.contains("6.4 MB dense"), "{bytes}");
    }

    #[test]
    fn the_hosts_test_data_has_the_last_word() {
        let mut view = view(2);
        at(&mut view, 1).test = Some(Evaluation { n: 100, correct: Some(50), loss: 1.0 });
        assert_eq!(accuracy(&view).series[1].points, [(2.0, 0.5)]);
    }

    #[test]
    fn a_model_without_classes_has_a_loss_and_no_accuracy() {
        let mut view = view(2);
        view.has_classes = false;
        for it in view.history.iter_mut().map(Arc::make_mut) {
            (it.received.correct, it.trained.correct) = (None, None);
        }
        assert!(accuracy(&view).series.iter().all(|it| it.points.is_empty()));
        assert_eq!(loss(&view).series.iter().map(|it| it.points.len()).collect::<Vec<_>>(), [2, 2]);
    }

    #[test]
    fn bytes_read_like_bytes() {
        let texts = [0.0, 999.0, 1000.0, 1234.0, 56_789.0, 6.4e6].map(byte_text);
        assert_eq!(texts, ["0 B", "999 B", "1 kB", "1.2 kB", "57 kB", "6.4 MB"]);
    }
}
