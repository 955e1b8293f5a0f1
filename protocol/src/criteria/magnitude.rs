//! Magnitude: a unit is worth the L2 norm of all that belongs to it (row, bias, outgoing column).

use serde::{Deserialize, Serialize};

use super::{Evidence, Score};

/// L2 norm of the weights (Han et al. 2015 per weight; Gez & Cohen 2023, MPFL, per filter). Devices compare squared
/// norms: the root changes no order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Magnitude {}

impl Score for Magnitude {
    fn evidence(&self) -> Evidence {
        Evidence::Weights
    }
}
