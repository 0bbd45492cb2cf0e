//! Closed lists of words, written the same way in YAML, JSON and the database.

/// Makes enums from lists `Variant "text"`, with their text, its reading, and their form on the wire.
#[macro_export]
macro_rules! words {
    // `tt` and not `literal`: utoipa reads the text only from a bare token.
    ($($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident $text:tt,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
        pub enum $name { $($(#[$each])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];
            pub fn as_str(self) -> &'static str { match self { $($name::$variant => $text,)* } }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                $name::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
    )*};
}
