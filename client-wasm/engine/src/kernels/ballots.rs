//! Kernels of ballots with ranks: only tasks that ask for such ballots need them.

pub mod order;
