//! Texts: the source texts of shaders. Native programs contain them, and tabs with the feature `texts`; other tabs load
//! the common file when a GPU is opened, and files for special tasks when a program needs them.

use std::borrow::Cow;

use crate::kernels::{KERNELS, Shader, digest};

/// Shader texts as `cargo xtask page` joins them: the common ones in `www/pkg/shaders.txt`, and those of each folder of
/// kernels in a file of its name. Each is preceded by a line with `#` and the shader's stem, and has no indents, empty
/// lines or comment lines.
#[derive(Debug, Default)]
pub struct Texts {
    files: Vec<&'static str>,
    joined: String,
}

impl Texts {
    /// No texts.
    #[cfg(all(target_arch = "wasm32", not(feature = "texts")))]
    const fn none() -> Self {
        Self { files: vec![], joined: String::new() }
    }

    /// Whether the file with this stem is loaded.
    pub fn has(&self, file: &str) -> bool {
        self.files.contains(&file)
    }

    /// Adds the loaded file with this stem, if it belongs to this program's version; the common file must come first.
    ///
    /// # Errors
    /// When a kernel's text differs from the one its twin was compiled with.
    pub fn add(&mut self, file: &'static str, loaded: &str) -> Result<(), String> {
        let len = self.joined.len();
        self.joined += loaded;
        let mut own = KERNELS.iter().flat_map(|it| it.shaders).filter(|it| it.file == file);
        if let Some(shader) = own.find(|it| digest(&self.of(it)) != it.digest) {
            self.joined.truncate(len);
            return Err(format!("the shader `{}` belongs to another version; reload the page", shader.name));
        }
        self.files.push(file);
        Ok(())
    }

    /// Text of a shader, without its declarations.
    pub fn of(&self, shader: &Shader) -> String {
        let file = |stem| self.joined.split('#').find_map(|it: &str| it.strip_prefix(stem)?.strip_prefix('\n'));
        shader.shared.split(' ').chain([shader.stem]).filter_map(file).collect()
    }
}

#[cfg(any(feature = "texts", not(target_arch = "wasm32")))]
pub(super) use carried::{of, ready};
#[cfg(all(target_arch = "wasm32", not(feature = "texts")))]
pub use loaded::load_by;
#[cfg(all(target_arch = "wasm32", not(feature = "texts")))]
pub(super) use loaded::{of, ready};

/// Texts that are compiled in.
#[cfg(any(feature = "texts", not(target_arch = "wasm32")))]
mod carried {
    use super::{Cow, Shader};

    /// Ensures that the texts of this file are present.
    pub(in crate::devices::gpu) async fn ready(_file: &'static str) -> Result<(), String> {
        Ok(())
    }

    /// Text of a shader, without its declarations.
    pub(in crate::devices::gpu) fn of(shader: &Shader) -> Cow<'static, str> {
        shader.text.into()
    }
}

/// Loading of texts in a tab: only the tab's shell has network access.
#[cfg(all(target_arch = "wasm32", not(feature = "texts")))]
mod loaded {
    use std::pin::Pin;
    use std::sync::{Mutex, MutexGuard, OnceLock};

    use super::{Cow, Shader, Texts};

    type Loading = Pin<Box<dyn Future<Output = Result<String, String>>>>;
    type Load = fn(&'static str) -> Loading;

    static LOAD: OnceLock<Load> = OnceLock::new();
    static TEXTS: Mutex<Texts> = Mutex::new(Texts::none());

    /// Sets the function that loads a file by its stem; only the first call has an effect.
    pub fn load_by(load: Load) {
        LOAD.get_or_init(|| load);
    }

    fn texts() -> MutexGuard<'static, Texts> {
        TEXTS.lock().expect("no thread panics while it holds the texts")
    }

    /// Loads a file of texts unless it is present; tries again after a failure.
    pub(in crate::devices::gpu) async fn ready(file: &'static str) -> Result<(), String> {
        if texts().has(file) {
            return Ok(());
        }
        let load = LOAD.get().ok_or("this page has no way to load shaders")?;
        let loaded = load(file).await?;
        texts().add(file, &loaded)
    }

    /// Text of a shader, without its declarations.
    pub(in crate::devices::gpu) fn of(shader: &Shader) -> Cow<'static, str> {
        texts().of(shader).into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ffi::OsStr;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::kernels::COMMON;

    /// The text without indents, empty lines and comment lines.
    fn bare(text: &str) -> String {
        let lines = text.lines().map(str::trim_start).filter(|it| !it.is_empty() && !it.starts_with("//"));
        lines.map(|it| it.to_owned() + "\n").collect()
    }

    fn shaders() -> impl Iterator<Item = &'static Shader> {
        KERNELS.iter().flat_map(|it| it.shaders)
    }

    /// The files of all shaders, joined as in the page's build.
    fn all() -> BTreeMap<&'static str, String> {
        let mut all = BTreeMap::<_, String>::new();
        for path in walked(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let name = |it: Option<&OsStr>| it.unwrap_or_default().to_string_lossy().into_owned();
            let (stem, folder) = (name(path.file_stem()), name(path.parent().and_then(Path::file_name)));
            let file = shaders().map(|it| it.file).find(|it| *it == folder).unwrap_or(COMMON);
            let text = std::fs::read_to_string(&path).expect("it was listed");
            *all.entry(file).or_default() += &format!("#{stem}\n{}", bare(&text));
        }
        all
    }

    /// All shader files below a folder.
    fn walked(folder: &Path) -> Vec<PathBuf> {
        let entries =
            std::fs::read_dir(folder).expect("the folder of the sources exists").flatten().map(|it| it.path());
        let below = |it: PathBuf| if it.is_dir() { walked(&it) } else { vec![it] };
        let mut files: Vec<PathBuf> = entries.flat_map(below).collect();
        files.retain(|it| it.extension().is_some_and(|it| it == "wgsl"));
        files.sort();
        files
    }

    /// Loads the common file, then all others.
    fn loaded(all: &BTreeMap<&'static str, String>) -> Result<Texts, String> {
        let mut texts = Texts::default();
        texts.add(COMMON, &all[COMMON])?;
        all.iter().filter(|it| *it.0 != COMMON).try_for_each(|(file, text)| texts.add(file, text))?;
        Ok(texts)
    }

    #[test]
    fn what_is_loaded_is_what_native_programs_carry() {
        let texts = loaded(&all()).expect("the files equal those that were compiled in");
        for shader in shaders() {
            assert_eq!(texts.of(shader), bare(shader.text), "{}", shader.name);
        }
    }

    #[test]
    fn kernels_that_only_some_tasks_need_are_in_files_of_their_own() {
        let of = |file| shaders().filter(|it| it.file == file).map(|it| it.name).collect::<Vec<_>>();
        assert_eq!(of("evidence"), ["accumulate", "settle", "square", "cross_entropy_curvature"]);
        assert_eq!(of("software"), ["conv2d_wide", "conv2d_grad_x_wide", "conv2d_grad_w_wide"]);
        let mut texts = Texts::default();
        texts.add(COMMON, &all()[COMMON]).expect("the common file needs no other");
        assert!(texts.has(COMMON) && !texts.has("evidence"));
    }

    #[test]
    fn the_texts_of_another_build_are_refused() {
        let is_refused = |file: &'static str, change: fn(String) -> String| {
            let mut all = all();
            let changed = change(all.remove(file).expect("it is there"));
            all.insert(file, changed);
            loaded(&all).is_err_and(|it| it.contains("belongs to another version"))
        };
        for file in [COMMON, "evidence"] {
            assert!(is_refused(file, |it| it.replace("x[at]", "x[it]")), "a renamed variable in {file}");
            assert!(is_refused(file, |_| String::new()), "an empty text for {file}");
        }
        assert!(is_refused(COMMON, |it| it.replace("#relu\n", "#elsewhere\n")), "one missing");
    }

    #[test]
    fn what_was_refused_leaves_nothing_behind() {
        let mut texts = Texts::default();
        assert!(texts.add(COMMON, "#relu\nfn other() {}\n").is_err());
        texts.add(COMMON, &all()[COMMON]).expect("the right ones");
        let [relu] = crate::kernels::activation::relu::forward::KERNEL.shaders else { panic!("ReLU has one form") };
        assert_eq!(texts.of(relu), bare(relu.text));
    }

    #[test]
    fn indents_empty_lines_and_comments_do_not_count() {
        assert_eq!(
            digest("// A step.\nfn main() {\n    // Twice.\n\n    step();\n}\n"),
            digest("fn main() {\nstep();\n}\n")
        );
        assert_ne!(digest("a / b\n"), digest("a // b\n"));
        assert_ne!(digest("a\nb"), digest("ab"));
    }

    #[test]
    fn digests_are_those_of_fnv_1a() {
        // From the reference implementation's test vectors.
        assert_eq!([digest(""), digest("a"), digest("foobar")], [0x811c_9dc5, 0xe40c_292c, 0xbf9c_f968]);
    }
}
