//! A kernel as plain data: its parameters, its buffers, and its shaders.

/// A buffer as a device holds it: 32-bit words that a kernel reads as floats or as integers.
pub type Words = Vec<u32>;

/// A kernel as plain data.
#[derive(Debug)]
pub struct Kernel {
    /// File stem of the twin.
    pub name: &'static str,
    /// Shaders: first the plain one, then other forms of the same kernel.
    pub shaders: &'static [Shader],
    /// The fields of `Params` as WGSL declarations.
    pub params: &'static str,
    /// The fields of `Params`, in order; not in pages, which check no shaders.
    #[cfg(not(target_arch = "wasm32"))]
    pub fields: &'static [Field],
    /// Buffers, from binding 1 on.
    pub bindings: &'static [Binding],
}

/// A field of a kernel's `Params`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name of the field in twin and shader.
    pub name: &'static str,
    /// Type of the field's 32 bits.
    pub element: Element,
    /// Offset of the field in Rust, in bytes.
    pub offset: usize,
}

/// A shader without its declarations, which are generated from the kernel. A native program contains its text. A page
/// contains only a digest of the text: most tabs open no GPU and need not load any text.
#[derive(Clone, Copy, Debug)]
pub struct Shader {
    /// Name of the shader, unique among all.
    pub name: &'static str,
    /// Stem of the page's file that contains the text: [`COMMON`], or a folder of `client-wasm/engine/src/kernels`
    /// whose shaders only some tasks or adapters need.
    pub file: &'static str,
    /// Stems of the files of `client-wasm/engine/src/wgsl` that come in front, separated by spaces.
    pub shared: &'static str,
    /// Stem of the shader's own file.
    pub stem: &'static str,
    /// Digest of the whole text, by [`digest`].
    pub digest: u32,
    /// The text of the shader.
    #[cfg(any(feature = "texts", not(target_arch = "wasm32")))]
    pub text: &'static str,
}

impl Shader {
    /// A shader. Only for constants: then the text is not linked into a page, where nothing refers to it.
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

/// Stem of the page's file with the texts that most tasks need, including shared ones.
pub const COMMON: &str = "shaders";

/// Digest of a text: FNV-1a in 32 bits (Fowler, Noll & Vo), against mistakes, not against malice. Spaces, empty lines
/// and comment lines do not count, because a tab's texts come without them.
pub const fn digest(text: &str) -> u32 {
    let (bytes, mut digest, mut at) = (text.as_bytes(), 0x811c_9dc5, 0);
    let mut is_line_start = true;
    // Iterators are not available in constants.
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

/// End of the line that contains this byte.
const fn end_of_line(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'\n' {
        at += 1;
    }
    at
}

/// The buffers of a kernel, one by one.
///
/// # Panics
/// If the number of buffers differs.
pub(super) fn all_of<'a, const N: usize>(buffers: &'a mut [Words], kernel: &Kernel) -> &'a mut [Words; N] {
    match buffers.try_into() {
        Ok(all) => all,
        Err(_) => others(kernel),
    }
}

/// A separate function, so that its callers do not contain the message.
#[cold]
#[inline(never)]
fn others(kernel: &Kernel) -> ! {
    panic!("{} takes a different number of buffers", kernel.name)
}

/// A set of kernels that run by another path than their twins.
pub trait Faster {
    /// Names of the kernels.
    const KERNELS: &'static [&'static str];
}

/// The empty set: every kernel runs by its twin.
#[derive(Debug)]
pub struct Nothing;

impl Faster for Nothing {
    const KERNELS: &'static [&'static str] = &[];
}

/// Whether a name is in a list.
pub(super) const fn is_among(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    // Neither iterators nor comparisons of text are available in constants; digests identify kernels as they do
    // shaders.
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
    /// Name of the buffer in twin and shader.
    pub name: &'static str,
    /// How the kernel accesses the buffer.
    pub access: Access,
    /// Type of the buffer's words.
    pub element: Element,
}

/// The bindings of a step that hold 16-bit floats instead of 32-bit ones, two per word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Halves(u8);

impl Halves {
    /// The bindings for which `which` is true, in the kernel's order.
    pub fn of(which: impl IntoIterator<Item = bool>) -> Self {
        Self((0..).zip(which).fold(0, |bits, (at, it)| bits | u8::from(it) << at))
    }

    /// Whether the binding with this number, from 0, holds 16-bit floats.
    pub fn has(self, at: usize) -> bool {
        self.0 >> at & 1 == 1
    }

    /// Whether no binding holds 16-bit floats.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// How a kernel accesses a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read only.
    Reads,
    /// Read and written; no two invocations write the same word.
    Writes,
    /// Several invocations change the same word, atomically.
    Shares,
}

/// Type of a buffer's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// 32-bit floats.
    F32,
    /// 32-bit unsigned integers.
    U32,
}
