//! Made-up recipes: eight small ones that visit every registry between them, and the carried ones over the same tiny model.

use protocol::recipe::{RawRecipe, Recipe};
use protocol::rules::TypedPruning;

/// Name and text of each.
pub const RECIPES: [(&str, &str); 8] = [
    ("search", include_str!("../recipes/search.toml")),
    ("refine", include_str!("../recipes/refine.toml")),
    ("grow", include_str!("../recipes/grow.toml")),
    ("parts", include_str!("../recipes/parts.toml")),
    ("tickets", include_str!("../recipes/tickets.toml")),
    ("swap", include_str!("../recipes/swap.toml")),
    ("ranks", include_str!("../recipes/ranks.toml")),
    ("orders", include_str!("../recipes/orders.toml")),
];

/// All of them, and every carried recipe as it would prune the tiny model, whose layers may have other names.
///
/// # Panics
/// If one of them is not legal.
pub fn all() -> Vec<Recipe> {
    let read = |text: &str| RawRecipe::from_toml(text).expect("a recipe");
    let tiny = read(RECIPES[0].1).model;
    let made_up = RECIPES.iter().map(|it| read(it.1));
    let over_tiny = |it: RawRecipe| {
        let mask = it.mask.map(|mask| TypedPruning { among: None, ..mask });
        RawRecipe { model: tiny.clone(), mask, ..it }
    };
    let carried = pleach::recipes::CARRIED.iter().map(|it| over_tiny(read(it.text)));
    made_up.chain(carried).map(|it| it.check().expect("a legal recipe")).collect()
}
