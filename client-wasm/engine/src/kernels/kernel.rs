//! A kernel as plain data: what it is told, what it binds, and the shaders that run it.

/// A buffer as a device holds it: 32-bit words that a kernel reads as floats or as integers.
pub type Words = Vec<u32>;

/// A kernel as plain data.
#[derive(Debug)]
pub struct Kernel {
    /// Stem of its twin's file.
    pub name: &'static str,
    /// Its shaders: first the plain one, then other forms of the same definition.
    pub shaders: &'static [Shader],
    /// The fields of `Params` as WGSL declares them.
    pub params: &'static str,
    /// The fields of `Params`, in order; a page checks no shader.
    #[cfg(not(target_arch = "wasm32"))]
    pub fields: &'static [Field],
    /// Its buffers, from binding 1 on.
    pub bindings: &'static [Binding],
}

/// A field of a kernel's `Params`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// As twin and shader call it.
    pub name: &'static str,
    /// What its 32 bits mean.
    pub element: Element,
    /// Where it lies in Rust, in bytes.
    pub offset: usize,
}

/// A shader without its declarations, which follow from the kernel: its text in a native program. A page only knows what to
/// recognise the text by: most tabs open no GPU and need not load any.
#[derive(Clone, Copy, Debug)]
pub struct Shader {
    /// What tells it from all others.
    pub name: &'static str,
    /// Stem of the page's file that has the text: [`COMMON`], or the folder of `client-wasm/engine/src/kernels` with shaders that
    /// only some tasks or adapters need.
    pub file: &'static str,
    /// Stems of the files of `client-wasm/engine/src/wgsl` in front of its own, with spaces between.
    pub shared: &'static str,
    /// Stem of its own file.
    pub stem: &'static str,
    /// Of the whole text, by [`digest`].
    pub digest: u32,
    /// The text.
    #[cfg(any(feature = "texts", not(target_arch = "wasm32")))]
    pub text: &'static str,
}

impl Shader {
    /// A shader. Only for constants: then its text stays out of the page, where nothing points to it.
    pub const fn new(
        name: &'static str,
        file: &'static str,
        [shared, stem]: [&'static str; 2],
        text: &'static str,
    ) -> Self {
        Self {
            name,
            file,
            shared,
            stem,
            digest: digest(text),
            #[cfg(any(feature = "texts", not(target_arch = "wasm32")))]
            text,
        }
    }
}

/// Stem of the page's file with the texts of all shaders that most tasks need, and of what shaders share.
pub const COMMON: &str = "shaders";

/// What tells texts apart: FNV-1a in 32 bits (Fowler, Noll & Vo), against mistakes, not against malice. Spaces, empty lines and
/// lines of comment do not count: a tab's texts come without them.
pub const fn digest(text: &str) -> u32 {
    let (bytes, mut digest, mut at) = (text.as_bytes(), 0x811c_9dc5, 0);
    let mut is_line_start = true;
    // Iterators do not run in constants.
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b' ' || is_line_start && byte == b'\n' {
            at += 1;
        } else if is_line_start && byte == b'/' && at + 1 < bytes.len() && bytes[at + 1] == b'/' {
            at = end_of_line(bytes, at);
        } else {
            digest = (digest ^ byte as u32).wrapping_mul(0x0100_0193);
            is_line_start = byte == b'\n';
            at += 1;
        }
    }
    digest
}

/// Where the line ends that has this byte.
const fn end_of_line(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'\n' {
        at += 1;
    }
    at
}

/// The buffers that a kernel binds, one by one.
///
/// # Panics
/// If there are more or fewer.
pub(super) fn all_of<'a, const N: usize>(buffers: &'a mut [Words], kernel: &Kernel) -> &'a mut [Words; N] {
    match buffers.try_into() {
        Ok(all) => all,
        Err(_) => others(kernel),
    }
}

/// Apart from its callers, so that none of them carries the message.
#[cold]
#[inline(never)]
fn others(kernel: &Kernel) -> ! {
    panic!("{} takes other buffers", kernel.name)
}

/// Kernels that run otherwise than by their twins.
pub trait Faster {
    /// Their names.
    const KERNELS: &'static [&'static str];
}

/// Every kernel runs by its twin.
#[derive(Debug)]
pub struct Nothing;

impl Faster for Nothing {
    const KERNELS: &'static [&'static str] = &[];
}

/// Whether a name is among others.
pub(super) const fn is_among(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    // Neither iterators nor comparisons of text run in constants; a digest tells kernels apart as it does their shaders.
    while at < names.len() {
        if digest(names[at]) == digest(name) {
            return true;
        }
        at += 1;
    }
    false
}

/// A buffer of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// As twin and shader call it.
    pub name: &'static str,
    /// What the kernel does with it.
    pub access: Access,
    /// What its words mean.
    pub element: Element,
}

/// Which bindings of a step hold 16-bit floats instead of 32-bit ones, two to a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Halves(u8);

impl Halves {
    /// Those for which this holds, of bindings in the kernel's order.
    pub fn of(which: impl IntoIterator<Item = bool>) -> Self {
        Self((0..).zip(which).fold(0, |bits, (at, it)| bits | u8::from(it) << at))
    }

    /// Whether the binding with this number does, the first being 0.
    pub fn has(self, at: usize) -> bool {
        self.0 >> at & 1 == 1
    }

    /// Whether none does.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What a kernel does with a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only looks.
    Reads,
    /// Changes it, and may look; no two invocations change the same word.
    Writes,
    /// Several invocations change the same word, atomically.
    Shares,
}

/// What the words of a buffer mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// 32-bit floats.
    F32,
    /// 32-bit unsigned integers.
    U32,
}
