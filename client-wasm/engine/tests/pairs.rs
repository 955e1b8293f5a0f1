//! Tests every kernel pair: the shader is valid, lays out its parameters as Rust does, and computes what its twin
//! defines; the twin gives the results worked out by hand. The harness itself is tested with planted faults first.

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
use engine::kernels::activation::relu::forward as relu;
use engine::kernels::product::matmul;
use engine::kernels::{Access, Call, Case, Element, Field, Form, KERNELS, Kernel, Layout, Shader, cases};
use shaders::whole;

/// The twin's result for a case, tails included.
fn by_twin(case: &Case) -> Vec<Vec<u32>> {
    let mut buffers = with_tails(&case.buffers);
    case.call.twin(&mut buffers);
    buffers
}

/// Every shader with its kernel.
fn every_shader() -> impl Iterator<Item = (&'static Kernel, &'static Shader)> {
    KERNELS.iter().flat_map(|kernel| kernel.shaders.iter().map(move |it| (*kernel, it)))
}

/// The cases that a shader supports, each with its form.
fn cases_of<'a>(cases: &'a [Case], shader: &Shader) -> Vec<(&'a Case, Form)> {
    let form = |case: &Case| case.call.forms().into_iter().find(|it| it.shader.name == shader.name);
    cases.iter().filter_map(|case| Some((case, form(case)?))).collect()
}

/// Where shader and twin differ on a case, if they do.
fn disagreement(adapter: &Adapter, wgsl: &str, (case, form): &(&Case, Form)) -> Option<String> {
    let found = adapter.run(wgsl, &case.call, form, &with_tails(&case.buffers));
    let (bindings, defined) = (case.call.kernel().bindings, by_twin(case));
    let compared = bindings.iter().zip(defined.iter().zip(&found));
    let mut outcomes = compared.map(|(it, (twin, shader))| compare(it.element, twin, shader, case.tolerance));
    let problem = outcomes.find_map(Result::err);
    problem.map(|it| format!("{} ({}): {it}", form.shader.name, case.about))
}

#[test]
fn shaders_are_valid_and_bind_what_their_twins_take() {
    for (kernel, shader) in every_shader() {
        shaders::check(kernel, shader).unwrap_or_else(|problem| panic!("{}: {problem}", shader.name));
    }
}

#[test]
fn every_kernel_has_cases_down_to_one_element_and_its_hand_computed_values() {
    let cases = cases();
    for (_, shader) in every_shader() {
        let own = cases_of(&cases, shader);
        assert!(own.iter().any(|it| !it.0.expected.is_empty()), "{} has no case worked out by hand", shader.name);
        assert!(own.len() >= 2, "{} has too few cases", shader.name);
    }
}

#[test]
fn every_kernel_of_many_entries_has_a_case_of_several_workgroups() {
    let cases = cases();
    let is_several = |it: &Form| it.workgroups.iter().product::<u32>() > 1;
    let is_single = |shader: &Shader| !cases_of(&cases, shader).iter().any(|it| is_several(&it.1));
    let single: Vec<&str> = every_shader().filter(|it| is_single(it.1)).map(|it| it.1.name).collect();
    assert_eq!(single, ["advance", "tally", "bias_correction"]);
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
            assert!(binding.access != Access::Reads || *before == after, "{name} wrote to {}", binding.name);
            let tail = before.len() - compare::TAIL;
            assert_eq!(before[tail..], after[tail..], "{name} wrote past the end of {}", binding.name);
        }
    }
}

#[test]
fn shaders_compute_what_their_twins_define() {
    let adapter = Adapter::open();
    let (cases, mut problems) = (cases(), Vec::new());
    // `cargo xtask gpu-check` turns these lines into a table.
    println!("adapter | {} | {}", adapter.name(), if adapter.is_software() { "software" } else { "hardware" });
    for (kernel, shader) in every_shader() {
        let (own, wgsl) = (cases_of(&cases, shader), whole(kernel, shader));
        let problem = own.iter().find_map(|it| disagreement(&adapter, &wgsl, it));
        println!("pair | {} | {} cases | {}", shader.name, own.len(), problem.as_deref().unwrap_or("holds"));
        problems.extend(problem);
    }
    assert!(problems.is_empty(), "on {}:\n{}", adapter.name(), problems.join("\n"));
}

/// Whether some case of a shader detects a planted change.
fn is_caught(name: &str, right: &str, wrong: &str) -> bool {
    let (kernel, shader) = every_shader().find(|it| it.1.name == name).expect("a shader");
    let whole = whole(kernel, shader);
    let broken = whole.replacen(right, wrong, 1);
    assert_ne!(broken, whole, "{right} must be in {name}");
    let (adapter, cases) = (Adapter::open(), cases());
    cases_of(&cases, shader).iter().any(|it| disagreement(&adapter, &broken, it).is_some())
}

#[test]
fn a_flipped_sign_is_caught() {
    assert!(is_caught("matmul_tiled", "sums1 += ", "sums1 -= "));
}

#[test]
fn a_missing_guard_is_caught_by_the_tail() {
    assert!(is_caught("relu", "at < n;", "at < n + 9u;"));
}

#[test]
fn a_skipped_slab_of_a_sum_is_caught() {
    assert!(is_caught("matmul_tiled", "start += DEPTH", "start += TILE"));
}

#[test]
fn a_field_out_of_place_is_caught() {
    let found = |fields| shaders::check(&Kernel { fields, ..relu::KERNEL }, &relu::KERNEL.shaders[0]);
    assert_eq!(found(&[Field { name: "len", element: Element::U32, offset: 0 }]), Ok(()));
    assert!(found(&[Field { name: "len", element: Element::U32, offset: 4 }]).is_err(), "another place");
    assert!(found(&[Field { name: "len", element: Element::F32, offset: 0 }]).is_err(), "another type");
    assert!(found(&[Field { name: "other", element: Element::U32, offset: 0 }]).is_err(), "another name");
    let bound_otherwise = Kernel { bindings: matmul::KERNEL.bindings, ..relu::KERNEL };
    assert!(shaders::check(&bound_otherwise, &relu::KERNEL.shaders[0]).is_err());
}

#[test]
fn workgroups_stay_within_webgpu() {
    let [x, y, _] = Call::Relu(relu::Params { len: 100_000_000 }).form(Layout::Workgroups).workgroups;
    assert!(x <= 65_535 && y <= 65_535 && u64::from(x) * u64::from(y) * 512 >= 100_000_000);
}
