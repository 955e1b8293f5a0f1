//! What naga says about a shader: valid, and with the parameters and buffers that its twin declares.

use engine::kernels::{Access, Element, Kernel};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, GlobalVariable, Module, Scalar, StorageAccess, TypeInner};

/// What is wrong with the pair's declarations, if anything.
pub(crate) fn check(kernel: &Kernel) -> Result<(), String> {
    let module = validated(kernel.wgsl.text)?;
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

/// The module, if it is valid; with 16-bit floats only where it enables them.
pub(crate) fn validated(wgsl: &str) -> Result<Module, String> {
    let narrow = if wgsl.starts_with("enable f16;") { Capabilities::SHADER_FLOAT16 } else { Capabilities::empty() };
    let module = naga::front::wgsl::parse_str(wgsl).map_err(|error| error.emit_to_string(wgsl))?;
    Validator::new(ValidationFlags::all(), narrow).validate(&module).map_err(|error| format!("{error:?}"))?;
    Ok(module)
}

fn global(module: &Module, binding: u32) -> Result<&GlobalVariable, String> {
    let is_bound = |it: &&GlobalVariable| it.binding.as_ref().is_some_and(|at| at.group == 0 && at.binding == binding);
    let found = module.global_variables.iter().map(|it| it.1).find(is_bound);
    found.ok_or_else(|| format!("nothing at binding {binding}"))
}

fn params(module: &Module, kernel: &Kernel) -> Result<(), String> {
    let params = global(module, 0)?;
    let TypeInner::Struct { members, span } = &module.types[params.ty].inner else {
        return Err("binding 0 is no struct".into());
    };
    let named = |it: &naga::StructMember| (it.name.clone().unwrap_or_default(), it.offset as usize);
    let shader: Vec<(String, usize)> = members.iter().map(named).collect();
    let twin: Vec<(String, usize)> = kernel.fields.iter().map(|it| (it.0.to_string(), it.1)).collect();
    if params.space != AddressSpace::Uniform || shader != twin || *span as usize != kernel.params_len {
        return Err(format!("Params is {shader:?} of {span} bytes, in Rust {twin:?} of {}", kernel.params_len));
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
            return Err(format!("binding {binding} is no array"));
        };
        let (TypeInner::Scalar(scalar) | TypeInner::Atomic(scalar)) = module.types[base].inner else {
            return Err(format!("binding {binding} holds no scalars"));
        };
        let element = if scalar == Scalar::F32 { Element::F32 } else { Element::U32 };
        if scalar != Scalar::F32 && scalar != Scalar::U32 {
            return Err(format!("binding {binding} holds {scalar:?}"));
        }
        let name = found.name.clone().unwrap_or_default();
        let fits =
            name == declared.name && element == declared.element && writes == (declared.access == Access::Writes);
        if !fits {
            return Err(format!("binding {binding} is {name} ({element:?}, writes: {writes}), in Rust {declared:?}"));
        }
    }
    let bound = module.global_variables.iter().filter(|it| it.1.binding.is_some()).count();
    if bound != kernel.bindings.len() + 1 {
        return Err(format!("{bound} bindings, in Rust {}", kernel.bindings.len() + 1));
    }
    Ok(())
}
