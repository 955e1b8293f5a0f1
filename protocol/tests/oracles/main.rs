//! Mask events, groups and scores against code that nobody here wrote: the vectors beside this file are what the authors'
//! functions decided, and `make.py` asked them. Where Pleach departs on purpose, a test says so, why, and by how much.

mod bytes;
mod dependencies;
mod mpfl;
mod prunefl;
mod scene;
mod snip;
mod sparse_global;
mod torch_prune;
