//! Anchors: times of other libraries on the reference machine (2 × AMD EPYC Zen 5, idle, 2026-11-20), and our targets.
//!
//! Anchors are milliseconds measured once. On another machine, or on a busy one, only `--peers` gives a fair
//! comparison.

use crate::row::Place;

/// Workload, density, and best milliseconds per step: PyTorch 2.15 native on one thread; the fastest single-threaded
/// peer in a tab (Burn 0.22 flex; ONNX Runtime on dense `W2`); jax-js 0.1.25 with WebGPU on SwiftShader.
const ANCHORS: [(&str, f64, [Option<f64>; 3]); 10] = [
    ("W1", 1.0, [Some(0.92), Some(2.32), Some(29.4)]),
    ("W1", 0.5, [Some(0.61), Some(1.24), Some(39.8)]),
    ("W1", 0.2, [Some(0.33), Some(0.62), Some(16.2)]),
    ("W2", 1.0, [Some(18.8), Some(83.1), Some(1573.0)]),
    ("W2", 0.5, [Some(13.8), Some(60.3), Some(1497.0)]),
    ("W2", 0.2, [Some(7.2), Some(25.4), Some(921.0)]),
    ("W3", 1.0, [Some(3.2), Some(6.5), Some(69.2)]),
    ("W3", 0.5, [Some(2.64), Some(4.7), Some(66.6)]),
    ("W3", 0.2, [Some(2.22), Some(3.7), Some(46.9)]),
    ("W4", 1.0, [Some(59.9), Some(327.0), None]),
];

/// Factor by which each workload must be faster than the anchor in a tab on the CPU.
const TAB_CPU: [(&str, f64); 4] = [("W1", 1.25), ("W2", 1.4), ("W3", 2.0), ("W4", 1.6)];

/// Factor by which each workload must be faster than the anchor natively on one thread.
const NATIVE_CPU: [(&str, f64); 4] = [("W1", 1.0), ("W2", 1.0), ("W3", 1.0), ("W4", 0.8)];

/// Factor by which each workload must be faster than the anchor with WebGPU on SwiftShader.
pub(crate) const ASKED_OF_WEBGPU: f64 = 2.0;

/// Target in milliseconds per step.
pub(crate) fn target_ms(workload: &str, density: f64, place: Place) -> Option<f64> {
    let [native, tab, webgpu] = ANCHORS.iter().find(|it| (it.0, it.1) == (workload, density))?.2;
    let times = |table: &[(&str, f64)]| table.iter().find(|it| it.0 == workload).map(|it| it.1);
    match place {
        Place::NativeCpu => Some(native? / times(&NATIVE_CPU)?),
        Place::TabCpu => Some(tab? / times(&TAB_CPU)?),
        Place::TabGpu => Some(webgpu? / ASKED_OF_WEBGPU),
        // A software adapter has no target; a real one is compared with PyTorch on the same card.
        Place::NativeGpu | Place::NativeGpuF16 => None,
    }
}

/// Factor by which a tab's CPU device must be faster than the fastest single-threaded peer.
pub(crate) fn asked_of_tab(workload: &str) -> Option<f64> {
    TAB_CPU.iter().find(|it| it.0 == workload).map(|it| it.1)
}

/// Factor by which the native CPU device must be faster than PyTorch on one thread.
pub(crate) fn asked_of_native(workload: &str) -> Option<f64> {
    NATIVE_CPU.iter().find(|it| it.0 == workload).map(|it| it.1)
}
