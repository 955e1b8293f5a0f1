//! Settings: what a person may type, with meaning, range and default each said once.
//!
//! [`settings!`](crate::settings!) declares a struct whose fields carry their range and their default. From that one place
//! come the reader (unknown keys are refused), the check with its [`Problem`]s, and the reference ([`Field`]). Formats for
//! people (TOML, JSON) have keys, which may be left out; on the wire (postcard) a value is its fields in order.

mod span;

use serde::{Deserialize, Serialize};

pub use span::{ANY, End, Span, above, from};

/// A setting that cannot stand as it was typed: which key, what was given, what is allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{key} = {given} must be {allowed}")]
pub struct OutOfRange {
    /// Where it stands in the recipe, such as `mask.schedule.levels`.
    pub key: String,
    /// What was typed.
    pub given: String,
    /// What is allowed.
    pub allowed: Span,
}

/// Something that can be typed and checked.
pub trait Setting {
    /// Adds to `problems` what is out of range, here and in all that it holds. `allowed` is for numbers.
    fn check(&self, key: &str, allowed: Span, problems: &mut Vec<OutOfRange>);

    /// Adds to `problems` what is out of range, for what says its own ranges.
    fn check_all(&self, key: &str, problems: &mut Vec<OutOfRange>) {
        self.check(key, ANY, problems);
    }
}

/// Everything that is out of range in something, in words.
#[cfg(test)]
pub(crate) fn problems(it: &impl Setting) -> Vec<String> {
    let mut problems = vec![];
    it.check_all("", &mut problems);
    problems.iter().map(OutOfRange::to_string).collect()
}

/// A key within a key.
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

/// What has no range: its type says all.
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

/// One key of the reference.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What it means, in lines as they stand in the code.
    pub about: &'static [&'static str],
    /// The Rust type of its value.
    pub kind: &'static str,
    /// What is allowed.
    pub allowed: Span,
    /// What holds when it is not typed, as JSON; `None` where it must be typed.
    pub default: Option<fn() -> String>,
}

/// A value as JSON, for the reference.
pub fn as_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("settings have no maps with keys that are not strings")
}

/// Whether something is as if nobody had typed it.
pub(crate) fn is_absent<T: Default + PartialEq>(it: &T) -> bool {
    *it == T::default()
}

/// What the reference says of something that can be typed.
pub trait Described {
    /// What it is, in lines as they stand in the code.
    const ABOUT: &'static [&'static str];
    /// Its keys, in order.
    const FIELDS: &'static [Field];
}

/// Declares what a person may type: each field with its meaning, `[range]` if it is a number, and `= default` unless it
/// must be typed. Unknown keys are refused.
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
    // How values are read: by their keys where people type them, in order on the wire.
    (@reader $Name:ident |$typed:ident| $($field:ident: $kind:ty, [$($attribute:tt)*] $as_typed:ty, $value:expr;)*) => {
        impl<'de> serde::Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                mod typed {
                    #[allow(unused_imports, reason = "the types of most fields are the parent module's")]
                    use super::*;

                    /// As it is typed: some keys may be left out.
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

/// Declares settings that stages inherit: what a stage does not say, the recipe says, or else the default.
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

        #[doc = concat!("[`", stringify!($Name), "`] as it is typed: what is left out is inherited.")]
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $Typed {
            $($(#[doc = $doc])*
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub $field: Option<$kind>,)*
        }

        impl $Typed {
            /// The same, with what it does not say taken from `base`.
            pub fn over(&self, base: &Self) -> Self {
                Self { $($field: self.$field.clone().or_else(|| base.$field.clone()),)* }
            }

            /// What it means, or the keys that are missing.
            ///
            /// # Errors
            /// Names every key that must be typed and is not.
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
        $typed.$field.expect("what is missing was told above")
    };
}

/// What the reference says of one value of a closed vocabulary.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// As it is typed.
    pub name: &'static str,
    /// What it means, in lines as they stand in the code.
    pub about: &'static [&'static str],
}

/// Declares closed vocabularies: enums whose variants are typed by name.
macro_rules! choices {
    ($($(#[doc = $about:literal])* pub enum $Name:ident {
        $($(#[doc = $meaning:literal])* $variant:ident = $name:literal,)+
    })+) => {
        $($(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $Name { $($(#[doc = $meaning])* #[serde(rename = $name)] $variant,)+ }

        impl $Name {
            /// What they decide, in lines as they stand in the code.
            pub const ABOUT: &'static [&'static str] = &[$($about),*];

            /// What the reference says of the values.
            pub const CHOICES: &'static [$crate::settings::Choice] =
                &[$($crate::settings::Choice { name: $name, about: &[$($meaning),*] },)+];
        }

        $crate::settings::unranged!($Name);)+
    };
}
pub(crate) use choices;

/// Declares a part of a file whose keys may be left out without meaning any one value: `= absent` after their type. What is
/// absent is not written again.
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
