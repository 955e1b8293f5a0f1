//! Declaring kernels: the macros that write their boilerplate.

/// Declares `Params` (one 32-bit scalar per field, or those of another kernel) and the buffers of the kernel whose files have
/// this stem, and writes [`super::Kernel`], `bind`, which gives typed slices to a function of the twin's signature, and `form`.
/// The shader's own declarations follow from the same lists, so that no shader repeats them.
///
/// `runs` says how many workgroups the shader takes.
///
/// A shader may lie in another file, which it is then `from`, be written `with` files of `client-wasm/engine/src/wgsl` in front,
/// and lie `in` a folder of `client-wasm/engine/src/kernels` that only some tasks or adapters load. Other `forms` of the definition have a shader each,
/// when they suit (parameters and layout), and how many workgroups they take, unless they cannot do these parameters; the first
/// that suits runs.
macro_rules! kernel {
    (
        $name:literal $(from $stem:literal)? $(in $folder:literal)? $(with $($shared:literal)+)?
        params { $($(#[$about:meta])* $field:ident: $type:ident,)+ }
        buffers $buffers:tt
        runs |$told:ident| $groups:expr;
        $(forms $forms:tt)?
    ) => {
        /// What the kernel is told besides its buffers.
        #[repr(C)]
        #[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
        pub struct Params { $($(#[$about])* pub $field: $type,)+ }

        kernel! {
            @fields $name [$(from $stem)? $(in $folder)? $(with $($shared)+)?]
            (concat!($(stringify!($field), ":", stringify!($type), ",",)+))
            (&[$($crate::kernels::Field {
                name: stringify!($field),
                element: kernel!(@element $type),
                offset: std::mem::offset_of!(Params, $field),
            },)+])
            ($told, $groups) $buffers $($forms)?
        }
    };
    (
        $name:literal $(from $stem:literal)? $(in $folder:literal)? $(with $($shared:literal)+)?
        params of $($other:ident)::+
        buffers $buffers:tt
        runs |$told:ident| $groups:expr;
        $(forms $forms:tt)?
    ) => {
        pub use $($other)::+::Params;

        kernel! {
            @fields $name [$(from $stem)? $(in $folder)? $(with $($shared)+)?]
            ($($other)::+::KERNEL.params)
            ($($other)::+::KERNEL.fields)
            ($told, $groups) $buffers $($forms)?
        }
    };
    (@fields $name:literal $place:tt $params:tt $fields:tt $runs:tt $buffers:tt) => {
        kernel! { @fields $name $place $params $fields $runs $buffers {} }
    };
    (
        @fields $name:literal
        [$(from $stem:literal)? $(in $folder:literal)? $(with $($shared:literal)+)?] $params:tt $fields:tt
        ($told:ident, $plain:expr)
        { $($buffer:ident: $access:ident $element:ident),+ $(,)? }
        { $($form:literal $(in $form_folder:literal)? $(with $($form_shared:literal)+)?: $suits:expr => $groups:expr,)* }
    ) => {
        /// The kernel as plain data.
        pub const KERNEL: $crate::kernels::Kernel = $crate::kernels::Kernel {
            name: $name,
            shaders: &[
                shader!($name $(from $stem)? $(in $folder)? $(with $($shared)+)?),
                $(shader!($form $(in $form_folder)? $(with $($form_shared)+)?),)*
            ],
            params: $params,
            #[cfg(not(target_arch = "wasm32"))]
            fields: $fields,
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
            let [$($buffer),+] = $crate::kernels::all_of(buffers, &KERNEL);
            run(params, $(kernel!(@view $access $buffer)),+);
        }

        /// How many workgroups the plain shader takes.
        pub fn workgroups($told: &Params) -> [u32; 3] {
            $plain
        }

        /// By which of its shaders a GPU with this layout runs it, and in how many workgroups: by the first form that suits, else
        /// by the plain one.
        #[allow(unused_variables, reason = "a kernel of one form asks for no layout")]
        #[inline]
        pub fn form(params: &Params, layout: $crate::kernels::Layout) -> (usize, [u32; 3]) {
            let others: [Option<[u32; 3]>; _] = [$({
                let suits: fn(&Params, $crate::kernels::Layout) -> bool = $suits;
                let groups: fn(&Params) -> Option<[u32; 3]> = $groups;
                if suits(params, layout) { groups(params) } else { None }
            },)*];
            let found = (1..).zip(others).find_map(|(at, it)| it.map(|it| (at, it)));
            found.unwrap_or_else(|| (0, workgroups(params)))
        }

        /// The workgroups of each of its shaders, suited or not; nothing where one cannot do these parameters.
        pub fn forms(params: &Params) -> Vec<Option<[u32; 3]>> {
            let others: [fn(&Params) -> Option<[u32; 3]>; _] = [$($groups,)*];
            std::iter::once(Some(workgroups(params))).chain(others.into_iter().map(|it| it(params))).collect()
        }
    };
    (@access reads) => { $crate::kernels::Access::Reads };
    (@access writes) => { $crate::kernels::Access::Writes };
    (@access shares) => { $crate::kernels::Access::Shares };
    (@element f32) => { $crate::kernels::Element::F32 };
    (@element u32) => { $crate::kernels::Element::U32 };
    (@slice reads $element:ident) => { &[$element] };
    (@slice $access:ident $element:ident) => { &mut [$element] };
    (@view reads $buffer:ident) => { bytemuck::cast_slice($buffer) };
    (@view $access:ident $buffer:ident) => { bytemuck::cast_slice_mut($buffer) };
}

/// The shader of this name beside the file that says so, in another file there, or in a folder of kernels, with files of
/// `client-wasm/engine/src/wgsl` in front of it if any are named.
macro_rules! shader {
    ($name:literal $(with $($shared:literal)+)?) => {
        shader!($name from $name $(with $($shared)+)?)
    };
    ($name:literal from $stem:literal $(with $($shared:literal)+)?) => {
        shader!(
            @text $name $crate::kernels::COMMON,
            include_str!(concat!($stem, ".wgsl")),
            $($($shared)+)? $stem
        )
    };
    ($name:literal in $folder:literal $(with $($shared:literal)+)?) => {
        shader!(
            @text $name $folder,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/kernels/", $folder, "/", $name, ".wgsl")),
            $($($shared)+)? $name
        )
    };
    (@text $name:literal $file:expr, $text:expr, $($parts:literal)+) => {
        shader!(@parts $name $file, $text, [] $($parts)+)
    };
    (@parts $name:literal $file:expr, $text:expr, [$($shared:literal)*] $own:literal) => {{
        const TEXT: &str = concat!(
            $(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/wgsl/", $shared, ".wgsl")),)*
            $text,
        );
        $crate::kernels::Shader::new($name, $file, [concat!($($shared, " "),*), $own], TEXT)
    }};
    (@parts $name:literal $file:expr, $text:expr, [$($shared:literal)*] $next:literal $($rest:literal)+) => {
        shader!(@parts $name $file, $text, [$($shared)* $next] $($rest)+)
    };
}

/// Registers kernels: one line each gives a [`Call`] variant, and every test of pairs; an activation's line gives two.
macro_rules! kernels {
    (
        plain { $($Kernel:ident => $($module:ident)::+,)+ }
        activations { $($Forward:ident, $Backward:ident => activation::$activation:ident,)+ }
    ) => {
        kernels! {
            $($Kernel => $($module)::+,)+
            $($Forward => activation::$activation::forward, $Backward => activation::$activation::backward,)+
        }
    };
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

            /// How a GPU with this layout runs it.
            pub fn form(&self, layout: Layout) -> Form {
                let (at, workgroups) = match self {
                    $(Self::$Kernel(params) => $($module)::+::form(params, layout),)+
                };
                let kernel = self.kernel();
                Form { kernel, shader: &kernel.shaders[at], workgroups }
            }

            /// All ways in which a GPU can run it, suited or not.
            pub fn forms(&self) -> Vec<Form> {
                let workgroups = match self { $(Self::$Kernel(params) => $($module)::+::forms(params),)+ };
                let kernel = self.kernel();
                let form = |(shader, workgroups): (_, Option<_>)| Some(Form { kernel, shader, workgroups: workgroups? });
                kernel.shaders.iter().zip(workgroups).filter_map(form).collect()
            }

            /// Runs the twin.
            pub fn twin(&self, buffers: &mut [Words]) {
                self.twin_beside::<Nothing>(buffers);
            }

            /// Runs the twin, but does nothing for kernels that run otherwise: their twins need not be linked.
            pub fn twin_beside<F: Faster>(&self, buffers: &mut [Words]) {
                match self {
                    $(Self::$Kernel(params) => {
                        if const { !is_among(F::KERNELS, $($module)::+::KERNEL.name) } {
                            $($module)::+::bind(params, buffers, $($module)::+::twin);
                        }
                    })+
                }
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
