//! Declaring kernels: what a kernel is as plain data, and the two macros that write its boilerplate.

use super::Call;

/// A buffer as a device holds it: 32-bit words that a kernel reads as floats or as integers.
pub type Words = Vec<u32>;

/// A kernel as plain data.
#[derive(Debug)]
pub struct Kernel {
    /// Stem of its two files.
    pub name: &'static str,
    /// The shader.
    pub wgsl: Wgsl,
    /// Name and byte offset of each field of `Params`; a page checks no shader.
    #[cfg(not(target_arch = "wasm32"))]
    pub fields: &'static [(&'static str, usize)],
    /// Bytes of `Params`.
    pub params_len: usize,
    /// Its buffers, from binding 1 on.
    pub bindings: &'static [Binding],
}

/// A shader: its text in a native program. A page only knows what to recognise the text by: most tabs open no GPU and
/// need not load any.
#[derive(Clone, Copy, Debug)]
pub struct Wgsl {
    /// Stem of the page's file that has the text: [`COMMON`], or the folder of `client-wasm/engine/src/kernels` in which kernels lie
    /// that only some tasks or adapters need.
    pub file: &'static str,
    /// Stem of the file of `client-wasm/engine/src/wgsl` in front of the kernel's own, if there is one.
    pub shared: Option<&'static str>,
    /// Of the whole text, by [`digest`].
    pub digest: u32,
    /// The text.
    #[cfg(not(target_arch = "wasm32"))]
    pub text: &'static str,
}

impl Wgsl {
    /// A text. Only for constants: then it stays out of the page, where nothing points to it.
    pub const fn new(file: &'static str, shared: Option<&'static str>, text: &'static str) -> Self {
        Self {
            file,
            shared,
            digest: digest(text),
            #[cfg(not(target_arch = "wasm32"))]
            text,
        }
    }
}

/// Stem of the page's file with the texts of all kernels that lie in no folder, and of what shaders share.
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
    /// Changes it, and may look.
    Writes,
}

/// What the words of a buffer mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// 32-bit floats.
    F32,
    /// 32-bit unsigned integers.
    U32,
}

/// An input on which twin and shader must agree.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is there for.
    pub about: &'static str,
    /// Kernel and parameters.
    pub call: Call,
    /// Contents before.
    pub buffers: Vec<Words>,
    /// Largest difference, relative to the larger of 1 and the reference; above 1e-5 where sums are long.
    pub tolerance: f32,
    /// Buffers worked out by hand: index and contents after.
    pub expected: Vec<(usize, Words)>,
}

impl Case {
    /// A case without buffers yet.
    pub fn new(about: &'static str, call: Call) -> Self {
        Self { about, call, buffers: vec![], tolerance: 1e-5, expected: vec![] }
    }

    /// The next buffer: floats.
    pub fn floats(mut self, values: impl AsRef<[f32]>) -> Self {
        self.buffers.push(values.as_ref().iter().map(|it| it.to_bits()).collect());
        self
    }

    /// The next buffer: integers.
    pub fn integers(mut self, values: impl AsRef<[u32]>) -> Self {
        self.buffers.push(values.as_ref().to_vec());
        self
    }

    /// The next buffer: floats without meaning but with sign, in [-1, 1), the same every time.
    pub fn noise(self, len: usize) -> Self {
        let stream = self.buffers.len() as u64;
        let values: Vec<f32> =
            (0..len).map(|it| protocol::random::unit_f32(7, stream, it as u64) * 2.0 - 1.0).collect();
        self.floats(values)
    }

    /// What a buffer of floats must hold afterwards, worked out by hand.
    pub fn gives(mut self, buffer: usize, values: impl AsRef<[f32]>) -> Self {
        self.expected.push((buffer, values.as_ref().iter().map(|it| it.to_bits()).collect()));
        self
    }

    /// What a buffer of integers must hold afterwards, worked out by hand.
    pub fn gives_integers(mut self, buffer: usize, values: impl AsRef<[u32]>) -> Self {
        self.expected.push((buffer, values.as_ref().to_vec()));
        self
    }

    /// A wider tolerance.
    pub fn within(self, tolerance: f32) -> Self {
        Self { tolerance, ..self }
    }
}

/// Workgroups for one invocation per item: in two dimensions once one would pass WebGPU's 65,535.
pub fn grid(items: u32, per_workgroup: u32) -> [u32; 3] {
    let groups = items.div_ceil(per_workgroup);
    let across = groups.clamp(1, 65_535);
    [across.min(groups), groups.div_ceil(across), 1]
}

/// Workgroups of a shader written with `entries.wgsl` in front: 64 invocations, eight entries each.
pub fn by_entries(entries: u32) -> [u32; 3] {
    grid(entries, 512)
}

/// Declares `Params` (one 32-bit scalar per field, in the shader's order, or those of another kernel) and the buffers of
/// the kernel whose files have this stem, and writes [`Kernel`] and `bind`, which gives typed slices to a function of the
/// twin's signature. A shader may be written `with` a file of `client-wasm/engine/src/wgsl` in front, and lie `in` a folder of
/// `client-wasm/engine/src/kernels`.
macro_rules! kernel {
    (
        $name:literal $(in $folder:literal)? $(with $shared:literal)?
        params { $($(#[$about:meta])* $field:ident: $type:ty,)+ }
        buffers { $($buffer:ident: $access:ident $element:ident,)+ }
    ) => {
        /// What the kernel is told besides its buffers.
        #[repr(C)]
        #[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
        pub struct Params { $($(#[$about])* pub $field: $type,)+ }

        kernel! {
            @buffers $name
            (&[$((stringify!($field), std::mem::offset_of!(Params, $field)),)+])
            $(in $folder)? $(with $shared)?
            { $($buffer: $access $element,)+ }
        }
    };
    (
        $name:literal $(in $folder:literal)? $(with $shared:literal)?
        params of $other:ident
        buffers { $($buffer:ident: $access:ident $element:ident,)+ }
    ) => {
        pub use super::$other::Params;

        kernel! {
            @buffers $name
            (super::$other::KERNEL.fields)
            $(in $folder)? $(with $shared)?
            { $($buffer: $access $element,)+ }
        }
    };
    (
        @buffers $name:literal $fields:tt $(in $folder:literal)? $(with $shared:literal)?
        { $($buffer:ident: $access:ident $element:ident,)+ }
    ) => {
        /// The kernel as plain data.
        pub const KERNEL: $crate::kernels::Kernel = $crate::kernels::Kernel {
            name: $name,
            wgsl: wgsl!($name $(in $folder)? $(with $shared)?),
            #[cfg(not(target_arch = "wasm32"))]
            fields: $fields,
            params_len: size_of::<Params>(),
            bindings: &[$($crate::kernels::Binding {
                name: stringify!($buffer),
                access: kernel!(@access $access),
                element: kernel!(@element $element),
            },)+],
        };

        /// Calls a function of the twin's signature on untyped buffers.
        ///
        /// # Panics
        /// If there are more or fewer buffers than the kernel binds.
        pub fn bind(
            params: &Params,
            buffers: &mut [$crate::kernels::Words],
            run: impl FnOnce(&Params, $(kernel!(@slice $access $element)),+),
        ) {
            let [$($buffer),+] = buffers else { panic!("{} takes other buffers", KERNEL.name) };
            run(params, $(kernel!(@view $access $buffer)),+);
        }
    };
    (@access reads) => { $crate::kernels::Access::Reads };
    (@access writes) => { $crate::kernels::Access::Writes };
    (@element f32) => { $crate::kernels::Element::F32 };
    (@element u32) => { $crate::kernels::Element::U32 };
    (@slice reads $element:ident) => { &[$element] };
    (@slice writes $element:ident) => { &mut [$element] };
    (@view reads $buffer:ident) => { bytemuck::cast_slice($buffer) };
    (@view writes $buffer:ident) => { bytemuck::cast_slice_mut($buffer) };
}

/// The shader of this name beside the file that says so, with a file of `client-wasm/engine/src/wgsl` in front of it if one is
/// named.
macro_rules! wgsl {
    ($name:literal $(in $folder:literal)? $(with $shared:literal)?) => {{
        const TEXT: &str = concat!(
            $(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/wgsl/", $shared, ".wgsl")),)?
            include_str!(concat!($name, ".wgsl")),
        );
        const FILES: &[&str] = &[$($folder,)? $crate::kernels::COMMON];
        const SHARED: &[&str] = &[$($shared)?];
        $crate::kernels::Wgsl::new(FILES[0], SHARED.first().copied(), TEXT)
    }};
}

/// Registers kernels: one line each gives a [`Call`] variant, and every test of pairs.
macro_rules! kernels {
    ($($Kernel:ident => $($module:ident)::+,)+) => {
        /// A kernel with its parameters: what a program is made of.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Call {
            $(#[doc = concat!("See [`", stringify!($($module)::+), "`].")] $Kernel($($module)::+::Params),)+
        }

        impl Call {
            /// The kernel.
            pub fn kernel(&self) -> &'static Kernel {
                match self { $(Self::$Kernel(_) => &$($module)::+::KERNEL,)+ }
            }

            /// The parameters as the shader reads them.
            pub fn params(&self) -> &[u8] {
                match self { $(Self::$Kernel(params) => bytemuck::bytes_of(params),)+ }
            }

            /// How many workgroups the shader takes.
            pub fn workgroups(&self) -> [u32; 3] {
                match self { $(Self::$Kernel(params) => $($module)::+::workgroups(params),)+ }
            }

            /// Runs the twin.
            pub fn twin(&self, buffers: &mut [Words]) {
                match self { $(Self::$Kernel(params) => $($module)::+::bind(params, buffers, $($module)::+::twin),)+ }
            }
        }

        /// All kernels.
        pub const KERNELS: &[&Kernel] = &[$(&$($module)::+::KERNEL),+];

        /// All cases of all kernels.
        pub fn cases() -> Vec<Case> {
            [$($($module)::+::cases()),+].concat()
        }
    };
}
