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
/// the entry's trait object. Adding an entry is its file, one `mod` line and one line in here; the entry declares its keys
/// by [`settings!`](crate::settings!), so that reader, check and reference know them from then on.
#[macro_export]
macro_rules! registry {
    ($(#[doc = $about:literal])* pub enum $choice:ident: $role:ident { $($name:literal => $module:ident::$entry:ident,)+ }) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind")]
        pub enum $choice {
            $(#[doc = concat!("`", $name, "`, see [`", stringify!($module), "`].")]
            #[serde(rename = $name)]
            $entry($module::$entry),)+
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
