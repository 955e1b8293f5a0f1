//! Published methods in tabs: they end in the losses and the masks of native clients, but for weights that are worth the same
//! to within rounding, and a heart that hears what tabs said elects their masks to the bit.

use anyhow::Result;
use e2e::methods::alike;

#[tokio::test]
async fn methods_prune_alike_on_the_cpu_of_tabs() -> Result<()> {
    println!("{}", alike("cpu").await?);
    Ok(())
}

#[tokio::test]
async fn methods_prune_alike_on_a_gpu_in_tabs() -> Result<()> {
    println!("{}", alike("gpu").await?);
    Ok(())
}
