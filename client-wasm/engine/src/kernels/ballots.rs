//! Kernels of ballots that say more than what goes: only tasks that ask for such ballots need them.

use super::{Call, Case, exclude, grid};

pub mod order;
