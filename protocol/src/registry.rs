//! A registry: an open choice that a recipe makes by name, as an enum whose entries implement one trait.

use crate::settings::Field;

/// What the reference says of one entry.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name by which recipes choose it.
    pub name: &'static str,
    /// What it is, in lines as they stand in the code.
    pub about: &'static [&'static str],
    /// Its keys.
    pub fields: &'static [Field],
}

/// Declares a registry: an enum with one variant per entry, read from `{ kind = "name", … }`, that dereferences to
/// the entry's trait object. On the wire an entry is its name and its fields in order. Adding an entry is its file, one `mod` line and one line in here; the entry declares its keys
/// by [`settings!`](crate::settings!), so that reader, check and reference know them from then on.
#[macro_export]
macro_rules! registry {
    ($(#[doc = $about:literal])* pub enum $choice:ident: $role:ident { $($name:literal => $module:ident::$entry:ident,)+ }) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $choice {
            $(#[doc = concat!("`", $name, "`, see [`", stringify!($module), "`].")]
            $entry($module::$entry),)+
        }

        impl serde::Serialize for $choice {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                /// As it is typed.
                #[derive(serde::Serialize)]
                #[serde(tag = "kind")]
                enum Typed<'a> { $(#[serde(rename = $name)] $entry(&'a $module::$entry),)+ }

                match (self, serializer.is_human_readable()) {
                    $((Self::$entry(it), true) => Typed::$entry(it).serialize(serializer),
                    (Self::$entry(it), false) => ($name, it).serialize(serializer),)+
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $choice {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                mod typed {
                    use super::*;

                    /// As it is typed.
                    #[derive(serde::Deserialize)]
                    #[serde(tag = "kind")]
                    pub(super) enum $choice { $(#[serde(rename = $name)] $entry($module::$entry),)+ }
                }

                /// As the wire has it: the name, then the entry's fields.
                struct Named;

                impl<'de> serde::de::Visitor<'de> for Named {
                    type Value = $choice;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a name and what goes with it")
                    }

                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut it: A) -> Result<$choice, A::Error> {
                        let entry = match it.next_element()? {
                            $(Some($name) => it.next_element()?.map($choice::$entry),)+
                            _ => None,
                        };
                        entry.ok_or_else(|| serde::de::Error::custom("nothing of this name"))
                    }
                }

                if !deserializer.is_human_readable() {
                    return deserializer.deserialize_tuple(2, Named);
                }
                Ok(match typed::$choice::deserialize(deserializer)? {
                    $(typed::$choice::$entry(it) => Self::$entry(it),)+
                })
            }
        }

        impl $choice {
            /// The names that a recipe may use.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// What it decides, in lines as they stand in the code.
            pub const ABOUT: &'static [&'static str] = &[$($about),*];

            /// What the reference says of the entries.
            pub const ENTRIES: &'static [$crate::registry::Entry] = &[$($crate::registry::Entry {
                name: $name,
                about: <$module::$entry as $crate::settings::Described>::ABOUT,
                fields: <$module::$entry as $crate::settings::Described>::FIELDS,
            }),+];

            /// The name by which a recipe chose this entry.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$entry(_) => $name,)+ }
            }
        }

        impl std::ops::Deref for $choice {
            type Target = dyn $role;
            fn deref(&self) -> &Self::Target {
                match self { $(Self::$entry(it) => it,)+ }
            }
        }

        impl $crate::settings::Setting for $choice {
            fn check(
                &self,
                key: &str,
                allowed: $crate::settings::Span,
                problems: &mut Vec<$crate::settings::OutOfRange>,
            ) {
                match self { $(Self::$entry(it) => $crate::settings::Setting::check(it, key, allowed, problems),)+ }
            }
        }
    };
}
