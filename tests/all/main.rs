//! Proofs of the whole, in one binary: the server's rooms, door, sync and jobs on SQLite and on Postgres.

mod harness;

mod access;
mod asvs;
mod auth;
mod bad_input;
mod bench;
mod crash;
mod customers;
mod deploy;
mod described;
mod hostile;
mod instances;
mod isolation;
mod jobs;
mod mail_crash;
mod notices;
mod ops;
mod outreach;
mod rest;
mod schema;
mod security_log;
mod soak;
mod stop;
mod sync;
mod tidy;
mod writer;
