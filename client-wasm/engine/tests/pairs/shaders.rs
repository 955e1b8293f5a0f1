//! Checks shaders with naga: each must be valid, with the parameters and buffers that its twin declares.

use engine::devices::gpu::stitched;
use engine::kernels::{Access, Element, Field, Halves, Kernel, Shader};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, GlobalVariable, Module, Scalar, StorageAccess, TypeInner};

/// A shader as a GPU compiles it.
pub(crate) fn whole(kernel: &Kernel, shader: &Shader) -> String {
    stitched::text(kernel, shader.text, Halves::default())
}

/// What is wrong with a shader of a kernel, if anything is.
pub(crate) fn check(kernel: &Kernel, shader: &Shader) -> Result<(), String> {
    let module = validated(&whole(kernel, shader))?;
    let entry = module.entry_points.first().ok_or("no entry point")?;
    if entry.name != "main" || module.entry_points.len() != 1 {
        return Err("the one entry point must be called main".into());
    }
    if entry.workgroup_size.iter().product::<u32>() > 256 {
        return Err("more than 256 invocations per workgroup".into());
    }
    params(&module, kernel)?;
    buffers(&module, kernel)
}

/// The module, if it is valid; 16-bit floats only count where the shader enables them.
pub(crate) fn validated(wgsl: &str) -> Result<Module, String> {
    let narrow = if wgsl.starts_with("enable f16;") { Capabilities::SHADER_FLOAT16 } else { Capabilities::empty() };
    let module = naga::front::wgsl::parse_str(wgsl).map_err(|error| error.emit_to_string(wgsl))?;
    Validator::new(ValidationFlags::all(), narrow).validate(&module).map_err(|error| format!("{error:?}"))?;
    Ok(module)
}

/// Element type of a 32-bit scalar; `None` for types that kernels do not use.
fn element(scalar: Scalar) -> Option<Element> {
    [(Scalar::F32, Element::F32), (Scalar::U32, Element::U32)].into_iter().find(|it| it.0 == scalar).map(|it| it.1)
}

fn global(module: &Module, binding: u32) -> Result<&GlobalVariable, String> {
    let is_bound = |it: &&GlobalVariable| it.binding.as_ref().is_some_and(|at| at.group == 0 && at.binding == binding);
    let found = module.global_variables.iter().map(|it| it.1).find(is_bound);
    found.ok_or_else(|| format!("there is no buffer at binding {binding}"))
}

fn params(module: &Module, kernel: &Kernel) -> Result<(), String> {
    let params = global(module, 0)?;
    let TypeInner::Struct { members, span } = &module.types[params.ty].inner else {
        return Err("binding 0 is not a struct".into());
    };
    let is_same = |(member, field): (&naga::StructMember, &Field)| {
        let inner = &module.types[member.ty].inner;
        let element = if let TypeInner::Scalar(scalar) = inner { element(*scalar) } else { None };
        member.name.as_deref() == Some(field.name)
            && member.offset as usize == field.offset
            && element == Some(field.element)
    };
    let len = 4 * kernel.fields.len();
    let is_alike = members.len() == kernel.fields.len() && members.iter().zip(kernel.fields).all(is_same);
    if params.space != AddressSpace::Uniform || !is_alike || *span as usize != len {
        return Err(format!("Params is {members:?} of {span} bytes, in Rust {:?} of {len}", kernel.fields));
    }
    Ok(())
}

fn buffers(module: &Module, kernel: &Kernel) -> Result<(), String> {
    if kernel.bindings.len() > 8 {
        return Err("more than the 8 storage buffers that WebGPU promises".into());
    }
    for (binding, declared) in (1..).zip(kernel.bindings) {
        let found = global(module, binding)?;
        let AddressSpace::Storage { access } = found.space else {
            return Err(format!("binding {binding} lies in {:?}", found.space));
        };
        let writes = access.contains(StorageAccess::STORE);
        let TypeInner::Array { base, .. } = module.types[found.ty].inner else {
            return Err(format!("binding {binding} is not an array"));
        };
        let inner = &module.types[base].inner;
        let (TypeInner::Scalar(scalar) | TypeInner::Atomic(scalar)) = *inner else {
            return Err(format!("binding {binding} does not hold scalars"));
        };
        let element = element(scalar).ok_or_else(|| format!("binding {binding} holds {scalar:?}"))?;
        let access = match (writes, matches!(inner, TypeInner::Atomic(_))) {
            (false, _) => Access::Reads,
            (true, false) => Access::Writes,
            (true, true) => Access::Shares,
        };
        let name = found.name.clone().unwrap_or_default();
        let fits = name == declared.name && element == declared.element && access == declared.access;
        if !fits {
            return Err(format!("binding {binding} is {name} ({element:?}, {access:?}), in Rust {declared:?}"));
        }
    }
    let bound = module.global_variables.iter().filter(|it| it.1.binding.is_some()).count();
    if bound != kernel.bindings.len() + 1 {
        return Err(format!("{bound} bindings, in Rust {}", kernel.bindings.len() + 1));
    }
    Ok(())
}
