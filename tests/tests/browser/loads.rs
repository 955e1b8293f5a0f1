//! What a tab loads: its own files and no others, and the shaders only when it opens a GPU.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use coordinator::data::Dataset;
use coordinator::session::Phase;
use e2e::chromium::Chromium;
use e2e::stage::{Stage, until};
use engine::devices::gpu::texts::Texts;
use engine::kernels::{COMMON, KERNELS};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::devices::recipe;

const DEADLINE: Duration = Duration::from_secs(120);

/// Where the shaders are.
const SHADERS: &str = "/pkg/shaders.txt";

/// Every other address that a tab asks for before its first step; `cargo xtask weight` counts the same.
const FILES: [&str; 23] = [
    "/hedge.svg",
    "/join/join.js",
    "/join/received.js",
    "/join/screen.js",
    "/join/seat.js",
    "/join/telling.js",
    "/join/worker.js",
    "/leaf.svg",
    "/parts/announce.js",
    "/parts/density.js",
    "/parts/foreign.js",
    "/parts/language-switch.js",
    "/parts/page.js",
    "/parts/unit-hedge.js",
    "/pkg/client_wasm.js",
    "/pkg/client_wasm_bg.wasm",
    "/style.css",
    "/words.js",
    "/words/en.js",
    "/words/figures.js",
    "/words/kept.js",
    "/words/languages.js",
    "/words/phrases.js",
];

/// What a tab asks for once it has trained a step, which nobody has to wait for.
const LATER: [&str; 6] = [
    "/parts/axis.js",
    "/parts/elements.js",
    "/parts/line-chart.css",
    "/parts/line-chart.js",
    "/parts/picture.js",
    "/parts/value-table.js",
];

/// A wire to the coordinator that remembers what was asked for, and asks for something else instead of the shaders if told so.
struct Wire {
    from: SocketAddr,
    asked: Arc<Mutex<BTreeSet<String>>>,
    _carrying: JoinSet<()>,
}

impl Wire {
    /// `shaders` is as long as [`SHADERS`].
    async fn new(to: SocketAddr, shaders: &'static str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (from, asked) = (listener.local_addr()?, Arc::<Mutex<BTreeSet<String>>>::default());
        let notes = Arc::clone(&asked);
        let mut carrying = JoinSet::new();
        carrying.spawn(async move {
            let mut streams = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                streams.spawn(carry(near, to, shaders, Arc::clone(&notes)));
            }
        });
        Ok(Self { from, asked, _carrying: carrying })
    }

    fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().expect("nobody panics with it").clone()
    }
}

/// Either end may go at any time.
async fn carry(near: TcpStream, to: SocketAddr, shaders: &str, asked: Arc<Mutex<BTreeSet<String>>>) -> Option<()> {
    let far = TcpStream::connect(to).await.ok()?;
    let ((mut from_near, mut to_near), (mut from_far, mut to_far)) = (near.into_split(), far.into_split());
    let mut answers = JoinSet::new();
    answers.spawn(async move { copy(&mut from_far, &mut to_near).await });
    let mut bytes = vec![0; 1 << 16];
    loop {
        let n = from_near.read(&mut bytes).await.ok().filter(|&it| it > 0)?;
        // A request of a page begins a segment of its own.
        let request = std::str::from_utf8(&bytes[..n]).ok().and_then(|it| it.strip_prefix("GET "));
        let address = request.and_then(|it| it.split(' ').next()).unwrap_or_default().to_owned();
        if address == SHADERS {
            bytes[4..4 + SHADERS.len()].copy_from_slice(shaders.as_bytes());
        }
        if !address.is_empty() {
            asked.lock().expect("nobody panics with it").insert(address);
        }
        to_far.write_all(&bytes[..n]).await.ok()?;
    }
}

/// Trains one round in a tab behind a wire and gives what the tab asked for and what it says that it trains on.
async fn trained(device: &str, shaders: &'static str) -> Result<(BTreeSet<String>, String)> {
    let (stage, chromium) = (Stage::open().await, Chromium::launch().await?);
    let handle = stage.host(recipe(), Dataset::digits(40, 20, 1), 1, 1);
    let wire = Wire::new(stage.address, shaders).await?;
    let tab = chromium.open(&format!("http://{}/j/{}?join=1&device={device}", wire.from, handle.code)).await?;
    until(&handle, "the session to end", DEADLINE, |it| it.phase == Phase::Done).await?;
    let why = "() => ['device', 'tried'].map(it => document.getElementById(it).textContent).join(' ')";
    let why = tab.eval(why).await?.to_string();
    chromium.close().await?;
    let mut asked = wire.asked();
    asked.retain(|it| !it.starts_with("/j/") && !it.starts_with("/ws/") && !LATER.contains(&it.as_str()));
    Ok((asked, why))
}

fn files(more: &[&str]) -> BTreeSet<String> {
    FILES.iter().chain(more).map(|it| it.to_string()).collect()
}

#[tokio::test]
async fn a_tab_that_trains_on_the_cpu_loads_no_shaders() -> Result<()> {
    let (asked, why) = trained("cpu", SHADERS).await?;
    assert_eq!(asked, files(&[]), "{why}");
    Ok(())
}

#[tokio::test]
async fn a_tab_that_trains_on_a_gpu_loads_the_shaders_too() -> Result<()> {
    let (asked, why) = trained("gpu", SHADERS).await?;
    assert_eq!(asked, files(&[SHADERS]), "{why}");
    assert!(why.contains("the GPU, as asked"), "{why}");
    Ok(())
}

#[tokio::test]
async fn without_shaders_there_is_no_gpu_and_the_tab_says_why_and_trains_anyway() -> Result<()> {
    let (asked, why) = trained("gpu", "/pkg/shaders.old").await?;
    assert!(asked.contains(SHADERS), "{asked:?}");
    assert!(why.contains("the CPU: the GPU’s shaders could not be loaded"), "{why}");
    assert!(why.contains("its shaders could not be loaded (the host answers 404)"), "{why}");
    Ok(())
}

#[tokio::test]
async fn shaders_of_another_build_are_not_used() -> Result<()> {
    // As long as the right address, and text that is not the right one.
    let (_, why) = trained("gpu", "/leaf.svg?shader").await?;
    assert!(why.contains("the CPU: ") && why.contains("belongs to another version; reload the page"), "{why}");
    Ok(())
}

/// The shaders' texts as a tab loads them, all of them.
pub(super) fn texts() -> Result<Texts> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../www/pkg");
    let mut texts = Texts::default();
    // The common ones, in which all others' shared parts are, come first.
    let others = KERNELS.iter().flat_map(|it| it.shaders).map(|it| it.file).filter(|it| *it != COMMON);
    for file in [COMMON].into_iter().chain(others.collect::<BTreeSet<_>>()) {
        let loaded = std::fs::read_to_string(folder.join(file).with_extension("txt"))?;
        texts.add(file, &loaded).map_err(anyhow::Error::msg)?;
    }
    Ok(texts)
}

#[test]
fn what_a_tab_loads_is_what_natively_is_held_to_the_twins() -> Result<()> {
    let texts = texts()?;
    for shader in KERNELS.iter().flat_map(|it| it.shaders) {
        let lines = shader.text.lines().map(str::trim_start);
        let bare = lines.filter(|it| !it.is_empty() && !it.starts_with("//"));
        // A tab's come without most spaces.
        let closed_up = |it: &str| it.replace(' ', "");
        let found: Vec<String> = texts.of(shader).lines().map(closed_up).collect();
        assert_eq!(found, bare.map(closed_up).collect::<Vec<_>>(), "{}", shader.name);
    }
    Ok(())
}
