//! A puppet: a real page over a worker, or a coordinator, that says what a test tells it to. What the page reads must be there.

use anyhow::{Result, ensure};
use client_wasm::view::View;
use serde_json::Value;

use crate::chromium::{Chromium, Tab};

/// Runs before the page's own scripts, in a browser of some language. What `strict` gives throws when a field is read that was
/// never sent.
const STRICT: &str = r#"
    Object.defineProperty(navigator, "languages", { get: () => ["LANGUAGE"] });
    const strict = (it) => typeof it !== "object" || it === null ? it : new Proxy(it, {
        get: (of, key) => {
            if (key in of || typeof key === "symbol" || key === "toJSON") return strict(Reflect.get(of, key));
            throw new Error(`the page reads ${key}, which is never sent`);
        },
    });"#;

/// A worker that says what it is told to.
const WORKER: &str = r#"
    globalThis.Worker = class {
        constructor() { globalThis.puppet = this; }
        postMessage() {}
        terminate() {}
    };
    globalThis.play = (it) => puppet.onmessage({ data: strict(it) });"#;

/// A coordinator that says what it is told to: what reaches the page as JSON is strict, and a socket opens when the page has
/// said what to do then.
const COORDINATOR: &str = r#"
    const parse = JSON.parse;
    JSON.parse = (...it) => strict(parse(...it));
    globalThis.orders = [];
    globalThis.WebSocket = class {
        static OPEN = 1;
        readyState = 1;
        constructor() {
            globalThis.puppet = this;
            queueMicrotask(() => this.onopen());
        }
        send(it) { orders.push(it); }
    };
    globalThis.play = (it) => puppet.onmessage({ data: JSON.stringify(it) });
    globalThis.drop = (code, reason) => puppet.onclose({ code, reason });"#;

/// A page that shows what it is told.
pub struct Puppet {
    /// The page.
    pub tab: Tab,
}

impl Puppet {
    /// Opens a page as a browser of this language does, a BCP 47 tag.
    ///
    /// # Errors
    /// When the address does not load.
    pub async fn open(chromium: &Chromium, url: &str, language: &str) -> Result<Self> {
        Self::behind(chromium, WORKER, url, language).await
    }

    /// Opens a host screen as a browser of this language does, a BCP 47 tag.
    ///
    /// # Errors
    /// When the address does not load.
    pub async fn open_host(chromium: &Chromium, url: &str, language: &str) -> Result<Self> {
        Self::behind(chromium, COORDINATOR, url, language).await
    }

    async fn behind(chromium: &Chromium, other: &str, url: &str, language: &str) -> Result<Self> {
        let script = format!("{{{STRICT}{other}}}").replace("LANGUAGE", language);
        Ok(Self { tab: chromium.open_behind(&script, url).await? })
    }

    /// What stands in the page, `fields` of an object literal of JavaScript, and as `broken` whether it has failed.
    ///
    /// # Errors
    /// When the page throws.
    pub async fn seen(&self, fields: &str) -> Result<Value> {
        let broken = "document.body.dataset.broken != null && document.querySelector('.stuck pre').textContent";
        self.tab.eval(&format!("() => ({{ broken: {broken}, {fields} }})")).await
    }

    /// Sends what no page knows.
    ///
    /// # Errors
    /// Unless the page throws, says so, and shows a way on.
    pub async fn breaks(&self, sent: &Value) -> Result<()> {
        self.tab.eval("() => { delete document.body.dataset.broken }").await?;
        ensure!(self.play(sent).await.is_err(), "{sent} went unnoticed");
        ensure!(self.seen("").await?["broken"].is_string(), "{sent} went unsaid");
        let way_on = "() => document.querySelector('.stuck a').checkVisibility()";
        ensure!(self.tab.eval(way_on).await? == true, "{sent}: no way on");
        Ok(())
    }

    /// Has the worker send a view.
    ///
    /// # Errors
    /// When the page throws.
    pub async fn show(&self, view: &View) -> Result<()> {
        self.play(&serde_json::to_value(view)?).await
    }

    /// Has the worker, or the coordinator, send anything.
    ///
    /// # Errors
    /// When the page throws.
    pub async fn play(&self, sent: &Value) -> Result<()> {
        self.tab.eval(&format!("() => play({sent})")).await?;
        Ok(())
    }
}
