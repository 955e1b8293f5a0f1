//! An assignment: a plan together with the mask that it is about, checked against the model once.

use std::sync::Arc;

use protocol::groups::Groups;
use protocol::mask::Mask;
use protocol::wire::{MaskBits, Plan};

/// A plan that fits its model.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    plan: Plan,
    mask: Arc<Mask>,
}

/// Why a plan is no assignment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// It names a mask that is not at hand, and brings no bits: they can be asked for.
    #[error("its mask is not at hand")]
    UnknownMask,
    /// Its bits are not those of the mask that it names.
    #[error("its mask is not the one that it names")]
    OtherMask,
    /// A row of which nothing lives.
    #[error("no group of {row} is alive")]
    EmptyRow {
        /// The row's name.
        row: String,
    },
    /// Quotas for other rows.
    #[error("{got} quotas for {rows} rows of groups")]
    Rows {
        /// Quotas.
        got: usize,
        /// Rows.
        rows: usize,
    },
    /// More votes than groups.
    #[error("a quota above the number of alive groups of {row}")]
    Quota {
        /// The row's name.
        row: String,
    },
}

impl Assignment {
    /// Takes a plan, with the help of the mask that was known last.
    ///
    /// # Errors
    /// When it does not fit the groups.
    pub fn new(plan: Plan, groups: &Groups, known: Option<&Arc<Mask>>) -> Result<Self, Misfit> {
        let mask = match known.filter(|it| it.id() == plan.mask.id) {
            Some(known) => known.clone(),
            None if plan.mask.bits == MaskBits::Known => return Err(Misfit::UnknownMask),
            None => Arc::new(plan.mask.mask(groups, None).ok_or(Misfit::OtherMask)?),
        };
        let alive = groups.alive(&mask);
        if let Some(row) = groups.rows.iter().zip(&alive).find(|it| *it.1 == 0) {
            return Err(Misfit::EmptyRow { row: row.0.name.clone() });
        }
        if let Some(quotas) = &plan.vote {
            if quotas.len() != groups.rows.len() {
                return Err(Misfit::Rows { got: quotas.len(), rows: groups.rows.len() });
            }
            let too_many = groups.rows.iter().zip(alive).zip(quotas).find(|((_, alive), quota)| alive < *quota);
            if let Some(((row, _), _)) = too_many {
                return Err(Misfit::Quota { row: row.name.clone() });
            }
        }
        Ok(Self { plan, mask })
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Which groups are alive.
    pub fn mask(&self) -> &Arc<Mask> {
        &self.mask
    }
}
