//! Stitched shaders: in front of what a shader does stand its declarations, as the kernel's twin has them.

use super::narrow::rewritten;
use crate::kernels::{Access, Element, Halves, Kernel};

/// The whole text of a shader of a kernel when these of its bindings hold halves.
pub fn text(kernel: &Kernel, body: &str, halves: Halves) -> String {
    let mut text = String::new();
    if !halves.is_empty() {
        text += "enable f16;\n";
    }
    text += "struct Params {\n";
    for field in kernel.fields {
        text += &["    ", field.name, ": ", spelled(field.element), ",\n"].concat();
    }
    text += "}\n\n@group(0) @binding(0) var<uniform> params: Params;\n";
    for (at, binding) in kernel.bindings.iter().enumerate() {
        let access = if binding.access == Access::Reads { "read" } else { "read_write" };
        let element = match (binding.access, halves.has(at)) {
            (Access::Shares, _) => "atomic<u32>",
            (Access::Reads | Access::Writes, true) => "f16",
            (Access::Reads | Access::Writes, false) => spelled(binding.element),
        };
        let number = (at + 1).to_string();
        let parts =
            ["@group(0) @binding(", &number, ") var<storage, ", access, "> ", binding.name, ": array<", element];
        text += &parts.concat();
        text += ">;\n";
    }
    text += "\n";
    if halves.is_empty() {
        return text + body;
    }
    let bindings = kernel.bindings.iter().enumerate();
    let narrow: Vec<&str> = bindings.filter(|it| halves.has(it.0)).map(|it| it.1.name).collect();
    text + &rewritten(body, &narrow)
}

/// As WGSL spells it.
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
            "struct Params {\n    len: u32,\n}\n\n@group(0) @binding(0) var<uniform> params: Params;\n\
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
