//! Practice clients: native clients of the host's own process, so that nobody first meets an empty screen.

use client_wasm::native::{self, Options};
use engine::devices::DeviceKind;
use protocol::recipe::Recipe;
use tokio::task::JoinSet;

use crate::words;

/// The host's own clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    /// Practice clients.
    pub n_practice: u32,
    /// Whether one more is the centre.
    pub centre: Centre,
}

/// Where the centre comes from that a recipe asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Centre {
    /// It is whoever comes first, or the recipe asks none.
    Guest,
    /// It is the host's own, and nobody else is asked.
    Alone,
    /// It is the host's own, beside others that other stages ask.
    Beside,
}

impl Own {
    /// As many practice clients as were asked for, or `usual` ones, where `n_others` clients were asked for beside them. Where
    /// nobody else is ever asked, the host brings a centre only if nobody was asked for.
    pub fn of(recipe: &Recipe, asked: Option<u32>, n_others: u32, usual: u32) -> Self {
        let is_central = recipe.is_central();
        let centre = if is_central && asked.is_none() && n_others == 0 {
            Centre::Alone
        } else if recipe.asks_centre() && !is_central {
            Centre::Beside
        } else {
            Centre::Guest
        };
        Self { n_practice: asked.unwrap_or(if is_central { 0 } else { usual }), centre }
    }
}

/// Starts the host's own centre, which all data is lent to; it proves by its token that it is, where others are asked too.
pub fn start_centre(link: &str, token: Option<[u8; 16]>, device: Option<DeviceKind>) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    let options = Options { name: "centre".into(), device, practice: true, seed: 0, token };
    let link = link.to_owned();
    clients.spawn(async move {
        if let Err(error) = native::join(&link, options, |_| {}).await {
            eprintln!("centre: {}", words::join_error(&error));
        }
    });
    clients
}

/// Starts `n` practice clients that join by this link; they end with the set.
pub fn start(n: u32, link: &str, device: Option<DeviceKind>) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for number in 1..=n {
        let link = link.to_owned();
        let options = Options {
            name: format!("practice {number}"),
            device,
            practice: true,
            seed: u64::from(number),
            token: None,
        };
        clients.spawn(async move {
            if let Err(error) = native::join(&link, options, |_| {}).await {
                eprintln!("practice client {number}: {}", words::join_error(&error));
            }
        });
    }
    clients
}

#[cfg(test)]
mod tests {
    use protocol::recipe::RawRecipe;

    use super::*;
    use crate::recipes;

    #[test]
    fn the_host_brings_a_centre_where_somebody_must_and_nobody_was_asked_for() {
        let own_of = |recipe: &Recipe, asked, n_others| {
            let Own { n_practice, centre } = Own::of(recipe, asked, n_others, 2);
            (n_practice, centre)
        };
        let own = |name, asked, n_others| own_of(&recipes::load(name).expect("carried"), asked, n_others);
        // One centre alone: its own, a practice client, nobody of its own for those who join, and tabs or people.
        assert_eq!(own("snip", None, 0), (0, Centre::Alone));
        assert_eq!(own("snip", Some(1), 0), (1, Centre::Guest));
        assert_eq!(own("snip", Some(0), 0), (0, Centre::Guest));
        assert_eq!(own("snip", None, 1), (0, Centre::Guest));
        let text = recipes::carried("mpfl").expect("carried").text;
        let finished_there = RawRecipe::from_toml(&format!("{text}\ncohort = {{ kind = \"centre\" }}"));
        let finished_there = finished_there.and_then(RawRecipe::check).expect("a legal recipe");
        assert_eq!(own_of(&finished_there, Some(3), 3), (3, Centre::Beside));
        assert_eq!(own("fedavg", None, 3), (2, Centre::Guest));
    }
}
