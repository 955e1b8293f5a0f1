//! Texts: what shaders are compiled from. Native programs carry them; a tab loads them when a GPU opens, once.

use std::borrow::Cow;

use crate::kernels::{KERNELS, Kernel, digest};

/// All shader files in one text, as `cargo xtask page` writes it into `www/pkg/shaders.txt`: before each a line with `#` and
/// the file's stem.
#[derive(Debug)]
pub struct Texts(String);

impl Texts {
    /// Those that were loaded, if they are this program's to the letter.
    ///
    /// # Errors
    /// When a kernel's text is not the one that its twin was compiled beside.
    pub fn checked(loaded: String) -> Result<Self, String> {
        let texts = Self(loaded);
        match KERNELS.iter().find(|it| digest(&texts.of(it)) != it.wgsl.digest) {
            None => Ok(texts),
            Some(kernel) => Err(format!("the shader `{}` is another version's; reload the page", kernel.name)),
        }
    }

    /// A kernel's.
    pub fn of(&self, kernel: &Kernel) -> String {
        let file = |stem| self.0.split('#').find_map(|it: &str| it.strip_prefix(stem)?.strip_prefix('\n'));
        kernel.wgsl.shared.into_iter().chain([kernel.name]).filter_map(file).collect()
    }
}

/// Sees to it that texts are there.
#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::unused_async, reason = "a tab has to load them")]
pub(super) async fn ready() -> Result<(), String> {
    Ok(())
}

/// The text of a kernel's shader.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn of(kernel: &Kernel) -> Cow<'static, str> {
    kernel.wgsl.text.into()
}

#[cfg(target_arch = "wasm32")]
pub use loaded::load_by;
#[cfg(target_arch = "wasm32")]
pub(super) use loaded::{of, ready};

/// How a tab comes by its texts: only its shell knows the network.
#[cfg(target_arch = "wasm32")]
mod loaded {
    use std::pin::Pin;
    use std::sync::OnceLock;

    use super::{Cow, Kernel, Texts};

    type Loading = Pin<Box<dyn Future<Output = Result<String, String>>>>;

    static LOAD: OnceLock<fn() -> Loading> = OnceLock::new();
    static TEXTS: OnceLock<Texts> = OnceLock::new();

    /// Says how to load the file of all texts; what says so first counts.
    pub fn load_by(load: fn() -> Loading) {
        LOAD.get_or_init(|| load);
    }

    /// Loads the texts unless they are there, also after another try has failed.
    pub(in crate::devices::gpu) async fn ready() -> Result<(), String> {
        if TEXTS.get().is_none() {
            let load = LOAD.get().ok_or("this page has no way to load shaders")?;
            let texts = Texts::checked(load().await?)?;
            TEXTS.get_or_init(|| texts);
        }
        Ok(())
    }

    /// The text of a kernel's shader.
    pub(in crate::devices::gpu) fn of(kernel: &Kernel) -> Cow<'static, str> {
        TEXTS.get().expect("no GPU opens without its texts").of(kernel).into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The files of all kernels, as the page's build joins them.
    fn all() -> String {
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let read = |folder: &str, stem: &str| {
            let path = source.join(folder).join(stem).with_extension("wgsl");
            format!("#{stem}\n{}", std::fs::read_to_string(path).expect("every shader has its file"))
        };
        let own = KERNELS.iter().map(|it| read("kernels", it.name));
        let shared: BTreeSet<&str> = KERNELS.iter().filter_map(|it| it.wgsl.shared).collect();
        own.chain(shared.iter().map(|it| read("wgsl", it))).collect()
    }

    #[test]
    fn what_is_loaded_is_what_native_programs_carry() {
        let texts = Texts::checked(all()).expect("the files are those that were compiled in");
        for kernel in KERNELS {
            assert_eq!(texts.of(kernel), kernel.wgsl.text, "{}", kernel.name);
        }
    }

    #[test]
    fn the_texts_of_another_build_are_refused() {
        let is_refused = |loaded: String| Texts::checked(loaded).is_err_and(|it| it.contains("another version's"));
        assert!(is_refused(all().replace("x[at]", "x[ at]")), "a blank too many");
        assert!(is_refused(all().replace("#relu\n", "#elsewhere\n")), "one missing");
        assert!(is_refused(String::new()), "nothing at all");
    }

    #[test]
    fn digests_are_those_of_fnv_1a() {
        // Of the reference implementation's test vectors.
        assert_eq!([digest(""), digest("a"), digest("foobar")], [0x811c_9dc5, 0xe40c_292c, 0xbf9c_f968]);
    }
}
