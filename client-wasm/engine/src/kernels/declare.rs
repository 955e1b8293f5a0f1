//! Declaring kernels: the macros that generate their boilerplate.

/// Declares `Params` (one 32-bit scalar per field, or those of another kernel) and the buffers of the kernel with this
/// file stem. Generates [`super::Kernel`]; `bind`, which gives typed slices to a function with the twin's signature;
/// and `form`. The shader's declarations are generated from the same lists, so that no shader repeats them.
///
/// `runs` gives the number of workgroups of the shader.
///
/// A shader may be in another file (`from`), may need files of `client-wasm/engine/src/wgsl` in front (`with`), and may
/// be in a folder of `client-wasm/engine/src/kernels` that only some tasks or adapters load (`in`). Other `forms` of
/// the kernel have a shader each, a condition on parameters and layout, and a number of workgroups, or none for
/// parameters they do not support; the first form whose condition holds is used.
macro_rules! kernel {
    (
        $name:literal $(from $stem:literal)? $(in $folder:literal)? $(with $($shared:literal)+)?
        params { $($(#[$about:meta])* $field:ident: $type:ident,)+ }
        buffers $buffers:tt
        runs |$told:ident| $groups:expr;
        $(forms $forms:tt)?
    ) => {
        /// Parameters of the kernel, besides its buffers.
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

        /// Calls a function with the twin's signature on untyped buffers.
        ///
        /// # Panics
        /// If the number of buffers differs from the kernel's.
        pub fn bind(
            params: &Params,
            buffers: &mut [$crate::kernels::Words],
            run: impl FnOnce(&Params, $(kernel!(@slice $access $element)),+),
        ) {
            let [$($buffer),+] = $crate::kernels::all_of(buffers, &KERNEL);
            run(params, $(kernel!(@view $access $buffer)),+);
        }

        /// Number of workgroups of the plain shader.
        pub fn workgroups($told: &Params) -> [u32; 3] {
            $plain
        }

        /// Index of the shader that a GPU with this layout uses, and its workgroups: the first form whose condition holds,
        /// else the plain one.
        #[allow(unused_variables, reason = "a kernel of one form ignores the layout")]
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

        /// Workgroups of every shader of the kernel, whether its condition holds or not; `None` for unsupported
        /// parameters.
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

/// The shader with this stem beside the current file, in another file there, or in a folder of kernels, with the named
/// files of `client-wasm/engine/src/wgsl` in front.
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

/// Registers kernels: each line adds a [`Call`] variant and includes the kernel in every pair test; an activation's
/// line adds two.
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
        /// A kernel with its parameters: one step of a program.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Call {
            $(#[doc = concat!("See [`", stringify!($($module)::+), "`].")] $Kernel($($module)::+::Params),)+
        }

        impl Call {
            /// The kernel of this call.
            pub fn kernel(&self) -> &'static Kernel {
                match self { $(Self::$Kernel(_) => &$($module)::+::KERNEL,)+ }
            }

            /// The parameters in the shader's memory layout.
            pub fn params(&self) -> &[u8] {
                match self { $(Self::$Kernel(params) => bytemuck::bytes_of(params),)+ }
            }

            /// How a GPU with this layout runs the call.
            pub fn form(&self, layout: Layout) -> Form {
                let (at, workgroups) = match self {
                    $(Self::$Kernel(params) => $($module)::+::form(params, layout),)+
                };
                let kernel = self.kernel();
                Form { kernel, shader: &kernel.shaders[at], workgroups }
            }

            /// All forms in which a GPU can run the call, whether their conditions hold or not.
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

            /// Runs the twin, except for kernels in `F`, which have a faster path: their twins need not be linked.
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
