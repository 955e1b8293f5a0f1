//! Headless browser tabs that join by the real page, so that anyone can watch the main job without a phone.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};

/// Browsers by the names under which systems install them.
const BROWSERS: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// How long a browser may take to start on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How long it may take to be told that a browser has ended.
const WATCH_PAUSE: Duration = Duration::from_millis(500);

/// Lines of a browser's own words that are kept for whoever asks why it failed.
const WORDS_KEPT: usize = 6;

/// Tabs that a session asked for, and the browser that has them.
#[derive(Debug)]
pub struct Crew {
    addresses: Vec<String>,
    tabs: Option<Tabs>,
}

impl Crew {
    /// Opens every address in a tab, if there are any.
    ///
    /// # Errors
    /// As [`Tabs::open`].
    pub async fn open(addresses: Vec<String>) -> anyhow::Result<Self> {
        let tabs = if addresses.is_empty() { None } else { Some(opened(&addresses).await?) };
        Ok(Self { addresses, tabs })
    }

    /// Watches the browser: one that ends by itself is started once more. Gives up when that one ends too, if the session is to
    /// end by itself, since nobody else may come; else says so, and never returns.
    pub async fn watch(&mut self, is_unattended: bool) -> anyhow::Error {
        for left in (0..2).rev() {
            let Some(tabs) = &mut self.tabs else { return std::future::pending().await };
            let end = tabs.end().await;
            if left > 0 {
                eprintln!("warning: {end}; starting it once more");
                self.tabs = match opened(&self.addresses).await {
                    Ok(tabs) => Some(tabs),
                    Err(error) => return gone(error, is_unattended).await,
                };
            } else {
                return gone(anyhow!("{end}, for the second time: no tab takes part any more"), is_unattended).await;
            }
        }
        std::future::pending().await
    }
}

async fn gone(error: anyhow::Error, is_unattended: bool) -> anyhow::Error {
    if is_unattended {
        return error;
    }
    eprintln!("warning: {error:#}");
    std::future::pending().await
}

async fn opened(addresses: &[String]) -> anyhow::Result<Tabs> {
    let addresses = addresses.to_vec();
    tokio::task::spawn_blocking(move || Tabs::open(&addresses)).await?
}

/// One browser process with its tabs; ends with this value.
#[derive(Debug)]
pub struct Tabs {
    browser: Child,
    profile: PathBuf,
    words: Words,
}

/// The last lines that a browser said.
#[derive(Clone, Debug, Default)]
struct Words(Arc<Mutex<VecDeque<String>>>);

impl Tabs {
    /// Opens every address in a tab of one headless browser.
    ///
    /// # Errors
    /// When no Chromium is installed (says what to install), or it does not start: with what it says itself.
    pub fn open(addresses: &[String]) -> anyhow::Result<Self> {
        let program = Self::browser()?;
        let profile = std::env::temp_dir().join(format!("pleach-tabs-{}", std::process::id()));
        std::fs::create_dir_all(&profile).with_context(|| format!("cannot create {}", profile.display()))?;
        let mut browser = Command::new(&program)
            .args(FLAGS)
            .args(is_root().then_some("--no-sandbox"))
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let (words, said) = (Words::default(), browser.stderr.take());
        let ports = said.map(|it| words.hear(it));
        // From here on a failure ends the browser, too.
        let mut tabs = Self { browser, profile, words };
        let port = tabs.control_port(ports)?;
        addresses.iter().try_for_each(|it| open_tab(port, it))?;
        Ok(tabs)
    }

    /// Where the browser takes orders, which it says once it is up. A browser from a snap or a flatpak has folders of its own,
    /// so that nothing that it leaves in its profile can be read from here.
    fn control_port(&mut self, ports: Option<Receiver<u16>>) -> anyhow::Result<u16> {
        let ports = ports.context("the browser has no standard error")?;
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline {
            match ports.recv_timeout(Duration::from_millis(50)) {
                Ok(port) => return Ok(port),
                Err(RecvTimeoutError::Timeout) => {}
                // It is about to end.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(Duration::from_millis(50)),
            }
            if let Some(status) = self.browser.try_wait()? {
                bail!(
                    "the browser ended at once ({status}): does it start by hand with --headless?{}",
                    self.words.told()
                );
            }
        }
        bail!("the browser did not start within {} s{}", START_LIMIT.as_secs(), self.words.told())
    }

    /// Waits until the browser has ended, and says so.
    async fn end(&mut self) -> String {
        loop {
            match self.browser.try_wait() {
                Ok(Some(status)) => return format!("the browser has ended ({status}){}", self.words.told()),
                Ok(None) => tokio::time::sleep(WATCH_PAUSE).await,
                Err(error) => return format!("nothing is known of the browser any more ({error})"),
            }
        }
    }

    /// `$CHROME`, or the first browser on the path.
    ///
    /// # Errors
    /// When there is none: with what to install.
    pub fn browser() -> anyhow::Result<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = |name: &Path| {
            let candidate = |folder: PathBuf| Some(folder.join(name)).filter(|it| it.is_file());
            std::env::split_paths(&path).find_map(candidate)
        };
        // Set to nothing, it is not set.
        if let Some(chosen) = std::env::var_os("CHROME").filter(|it| !it.is_empty()).map(PathBuf::from) {
            let found = if chosen.is_file() { Some(chosen.clone()) } else { on_path(&chosen) };
            return found.with_context(|| {
                format!("--tabs needs Chromium, and CHROME says {}: there is none", chosen.display())
            });
        }
        BROWSERS.iter().find_map(|it| on_path(Path::new(it))).context(
            "--tabs needs Chromium: install it (Debian, Ubuntu: apt install chromium) or set CHROME to its path",
        )
    }
}

impl Words {
    /// Listens to a browser on a thread that ends with it; gives the port of which it speaks.
    fn hear(&self, said: ChildStderr) -> Receiver<u16> {
        let (sender, ports) = channel();
        let words = self.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                // Whoever asked may have gone.
                let _ = port_in(&line).map(|it| sender.send(it));
                words.keep(line);
            }
        });
        ports
    }

    fn keep(&self, line: String) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !line.trim().is_empty() {
            kept.push_back(line.chars().filter(|it| !it.is_control()).take(300).collect());
        }
        while kept.len() > WORDS_KEPT {
            kept.pop_front();
        }
    }

    fn told(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_empty() {
            return String::new();
        }
        format!("; it said last:\n{}", kept.iter().map(|it| format!("  {it}")).collect::<Vec<_>>().join("\n"))
    }
}

/// The port in `DevTools listening on ws://127.0.0.1:PORT/devtools/browser/ID`.
fn port_in(line: &str) -> Option<u16> {
    let address = line.split_once("DevTools listening on ws://")?.1;
    address.split_once('/')?.0.rsplit_once(':')?.1.parse().ok()
}

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

/// Chromium refuses its sandbox to root.
#[cfg(unix)]
fn is_root() -> bool {
    let is_roots = |it: &Path| std::fs::metadata(it).is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    is_roots(Path::new("/proc/self"))
}

/// Chromium refuses its sandbox to root, which other systems do not have.
#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_says_where_it_takes_orders() {
        let line = "DevTools listening on ws://127.0.0.1:40123/devtools/browser/0c1d-2e";
        assert_eq!(port_in(line), Some(40_123));
        assert_eq!(port_in(&format!("[1127/0312.1:ERROR] {line}")), Some(40_123));
        assert_eq!([port_in("DevTools listening on nothing"), port_in("")], [None, None]);
    }

    #[test]
    fn the_last_words_of_a_browser_are_kept() {
        let words = Words::default();
        assert_eq!(words.told(), "");
        (0..20).for_each(|it| words.keep(format!("line {it}\u{1b}[0m")));
        words.keep(" ".into());
        let told = words.told();
        assert!(told.contains("line 19[0m") && !told.contains("line 13"), "{told}");
        assert_eq!(told.lines().count(), 1 + WORDS_KEPT);
    }
}
