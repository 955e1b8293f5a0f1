//! axe-core, which finds what keeps people out of a page: fetched for the tests alone, in the one version that they know.

use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::chromium::Tab;
use crate::repository::root;

/// What npm is asked for.
const PACKAGE: &str = "axe-core@4.10.3";

/// What it has to give, as SHA-256.
const DIGEST: [u8; 32] = [
    0x0f, 0x2b, 0x4d, 0x7d, 0xcd, 0xf7, 0xd1, 0x21, 0x9d, 0xf8, 0xd1, 0x95, 0x9a, 0xd6, 0x8e, 0x56, 0x5f, 0x51, 0xd1,
    0x4c, 0x3f, 0x0d, 0x88, 0xbb, 0x71, 0xcd, 0x59, 0xab, 0xeb, 0x95, 0x62, 0x92,
];

/// The script within the package.
const SCRIPT: &str = "package/axe.min.js";

/// What axe finds on a page as it stands; a line for each place.
///
/// # Errors
/// When axe cannot be fetched, or throws.
pub async fn findings(tab: &Tab) -> Result<Vec<String>> {
    if tab.eval("() => typeof axe").await? != "object" {
        tab.eval(&format!("() => {{ {} }}", script()?)).await?;
    }
    let run = "async () => {
        const { violations } = await axe.run({ rules: { 'target-size': { enabled: true } } });
        return violations.flatMap(({ id, nodes }) => nodes.map(it => `${id}: ${it.html}: ${it.failureSummary}`));
    }";
    Ok(serde_json::from_value(tab.eval(run).await?)?)
}

/// The script, from the package that lies among what cargo builds or is fetched there.
fn script() -> Result<String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let package = target.join("axe-core.tgz");
    if !package.is_file() {
        fetch(&target, &package)?;
    }
    let packed = std::fs::read(&package)?;
    let digest: [u8; 32] = Sha256::digest(&packed).into();
    ensure!(digest == DIGEST, "{} is not {PACKAGE}: delete it", package.display());
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&packed[..]));
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.path()?.as_ref() == Path::new(SCRIPT) {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            return Ok(text);
        }
    }
    anyhow::bail!("{PACKAGE} has no {SCRIPT}")
}

/// Into a folder of its own first, so that tests that run at once do not read half of it.
fn fetch(target: &Path, package: &Path) -> Result<()> {
    std::fs::create_dir_all(target)?;
    let folder = tempfile::tempdir_in(target)?;
    // `cargo xtask test` says where npm is, and installs it where that is possible.
    let npm = std::env::var_os("NPM").unwrap_or_else(|| "npm".into());
    let packed = Command::new(npm).args(["pack", PACKAGE, "--pack-destination"]).arg(folder.path()).output();
    let packed = packed.context("axe-core is fetched with npm: install it (Debian: apt-get install npm)")?;
    let problem = String::from_utf8_lossy(&packed.stderr);
    ensure!(packed.status.success(), "npm could not fetch {PACKAGE}: {problem}");
    let file = std::fs::read_dir(folder.path())?.next().context("npm left no file")??.path();
    std::fs::rename(file, package)?;
    Ok(())
}
