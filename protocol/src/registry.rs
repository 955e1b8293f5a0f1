//! A registry: an open choice that a recipe makes by name, as an enum whose entries implement one trait.

/// Declares a registry: an enum with one variant per entry, read from `{ kind = "name", … }`, that dereferences to
/// the entry's trait object. Adding an entry is its file, one `mod` line and one line in here.
#[macro_export]
macro_rules! registry {
    ($(#[$about:meta])* pub enum $choice:ident: $role:ident { $($name:literal => $module:ident::$entry:ident,)+ }) => {
        $(#[$about])*
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
    };
}
