//! One table per room says everything about its commands: wire name, arguments, who may, what runs.

/// Makes a room's command enum from its name and lines `"wire.name" Args: Access => handler`. The handler is
/// `fn(&mut Tx, &Args) -> Result<(), Stop>`: load, decide, store.
#[macro_export]
macro_rules! commands {
    // `tt` and not `literal`: utoipa reads the name only from a bare token.
    ($room:ident { $($wire:tt $args:ident: $access:ident => $handler:path,)* }) => {
        #[derive(Debug, Clone, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
        #[serde(tag = "name", content = "args")]
        pub enum $room { $(#[serde(rename = $wire)] $args($args),)* }

        impl $room {
            pub const TABLE: &'static [(&'static str, $crate::door::Access)] = &[$(($wire, $crate::door::Access::$access),)*];

            pub fn name(&self) -> &'static str {
                match self { $($room::$args(_) => $wire,)* }
            }

            pub fn access(&self) -> $crate::door::Access {
                match self { $($room::$args(_) => $crate::door::Access::$access,)* }
            }

            pub fn run(&self, tx: &mut $crate::door::Tx<'_>) -> Result<(), $crate::kit::refusal::Stop> {
                match self { $($room::$args(args) => $handler(tx, args),)* }
            }
        }
    };
}

/// Makes argument structs from field lists. Unknown fields are ignored, so that a newer phone can talk to an older server.
#[macro_export]
macro_rules! args {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty,)* })*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
        pub struct $name { $($(#[$field_meta])* pub $field: $ty,)* })*
    };
}
