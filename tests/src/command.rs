//! The command `pleach`, built as the test that runs it was.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Where it is. With the feature that tests turn on, so that nothing is compiled once more without.
pub static PLEACH: LazyLock<PathBuf> = LazyLock::new(|| {
    let built =
        Command::new(env!("CARGO")).args(["build", "--quiet", "--package", "pleach", "--features", "gpu"]).status();
    assert!(built.expect("cargo runs").success(), "the command builds");
    let test = std::env::current_exe().expect("a test knows where it is");
    let folder = test.parent().and_then(Path::parent).expect("tests lie in target/PROFILE/deps");
    folder.join("pleach")
});

/// Runs it to its end and gives what it prints.
///
/// # Panics
/// If it fails; what it says is in the message.
pub fn pleach(arguments: &[&str]) -> String {
    ran(arguments).0
}

/// Runs it to its end and gives what it prints and, beside that, what it says on standard error.
///
/// # Panics
/// If it fails; what it says is in the message.
pub fn ran(arguments: &[&str]) -> (String, String) {
    let Output { status, stdout, stderr } =
        Command::new(&*PLEACH).args(arguments).output().expect("the command starts");
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert!(status.success(), "pleach {}: {said}", arguments.join(" "));
    (String::from_utf8(stdout).expect("it prints text"), said)
}

/// How long a command is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command that runs, and what it says on standard error as it comes; killed when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
}

impl Running {
    /// Starts it.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    /// Starts it with these variables of its environment.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start_with(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(&*PLEACH);
        command.args(arguments).envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command starts");
        let said = child.stderr.take().expect("it was asked for");
        let (sender, lines) = channel();
        // Ends with the command, or when nobody listens any more.
        std::thread::spawn(move || {
            BufReader::new(said).lines().map_while(Result::ok).try_for_each(|it| sender.send(it))
        });
        Self { child, lines, heard: vec![] }
    }

    /// Waits for a line, from now on, that has this in it.
    ///
    /// # Panics
    /// If none comes within a minute; what was said instead is in the message.
    pub fn hears(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(line) = self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            self.heard.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
        panic!("waited in vain to hear {text:?}: {}", self.heard.join("\n"));
    }

    /// The link by which to join what it hosts.
    pub fn join_link(&mut self) -> String {
        let line = self.hears("join   ");
        line.split_whitespace().nth(1).expect("a link follows").to_owned()
    }

    /// Sends it what Ctrl-C sends.
    ///
    /// # Panics
    /// If it was not there any more.
    pub fn interrupt(&self) {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.expect("the system has kill").success(), "it runs");
    }

    /// Waits for its end, at most a minute: its status, what it printed, and what it said.
    ///
    /// # Panics
    /// If it does not end.
    pub fn end(mut self) -> (ExitStatus, String, String) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it was started here") {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end: {}", self.heard.join("\n"));
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut printed = String::new();
        let stdout = self.child.stdout.take().expect("it was asked for");
        BufReader::new(stdout).read_to_string(&mut printed).expect("it prints text");
        self.heard.extend(self.lines.iter());
        (status, printed, self.heard.join("\n"))
    }

    /// Ends it without a word to anybody.
    ///
    /// # Panics
    /// If it was not there any more.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it was started here");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
