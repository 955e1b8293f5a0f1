//! Weight of the page: what a phone downloads before it trains.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::page;

/// Limit of everything that a tab loads until its first training step, compressed. Phones in a class share one access
/// point.
const LIMIT_BYTES: u64 = 250_000;

/// Entry page of a visitor.
const FIRST: &str = "join/index.html";

/// Folder of the languages' files, of which a tab loads one.
const WORDS: &str = "words/";

/// Extensions of files that name other files; wasm names only the shaders, which are requested when a GPU is opened.
const NAMING: [&str; 3] = ["css", "html", "js"];

/// Prints every file of the page with its size and what a tab loads, and fails above the limit.
pub(crate) fn check() -> Result<()> {
    let folder = page::folder();
    ensure!(folder.join("pkg/client_wasm_bg.wasm").is_file(), "the page is not built; run `cargo xtask page` first");
    let files = page::files()?.iter().map(|it| weigh(&folder, it)).collect::<Result<Vec<_>>>()?;
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    let tabs = tabs(&files, &read, page::shader_files()?);
    std::io::stdout().write_all(table(&files, &tabs).as_bytes())?;
    tabs.iter().try_for_each(within_limit)
}

/// The files that a tab loads until its first training step.
struct Tab {
    /// Device that trains.
    device: &'static str,
    loads: BTreeSet<String>,
    sent: u64,
}

/// The kinds of tabs: a tab with a GPU loads the common shaders, and a tab whose task starts with special ballots or
/// evidence loads those too. No stage needs two such files: clients that send orders rank by weights and only prune,
/// and unused evidence is refused (`protocol/src/recipe/validity/rule.rs`).
fn tabs(files: &[Weight], read: &dyn Fn(&str) -> String, (shaders, others): (String, Vec<String>)) -> [Tab; 3] {
    let cpu = loaded(files, read);
    let mut gpu = cpu.clone();
    gpu.insert(shaders);
    let mut most = gpu.clone();
    let size = |name: &String| files.iter().find(|it| it.name == *name).map_or(0, |it| it.sent);
    most.extend(others.into_iter().max_by_key(size));
    [("CPU", cpu), ("GPU", gpu), ("GPU+", most)].map(|(device, loads)| {
        let sent = files.iter().filter(|it| loads.contains(&it.name)).map(|it| it.sent).sum();
        Tab { device, loads, sent }
    })
}

/// The first file, the files it names, the files those name, and so on.
fn loaded(files: &[Weight], read: &dyn Fn(&str) -> String) -> BTreeSet<String> {
    let (mut loads, mut next) = (BTreeSet::new(), vec![FIRST.to_owned()]);
    next.extend(heaviest_language(files));
    while let Some(name) = next.pop() {
        if loads.insert(name.clone()) && NAMING.iter().any(|it| name.ends_with(it)) {
            let text = read(&name);
            next.extend(files.iter().map(|it| &it.name).filter(|it| is_named(&name, &text, it)).cloned());
        }
    }
    loads
}

/// The largest language file: its name has two letters, as languages have.
fn heaviest_language(files: &[Weight]) -> Option<String> {
    let is_language = |it: &&Weight| {
        let tag = it.name.strip_prefix(WORDS).and_then(|it| it.strip_suffix(".js"));
        tag.is_some_and(|it| it.len() == 2)
    };
    files.iter().filter(is_language).max_by_key(|it| it.sent).map(|it| it.name.clone())
}

/// Whether a text contains this file's address in quotes, relative to the root or to the text's own folder.
fn is_named(by: &str, text: &str, file: &str) -> bool {
    let beside = file.rsplit('/').next().unwrap_or(file);
    let beside = [beside.to_owned(), format!("./{beside}")];
    let folder = |it: &str| it.rsplit_once('/').map_or(String::new(), |it| it.0.to_owned());
    // Only files in the same folder, or in that of the bindings' module, are named without a folder.
    let beside = if folder(by) == folder(file) || file.starts_with("pkg/") { &beside[..] } else { &[] };
    let addresses = [["/", "./", "../"].map(|it| format!("{it}{file}")).as_slice(), beside].concat();
    addresses.iter().any(|it| ['"', '\''].iter().any(|quote| text.contains(&format!("{quote}{it}{quote}"))))
}

/// A file of the page, with its size on disk and on the wire.
struct Weight {
    name: String,
    raw: u64,
    sent: u64,
}

fn weigh(folder: &Path, file: &Path) -> Result<Weight> {
    let size = |it: &Path| {
        let hint = || format!("could not read {}; run `cargo xtask page` first", it.display());
        Ok::<_, anyhow::Error>(fs::metadata(it).with_context(hint)?.len())
    };
    let raw = size(file)?;
    let sent = page::compressed(file).map_or(Ok(raw), |it| size(&it))?;
    Ok(Weight { name: file.strip_prefix(folder).unwrap_or(file).display().to_string(), raw, sent })
}

fn table(files: &[Weight], tabs: &[Tab]) -> String {
    let mut table = format!("{:>9}  {:>9}  {:<12}  file of the page\n", "bytes", "brotli", "loaded");
    for Weight { name, raw, sent } in files {
        let by: Vec<&str> = tabs.iter().filter(|it| it.loads.contains(name)).map(|it| it.device).collect();
        writeln!(table, "{raw:>9}  {sent:>9}  {:<12}  {name}", by.join(" ")).expect("writing to a string cannot fail");
    }
    for Tab { device, sent, .. } in tabs {
        writeln!(table, "{sent:>20}  a {device} tab until its first training step, of {LIMIT_BYTES} allowed")
            .expect("writing to a string cannot fail");
    }
    table
}

fn within_limit(Tab { device, sent, .. }: &Tab) -> Result<()> {
    if *sent > LIMIT_BYTES {
        bail!("a {device} tab loads {sent} bytes, {} more than the limit", sent - LIMIT_BYTES);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_above_the_limit_fails() {
        let tab = |sent| Tab { device: "CPU", loads: BTreeSet::new(), sent };
        assert!(within_limit(&tab(LIMIT_BYTES)).is_ok());
        assert!(within_limit(&tab(LIMIT_BYTES + 1)).is_err());
    }

    #[test]
    fn a_tab_loads_what_is_named_from_its_page_on_and_a_gpu_tab_the_shaders_that_its_task_needs() {
        let file = |name: &str, sent| Weight { name: name.into(), raw: 2 * sent, sent };
        let files = [
            file("join/index.html", 1),
            file("join/join.js", 10),
            file("words/de.js", 40),
            file("words/en.js", 20),
            file("words/words.js", 100_000),
            file("pkg/client.wasm", 100),
            file("pkg/shaders.txt", 1_000),
            file("pkg/evidence.txt", 2_000),
            file("host/host.js", 10_000),
        ];
        let text = |name: &str| match name {
            "join/index.html" => "<script src=\"/join/join.js\">".into(),
            "join/join.js" => {
                "// Not host.js.\nawait import(`/words/${language}.js`)\nfetch(new URL('client.wasm', import.meta.url))"
                    .into()
            }
            _ => String::new(),
        };
        let tabs = tabs(&files, &text, ("pkg/shaders.txt".into(), vec!["pkg/evidence.txt".into()]));
        assert_eq!(tabs.each_ref().map(|it| it.sent), [151, 1_151, 3_151]);
        let table = table(&files, &tabs);
        assert!(table.contains("      200        100  CPU GPU GPU+  pkg/client.wasm\n"), "{table}");
        assert!(table.contains("     2000       1000  GPU GPU+      pkg/shaders.txt\n"), "{table}");
        assert!(
            table.ends_with("                3151  a GPU+ tab until its first training step, of 250000 allowed\n"),
            "{table}"
        );
    }

    #[test]
    fn the_join_page_loads_its_own_files_and_none_of_the_host_screen() {
        let sources = page::files().expect("the folder is readable");
        let mut files: Vec<Weight> = vec![];
        for path in sources.iter().filter_map(|it| it.strip_prefix(page::folder()).ok()) {
            files.push(Weight { name: path.display().to_string(), raw: 0, sent: 0 });
        }
        let read = |name: &str| fs::read_to_string(page::folder().join(name)).unwrap_or_default();
        let loads = loaded(&files, &read).into_iter().filter(|it| !it.starts_with("pkg/")).collect::<Vec<_>>();
        // A browser test checks that a tab requests these files and no others; without HTTPS a tab requests `secure.js` and what
        // that needs too.
        let named = [
            "hedge.svg",
            "join/index.html",
            "join/join.js",
            "join/received.js",
            "join/screen.js",
            "join/seat.js",
            "join/secure.js",
            "join/telling.js",
            "join/worker.js",
            "leaf.svg",
            "parts/announce.js",
            "parts/density.js",
            "parts/elements.js",
            "parts/foreign.js",
            "parts/language-switch.js",
            "parts/page.js",
            "parts/unit-hedge.js",
            "style.css",
            "words.js",
        ];
        let words = ["words/en.js", "words/figures.js", "words/kept.js", "words/languages.js", "words/phrases.js"];
        assert_eq!(loads, [named.as_slice(), &words].concat());
    }
}
