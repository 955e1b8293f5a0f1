//! Headless browser tabs that join by the real page, so that anyone can watch the main job without a phone.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        // From here on a failure ends the browser, too.
        let mut tabs = Self { browser, profile };
        let port = tabs.control_port()?;
        addresses.iter().try_for_each(|it| open_tab(port, it))?;
        Ok(tabs)
    }

    /// Where the browser takes orders; it writes this into its profile once it is up.
    fn control_port(&mut self) -> anyhow::Result<u16> {
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline {
            let written = std::fs::read_to_string(self.profile.join("DevToolsActivePort"));
            if let Some(port) = written.ok().and_then(|it| it.lines().next()?.parse().ok()) {
                return Ok(port);
            }
            if let Some(status) = self.browser.try_wait()? {
                bail!("the browser ended at once ({status}): does it start by hand with --headless?");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("the browser did not start within {} s", START_LIMIT.as_secs())
    }
}

/// How long a browser may take to start on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A headless browser takes one address on its command line; further tabs are opened over its control port.
fn open_tab(port: u16, address: &str) -> anyhow::Result<()> {
    let mut control = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).context("the browser takes no orders")?;
    let request =
        format!("PUT /json/new?{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", escaped(address));
    control.write_all(request.as_bytes())?;
    control.set_read_timeout(Some(START_LIMIT))?;
    let mut status = [0; 12];
    control.read_exact(&mut status).context("the browser did not answer")?;
    if &status != b"HTTP/1.1 200" {
        bail!("the browser refused to open {address}: {}", String::from_utf8_lossy(&status));
    }
    Ok(())
}

/// Bare, an `&` would end the address, and with it the name and the device that the address carries.
fn escaped(address: &str) -> String {
    let escape = |it: u8| if it.is_ascii_alphanumeric() { char::from(it).into() } else { format!("%{it:02X}") };
    address.bytes().map(escape).collect()
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
const FLAGS: [&str; 12] = [
    "--headless",
    "--remote-debugging-port=0",
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
