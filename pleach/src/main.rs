//! The `pleach` command.

use clap::Parser;
use pleach::args::{Action, Command};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Command::parse().action {
        Action::Host(args) => pleach::host::host(args).await,
        Action::Join(args) => pleach::join::join(args).await,
        Action::Resume(args) => pleach::host::resume(args).await,
        Action::Simulate(args) => tokio::task::block_in_place(|| pleach::simulate::command(args)),
        Action::Explain(args) => pleach::explain::command(args),
        Action::Recipes(args) => pleach::recipes::command(&args),
    }
}
