//! The page of all keys of a recipe is current; run with `PLEACH_BLESS=1`, this test writes it.

use protocol::reference;

/// Where the page lies.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/recipes.md");

#[test]
fn the_page_is_what_the_code_says() {
    let now = reference::markdown();
    if std::env::var_os("PLEACH_BLESS").is_some() {
        std::fs::write(PAGE, &now).expect("the folder of documents");
    }
    let page = std::fs::read_to_string(PAGE).unwrap_or_default();
    let differs = now.lines().zip(page.lines().chain(std::iter::repeat(""))).find(|it| it.0 != it.1);
    assert!(page == now, "docs/recipes.md is not current: {differs:?}; run this test with PLEACH_BLESS=1");
}
