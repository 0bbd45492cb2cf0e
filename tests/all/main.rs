//! Proofs of the whole, in one binary: the server's rooms, door, sync and jobs on SQLite and on Postgres.

mod harness;

mod deploy;
