//! The page of all keys of a recipe, and of where the carried recipes stand, is current; run with `PLEACH_BLESS=1`, this
//! test writes it.

use protocol::recipe::RawRecipe;
use protocol::reference;

/// Where the page lies.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/recipes.md");

/// The recipes that Pleach carries, by name.
fn carried() -> Vec<RawRecipe> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../recipes");
    let files = std::fs::read_dir(folder).expect("the folder of recipes").map(|it| it.expect("a file").path());
    let mut texts: Vec<String> = files.map(|it| std::fs::read_to_string(it).expect("text")).collect();
    texts.sort();
    texts.iter().map(|it| toml::from_str(it).expect("a recipe")).collect()
}

#[test]
fn the_page_is_what_the_code_says() {
    let now = reference::markdown(&carried());
    if std::env::var_os("PLEACH_BLESS").is_some() {
        std::fs::write(PAGE, &now).expect("the folder of documents");
    }
    let page = std::fs::read_to_string(PAGE).unwrap_or_default();
    let differs = now.lines().zip(page.lines().chain(std::iter::repeat(""))).find(|it| it.0 != it.1);
    assert!(page == now, "docs/recipes.md is not current: {differs:?}; run this test with PLEACH_BLESS=1");
}

#[test]
fn recipes_stand_where_their_papers_do() {
    let page = reference::markdown(&carried());
    let stands = |recipe: &str, row: &str| {
        let line = page.lines().find(|it| it.starts_with(&format!("| {row} |"))).expect("a row");
        assert!(line.split(" | ").nth(1).is_some_and(|it| it.contains(&format!("`{recipe}`"))), "{recipe}: {line}");
    };
    stands("voted", "structured, local, during, iterative");
    stands("mpfl", "structured, local, after, iterative");
    stands("federated_pruning", "structured, global, during, iterative");
    stands("federated_magnitude", "single weights, local, during, iterative");
    stands("lottery_ticket", "single weights, local, after, iterative");
    stands("magnitude", "single weights, local, after, iterative");
}
