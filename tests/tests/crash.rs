//! The coordinator is killed twenty times mid-round: it goes on at the last committed round, clients come back by
//! themselves, nothing committed is lost, and the result is that of a run that was never killed, to the bit.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use client_wasm::native::{self, Options};
use coordinator::host::Resumed;
use e2e::command::PLEACH;
use engine::devices::DeviceKind;
use protocol::random;
use tokio::task::JoinSet;

const N_KILLS: u64 = 20;
/// Several are committed between two kills.
const N_ROUNDS: u32 = 160;
const CODE_LEN: usize = 6;
const PATIENCE: Duration = Duration::from_secs(60);

/// A coordinator process, killed when dropped.
struct Process(Child);

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let child = Command::new(&*PLEACH).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.expect("the command starts"))
    }

    fn host(port: u16, state: &Path) -> Self {
        let (bind, rounds) = (format!("127.0.0.1:{port}"), N_ROUNDS.to_string());
        let state = state.to_str().expect("temporary paths are text");
        Self::start(&[
            "host",
            "--bind",
            &bind,
            "--state",
            state,
            "--rounds",
            &rounds,
            "--min-clients",
            "2",
            "--parts",
            "2",
            "--exit",
        ])
    }

    fn resume(port: u16, state: &Path) -> Self {
        let state = state.to_str().expect("temporary paths are text");
        Self::start(&["resume", state, "--bind", &format!("127.0.0.1:{port}"), "--exit"])
    }

    /// SIGKILL: no goodbye, no last write.
    fn kill(mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it was started here");
    }

    fn wait(mut self) {
        let deadline = Instant::now() + 3 * PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.0.try_wait().expect("it was started here") {
                assert!(status.success(), "the session ends well: {status}");
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the session did not end");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The newest round whose checkpoint is on disk.
fn committed(state: &Path) -> Option<u32> {
    let name = |it: std::fs::DirEntry| it.file_name().into_string().ok();
    let round = |it: String| it.strip_prefix("round-")?.split(['.', '-']).next()?.parse().ok();
    let is_whole = |it: &String| it.ends_with(".safetensors");
    std::fs::read_dir(state).ok()?.flatten().filter_map(name).filter(is_whole).filter_map(round).max()
}

async fn until_committed(state: &Path, round: u32) {
    let deadline = Instant::now() + PATIENCE;
    while committed(state).is_none_or(|it| it < round) {
        assert!(Instant::now() < deadline, "round {round} is not committed, the newest is {:?}", committed(state));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The join code, from the first line of the journal or the checkpoint once there is one.
async fn code(state: &Path) -> String {
    until_committed(state, 0).await;
    // The coordinator that runs owns the folder, so a copy is read.
    let copy = tempfile::tempdir().expect("a temporary folder");
    for entry in std::fs::read_dir(state).expect("it is there").flatten() {
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("it can be copied");
    }
    let code = last(copy.path()).checkpoint.identity.code;
    assert_eq!(code.len(), CODE_LEN);
    code
}

fn last(state: &Path) -> Resumed {
    Resumed::open(state).expect("a checkpoint can be trusted")
}

fn join(port: u16, code: &str) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for number in 0..2 {
        let link = format!("http://127.0.0.1:{port}/j/{code}");
        let options = Options { device: Some(DeviceKind::Cpu), seed: number, ..Options::default() };
        clients.spawn(async move {
            native::join(&link, options, |_| {}).await.expect("a client stays until the end");
        });
    }
    clients
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has ports");
    listener.local_addr().expect("it is bound").port()
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_lose_nothing_and_change_nothing() {
    let (folder, undisturbed) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let (state, port) = (folder.path(), free_port());
    let mut process = Process::host(port, state);
    let clients = join(port, &code(state).await);
    let mut slowest = Duration::ZERO;
    for kill in 0..N_KILLS {
        let before = committed(state).expect("something is committed");
        until_committed(state, before + 1).await;
        let somewhere_in_the_round = random::below(7, 0, kill, 150) as u64;
        tokio::time::sleep(Duration::from_millis(somewhere_in_the_round)).await;
        process.kill();
        let kept = committed(state).expect("nothing committed is lost");
        assert!(kept > before, "kill {kill}: round {kept} after {before}");
        let start = Instant::now();
        process = Process::resume(port, state);
        if kept < N_ROUNDS {
            until_committed(state, kept + 1).await;
        }
        slowest = slowest.max(start.elapsed());
    }
    clients.join_all().await;
    process.wait();
    println!("{N_KILLS} kills; the next round was committed at most {:.2} s after a restart", slowest.as_secs_f64());

    let port = free_port();
    let process = Process::host(port, undisturbed.path());
    join(port, &code(undisturbed.path()).await).join_all().await;
    process.wait();
    let (killed, calm) = (last(state), last(undisturbed.path()));
    let rounds: Vec<(u32, u32)> = killed.history.iter().map(|it| (it.round, it.counted)).collect();
    assert_eq!(rounds, (0..N_ROUNDS).map(|it| (it, 2)).collect::<Vec<_>>(), "every round once, with both clients");
    let (killed, calm) = (killed.checkpoint.state, calm.checkpoint.state);
    let bits = |it: Vec<f32>| it.into_iter().map(f32::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(killed.weights()), bits(calm.weights()), "as if nothing had happened");
    assert_eq!(killed.mask(), calm.mask());
}
