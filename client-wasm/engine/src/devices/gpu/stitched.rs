//! Stitched shaders: the body of a shader, preceded by declarations generated from the kernel's twin.

use super::narrow::rewritten;
use crate::kernels::{Access, Element, Halves, Kernel};

/// Numbers of bindings: WebGPU guarantees eight storage buffers; the parameters have number 0.
const NUMBERS: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];

/// The whole text of a kernel's shader, with the given bindings as halves.
pub fn text(kernel: &Kernel, body: &str, halves: Halves) -> String {
    let mut text = String::new();
    let mut push = |parts: &[&str]| parts.iter().for_each(|it| text.push_str(it));
    if !halves.is_empty() {
        push(&["enable f16;\n"]);
    }
    push(&["struct Params {", kernel.params, "}\n\n@group(0) @binding(0) var<uniform> params: Params;\n"]);
    let mut narrow = vec![];
    for (at, binding) in kernel.bindings.iter().enumerate() {
        let access = if binding.access == Access::Reads { "read" } else { "read_write" };
        let element = match (binding.access, halves.has(at)) {
            (Access::Shares, _) => "atomic<u32>",
            (Access::Reads | Access::Writes, true) => "f16",
            (Access::Reads | Access::Writes, false) => spelled(binding.element),
        };
        if halves.has(at) {
            narrow.push(binding.name);
        }
        push(&[
            "@group(0) @binding(",
            NUMBERS[at],
            ") var<storage, ",
            access,
            "> ",
            binding.name,
            ": array<",
            element,
            ">;\n",
        ]);
    }
    push(&["\n"]);
    text + &rewritten(body, &narrow)
}

/// Name of the type in WGSL.
fn spelled(element: Element) -> &'static str {
    match element {
        Element::F32 => "f32",
        Element::U32 => "u32",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::activation::relu::forward as relu;
    use crate::kernels::ballots::order;

    #[test]
    fn declarations_stand_in_front() {
        assert_eq!(
            text(&relu::KERNEL, "y[0] = x[0];\n", Halves::default()),
            "struct Params {len:u32,}\n\n@group(0) @binding(0) var<uniform> params: Params;\n\
            @group(0) @binding(1) var<storage, read> x: array<f32>;\n\
            @group(0) @binding(2) var<storage, read_write> y: array<f32>;\n\ny[0] = x[0];\n"
        );
    }

    #[test]
    fn a_narrow_buffer_is_declared_and_read_as_such() {
        let narrow = text(&relu::KERNEL, "y[0] = x[0];\n", Halves::of([true, false]));
        assert!(narrow.starts_with("enable f16;\n"), "{narrow}");
        assert!(narrow.contains("x: array<f16>;") && narrow.contains("y: array<f32>;"), "{narrow}");
        assert!(narrow.ends_with("y[0] = f32(x[0]);\n"), "{narrow}");
    }

    #[test]
    fn what_invocations_share_is_atomic() {
        assert!(text(&order::KERNEL, "", Halves::default()).contains("read_write> ballot: array<atomic<u32>>;"));
    }
}
