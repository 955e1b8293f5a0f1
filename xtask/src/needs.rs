//! What building and testing need beyond Rust: found, installed where that is possible, or named with the command.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::{self, output, succeed};

/// How the client is compiled for the browser: every browser with WebGPU has SIMD.
pub(crate) const WASM_FLAGS: &str = "-Ctarget-feature=+simd128";

/// By which names a Chromium may be on the `PATH`.
const CHROMIUMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Where Vulkan drivers are listed.
const DRIVER_FOLDERS: [&str; 3] = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/// Makes sure that Rust can compile for the browser.
pub(crate) fn wasm_target() -> Result<()> {
    let sysroot = output(rustc().args(["--print", "sysroot"]))?;
    if Path::new(&sysroot).join("lib/rustlib/wasm32-unknown-unknown").is_dir() {
        return Ok(());
    }
    rustup(&["target", "add", "wasm32-unknown-unknown"])
}

/// Makes sure that the formatter and the linter are there.
pub(crate) fn components() -> Result<()> {
    for (component, command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if output(workspace::cargo().args([command, "--version"])).is_err() {
            rustup(&["component", "add", component])?;
        }
    }
    Ok(())
}

/// A software Vulkan driver, so that compute shaders run on any machine. A driver that the environment names wins.
pub(crate) fn vulkan_driver() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("VK_DRIVER_FILES") {
        return Ok(chosen.into());
    }
    found_or_installed("lavapipe (Vulkan in software)", &["mesa-vulkan-drivers", "libvulkan1"], lavapipe)
}

/// A Chromium for the tests that open the page.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("CHROME").map(PathBuf::from) {
        if !chosen.is_file() {
            bail!("CHROME names {}, which is not a file", chosen.display());
        }
        return Ok(chosen);
    }
    found_or_installed("chromium", &["chromium", "fonts-dejavu-core"], || CHROMIUMS.into_iter().find_map(on_path))
}

/// What `find` finds, if need be after installing Debian's packages.
fn found_or_installed(what: &str, packages: &[&str], find: impl Fn() -> Option<PathBuf>) -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let advice = format!(
        "the tests need {what}, which is not here. On Debian or Ubuntu: sudo apt-get install {}. Elsewhere install it \
         by your system's means; CHROME=/path/to/chromium and VK_DRIVER_FILES=/path/to/icd.json say where it is",
        packages.join(" ")
    );
    if on_path("apt-get").is_none() || output(Command::new("id").arg("-u")).ok().as_deref() != Some("0") {
        bail!(advice);
    }
    install(packages).context(advice.clone())?;
    find().context(advice)
}

fn install(packages: &[&str]) -> Result<()> {
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet");
        apt
    };
    eprintln!("installing {}", packages.join(" "));
    succeed(apt().arg("update"))?;
    succeed(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

/// The driver list entry of lavapipe, preferring this machine's architecture where several are installed.
fn lavapipe() -> Option<PathBuf> {
    let is_lavapipe = |it: &PathBuf| {
        let name = it.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("lvp_icd") && name.ends_with(".json")
    };
    let entries = |folder| workspace::files(Path::new(folder)).unwrap_or_default();
    let mut found: Vec<PathBuf> = DRIVER_FOLDERS.into_iter().flat_map(entries).filter(is_lavapipe).collect();
    found.sort_by_key(|it| !it.to_string_lossy().contains(std::env::consts::ARCH));
    found.into_iter().next()
}

fn on_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|it| it.join(program)).find(|it| it.is_file())
}

fn rustc() -> Command {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.current_dir(workspace::root());
    rustc
}

fn rustup(args: &[&str]) -> Result<()> {
    eprintln!("running rustup {}", args.join(" "));
    succeed(Command::new("rustup").args(args).current_dir(workspace::root()))
        .with_context(|| format!("Rust lacks a part; get it with: rustup {}", args.join(" ")))
}
