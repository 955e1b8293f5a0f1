//! Wish: what to measure, from the arguments of `cargo xtask bench`.

use anyhow::{Result, bail, ensure};

use crate::measure::{Case, Effort};
use crate::row::Place;

pub(crate) const USAGE: &str = "\
Usage: cargo xtask bench [--quick] [--json] [--peers] [--write] [W1 W2 W3 W4] [page]
                         [native-cpu tab-cpu tab-webgpu native-gpu native-gpu-f16]

  Times training steps: a multilayer perceptron (W1), a small CNN (W2), ProdLDA (W3) and VGG-11 (W4), each whole and
  really pruned to half and a fifth of its weights; W1 and W3 also with a fifth of their weights left by a mask, which
  saves bytes and no time. Names of workloads and devices choose among them (native-gpu-f16,
  which keeps activations in 16 bits, is measured only when named); `page` asks for the page's weight, readiness and memory alone.

  --quick    a second per row instead of four
  --json     one line of JSON per row instead of tables
  --peers    also other libraries, in turns with ours in the same browser; PLEACH_PEERS names the folder of their harness,
             and PLEACH_TORCH a Python with PyTorch, which is compared natively
  --write    also write the tables to docs/performance.md
";

const WORKLOADS: [&str; 4] = ["W1", "W2", "W3", "W4"];
const DENSITIES: [f64; 3] = [1.0, 0.5, 0.2];

/// Argument for the page's costs besides time, without workloads.
const PAGE: &str = "page";

/// Workloads that are also measured with a mask, and their names in that case.
const MASKED: [(&str, &str); 2] = [("W1", "W1 masked"), ("W3", "W3 masked")];
const MASKED_DENSITY: f64 = 0.2;

/// What to measure, and where to write the result.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) cases: Vec<Case>,
    pub(crate) places: Vec<Place>,
    pub(crate) effort: Effort,
    pub(crate) as_json: bool,
    pub(crate) with_peers: bool,
    pub(crate) writes: bool,
    /// Whether memory, readiness and weight are measured too; not when devices or workloads are chosen.
    pub(crate) with_page: bool,
}

impl Wish {
    /// Whether anything is measured in a tab.
    pub(crate) fn needs_browser(&self) -> bool {
        self.with_page || self.with_peers || self.places.iter().any(|it| it.is_in_a_tab())
    }

    pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Self> {
        let (mut names, mut places, mut flags) = (Vec::new(), Vec::new(), Vec::new());
        for arg in args {
            if let Some(name) = WORKLOADS.iter().find(|it| **it == arg) {
                names.push(*name);
            } else if let Some(place) = Place::ALL.into_iter().find(|it| it.name().replace(' ', "-") == arg) {
                places.push(place);
            } else if ["--quick", "--json", "--peers", "--write", PAGE].contains(&arg.as_str()) {
                flags.push(arg);
            } else {
                bail!("what is {arg:?}?\n\n{USAGE}");
            }
        }
        let has = |flag: &str| flags.iter().any(|it| it == flag);
        let is_whole = names.is_empty() && places.is_empty() && !has(PAGE);
        ensure!(is_whole || !has("--write"), "--write takes the whole bench, without names of workloads or devices");
        let names = if names.is_empty() && !has(PAGE) { WORKLOADS.to_vec() } else { names };
        let places =
            if places.is_empty() { Place::ALL.into_iter().filter(|it| it.is_usual()).collect() } else { places };
        let cases = names.iter().flat_map(|it| cases(it)).collect();
        let effort = if has("--quick") { Effort::QUICK } else { Effort::FULL };
        Ok(Self {
            cases,
            places,
            effort,
            as_json: has("--json"),
            with_peers: has("--peers"),
            writes: has("--write"),
            with_page: is_whole || has(PAGE),
        })
    }
}

/// The cases of a workload.
fn cases(name: &'static str) -> impl Iterator<Item = Case> {
    let masked = MASKED.iter().filter(move |it| it.0 == name).map(|it| Case { name: it.1, density: MASKED_DENSITY });
    DENSITIES.into_iter().map(move |density| Case { name, density }).chain(masked)
}
