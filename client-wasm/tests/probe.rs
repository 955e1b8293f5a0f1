//! The start-up probe on the adapter of this machine.

use client_wasm::probe::{NoGpu, Verdict, Why, gradient_problem, probe};
use engine::devices::{Device, DeviceKind};
use pollster::block_on;

#[test]
fn the_gradient_of_the_gpu_is_that_of_the_twins() {
    let gpu = block_on(Device::gpu()).expect("a Vulkan adapter: install mesa-vulkan-drivers for lavapipe");
    assert_eq!(block_on(gradient_problem(&gpu)), Ok(None));
}

#[test]
fn a_software_gpu_is_never_preferred_but_can_be_asked_for() {
    let free = block_on(probe(None, None));
    let of = |kind| free.reports.iter().find(|it| it.kind == kind).expect("both were tried");
    assert!(matches!(of(DeviceKind::Cpu).verdict, Verdict::Right) && of(DeviceKind::Cpu).step_micros.is_some());
    if of(DeviceKind::Gpu).verdict == Verdict::Software {
        assert_eq!(free.device.kind(), DeviceKind::Cpu, "{:?}", free.why);
        assert_eq!(free.why, Why::OnlySoftware);
    }
    assert_eq!(block_on(probe(Some(DeviceKind::Gpu), None)).device.kind(), DeviceKind::Gpu);
    assert_eq!(block_on(probe(Some(DeviceKind::Cpu), None)).device.kind(), DeviceKind::Cpu);
    // A platform that knows of no GPU is believed.
    let without = block_on(probe(Some(DeviceKind::Gpu), Some(NoGpu::InsecureContext)));
    assert_eq!((without.device.kind(), without.why), (DeviceKind::Cpu, Why::NoGpu(NoGpu::InsecureContext)));
}
