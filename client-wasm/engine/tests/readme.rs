//! The README's code is the example, and the example learns on both devices.

use engine::devices::{Device, DeviceKind};

#[path = "../examples/learn.rs"]
#[allow(dead_code, unreachable_pub, reason = "an example is a program of its own")]
mod learn;

#[test]
fn the_readme_shows_the_example() {
    let readme = include_str!("../README.md");
    let shown = readme.split("```rust\n").nth(1).and_then(|it| it.split("```").next()).expect("a block of Rust");
    assert!(include_str!("../examples/learn.rs").ends_with(&format!("\n\n{shown}")), "the README shows other code");
    let code = shown.split("/// Native:").next().expect("its beginning");
    assert!(code.lines().filter(|it| !it.trim().is_empty()).count() <= 30, "thirty lines");
}

#[test]
fn it_learns_on_the_processor_and_in_shaders_alike() {
    let [cpu, gpu] = [DeviceKind::Cpu, DeviceKind::Gpu].map(|kind| {
        let device = pollster::block_on(Device::open(kind)).expect("a device");
        pollster::block_on(learn::learn(&device)).expect("it trains")
    });
    assert!(cpu > 0.85 && (cpu - gpu).abs() < 0.02, "right: {cpu} on the CPU, {gpu} on the GPU");
}
