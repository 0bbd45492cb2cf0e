//! Proofs of the whole, in one binary: the server's rooms, door, sync and jobs on SQLite and on Postgres.

mod harness;

mod access;
mod asvs;
mod auth;
mod bad_input;
mod crash;
mod deploy;
mod described;
mod hostile;
mod isolation;
mod jobs;
mod rest;
mod schema;
mod security_log;
mod stop;
mod sync;
mod tidy;
