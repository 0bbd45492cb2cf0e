//! The heart: the invariants of sync_protocol.md, section 5, by name, and the wire itself.

pub mod checks;
pub mod history;
pub mod moves;
pub mod truth;

mod concurrency;
mod properties;
mod tampering;
mod wire;
