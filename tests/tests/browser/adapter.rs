//! The browser is there, computes on WebGPU in a worker, and is heard and seen.

use std::time::Duration;

use anyhow::{Context, Result};
use e2e::chromium::{Chromium, Screen, Tab};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const DEADLINE: Duration = Duration::from_secs(60);

/// A file of a page: its path, its media type and its bytes.
pub(super) type File = (&'static str, &'static str, Vec<u8>);

/// The address of some files on the loopback, since browsers offer WebGPU only to addresses that they trust. Any other path
/// gives the first.
pub(super) async fn address_of(files: Vec<File>) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            // A request of a browser for a file comes in one piece.
            let mut request = [0; 8192];
            let len = socket.read(&mut request).await.unwrap_or(0);
            let asked = String::from_utf8_lossy(&request[..len]).split(' ').nth(1).unwrap_or_default().to_owned();
            let Some((_, media, bytes)) = files.iter().find(|it| it.0 == asked).or(files.first()) else { return };
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {media}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                bytes.len()
            );
            let _ = socket.write_all(&[head.as_bytes(), bytes].concat()).await;
        }
    });
    Ok(address)
}

pub(super) async fn opened(html: &'static str) -> Result<(Chromium, Tab)> {
    let chromium = Chromium::launch().await?;
    let tab = chromium.open(&address_of(vec![("/", "text/html", html.into())]).await?).await?;
    Ok((chromium, tab))
}

#[tokio::test]
async fn a_worker_has_an_adapter_and_its_device_computes() -> Result<()> {
    let (chromium, tab) = opened("<title>hedge</title>").await?;
    // Doubles three numbers in a compute shader, since an adapter that cannot compute is of no use.
    let worker = r#"async () => {
        const work = async () => {
            if (!navigator.gpu) return postMessage({ problem: 'no navigator.gpu' });
            const adapter = await navigator.gpu.requestAdapter();
            if (!adapter) return postMessage({ problem: 'no adapter' });
            const device = await adapter.requestDevice();
            const code = '@group(0) @binding(0) var<storage, read_write> x: array<u32>;'
                + '@compute @workgroup_size(1) fn main(@builtin(global_invocation_id) it: vec3u) { x[it.x] *= 2; }';
            const module = device.createShaderModule({ code });
            const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
            const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
            const buffer = device.createBuffer({ size: 12, usage });
            const back = device.createBuffer({ size: 12, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
            device.queue.writeBuffer(buffer, 0, new Uint32Array([1, 2, 3]));
            const entries = [{ binding: 0, resource: { buffer } }];
            const encoder = device.createCommandEncoder();
            const pass = encoder.beginComputePass();
            pass.setPipeline(pipeline);
            pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
            pass.dispatchWorkgroups(3);
            pass.end();
            encoder.copyBufferToBuffer(buffer, 0, back, 0, 12);
            device.queue.submit([encoder.finish()]);
            await back.mapAsync(GPUMapMode.READ);
            postMessage({ doubled: [...new Uint32Array(back.getMappedRange())] });
        };
        const url = URL.createObjectURL(new Blob([`(${work})().catch((it) => postMessage({ problem: String(it) }))`]));
        return new Promise((resolve) => { new Worker(url).onmessage = (it) => resolve(it.data); });
    }"#;
    let answer = tab.eval(worker).await?;
    assert_eq!(answer, serde_json::json!({ "doubled": [2, 4, 6] }));
    chromium.close().await
}

#[tokio::test]
async fn what_a_page_says_is_heard_from_the_first_line() -> Result<()> {
    let (chromium, tab) = opened(
        "<title>hedge</title><script>console.log('leaf', 3); console.error('thorn');
         new Worker(URL.createObjectURL(new Blob(['console.log(\"root\")'])));
         setTimeout(() => { document.title = 'grown'; throw new Error('snap') }, 50)</script>",
    )
    .await?;
    // Waited for first, since what pages say travels beside the answers to questions.
    for said in ["leaf 3", "thorn"] {
        tab.hears(said, DEADLINE).await?;
    }
    tab.until("the page to grow", "() => document.title === 'grown'", DEADLINE).await?;
    let failure = tab.until("a miracle", "() => 0", Duration::ZERO).await.unwrap_err().to_string();
    assert!(failure.contains("waited 0 s in vain for a miracle; () => 0 last gave 0"), "{failure}");
    assert!(failure.contains("leaf 3"), "{failure}");
    let failure = tab.eval("() => { throw new Error('crack') }").await.unwrap_err();
    assert!(format!("{failure:#}").contains("crack"), "{failure:#}");
    tab.hears("root", DEADLINE).await?;
    tab.hears("snap", DEADLINE).await?;
    let errors = tab.errors();
    assert_eq!(errors.len(), 2, "{errors:?}");
    // In either order: consoles and exceptions are told of apart.
    let has = |said: &str| errors.iter().any(|it| it.contains(said));
    assert!(has("thorn") && has("snap"), "{errors:?}");
    chromium.close().await
}

#[tokio::test]
async fn a_page_is_seen_as_on_a_phone_and_on_a_projector() -> Result<()> {
    let (chromium, tab) = opened("<meta name=viewport content='width=device-width'><button>join</button>").await?;
    let folder = tempfile::tempdir()?;
    for (screen, css, pixels) in [(Screen::Phone, 390, [780, 1688]), (Screen::Projector, 1920, [1920, 1080])] {
        let path = folder.path().join("seen.png");
        tab.screenshot(screen, &path).await?;
        assert_eq!(tab.eval("() => innerWidth").await?, Value::from(css), "{screen:?}");
        assert_eq!(png_size(&std::fs::read(&path)?)?, pixels, "{screen:?}");
    }
    tab.eval("() => { document.querySelector('button').onclick = () => { document.title = 'joined' } }").await?;
    tab.click("button", DEADLINE).await?;
    tab.until("the click to arrive", "() => document.title === 'joined'", DEADLINE).await?;
    tab.close().await?;
    chromium.close().await
}

/// Width and height stand at a fixed place of every PNG.
fn png_size(png: &[u8]) -> Result<[u32; 2]> {
    let number =
        |at: usize| Ok::<_, anyhow::Error>(u32::from_be_bytes(png.get(at..at + 4).context("short")?.try_into()?));
    Ok([number(16)?, number(20)?])
}
