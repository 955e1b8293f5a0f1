//! Every kernel pair under one body: the shader is valid, lays out its parameters as Rust does, and computes what its
//! twin defines; the twin computes what was worked out by hand. The harness is tested with planted faults first.

#[path = "pairs/adapter.rs"]
mod adapter;
#[path = "pairs/compare.rs"]
mod compare;
#[path = "pairs/differences.rs"]
mod differences;
#[path = "pairs/halves.rs"]
mod halves;
#[path = "pairs/shaders.rs"]
mod shaders;

use adapter::Adapter;
use compare::{compare, with_tails};
use engine::kernels::{Access, Call, Case, KERNELS, Kernel, cases, matmul_tiled, relu};

/// What the twin makes of a case, tails included.
fn by_twin(case: &Case) -> Vec<Vec<u32>> {
    let mut buffers = with_tails(&case.buffers);
    case.call.twin(&mut buffers);
    buffers
}

/// Where shader and twin differ on a case, if anywhere.
fn disagreement(adapter: &Adapter, wgsl: &str, case: &Case) -> Option<String> {
    let found = adapter.run(wgsl, &case.call, &with_tails(&case.buffers));
    let (bindings, defined) = (case.call.kernel().bindings, by_twin(case));
    let compared = bindings.iter().zip(defined.iter().zip(&found));
    let mut outcomes = compared.map(|(it, (twin, shader))| compare(it.element, twin, shader, case.tolerance));
    let problem = outcomes.find_map(Result::err);
    problem.map(|it| format!("{} ({}): {it}", case.call.kernel().name, case.about))
}

#[test]
fn shaders_are_valid_and_bind_what_their_twins_take() {
    for kernel in KERNELS {
        shaders::check(kernel).unwrap_or_else(|problem| panic!("{}: {problem}", kernel.name));
    }
}

#[test]
fn every_kernel_has_cases_down_to_one_element_and_its_hand_computed_values() {
    for kernel in KERNELS {
        let own: Vec<Case> = cases().into_iter().filter(|it| it.call.kernel().name == kernel.name).collect();
        assert!(own.iter().any(|it| !it.expected.is_empty()), "{} has nothing worked out by hand", kernel.name);
        assert!(own.len() >= 2, "{} has too few cases", kernel.name);
    }
}

#[test]
fn every_kernel_of_many_entries_has_a_case_of_several_workgroups() {
    let is_several = |it: &Case| it.call.workgroups().iter().product::<u32>() > 1;
    let several: Vec<&str> = cases().iter().filter(|it| is_several(it)).map(|it| it.call.kernel().name).collect();
    let single: Vec<&str> = KERNELS.iter().map(|it| it.name).filter(|it| !several.contains(it)).collect();
    assert_eq!(single, ["advance", "tally", "warm"]);
}

#[test]
fn twins_compute_what_was_worked_out_by_hand() {
    for case in cases() {
        let twin = by_twin(&case);
        for (buffer, expected) in &case.expected {
            let element = case.call.kernel().bindings[*buffer].element;
            let expected = with_tails(std::slice::from_ref(expected)).remove(0);
            let outcome = compare(element, &expected, &twin[*buffer], 1e-6);
            outcome.unwrap_or_else(|problem| panic!("{} ({}): {problem}", case.call.kernel().name, case.about));
        }
    }
}

#[test]
fn twins_touch_only_what_they_may_write() {
    for case in cases() {
        let before = with_tails(&case.buffers);
        for (binding, (before, after)) in case.call.kernel().bindings.iter().zip(before.iter().zip(by_twin(&case))) {
            let name = case.call.kernel().name;
            assert!(binding.access == Access::Writes || *before == after, "{name} wrote to {}", binding.name);
            let tail = before.len() - compare::TAIL;
            assert_eq!(before[tail..], after[tail..], "{name} wrote past the end of {}", binding.name);
        }
    }
}

#[test]
fn shaders_compute_what_their_twins_define() {
    let adapter = Adapter::open();
    let (cases, mut problems) = (cases(), Vec::new());
    // `cargo xtask gpu-check` makes a table of these lines.
    println!("adapter | {} | {}", adapter.name(), if adapter.is_software() { "software" } else { "hardware" });
    for kernel in KERNELS {
        let own: Vec<&Case> = cases.iter().filter(|it| it.call.kernel().name == kernel.name).collect();
        let problem = own.iter().find_map(|it| disagreement(&adapter, kernel.wgsl.text, it));
        println!("pair | {} | {} cases | {}", kernel.name, own.len(), problem.as_deref().unwrap_or("holds"));
        problems.extend(problem);
    }
    assert!(problems.is_empty(), "on {}:\n{}", adapter.name(), problems.join("\n"));
}

/// The shader with one thing changed.
fn broken(kernel: &Kernel, right: &str, wrong: &str) -> String {
    let broken = kernel.wgsl.text.replacen(right, wrong, 1);
    assert_ne!(broken, kernel.wgsl.text, "{right} is in {}", kernel.name);
    broken
}

/// Whether any case of a kernel tells a broken shader from its twin.
fn is_caught(wgsl: &str, name: &str) -> bool {
    let adapter = Adapter::open();
    cases().iter().filter(|it| it.call.kernel().name == name).any(|it| disagreement(&adapter, wgsl, it).is_some())
}

#[test]
fn a_flipped_sign_is_caught() {
    let wgsl = broken(&matmul_tiled::KERNEL, "sums1 += ", "sums1 -= ");
    assert!(is_caught(&wgsl, "matmul_tiled"));
}

#[test]
fn a_missing_guard_is_caught_by_the_tail() {
    let wgsl = broken(&relu::KERNEL, "at < n;", "at < n + 9u;");
    assert!(is_caught(&wgsl, "relu"));
}

#[test]
fn a_skipped_slab_of_a_sum_is_caught() {
    let wgsl = broken(&matmul_tiled::KERNEL, "start += DEPTH", "start += TILE");
    assert!(is_caught(&wgsl, "matmul_tiled"));
}

#[test]
fn a_field_out_of_place_is_caught() {
    let swapped = Kernel { fields: &[("other", 0)], ..relu::KERNEL };
    assert!(shaders::check(&swapped).is_err());
    let bound_otherwise = Kernel { bindings: matmul_tiled::KERNEL.bindings, ..relu::KERNEL };
    assert!(shaders::check(&bound_otherwise).is_err());
    let longer = Kernel { params_len: 8, ..relu::KERNEL };
    assert!(shaders::check(&longer).is_err());
}

#[test]
fn workgroups_stay_within_webgpu() {
    let [x, y, _] = Call::Relu(relu::Params { len: 100_000_000 }).workgroups();
    assert!(x <= 65_535 && y <= 65_535 && u64::from(x) * u64::from(y) * 512 >= 100_000_000);
}
