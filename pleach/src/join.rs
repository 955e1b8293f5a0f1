//! Joining without a browser: the same client, told in the terminal.

use anyhow::anyhow;
use client_wasm::native::{self, Options};
use client_wasm::view::View;

use crate::args::Join;
use crate::words;

/// Takes part until the session is over.
///
/// # Errors
/// When the link makes no sense or the session refuses this client for good.
pub async fn join(args: Join) -> anyhow::Result<()> {
    let options = Options {
        name: if args.name.is_empty() { "native client".into() } else { args.name },
        device: args.device,
        practice: false,
        seed: u64::from(std::process::id()),
        token: None,
    };
    let mut before: Option<View> = None;
    let show = |view: View| {
        for line in words::news(before.as_ref(), &view) {
            eprintln!("{line}");
        }
        before = Some(view);
    };
    let done = tokio::select! {
        done = native::join(&args.link, options, show) => done.map_err(|it| anyhow!(words::join_error(&it)))?,
        interrupted = tokio::signal::ctrl_c() => return Ok(interrupted?),
    };
    let accuracy = done.accuracy.map_or_else(String::new, |it| format!("accuracy {:.2} %, ", 100.0 * it));
    eprintln!("done after {} rounds: {accuracy}{:.1} % of units alive", done.rounds, 100.0 * done.density);
    Ok(())
}
