//! Energy: the squared L2 norm of what belongs to each unit, along one axis of one parameter.

use super::{Call, Case, grid};

kernel! {
    "energy"
    params {
        /// Where the parameter begins in `weights`.
        offset: u32,
        /// Repetitions of the axis: entries of the axes before it.
        outer: u32,
        /// Units along the axis.
        units: u32,
        /// Consecutive entries of one unit: its block times the entries of the axes after it.
        inner: u32,
        /// Where the space begins in `energies`.
        first: u32,
        /// 1 adds to what is there, 0 begins anew.
        keeps: u32,
    }
    buffers {
        weights: reads f32,
        energies: writes f32,
    }
}

/// One invocation per unit.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.units, 64)
}

/// energies[first + u] (+)= Σ weights[offset + (o·units + u)·inner + i]² over o and i.
pub fn twin(params: &Params, weights: &[f32], energies: &mut [f32]) {
    let Params { offset, outer, units, inner, first, keeps } = *params;
    for unit in 0..units {
        let mut sum = 0.0;
        for repetition in 0..outer {
            for entry in 0..inner {
                let weight = weights[(offset + (repetition * units + unit) * inner + entry) as usize];
                sum += weight * weight;
            }
        }
        let before = if keeps == 1 { energies[(first + unit) as usize] } else { 0.0 };
        energies[(first + unit) as usize] = before + sum;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |outer, units, inner, keeps| Call::Energy(Params { offset: 1, outer, units, inner, first: 1, keeps });
    vec![
        Case::new("one element", call(1, 1, 1, 0)).floats([9.0, 3.0]).floats([5.0, 7.0]).gives(1, [5.0, 9.0]),
        Case::new("columns of a 2 × 2 weight add to what is there", call(2, 2, 1, 1))
            .floats([9.0, 1.0, 2.0, 3.0, 4.0])
            .floats([5.0, 100.0, 200.0])
            .gives(1, [5.0, 110.0, 220.0]),
        Case::new("rows of a 2 × 2 weight begin anew", call(1, 2, 2, 0))
            .floats([9.0, 1.0, 2.0, 3.0, 4.0])
            .noise(3)
            .within(1e-5),
        Case::new("exactly one workgroup", call(3, 64, 5, 1)).noise(1 + 960).noise(65),
        Case::new("ragged", call(7, 100, 3, 0)).noise(1 + 2100).noise(101),
        Case::new("empty", call(0, 3, 1, 0)).noise(1).noise(4),
    ]
}
