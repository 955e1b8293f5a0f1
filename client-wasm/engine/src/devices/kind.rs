//! Kinds of devices, each with one name for command lines, addresses and views.

use serde::{Deserialize, Serialize};

/// Declares the kinds with their names.
macro_rules! kinds {
    ($($(#[doc = $about:literal])* $kind:ident = $name:literal,)+) => {
        /// Kind of device that trains.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum DeviceKind { $($(#[doc = $about])* #[serde(rename = $name)] $kind,)+ }

        impl DeviceKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// Name of the kind: on the command line, in a page's address and in views.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),+ }
            }
        }

        impl std::str::FromStr for DeviceKind {
            type Err = NoSuchKind;

            fn from_str(name: &str) -> Result<Self, NoSuchKind> {
                match name {
                    $($name => Ok(Self::$kind),)+
                    _ => Err(NoSuchKind { given: name.into() }),
                }
            }
        }
    };
}

kinds! {
    /// Compute shaders on the GPU.
    Gpu = "gpu",
    /// Compute shaders that store activations as 16-bit floats: less memory and less traffic, at lower precision.
    GpuF16 = "gpu-f16",
    /// Vector instructions of the processor.
    Cpu = "cpu",
}

/// An unknown name of a kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a kind of device: use {}", DeviceKind::ALL.iter().map(|it| it.name()).collect::<Vec<_>>().join(", "))]
pub struct NoSuchKind {
    given: String,
}

impl std::fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_spelled_the_same_wherever_it_is_read_and_written() {
        for kind in DeviceKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(*kind));
            assert_eq!(serde_json::to_value(kind).expect("a name"), kind.name());
        }
        let error = "GPU".parse::<DeviceKind>().expect_err("lower-case").to_string();
        assert_eq!(error, "`GPU` is not a kind of device: use gpu, gpu-f16, cpu");
    }
}
