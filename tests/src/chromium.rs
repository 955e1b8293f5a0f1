//! A real Chromium without a window, with WebGPU in software: pages opened, watched, asked and photographed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use chromiumoxide::cdp::browser_protocol::emulation::{
    MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams, SetTouchEmulationEnabledParams,
};
use chromiumoxide::cdp::browser_protocol::log::{EventEntryAdded, LogEntryLevel};
use chromiumoxide::cdp::browser_protocol::page::{
    EventJavascriptDialogOpening, HandleJavaScriptDialogParams, SetBypassCspParams,
};
use chromiumoxide::cdp::js_protocol::runtime::{
    ConsoleApiCalledType, EventConsoleApiCalled, EventExceptionThrown, RemoteObject,
};
use chromiumoxide::page::ScreenshotParams;
use chromiumoxide::{Browser, BrowserConfig, Page};
use futures_util::StreamExt;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// By which names a Chromium may be on the `PATH`, unless `CHROME` says where it is.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Without the first, a software adapter is not offered; the next two let tests weigh what scripts hold on to; the rest
/// keeps Chromium from talking to anyone else.
const FLAGS: [&str; 7] = [
    "enable-unsafe-webgpu",
    "enable-precise-memory-info",
    "js-flags=--expose-gc",
    "disable-background-networking",
    "disable-component-update",
    "disable-quic",
    "no-default-browser-check",
];

/// How long Chromium may take to answer. Test machines are shared and have no GPU.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often a condition is asked for.
const GLANCE: Duration = Duration::from_millis(100);

/// A running browser with a profile of its own. Dropped without [`Chromium::close`], it is killed.
pub struct Chromium {
    browser: Browser,
    events: JoinHandle<()>,
    // Last, so that the browser is gone before its folder is.
    _profile: TempDir,
}

impl Chromium {
    /// Starts a browser.
    ///
    /// # Errors
    /// When there is none, or it does not start.
    pub async fn launch() -> Result<Self> {
        let profile = tempfile::Builder::new().prefix("pleach-chromium-").tempdir()?;
        let config = BrowserConfig::builder()
            .chrome_executable(executable()?)
            .new_headless_mode()
            // Chromium's own sandbox does not work for root, as which containers run.
            .no_sandbox()
            .user_data_dir(profile.path())
            .launch_timeout(PATIENCE)
            .request_timeout(PATIENCE)
            .viewport(None)
            .args(FLAGS)
            .build()
            .map_err(|problem| anyhow!(problem))?;
        let (browser, mut handler) = Browser::launch(config).await.context("chromium did not start")?;
        let events = tokio::spawn(async move { while handler.next().await.is_some() {} });
        Ok(Self { browser, events, _profile: profile })
    }

    /// Opens a page, having listened to it from the first moment.
    ///
    /// # Errors
    /// When the address does not load.
    pub async fn open(&self, url: &str) -> Result<Tab> {
        let tab = self.blank().await?;
        tab.go(url).await?;
        Ok(tab)
    }

    /// Opens a page in which a script of ours runs before any of its own, under no policy about what scripts may load.
    ///
    /// # Errors
    /// When the address does not load.
    pub async fn open_behind(&self, script: &str, url: &str) -> Result<Tab> {
        let tab = self.blank().await?;
        tab.page.evaluate_on_new_document(script).await?;
        tab.page.execute(SetBypassCspParams::new(true)).await?;
        tab.go(url).await?;
        Ok(tab)
    }

    async fn blank(&self) -> Result<Tab> {
        let page = self.browser.new_page("about:blank").await?;
        let tab = Tab { console: listen(&page).await?, page };
        agree(&tab.page).await?;
        Ok(tab)
    }

    /// The number of the browser's process, whose children are its pages; `None` once it has ended.
    pub fn process(&mut self) -> Option<u32> {
        self.browser.get_mut_child().and_then(|it| it.as_mut_inner().id())
    }

    /// Ends the browser and waits until it is gone.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn close(mut self) -> Result<()> {
        self.browser.close().await?;
        tokio::time::timeout(PATIENCE, self.browser.wait()).await.context("chromium did not end")??;
        self.events.abort();
        Ok(())
    }
}

/// Where Chromium is.
///
/// # Errors
/// When it is nowhere: a test that needs it then fails, and says how to get it.
pub fn executable() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("CHROME").map(PathBuf::from) {
        ensure!(chosen.is_file(), "CHROME names {}, which is not a file", chosen.display());
        return Ok(chosen);
    }
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let mut places = NAMES.iter().flat_map(|name| folders.iter().map(move |it| it.join(name)));
    places.find(|it| it.is_file()).context(
        "this test needs chromium: install it (Debian: apt-get install chromium) or name it with CHROME=/path/to/it; \
         `cargo xtask test` does so by itself where it can",
    )
}

/// Colours that a person has asked the system for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A size at which people see the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// A small phone held upright: 360 × 640 at two device pixels each, with touch.
    SmallPhone,
    /// A laptop: 1366 × 768.
    Laptop,
    /// A phone held upright: 390 × 844 at two device pixels each, with touch.
    Phone,
    /// A projector: 1920 × 1080.
    Projector,
}

/// One line that the page, its workers or the browser wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Whether it tells of something that went wrong: an exception, `console.error`, a failed load.
    pub is_error: bool,
    /// What it says.
    pub text: String,
}

/// An open page.
pub struct Tab {
    page: Page,
    console: Arc<Mutex<Vec<Message>>>,
}

impl Tab {
    /// Loads another address.
    ///
    /// # Errors
    /// When it does not load.
    pub async fn go(&self, url: &str) -> Result<()> {
        self.page.goto(url).await.with_context(|| format!("could not open {url}"))?;
        Ok(())
    }

    /// Loads the page anew, as a person does who pulls it down.
    ///
    /// # Errors
    /// When it does not load.
    pub async fn reload(&self) -> Result<()> {
        self.page.reload().await.context("could not reload")?;
        Ok(())
    }

    /// What a JavaScript function gives, such as `() => document.title`; promises are awaited, `undefined` is null.
    ///
    /// # Errors
    /// When it throws; the message holds the exception and the console.
    pub async fn eval(&self, function: &str) -> Result<Value> {
        self.asked(function).await.with_context(|| format!("{function} failed; {}", self.transcript()))
    }

    /// The answer of a page. A page that is busy for ever gives none, which is a failure too.
    async fn asked(&self, function: &str) -> Result<Value> {
        let answer = tokio::time::timeout(PATIENCE, self.page.evaluate_function(function)).await;
        let answer = answer.context("the page does not answer")??;
        Ok(answer.object().value.clone().unwrap_or_default())
    }

    /// Waits until a JavaScript function gives something true. `what` completes "waited in vain for …".
    ///
    /// # Errors
    /// When the deadline passes; the message holds the last answer and the console.
    pub async fn until(&self, what: &str, function: &str, deadline: Duration) -> Result<()> {
        let start = Instant::now();
        loop {
            // A page that is just loading anew cannot answer; that is no reason to give up.
            let answer = self.asked(function).await;
            if answer.as_ref().is_ok_and(is_true) {
                return Ok(());
            }
            if start.elapsed() > deadline {
                let answer = answer.map_or_else(|it| format!("{it:#}"), |it| it.to_string());
                let secs = deadline.as_secs_f64();
                bail!("waited {secs:.0} s in vain for {what}; {function} last gave {answer}; {}", self.transcript());
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits until the page, a worker of it or the browser has written this, and gives the whole line.
    ///
    /// # Errors
    /// When the deadline passes; the message holds the console.
    pub async fn hears(&self, text: &str, deadline: Duration) -> Result<String> {
        let start = Instant::now();
        loop {
            if let Some(heard) = self.console().into_iter().find(|it| it.text.contains(text)) {
                return Ok(heard.text);
            }
            let secs = deadline.as_secs_f64();
            ensure!(start.elapsed() < deadline, "waited {secs:.0} s in vain to hear {text:?}; {}", self.transcript());
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits for an element to show, and clicks it.
    ///
    /// # Errors
    /// When it does not show within the deadline.
    pub async fn click(&self, selector: &str, deadline: Duration) -> Result<()> {
        let selected = Value::from(selector);
        let shown = format!("() => !!document.querySelector({selected})?.checkVisibility()");
        self.until(&format!("{selector} to show"), &shown, deadline).await?;
        self.page.find_element(selector).await?.click().await?;
        Ok(())
    }

    /// Shows the page on a screen of this size.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn resize(&self, screen: Screen) -> Result<()> {
        let (width, height, scale, is_phone) = match screen {
            Screen::SmallPhone => (360, 640, 2.0, true),
            Screen::Laptop => (1366, 768, 1.0, false),
            Screen::Phone => (390, 844, 2.0, true),
            Screen::Projector => (1920, 1080, 1.0, false),
        };
        self.page.execute(SetDeviceMetricsOverrideParams::new(width, height, scale, is_phone)).await?;
        self.page.execute(SetTouchEmulationEnabledParams::new(is_phone)).await?;
        Ok(())
    }

    /// Shows the page in these colours.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn paint(&self, theme: Theme) -> Result<()> {
        let value = match theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let feature = MediaFeature { name: "prefers-color-scheme".into(), value: value.into() };
        self.page.execute(SetEmulatedMediaParams::builder().features([feature]).build()).await?;
        Ok(())
    }

    /// Photographs what a person sees on such a screen, as PNG.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn screenshot(&self, screen: Screen, path: &Path) -> Result<()> {
        self.resize(screen).await?;
        let shot = self.page.screenshot(ScreenshotParams::builder().build()).await?;
        std::fs::write(path, shot).with_context(|| format!("could not write {}", path.display()))
    }

    /// All that was written so far.
    pub fn console(&self) -> Vec<Message> {
        lock(&self.console).clone()
    }

    /// What went wrong so far.
    pub fn errors(&self) -> Vec<String> {
        self.console().into_iter().filter(|it| it.is_error).map(|it| it.text).collect()
    }

    /// Closes the page, as a person does who leaves.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn close(self) -> Result<()> {
        self.page.close().await.context("could not close the page")
    }

    fn transcript(&self) -> String {
        let lines: Vec<String> = self.console().into_iter().map(|it| it.text).collect();
        if lines.is_empty() { "the console is empty".into() } else { format!("the console:\n  {}", lines.join("\n  ")) }
    }
}

/// What JavaScript takes for true.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(it) => *it,
        Value::Number(it) => it.as_f64() != Some(0.0),
        Value::String(it) => !it.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// Collects everything that is written, until the page is gone.
async fn listen(page: &Page) -> Result<Arc<Mutex<Vec<Message>>>> {
    let mut said = page.event_listener::<EventConsoleApiCalled>().await?;
    let mut thrown = page.event_listener::<EventExceptionThrown>().await?;
    let mut noted = page.event_listener::<EventEntryAdded>().await?;
    let console = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&console);
    tokio::spawn(async move {
        loop {
            let message = tokio::select! {
                Some(it) = said.next() => message_from_call(&it),
                Some(it) = thrown.next() => message_from_exception(&it),
                Some(it) = noted.next() => message_from_entry(&it),
                else => break,
            };
            lock(&sink).push(message);
        }
    });
    Ok(console)
}

/// Says yes to every question, such as whether to leave a page that still works.
async fn agree(page: &Page) -> Result<()> {
    let mut questions = page.event_listener::<EventJavascriptDialogOpening>().await?;
    let page = page.clone();
    tokio::spawn(async move {
        while questions.next().await.is_some() {
            // A page that is gone needs no answer.
            let _ = page.execute(HandleJavaScriptDialogParams::new(true)).await;
        }
    });
    Ok(())
}

fn lock(console: &Mutex<Vec<Message>>) -> MutexGuard<'_, Vec<Message>> {
    console.lock().expect("nobody panics while holding the console")
}

fn message_from_call(it: &EventConsoleApiCalled) -> Message {
    let text: Vec<String> = it.args.iter().map(shown).collect();
    Message { is_error: it.r#type == ConsoleApiCalledType::Error, text: text.join(" ") }
}

fn message_from_exception(it: &EventExceptionThrown) -> Message {
    let it = &it.exception_details;
    let place = format!("{}:{}", it.url.as_deref().unwrap_or("page"), it.line_number + 1);
    let what = it.exception.as_ref().map_or_else(|| it.text.clone(), shown);
    Message { is_error: true, text: format!("uncaught at {place}: {what}") }
}

fn message_from_entry(it: &EventEntryAdded) -> Message {
    let it = &it.entry;
    let place = it.url.as_deref().map(|it| format!(" ({it})")).unwrap_or_default();
    Message { is_error: it.level == LogEntryLevel::Error, text: format!("{}{place}", it.text) }
}

fn shown(it: &RemoteObject) -> String {
    match (&it.value, &it.description) {
        (Some(Value::String(it)), _) | (_, Some(it)) => it.clone(),
        (Some(it), None) => it.to_string(),
        (None, None) => "undefined".into(),
    }
}
