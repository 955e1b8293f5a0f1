//! Writes the whole text of every shader, with the declarations that stand in front of it, for editors and validators: `shaders DIR`.

#![allow(clippy::print_stdout, reason = "a tool that prints")]

use std::path::PathBuf;

use anyhow::{Context, Result};
use engine::devices::gpu::stitched;
use engine::kernels::{Halves, KERNELS};

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).context("which folder?")?);
    // What is no shader any more should not be found there.
    if folder.is_dir() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("could not clear {}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder)?;
    let mut n_written = 0;
    for kernel in KERNELS {
        for shader in kernel.shaders {
            let file = folder.join(format!("{}.wgsl", shader.name));
            std::fs::write(&file, stitched::text(kernel, shader.text, Halves::default()))
                .with_context(|| format!("could not write {}", file.display()))?;
            n_written += 1;
        }
    }
    println!("{n_written} shaders in {}", folder.display());
    Ok(())
}
