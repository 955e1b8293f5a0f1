//! A puppet: the real join page over a worker that says what a test tells it to. What the page reads of a view must be there.

use anyhow::Result;
use client_wasm::view::View;
use serde_json::Value;

use crate::chromium::{Chromium, Tab};

/// Runs before the page's own scripts. Objects that reach the page throw when a field is read that was never sent.
const SCRIPT: &str = r#"{
    Object.defineProperty(navigator, "languages", { get: () => ["LANGUAGE"] });
    const strict = (it) => typeof it !== "object" || it === null ? it : new Proxy(it, {
        get: (of, key) => {
            if (key in of || typeof key === "symbol" || key === "toJSON") return strict(Reflect.get(of, key));
            throw new Error(`the page reads ${key}, which is never sent`);
        },
    });
    globalThis.Worker = class {
        constructor() { globalThis.puppet = this; }
        postMessage() {}
        terminate() {}
    };
    globalThis.play = (it) => puppet.onmessage({ data: strict(it) });
}"#;

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
        Ok(Self { tab: chromium.open_behind(&SCRIPT.replace("LANGUAGE", language), url).await? })
    }

    /// Has the worker send a view.
    ///
    /// # Errors
    /// When the page throws.
    pub async fn show(&self, view: &View) -> Result<()> {
        self.play(&serde_json::to_value(view)?).await
    }

    /// Has the worker send anything.
    ///
    /// # Errors
    /// When the page throws.
    pub async fn play(&self, sent: &Value) -> Result<()> {
        self.tab.eval(&format!("() => play({sent})")).await?;
        Ok(())
    }
}
