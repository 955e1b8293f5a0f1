//! Workspace: its location, and programs started in it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

use anyhow::{Context, Result, bail};

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies one folder below the root")
}

/// Cargo's target folder.
pub(crate) fn target_dir() -> PathBuf {
    // Joining an absolute path gives that path.
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// The cargo that started this command, run at the root.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).env("CARGO_TARGET_DIR", target_dir());
    cargo
}

/// Runs a program to its end; any exit status but 0 is an error that shows the command.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start {}", shown(command)))?;
    ended(command, status)
}

/// Checks the exit status of a command; any but 0 is an error that shows the command.
pub(crate) fn ended(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() { Ok(()) } else { bail!("{} ended with {status}", shown(command)) }
}

/// Output of a program that succeeds.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("could not start {}", shown(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}: {}", shown(command), output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().into())
}

/// Replaces this process by a program, so that signals and the exit status are the program's.
#[cfg(unix)]
pub(crate) fn become_program(program: &Path, args: &[&str]) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(Command::new(program).args(args).exec()).with_context(|| format!("could not start {}", program.display()))
}

/// Runs a program to its end and passes its exit status on.
#[cfg(not(unix))]
pub(crate) fn become_program(program: &Path, args: &[&str]) -> Result<ExitCode> {
    let program = program.with_extension(std::env::consts::EXE_EXTENSION);
    let status =
        Command::new(&program).args(args).status().with_context(|| format!("could not start {}", program.display()))?;
    Ok(ExitCode::from(status.code().and_then(|it| u8::try_from(it).ok()).unwrap_or(1)))
}

/// Folders of the packages.
pub(crate) fn members() -> Result<Vec<PathBuf>> {
    let manifest = root().join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).with_context(|| format!("could not read {}", manifest.display()))?;
    let line = text.lines().find(|it| it.starts_with("members = ")).context("Cargo.toml lists no members")?;
    Ok(line.split('"').skip(1).step_by(2).map(|it| root().join(it)).collect())
}

/// All files under a folder, sorted; empty if the folder does not exist.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if folder.is_dir() {
        for entry in folder.read_dir().with_context(|| format!("could not read {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy();
    let args = command.get_args().map(|it| it.to_string_lossy());
    format!("`{}`", std::iter::once(program).chain(args).collect::<Vec<_>>().join(" "))
}
