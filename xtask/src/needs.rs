//! Needs: what building and testing need beyond Rust: found, installed where possible, or reported with the command to
//! install it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::{self, output, succeed};

/// How the client is compiled for the browser. Every browser with WebGPU has SIMD. Only small functions are inlined by
/// default (LLVM's limit is five times as large): hot loops are marked for inlining, and the page shrinks by 4 kB.
pub(crate) const WASM_FLAGS: &str = "-Ctarget-feature=+simd128 -Cllvm-args=-inline-threshold=40";

/// Names of Chromium on the `PATH`.
const CHROMIUMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Folders that list Vulkan drivers.
const DRIVER_FOLDERS: [&str; 3] = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/// Ensures that Rust can compile for the browser.
pub(crate) fn wasm_target() -> Result<()> {
    let sysroot = output(rustc().args(["--print", "sysroot"]))?;
    if Path::new(&sysroot).join("lib/rustlib/wasm32-unknown-unknown").is_dir() {
        return Ok(());
    }
    rustup(&["target", "add", "wasm32-unknown-unknown"])
}

/// Ensures that formatter and linter are installed.
pub(crate) fn components() -> Result<()> {
    for (component, command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if output(workspace::cargo().args([command, "--version"])).is_err() {
            rustup(&["component", "add", component])?;
        }
    }
    Ok(())
}

/// A program or driver that tests need and cargo cannot provide.
pub(crate) struct Need {
    what: &'static str,
    /// Debian packages that contain the program or driver.
    packages: &'static [&'static str],
    /// Environment variable for choosing another one.
    variable: &'static str,
    find: fn() -> Option<PathBuf>,
}

/// A software Vulkan driver, so that compute shaders run on any machine.
pub(crate) const DRIVER: Need = Need {
    what: "lavapipe (Vulkan in software)",
    packages: &["mesa-vulkan-drivers", "libvulkan1"],
    variable: "VK_DRIVER_FILES",
    find: lavapipe,
};

/// A Chromium for the tests that open the page, with a font to draw it.
pub(crate) const CHROMIUM: Need = Need {
    what: "chromium",
    packages: &["chromium", "fonts-dejavu-core"],
    variable: "CHROME",
    find: || CHROMIUMS.into_iter().find_map(on_path),
};

/// Npm, which fetches axe-core, a checker of accessibility; only tests that open the page need it.
pub(crate) const NPM: Need = Need { what: "npm", packages: &["npm"], variable: "NPM", find: || on_path("npm") };

impl Need {
    /// Path from the environment, else the one found.
    fn place(&self) -> Option<PathBuf> {
        std::env::var_os(self.variable).map(PathBuf::from).or_else(self.find)
    }
}

/// A Vulkan driver for commands that use the machine's own adapter: `None` where the system lists any driver, else
/// lavapipe.
pub(crate) fn graphics() -> Result<Option<PathBuf>> {
    let is_listed = || DRIVER_FOLDERS.iter().any(|it| workspace::files(Path::new(it)).is_ok_and(|it| !it.is_empty()));
    if std::env::var_os(DRIVER.variable).is_some() || is_listed() {
        return Ok(None);
    }
    let [driver] = met([&DRIVER])?;
    Ok(Some(driver))
}

/// Paths of all needs, after installing missing ones if possible.
pub(crate) fn met<const N: usize>(needs: [&Need; N]) -> Result<[PathBuf; N]> {
    let missing: Vec<&Need> = needs.into_iter().filter(|it| it.place().is_none()).collect();
    if !missing.is_empty() {
        let packages: Vec<&str> = missing.iter().flat_map(|it| it.packages).copied().collect();
        if can_install() {
            install(&packages).with_context(|| advice(&missing))?;
        }
        if missing.iter().any(|it| it.place().is_none()) {
            bail!(advice(&missing));
        }
    }
    Ok(needs.map(|it| it.place().expect("missing programs have just been found")))
}

fn advice(missing: &[&Need]) -> String {
    let what: Vec<&str> = missing.iter().map(|it| it.what).collect();
    let packages: Vec<&str> = missing.iter().flat_map(|it| it.packages).copied().collect();
    let variables: Vec<&str> = missing.iter().map(|it| it.variable).collect();
    format!(
        "the tests need {}. On Debian or Ubuntu: sudo apt-get install {}. Elsewhere install by your system's means; \
         where it is not found by itself, name it in {}",
        what.join(" and "),
        packages.join(" "),
        variables.join(" and ")
    )
}

/// Whether this is Debian or a derivative, and packages can be installed.
fn can_install() -> bool {
    on_path("apt-get").is_some() && output(Command::new("id").arg("-u")).is_ok_and(|it| it == "0")
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

/// Lavapipe's driver list entry, preferably for this machine's architecture where several are installed.
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
