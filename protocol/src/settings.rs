//! Settings: the keys of a recipe, each declared once with meaning, range and default.
//!
//! [`settings!`](crate::settings!) declares a struct whose fields carry their range and their default. The reader
//! (unknown keys are refused), the check with its [`Problem`]s and the reference ([`Field`]) are all derived from this
//! declaration. Formats for people (TOML, JSON) have keys, which may be left out; on the wire (postcard) a value is its
//! fields in order.

mod span;

use serde::{Deserialize, Serialize};

pub use span::{ANY, End, Span, above, from};

/// A setting out of range: which key, which value, what is allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{key} = {given} must be {allowed}")]
pub struct OutOfRange {
    /// Key in the recipe, such as `mask.schedule.levels`.
    pub key: String,
    /// The value as written.
    pub given: String,
    /// What is allowed.
    pub allowed: Span,
}

/// A value that can be written in a recipe and checked.
pub trait Setting {
    /// Adds everything out of range to `problems`, including nested values. `allowed` applies to numbers.
    fn check(&self, key: &str, allowed: Span, problems: &mut Vec<OutOfRange>);

    /// Adds everything out of range to `problems`, for a value that declares its own ranges.
    fn check_all(&self, key: &str, problems: &mut Vec<OutOfRange>) {
        self.check(key, ANY, problems);
    }
}

/// Everything that is out of range in a value, as sentences.
#[cfg(test)]
pub(crate) fn problems(it: &impl Setting) -> Vec<String> {
    let mut problems = vec![];
    it.check_all("", &mut problems);
    problems.iter().map(OutOfRange::to_string).collect()
}

/// Joins a key and a key within it.
pub fn within(key: &str, field: &str) -> String {
    if key.is_empty() { field.into() } else { format!("{key}.{field}") }
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl Setting for $number {
            fn check(&self, key: &str, allowed: Span, problems: &mut Vec<OutOfRange>) {
                if !allowed.has(*self as f64) {
                    problems.push(OutOfRange { key: key.into(), given: self.to_string(), allowed });
                }
            }
        })+
    };
}

numbers!(u8, u16, u32, u64, usize, f32, f64);

/// Types without a range: every value is allowed.
macro_rules! unranged {
    ($($choice:ty),+) => {
        $(impl $crate::settings::Setting for $choice {
            fn check(
                &self,
                _key: &str,
                _allowed: $crate::settings::Span,
                _problems: &mut Vec<$crate::settings::OutOfRange>,
            ) {
            }
        })+
    };
}
pub(crate) use unranged;

unranged!(bool, String, std::num::NonZeroU8, std::num::NonZeroU16);

impl<T: Setting> Setting for Option<T> {
    fn check(&self, key: &str, allowed: Span, problems: &mut Vec<OutOfRange>) {
        if let Some(it) = self {
            it.check(key, allowed, problems);
        }
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn check(&self, key: &str, allowed: Span, problems: &mut Vec<OutOfRange>) {
        for (at, it) in self.iter().enumerate() {
            it.check(&format!("{key}[{at}]"), allowed, problems);
        }
    }
}

/// One key in the reference.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name of the key.
    pub name: &'static str,
    /// Meaning of the key, in the lines of its doc comment.
    pub about: &'static [&'static str],
    /// Rust type of the value.
    pub kind: &'static str,
    /// What is allowed.
    pub allowed: Span,
    /// Default as JSON; `None` where the key is required.
    pub default: Option<fn() -> String>,
}

/// A value as JSON, for the reference.
pub fn as_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("settings have no maps with keys that are not strings")
}

/// Whether a value equals its default, as if it had not been written.
pub(crate) fn is_absent<T: Default + PartialEq>(it: &T) -> bool {
    *it == T::default()
}

/// A type with an entry in the reference.
pub trait Described {
    /// Description of the type, in the lines of its doc comment.
    const ABOUT: &'static [&'static str];
    /// Keys of the type, in order.
    const FIELDS: &'static [Field];
}

/// Declares settings: each field with its meaning, `[range]` if it is a number, and `= default` unless it is required.
/// Unknown keys are refused.
#[macro_export]
macro_rules! settings {
    (
        $(#[doc = $about:literal])*
        pub struct $Name:ident {
            $($(#[doc = $doc:literal])* $field:ident: $kind:ty $([$allowed:expr])? $(= $default:expr)?,)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        pub struct $Name { $($(#[doc = $doc])* pub $field: $kind,)* }

        $crate::settings!(@reader $Name |typed| $($field: $kind, [] $crate::settings!(@typed $kind $(= $default)?),
            $crate::settings!(@value typed.$field $(= $default)?);)*);
        $crate::settings!(@described $Name [$($about)*]
            $($(#[doc = $doc])* $field: $kind $([$allowed])? $(= $default)?,)*);
    };
    // How values are read: by key in formats for people, in order on the wire.
    (@reader $Name:ident |$typed:ident| $($field:ident: $kind:ty, [$($attribute:tt)*] $as_typed:ty, $value:expr;)*) => {
        impl<'de> serde::Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                mod typed {
                    #[allow(unused_imports, reason = "the types of most fields are the parent module's")]
                    use super::*;

                    /// The settings as written: some keys may be left out.
                    #[derive(serde::Deserialize)]
                    #[serde(deny_unknown_fields)]
                    pub(super) struct $Name { $($($attribute)* pub(super) $field: $as_typed,)* }
                }
                if !deserializer.is_human_readable() {
                    let ($($field,)*) = <($($kind,)*)>::deserialize(deserializer)?;
                    return Ok(Self { $($field,)* });
                }
                #[allow(unused_variables, reason = "some settings have no keys")]
                let $typed = typed::$Name::deserialize(deserializer)?;
                Ok(Self { $($field: $value,)* })
            }
        }
    };
    (@described $Name:ident [$($about:literal)*]
        $($(#[doc = $doc:literal])* $field:ident: $kind:ty $([$allowed:expr])? $(= $default:expr)?,)*
    ) => {
        impl $crate::settings::Setting for $Name {
            #[allow(unused_variables, reason = "some settings have no keys")]
            fn check(
                &self,
                key: &str,
                _allowed: $crate::settings::Span,
                problems: &mut Vec<$crate::settings::OutOfRange>,
            ) {
                $($crate::settings::Setting::check(
                    &self.$field,
                    &$crate::settings::within(key, stringify!($field)),
                    $crate::settings!(@allowed $($allowed)?),
                    problems,
                );)*
            }
        }

        impl $crate::settings::Described for $Name {
            const ABOUT: &'static [&'static str] = &[$($about),*];
            const FIELDS: &'static [$crate::settings::Field] = &[$($crate::settings::Field {
                name: stringify!($field),
                about: &[$($doc),*],
                kind: stringify!($kind),
                allowed: $crate::settings!(@allowed $($allowed)?),
                default: $crate::settings!(@default $kind $(= $default)?),
            },)*];
        }
    };
    (@typed $kind:ty = $default:expr) => { Option<$kind> };
    (@typed $kind:ty) => { $kind };
    (@value $typed:ident.$field:ident = $default:expr) => { $typed.$field.unwrap_or_else(|| $default) };
    (@value $typed:ident.$field:ident) => { $typed.$field };
    (@allowed $allowed:expr) => {{
        #[allow(unused_imports, reason = "a range uses some of these")]
        use $crate::settings::{ANY, above, from};
        $allowed
    }};
    (@allowed) => { $crate::settings::ANY };
    (@default $kind:ty = $default:expr) => {
        Some(|| {
            let it: $kind = $default;
            $crate::settings::as_json(&it)
        })
    };
    (@default $kind:ty) => { None };
}

/// Declares settings that stages inherit: a key that a stage leaves out comes from the recipe, or else is the default.
#[macro_export]
macro_rules! inherited {
    (
        $(#[doc = $about:literal])*
        pub struct $Name:ident from $Typed:ident {
            $($(#[doc = $doc:literal])* $field:ident: $kind:ty $([$allowed:expr])? $(= $default:expr)?,)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $Name { $($(#[doc = $doc])* pub $field: $kind,)* }

        #[doc = concat!("[`", stringify!($Name), "`] as written: missing keys are inherited.")]
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $Typed {
            $($(#[doc = $doc])*
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub $field: Option<$kind>,)*
        }

        impl $Typed {
            /// These settings, with missing keys taken from `base`.
            pub fn over(&self, base: &Self) -> Self {
                Self { $($field: self.$field.clone().or_else(|| base.$field.clone()),)* }
            }

            /// The complete settings, or the keys that are missing.
            ///
            /// # Errors
            /// Names every required key that is missing.
            pub fn complete(self) -> Result<$Name, Vec<&'static str>> {
                #[allow(unused_mut, reason = "some have a default for everything")]
                let mut missing: Vec<&'static str> = vec![];
                $($crate::inherited!(@need (missing, self.$field, stringify!($field)) $(= $default)?);)*
                if !missing.is_empty() {
                    return Err(missing);
                }
                Ok($Name { $($field: $crate::inherited!(@value self.$field $(= $default)?),)* })
            }
        }

        $crate::settings!(@described $Typed [$($about)*]
            $($(#[doc = $doc])* $field: $kind $([$allowed])? $(= $default)?,)*);
    };
    (@need ($missing:ident, $typed:ident.$field:ident, $name:expr)) => {
        if $typed.$field.is_none() {
            $missing.push($name);
        }
    };
    (@need ($missing:ident, $typed:ident.$field:ident, $name:expr) = $default:expr) => {};
    (@value $typed:ident.$field:ident = $default:expr) => { $typed.$field.unwrap_or_else(|| $default) };
    (@value $typed:ident.$field:ident) => {
        $typed.$field.expect("missing keys were reported above")
    };
}

/// One value of a closed vocabulary, for the reference.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The value as written.
    pub name: &'static str,
    /// Meaning of the value, in the lines of its doc comment.
    pub about: &'static [&'static str],
}

/// Declares closed vocabularies: enums whose variants are written by name.
macro_rules! choices {
    ($($(#[doc = $about:literal])* pub enum $Name:ident {
        $($(#[doc = $meaning:literal])* $variant:ident = $name:literal,)+
    })+) => {
        $($(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $Name { $($(#[doc = $meaning])* #[serde(rename = $name)] $variant,)+ }

        impl $Name {
            /// What the vocabulary decides, in the lines of its doc comment.
            pub const ABOUT: &'static [&'static str] = &[$($about),*];

            /// Values for the reference.
            pub const CHOICES: &'static [$crate::settings::Choice] =
                &[$($crate::settings::Choice { name: $name, about: &[$($meaning),*] },)+];
        }

        $crate::settings::unranged!($Name);)+
    };
}
pub(crate) use choices;

/// Declares a part of a file whose keys are optional without a default value: `= absent` after their type. Absent keys
/// are not written back.
macro_rules! written {
    (
        $(#[doc = $about:literal])*
        pub struct $Name:ident {
            $($(#[doc = $doc:literal])* $field:ident: $kind:ty $([$allowed:expr])? $(= $absent:ident)?,)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $Name {
            $($(#[doc = $doc])*
            $(#[doc = concat!(" May be ", stringify!($absent), ".")])?
            pub $field: $kind,)*
        }

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeStruct;
                let is_read_by_people = serializer.is_human_readable();
                let is_left_out = |is_absent: bool| is_read_by_people && is_absent;
                let n_written = [$(!is_left_out($crate::settings::written!(@is self.$field $($absent)?)),)*];
                let n_written = n_written.into_iter().filter(|it| *it).count();
                let mut written = serializer.serialize_struct(stringify!($Name), n_written)?;
                $(if is_left_out($crate::settings::written!(@is self.$field $($absent)?)) {
                    written.skip_field(stringify!($field))?;
                } else {
                    written.serialize_field(stringify!($field), &self.$field)?;
                })*
                written.end()
            }
        }

        $crate::settings!(@reader $Name |typed| $($field: $kind,
            [$(#[doc = concat!("May be ", stringify!($absent), ".")] #[serde(default)])?] $kind, typed.$field;)*);
        $crate::settings!(@described $Name [$($about)*]
            $($(#[doc = $doc])* $field: $kind $([$allowed])? $(= $crate::settings::written!(@ $absent))?,)*);
    };
    (@ absent) => { Default::default() };
    (@is $it:ident.$field:ident absent) => { $crate::settings::is_absent(&$it.$field) };
    (@is $it:ident.$field:ident) => { false };
}
pub(crate) use written;

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro declares what is public elsewhere")]
mod tests;
