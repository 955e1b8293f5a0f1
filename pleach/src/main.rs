//! The `pleach` command.

use clap::Parser;
use pleach::args::{Action, Command};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Command::parse().action {
        Action::Host(_) | Action::Resume(_) => Ok(()),
        Action::Join(args) => pleach::join::join(args).await,
    }
}
