//! What every test stands on: a fresh world on either engine, phones, a running server, seeds.

pub mod cast;
pub mod certificate;
pub mod client;
pub mod dump;
pub mod engine;
pub mod mailbox;
pub mod phone;
pub mod post_office;
pub mod program;
pub mod rekey;
pub mod seed;
pub mod server;
pub mod world;

pub use cast::{Cast, PASSWORD};
pub use client::{Answer, Client};
pub use engine::{Engine, setting};
pub use phone::Phone;
pub use program::{Program, free_address};
pub use seed::{Dice, seeds};
pub use server::Running;
pub use world::{HOUR, MINUTE, World, open_app};

/// Makes two tests of each function, one per engine: `name::on_sqlite` and `name::on_postgres`.
macro_rules! both_engines {
    ($($(#[$meta:meta])* fn $name:ident($engine:ident) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "whatever the body needs")]
            use super::*;

            fn check($engine: $crate::harness::Engine) $body

            #[test]
            fn on_sqlite() {
                $crate::harness::Engine::Sqlite.run(check);
            }

            #[test]
            fn on_postgres() {
                $crate::harness::Engine::Postgres.run(check);
            }
        }
    )*};
}
pub(crate) use both_engines;
