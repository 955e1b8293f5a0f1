//! Peers: the same workloads in other libraries, each in a page of the peers' own harness, taking turns with ours.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::measure::{Browser, Case, Effort, Meter};

/// Server of the harness; it isolates its pages, so that peers may use threads where they can.
const SERVER: &str = "import { serve } from './server.mjs'; const it = await serve(0); console.log(it.address().port);";

/// Script that opens the harness's page; its marks wait until processor time is recorded.
const START: &str = r#"async () => {
    globalThis.marks = {};
    globalThis.__mark = (name) => new Promise((go) => { marks[name] = go; });
    history.replaceState(null, "", "/page/index.html?QUERY");
    const page = await (await fetch("/page/index.html")).text();
    document.open();
    document.write(page);
    document.close();
}"#;

/// Name used here for the harness's native program.
const TORCH: &str = "torch";

const DEADLINE: Duration = Duration::from_secs(240);

/// The peers' harness with a running server.
pub(crate) struct Peers {
    server: Child,
    port: u16,
    /// Whether the npm packages are installed; Burn comes compiled with the harness.
    has_packages: bool,
    /// A Python with PyTorch, and the harness's program for it.
    torch: Option<[PathBuf; 2]>,
    _copy: Option<TempDir>,
}

/// Results of a peer.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub(crate) median_ms: f64,
    pub(crate) min_ms: f64,
    pub(crate) cpu_ms: Option<f64>,
    pub(crate) loss: f64,
    pub(crate) steps: u64,
}

impl Peers {
    /// Serves the harness in the folder that `PLEACH_PEERS` names. If its packages are missing, the harness is copied
    /// and npm installs them.
    pub(crate) fn serve() -> Result<Self> {
        let folder = std::env::var_os("PLEACH_PEERS").map(PathBuf::from).context(
            "--peers needs the peers' harness: name its folder, with server.mjs and page/index.html, in PLEACH_PEERS",
        )?;
        let is_harness = folder.join("server.mjs").is_file() && folder.join("page/index.html").is_file();
        ensure!(is_harness, "PLEACH_PEERS names {}, which holds no server.mjs and page/index.html", folder.display());
        let (folder, has_packages, copy) = if folder.join("node_modules").is_dir() {
            (folder, true, None)
        } else {
            let copy = tempfile::Builder::new().prefix("pleach-peers-").tempdir()?;
            copy_folder(&folder, copy.path())?;
            let npm = Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(copy.path()).output();
            let has_packages = npm.is_ok_and(|it| it.status.success());
            if !has_packages {
                eprintln!("npm could not get the peers' packages, so only Burn, which comes compiled, is compared");
            }
            (copy.path().to_owned(), has_packages, Some(copy))
        };
        let torch = std::env::var_os("PLEACH_TORCH").map(|it| [PathBuf::from(it), folder.join("py/torch_ref.py")]);
        if torch.is_none() {
            eprintln!("PyTorch is not compared: name a Python that has it in PLEACH_TORCH");
        }
        let mut server = Command::new("node")
            .args(["--input-type=module", "-e", SERVER])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .context("--peers needs Node.js, which serves the peers' harness")?;
        let mut line = String::new();
        let told = server.stdout.take().context("the server's output was not piped")?;
        BufReader::new(told).read_line(&mut line)?;
        let port = line.trim().parse().context("the peers' server did not print its port")?;
        Ok(Self { server, port, has_packages, torch, _copy: copy })
    }

    /// Peers compared on a workload: a display name, the harness's name, and further parts of the query.
    pub(crate) fn on(&self, case: Case) -> Vec<(&'static str, &'static str, &'static str)> {
        let is_dense = case.density == 1.0;
        let mut peers = vec![("Burn flex", "burn-flex", "")];
        // The harness does not support masks.
        if case.name.ends_with("masked") {
            return vec![];
        }
        if !self.has_packages {
            return peers;
        }
        let is_image = case.name == "W2" || case.name == "W4";
        if is_dense && (case.name == "W1" || case.name == "W2") {
            peers.push(("ORT-web", "ort-1", ""));
        }
        // Stock tfjs cannot train convolutions on wasm; the harness lends it the missing gradient.
        if is_dense || !is_image {
            peers.push(("tfjs wasm", "tfjs-wasm1", if is_image { "&shim=1" } else { "" }));
        }
        peers
    }

    /// Peers compared on WebGPU.
    pub(crate) fn on_webgpu(&self, case: Case) -> Vec<(&'static str, &'static str, &'static str)> {
        let is_asked = self.has_packages && case.density == 1.0 && case.name != "W4";
        if is_asked { vec![("jax-js webgpu", "jaxjs-webgpu", "")] } else { vec![] }
    }

    /// Peers compared natively.
    pub(crate) fn on_native(&self, case: Case) -> Vec<(&'static str, &'static str, &'static str)> {
        if self.torch.is_some() && !case.name.ends_with("masked") {
            vec![("PyTorch, one thread", TORCH, "")]
        } else {
            vec![]
        }
    }

    /// Runs PyTorch in a process of its own.
    fn run_torch(&self, case: Case, effort: Effort) -> Result<Figures> {
        let [python, program] = self.torch.as_ref().context("PLEACH_TORCH names no Python")?;
        let told = tempfile::NamedTempFile::new()?;
        let (steps, millis) = effort.timed_steps_and_millis();
        let output = Command::new(python)
            .arg(program)
            .args(["--threads", "1", "--configs", &format!("{}:{}", case.name, case.density)])
            .args(["--steps", &steps.to_string(), "--maxMs", &millis.to_string(), "--out"])
            .arg(told.path())
            .output()
            .with_context(|| format!("{} did not start", python.display()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}", said.lines().last().unwrap_or("it failed"));
        let out: Value = serde_json::from_reader(told.reopen()?)?;
        let used = out["cpu_ms_sync"].as_f64().zip(out["n"].as_f64()).map(|(millis, n)| millis * n / 1000.0);
        figures(&out, used)
    }

    /// Runs one peer.
    pub(crate) async fn run(
        &self,
        (_, peer, more): (&str, &str, &str),
        case: Case,
        browser: &Browser,
        effort: Effort,
    ) -> Result<Figures> {
        if peer == TORCH {
            return self.run_torch(case, effort);
        }
        let origin = format!("http://127.0.0.1:{}", self.port);
        let (steps, millis) = effort.timed_steps_and_millis();
        let (name, density) = (case.name, case.density);
        let query = format!("peer={peer}&wl={name}&density={density}&steps={steps}&maxMs={millis}{more}");
        let tab = browser.chromium.open(&format!("{origin}/package.json")).await?;
        tab.eval(&START.replace("QUERY", &query)).await?;
        let mut meter = None;
        let mut used = None;
        for mark in ["A0", "A1", "B0", "B1"] {
            let function = format!("() => !!marks.{mark} || document.title === 'done'");
            tab.until(&format!("{peer} to reach {mark}"), &function, DEADLINE).await?;
            match mark {
                "A0" => meter = Some(Meter::start(browser.process)),
                "A1" => used = meter.take().and_then(|it| it.stop().own_secs),
                _ => {}
            }
            tab.eval(&format!("() => {{ marks.{mark}?.(); }}")).await?;
        }
        tab.until(&format!("{peer} to finish"), "() => document.title === 'done'", DEADLINE).await?;
        let out = tab.eval("() => JSON.parse(JSON.stringify(window.out))").await?;
        tab.close().await?;
        figures(&out, used)
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        // The server may have ended already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn figures(out: &Value, used_secs: Option<f64>) -> Result<Figures> {
    ensure!(out["error"].is_null(), "{}", out["error"].as_str().unwrap_or("it failed"));
    let number = |it: &str| out[it].as_f64().with_context(|| format!("the peer reported no {it}"));
    let n = number("n")?;
    Ok(Figures {
        median_ms: number("ms_med")?,
        min_ms: number("ms_min")?.min(number("ms_pipe")?),
        cpu_ms: used_secs.map(|it| it * 1000.0 / n),
        loss: number("final_loss")?,
        steps: out["steps_total"].as_u64().unwrap_or_default(),
    })
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in from.read_dir()? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else {
            // Copies contents only: a read-only harness thus becomes a copy that npm can write to.
            std::fs::write(&to, std::fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
