//! Head: the text above the bench's written tables.

use e2e::report::Head;

pub(crate) const HEAD: Head = Head {
    file: "performance.md",
    title: "Performance",
    command: "cargo xtask bench",
    remarks: "Milliseconds are wall time per training step in steady state, the loss being read back after every step; \
groups of steps are timed where one is shorter than 5 ms. CPU ms is processor time of the whole program or \
browser per step; where others used cores meanwhile (last column), trust it more than the wall. GFLOP/s \
counts two operations per multiplication of every layer, forward and backward. Densities are shares of weights; \
the graphs are really pruned. Targets are those of a reference machine (2 × AMD EPYC Zen 5) on an idle day, and \
the share of target compares the quickest step with them.",
};
