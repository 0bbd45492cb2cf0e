//! Sync: what a phone and the server say to each other. The wire is Replicache push v1 and pull v1.
//!
//! Tables: `sync_clock`, `sync_group`, `sync_client`, `mutation_log`, `mutation_fault`, `reject`, `blob`, `blob_ref`. Commands: `reject.*`.
//! Invariants: a client's mutations take effect exactly once and in order, and `lmid` says so in the same transaction; a pull is
//! one snapshot; nothing a phone sends can block its queue for ever; what was refused is kept for its author.

pub mod blobs;
pub mod check;
pub mod clock;
pub mod cookie;
pub mod events;
pub mod http;
pub mod log;
pub mod old;
pub mod pages;
pub mod pull;
pub mod push;
pub mod rejects;
pub mod scope;
pub mod wire;
