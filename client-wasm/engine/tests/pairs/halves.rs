//! Cases whose floats have 16 bits on the device: their values are rounded first, so that twin and shader start from
//! the same numbers and differ only by the rounding of results.

use engine::devices::gpu::stitched;
use engine::kernels::activation::relu::forward as relu;
use engine::kernels::{Case, Element, Form, Halves, KERNELS, Kernel, Shader, cases};
use half::f16;

use super::adapter::Adapter;
use super::compare::{compare, with_tails};
use super::shaders;

/// A sum that is written, read and written again is rounded twice, each time by up to 2⁻¹¹.
const ROUNDING: f32 = 1.0 / 1024.0;

fn are_floats(kernel: &Kernel) -> impl Iterator<Item = bool> {
    kernel.bindings.iter().map(|it| it.element == Element::F32)
}

fn rounded(words: &[u32]) -> Vec<u32> {
    words.iter().map(|&it| f16::from_f32(f32::from_bits(it)).to_f32().to_bits()).collect()
}

/// Marker beside an odd entry (two entries per word), which must not be overwritten.
const BESIDE: u16 = 0xC0FF;

fn packed(words: &[u32]) -> Vec<u32> {
    let bits = |it: u32| u32::from(f16::from_f32(f32::from_bits(it)).to_bits());
    let pair = |it: &[u32]| bits(it[0]) | it.get(1).map_or(u32::from(BESIDE), |&it| bits(it)) << 16;
    words.chunks(2).map(pair).collect()
}

/// Unpacked entries, and whether the marker beside them is unchanged.
fn unpacked(words: &[u32], entries: usize) -> (Vec<u32>, bool) {
    let halves: Vec<u16> = words.iter().flat_map(|&it| [it as u16, (it >> 16) as u16]).collect();
    let (own, beside) = halves.split_at(entries);
    (own.iter().map(|&it| f16::from_bits(it).to_f32().to_bits()).collect(), beside.iter().all(|&it| it == BESIDE))
}

fn source(kernel: &Kernel, shader: &Shader, halves: Halves) -> String {
    stitched::text(kernel, shader.text, halves)
}

fn disagreement(adapter: &Adapter, case: &Case, form: &Form) -> Option<String> {
    let kernel = case.call.kernel();
    let wide: Vec<Vec<u32>> = are_floats(kernel)
        .zip(&case.buffers)
        .map(|(it, words)| if it { rounded(words) } else { words.clone() })
        .collect();
    let narrow: Vec<Vec<u32>> =
        are_floats(kernel).zip(&wide).map(|(it, words)| if it { packed(words) } else { words.clone() }).collect();
    let mut defined = wide.clone();
    case.call.twin(&mut defined);
    let found = adapter.run(
        &source(kernel, form.shader, Halves::of(are_floats(kernel))),
        &case.call,
        form,
        &with_tails(&narrow),
    );
    for (binding, (defined, (found, narrow))) in
        kernel.bindings.iter().zip(defined.iter().zip(found.iter().zip(&narrow)))
    {
        let (own, tail) = found.split_at(narrow.len());
        let (own, is_whole) = match binding.element {
            Element::U32 => (own.to_vec(), true),
            Element::F32 => unpacked(own, defined.len()),
        };
        let expected = with_tails(std::slice::from_ref(defined)).remove(0);
        let outcome =
            compare(binding.element, &expected, &[own.as_slice(), tail].concat(), case.tolerance.max(ROUNDING));
        let outcome = outcome
            .and_then(|()| is_whole.then_some(()).ok_or("the shader overwrote the marker beside an odd entry".into()));
        if let Err(problem) = outcome {
            return Some(format!("{} ({}), {}: {problem}", form.shader.name, case.about, binding.name));
        }
    }
    None
}

#[test]
fn every_binding_of_floats_may_be_narrow() {
    for (kernel, shader) in KERNELS.iter().flat_map(|it| it.shaders.iter().map(move |shader| (it, shader))) {
        let which: Vec<bool> = are_floats(kernel).collect();
        let single = |at: usize| Halves::of((0..which.len()).map(|it| it == at));
        let alone = (0..which.len()).filter(|&it| which[it]).map(single);
        for halves in alone.chain([Halves::of(which.iter().copied())]).filter(|it| !it.is_empty()) {
            let wgsl = source(kernel, shader, halves);
            shaders::validated(&wgsl).unwrap_or_else(|problem| panic!("{} with {halves:?}: {problem}", shader.name));
        }
    }
}

#[test]
fn narrow_shaders_compute_what_their_twins_define() {
    let adapter = Adapter::open();
    if !adapter.has_halves() {
        assert!(!adapter.name().contains("llvmpipe"), "lavapipe has shader-f16");
        return test_data::left_out(format!("{} has no 16-bit floats in shaders", adapter.name()));
    }
    let disagreements =
        |case: &Case| case.call.forms().iter().filter_map(|it| disagreement(&adapter, case, it)).collect::<Vec<_>>();
    let problems: Vec<String> = cases().iter().flat_map(disagreements).collect();
    assert!(problems.is_empty(), "on {}:\n{}", adapter.name(), problems.join("\n"));
}

#[test]
fn a_wide_write_is_a_type_error() {
    let wgsl = source(&relu::KERNEL, &relu::KERNEL.shaders[0], Halves::of([true, true]));
    assert!(shaders::validated(&wgsl).is_ok());
    assert!(shaders::validated(&wgsl.replace("f16(", "(")).is_err());
}
