//! Headless browser tabs that join by the real page, so that anyone can watch the main job without a phone.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

/// Browsers by the names under which systems install them.
const BROWSERS: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// One browser process with its tabs; ends with this value.
#[derive(Debug)]
pub struct Tabs {
    browser: Child,
    profile: PathBuf,
}

impl Tabs {
    /// Opens every address in a tab of one headless browser.
    ///
    /// # Errors
    /// When no Chromium is installed (says what to install), or it does not start.
    pub fn open(addresses: &[String]) -> anyhow::Result<Self> {
        let program = browser()?;
        let profile = std::env::temp_dir().join(format!("pleach-tabs-{}", std::process::id()));
        std::fs::create_dir_all(&profile).with_context(|| format!("cannot create {}", profile.display()))?;
        let browser = Command::new(&program)
            .args(FLAGS)
            .args(is_root().then_some("--no-sandbox"))
            .arg(format!("--user-data-dir={}", profile.display()))
            .args(addresses)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self { browser, profile })
    }
}

impl Drop for Tabs {
    fn drop(&mut self) {
        // It may have ended by itself; a profile left behind harms nobody.
        let _ = self.browser.kill();
        let _ = self.browser.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// No first-run chores, WebGPU on software adapters, and no slowing down of tabs that nobody looks at.
const FLAGS: [&str; 11] = [
    "--headless",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-webgpu",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--mute-audio",
];

/// `$CHROME`, or the first browser on the path.
fn browser() -> anyhow::Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("CHROME") {
        return Ok(chosen.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = BROWSERS.iter().find_map(|name| {
        let candidate = |folder: PathBuf| Some(folder.join(name)).filter(|it| it.is_file());
        std::env::split_paths(&path).find_map(candidate)
    });
    match found {
        Some(program) => Ok(program),
        None => {
            bail!("--tabs needs Chromium: install it (Debian, Ubuntu: apt install chromium) or set CHROME to its path")
        }
    }
}

/// Chromium refuses its sandbox to root.
fn is_root() -> bool {
    let is_roots = |it: &Path| std::fs::metadata(it).is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    is_roots(Path::new("/proc/self"))
}
