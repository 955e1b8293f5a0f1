//! Page: compiles the client to wasm with its bindings, and compresses every file, in `www/pkg`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::{Bindgen, Output};

use crate::stamp::Stamp;
use crate::steps::Steps;
use crate::{needs, workspace};

/// Extensions of files to compress; other formats are compressed already.
const COMPRESSED: [&str; 7] = ["css", "html", "js", "json", "svg", "txt", "wasm"];

/// Stem of the file that a tab loads when it opens a GPU.
const SHADERS: &str = "shaders";

/// Stem of the file that a tab loads when its GPU is a software adapter.
const SOFTWARE: &str = "software";

/// Folders of kernels whose shaders only some tasks or adapters load, each as a file with that stem.
const APART: [&str; 3] = ["ballots", "evidence", SOFTWARE];

/// Folder that the coordinator embeds.
pub(crate) fn folder() -> PathBuf {
    workspace::root().join("www")
}

/// Purpose of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// For people who join.
    Visitor,
    /// For `cargo xtask bench`, whose part of the client is left out of visitors' pages.
    Bench,
}

/// Builds everything that has changed since the last build.
pub(crate) fn build(steps: &mut Steps, reader: Reader) -> Result<()> {
    needs::wasm_target()?;
    let wasm = steps.run("building the page's wasm", || compile(reader))?;
    let target = workspace::target_dir();
    let mut stamp = Stamp::open(target.join("page.stamp"));
    let module = folder().join("pkg/client_wasm_bg.wasm");
    let input = fs::read(&wasm).with_context(|| format!("could not read {}", wasm.display()))?;
    if !stamp.is_fresh(&module, &input) {
        steps.run("writing its bindings", || bind(&wasm))?;
        stamp.note(&module, &input)?;
    }
    for (stem, texts) in shaders(&workspace::root().join("client-wasm/engine/src"))? {
        let file = folder().join(shader_file(&stem));
        if !fs::read(&file).is_ok_and(|it| it == texts.as_bytes()) {
            write(&file, texts.as_bytes())?;
        }
    }
    compress(steps, &mut stamp)
}

/// Path of a stem's shaders in the page's folder.
fn shader_file(stem: &str) -> String {
    format!("pkg/{stem}.txt")
}

/// The file that a tab loads when it opens a GPU, and the files for special tasks. Those for software adapters are left
/// out: no tab trains on one by default.
pub(crate) fn shader_files() -> Result<(String, Vec<String>)> {
    let stems = shaders(&workspace::root().join("client-wasm/engine/src"))?.into_keys();
    let others = stems.filter(|it| it != SHADERS && it != SOFTWARE);
    Ok((shader_file(SHADERS), others.map(|it| shader_file(&it)).collect()))
}

/// All shaders below this folder, each after a line with `#` and the file's stem; folders in [`APART`] get texts of
/// their own. The page's program checks the digest of each shader.
fn shaders(source: &Path) -> Result<BTreeMap<String, String>> {
    let (kernels, shared) = (source.join("kernels"), source.join("wgsl"));
    let mut texts = BTreeMap::<String, String>::new();
    let mut marks = BTreeSet::new();
    for file in [workspace::files(&kernels)?, workspace::files(&shared)?].concat() {
        if file.extension().is_some_and(|it| it == "wgsl") {
            let text = fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
            let mark = format!("#{}\n", file.file_stem().unwrap_or_default().display());
            ensure!(!text.contains('#'), "{} has a `#`, which begins the next shader", file.display());
            ensure!(marks.insert(mark.clone()), "{} is called like another shader", file.display());
            let folder = file.parent().and_then(Path::file_name).and_then(|it| it.to_str());
            let stem = folder.filter(|it| APART.contains(it)).unwrap_or(SHADERS);
            texts.entry(stem.to_owned()).or_default().extend([mark, closed_up(&bare(&text))]);
        }
    }
    Ok(texts)
}

/// Text without indents, empty lines, and comments on lines of their own.
fn bare(text: &str) -> String {
    let mut is_comment = false;
    let mut is_read = |line: &str| {
        is_comment |= line.starts_with("/*");
        let is_read = !is_comment && !line.is_empty() && !line.starts_with("//");
        is_comment &= !line.ends_with("*/");
        is_read
    };
    text.lines().map(str::trim).filter(|it| is_read(it)).map(|it| it.to_owned() + "\n").collect()
}

/// A shader without unnecessary spaces; spaces that separate tokens (`a - -b`) are kept.
fn closed_up(shader: &str) -> String {
    let around = [
        "=", "==", "+=", "-=", "*=", "/=", "!=", "<=", ">=", "<", ">", "+", "*", "/", "%", "&&", "||", "->", "<<", ">>",
    ];
    let text = around.iter().fold(shader.to_owned(), |text, it| text.replace(&format!(" {it} "), it));
    [(", ", ","), ("; ", ";"), (" {", "{")].iter().fold(text, |text, (long, short)| text.replace(long, short))
}

/// A style sheet without unnecessary spaces and line breaks.
fn tight(styles: &str) -> String {
    let pairs = [(": ", ":"), (" {", "{"), (", ", ","), ("\n", ""), (";}", "}")];
    pairs.iter().fold(styles.to_owned(), |text, (long, short)| text.replace(long, short))
}

/// An HTML page without indents and comment lines.
fn bare_page(page: &str) -> String {
    let lines = page.lines().map(str::trim).filter(|it| !it.is_empty());
    lines.filter(|it| !(it.starts_with("<!--") && it.ends_with("-->"))).map(|it| it.to_owned() + "\n").collect()
}

/// Bytes to send for a file: scripts, styles and pages minified, all else unchanged.
fn sent(file: &Path, input: Vec<u8>) -> Result<Vec<u8>> {
    let kind = file.extension().and_then(|it| it.to_str()).unwrap_or_default();
    if !["js", "css", "html"].contains(&kind) {
        return Ok(input);
    }
    let text = String::from_utf8(input).with_context(|| format!("{} is no text", file.display()))?;
    match kind {
        "css" => return Ok(tight(&bare(&text)).into_bytes()),
        "html" => return Ok(bare_page(&text).into_bytes()),
        _ => {}
    }
    let spans_lines = |line: &str| line.matches('`').count() % 2 == 1;
    ensure!(!text.lines().any(spans_lines), "{} has a template of several lines, whose indents count", file.display());
    Ok(bare(&text).into_bytes())
}

/// The file that replaces this one when the browser accepts brotli: beside it for generated files, mirrored under
/// `pkg/br` for hand-written ones, so that no generated file is among them.
pub(crate) fn compressed(file: &Path) -> Option<PathBuf> {
    let extension = file.extension()?.to_str()?;
    let file = file.strip_prefix(folder()).ok()?;
    let place = if file.starts_with("pkg") { folder() } else { folder().join("pkg/br") };
    COMPRESSED.contains(&extension).then(|| place.join(format!("{}.br", file.display())))
}

/// Every file that a browser may request.
pub(crate) fn files() -> Result<Vec<PathBuf>> {
    let mut files = workspace::files(&folder())?;
    files.retain(|it| it.extension().is_none_or(|it| it != "br"));
    Ok(files)
}

/// Compiles the client for the browser and returns the module's path.
fn compile(reader: Reader) -> Result<PathBuf> {
    let features: &[&str] = if reader == Reader::Bench { &["--features", "bench"] } else { &[] };
    compiled(&[&["-p", "client-wasm", "--lib"], features].concat())?;
    Ok(workspace::target_dir().join("wasm32-unknown-unknown/wasm/client_wasm.wasm"))
}

/// Compiles for a tab.
fn compiled(what: &[&str]) -> Result<()> {
    let mut cargo = workspace::cargo();
    cargo
        .arg("build")
        .args(what)
        .args(["--target", "wasm32-unknown-unknown", "--profile", "wasm"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", needs::WASM_FLAGS)
        // `RUSTFLAGS` would replace the flags above.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    workspace::succeed(&mut cargo)
}

/// The engine's example as wasm with its bindings, in the folder `learn` of cargo's target folder, for browser tests.
pub(crate) fn example() -> Result<()> {
    compiled(&["-p", "engine", "--example", "learn", "--features", "texts"])?;
    let target = workspace::target_dir();
    bindings(&target.join("wasm32-unknown-unknown/wasm/examples/learn.wasm"))?.emit(target.join("learn"))?;
    Ok(())
}

/// Generates the module and its JavaScript in this process, so no tool must be installed with a matching version.
fn bind(wasm: &Path) -> Result<()> {
    let pkg = folder().join("pkg");
    if pkg.is_dir() {
        fs::remove_dir_all(&pkg).with_context(|| format!("could not clear {}", pkg.display()))?;
    }
    let mut output = bindings(wasm)?;
    let mut renamed = BTreeMap::new();
    for import in output.wasm_mut().imports.iter_mut() {
        let short = format!("i{}", renamed.len());
        renamed.insert(std::mem::replace(&mut import.name, short.clone()), short);
    }
    output.emit(&pkg)?;
    let bindings = pkg.join("client_wasm.js");
    let text = fs::read_to_string(&bindings).with_context(|| format!("could not read {}", bindings.display()))?;
    write(&bindings, shortened(&text, &renamed)?.as_bytes())
}

/// A module with the JavaScript by which a page loads it.
fn bindings(wasm: &Path) -> Result<Output> {
    let mut bindgen = Bindgen::new();
    bindgen
        .web(true)?
        .typescript(false)
        // The library's default is true, with which `await init()` would have no address to load from.
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .input_path(wasm);
    bindgen.generate_output()
}

/// The bindings with shorter names for the module's imports. The generator's names end in hashes, which cannot be
/// compressed: they take 2.5 kB here and as much in the module.
fn shortened(bindings: &str, renamed: &BTreeMap<String, String>) -> Result<String> {
    let mut text = bindings.to_owned();
    for (name, short) in renamed {
        let entry = format!(" {name}: function(");
        ensure!(text.matches(&entry).count() == 1, "the bindings do not define `{name}` exactly once");
        text = text.replace(&entry, &format!(" {short}: function("));
    }
    // Of the texts in the bindings, only the debug formatting of lists contains any of these, a comma.
    let spaced = [
        ("if (", "if("),
        (", ", ","),
        (") {", "){"),
        (" = ", "="),
        (" => ", "=>"),
        (" === ", "==="),
        (" + ", "+"),
        ("} else {", "}else{"),
    ];
    for (long, close) in spaced {
        text = text.replace(long, close);
    }
    Ok(text)
}

/// Compresses every file that has changed, and removes outputs without a source.
fn compress(steps: &mut Steps, stamp: &mut Stamp) -> Result<()> {
    let mut wanted = Vec::new();
    let mut stale = Vec::new();
    for file in files()? {
        let Some(output) = compressed(&file) else { continue };
        let input = fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
        let input = sent(&file, input)?;
        wanted.push(output.clone());
        if !stamp.is_fresh(&output, &input) {
            stale.push((output, input));
        }
    }
    if !stale.is_empty() {
        steps.run("compressing what changed", || {
            stale.iter().try_for_each(|(output, input)| {
                write(output, &brotli(input)?)?;
                stamp.note(output, input)
            })
        })?;
    }
    for file in workspace::files(&folder().join("pkg"))? {
        if file.extension().is_some_and(|it| it == "br") && !wanted.contains(&file) {
            fs::remove_file(&file).with_context(|| format!("could not remove {}", file.display()))?;
        }
    }
    Ok(())
}

fn write(output: &Path, bytes: &[u8]) -> Result<()> {
    let folder = output.parent().expect("an output lies in a folder");
    fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    fs::write(output, bytes).with_context(|| format!("could not write {}", output.display()))
}

/// Compresses with brotli's highest setting, at build time, so that visitors cost nothing.
fn brotli(input: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 1 << 16, 11, 22);
    writer.write_all(input)?;
    writer.flush()?;
    drop(writer);
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_back_whole() {
        let page = "the hedge grows ".repeat(100);
        let packed = brotli(page.as_bytes()).expect("memory does not fail");
        assert!(packed.len() < page.len() / 10);
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut packed.as_slice(), &mut back).expect("the page was just compressed");
        assert_eq!(back, page.as_bytes());
    }

    #[test]
    fn scripts_and_styles_are_sent_without_comments_and_indents() {
        let of =
            |name: &str, text: &str| sent(Path::new(name), text.into()).map(|it| String::from_utf8(it).expect("text"));
        let script = "// A page.\n\nlet a = 1; // One.\n  /** Twice\n   * that. */\n  a += b / c;\n/* Once. */\n";
        assert_eq!(of("a.js", script).expect("it is sent"), "let a = 1; // One.\na += b / c;\n");
        assert_eq!(of("a.css", "/* Wide. */\na {\n  b: c;\n}\n").expect("it is sent"), "a{b:c}");
        assert_eq!(of("a.html", "<!-- Wide. -->\n  <p>// a\n").expect("it is sent"), "<p>// a\n");
        assert_eq!(of("a.txt", "  // a\n").expect("it is sent"), "  // a\n");
        assert!(of("a.js", "a = `b\n  c`;\n").is_err_and(|it| it.to_string().contains("a template of several lines")));
        assert!(of("a.js", "a = `b`;\n").is_ok());
    }

    #[test]
    fn imports_get_their_short_names_once_or_the_build_fails() {
        let renamed = BTreeMap::from([("__wbg_now_0a1b".to_owned(), "i0".to_owned())]);
        let bindings = "const a = { __wbg_now_0a1b: function() { return now(); } };";
        let short = "const a={ i0: function(){ return now(); } };";
        assert_eq!(shortened(bindings, &renamed).expect("it is there once"), short);
        assert!(shortened("const a = {};", &renamed).is_err_and(|it| it.to_string().contains("__wbg_now_0a1b")));
        assert!(shortened(&bindings.repeat(2), &renamed).is_err());
    }

    #[test]
    fn shaders_are_joined_after_their_stems_by_folder_and_nothing_else_is() {
        let source = tempfile::tempdir().expect("there is room for a folder");
        let put = |path: &str, text: &str| write(&source.path().join(path), text.as_bytes()).expect("a new file");
        put("kernels/activation/relu.wgsl", "// A step.\n\nfn main() {\n    // Twice.\n    step();\n}\n");
        put("kernels/activation/relu.rs", "//! Relu.\n");
        put("kernels/evidence/settle.wgsl", "const C = 3 - -1;\n");
        put("wgsl/total.wgsl", "const A = 1;\n");
        let expected = [
            ("evidence", "#settle\nconst C=3 - -1;\n"),
            ("shaders", "#relu\nfn main(){\nstep();\n}\n#total\nconst A=1;\n"),
        ];
        let expected = expected.map(|(stem, text)| (stem.to_owned(), text.to_owned()));
        assert_eq!(shaders(source.path()).expect("all can be read"), expected.into());
        put("wgsl/relu.wgsl", "const B = 2;\n");
        assert!(shaders(source.path()).is_err_and(|it| it.to_string().contains("like another")));
        put("wgsl/relu.wgsl", "# a mark\n");
        assert!(shaders(source.path()).is_err_and(|it| it.to_string().contains("a `#`")));
    }

    #[test]
    fn compressed_files_never_lie_among_the_written_ones() {
        let www = folder();
        assert_eq!(compressed(&www.join("host/host.js")), Some(www.join("pkg/br/host/host.js.br")));
        assert_eq!(compressed(&www.join("pkg/client_wasm.js")), Some(www.join("pkg/client_wasm.js.br")));
        assert_eq!(compressed(&www.join("icon.png")), None);
    }
}
