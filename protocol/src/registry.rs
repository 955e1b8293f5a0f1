//! Registry: an open choice in a recipe, as an enum of named entries that implement one trait.

use crate::settings::Field;

/// One entry in the reference.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Name by which recipes choose the entry.
    pub name: &'static str,
    /// Description of the entry, in the lines of its doc comment.
    pub about: &'static [&'static str],
    /// Keys of the entry.
    pub fields: &'static [Field],
}

/// Declares a registry: an enum with one variant per entry, read from `{ kind = "name", … }`, that dereferences to the
/// entry's trait object. On the wire an entry is its name and its fields in order. To add an entry, write its file, one
/// `mod` line and one line here; the entry declares its keys with [`settings!`](crate::settings!), from which reader,
/// check and reference are derived.
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
                /// The entry as written.
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

                    /// The entry as written.
                    #[derive(serde::Deserialize)]
                    #[serde(tag = "kind")]
                    pub(super) enum $choice { $(#[serde(rename = $name)] $entry($module::$entry),)+ }
                }

                /// The entry on the wire: the name, then the entry's fields.
                struct Named;

                impl<'de> serde::de::Visitor<'de> for Named {
                    type Value = $choice;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a name and the fields of that entry")
                    }

                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut it: A) -> Result<$choice, A::Error> {
                        let entry = match it.next_element()? {
                            $(Some($name) => it.next_element()?.map($choice::$entry),)+
                            _ => None,
                        };
                        entry.ok_or_else(|| serde::de::Error::custom("unknown entry name"))
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
            /// Names of the entries.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// What the registry decides, in the lines of its doc comment.
            pub const ABOUT: &'static [&'static str] = &[$($about),*];

            /// Entries for the reference.
            pub const ENTRIES: &'static [$crate::registry::Entry] = &[$($crate::registry::Entry {
                name: $name,
                about: <$module::$entry as $crate::settings::Described>::ABOUT,
                fields: <$module::$entry as $crate::settings::Described>::FIELDS,
            }),+];

            /// Name of this entry.
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
