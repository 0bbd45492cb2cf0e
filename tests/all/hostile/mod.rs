//! Bytes from outside, made up by chance: at the parsers themselves, at the door, and at the server over its socket. Whatever
//! arrives is answered clearly, nothing panics, and what was refused changed nothing.
//!
//! `DUTYBOARD_CASES=100` tries a hundred times as much (`tests/run fuzz`), `DUTYBOARD_SEED=…` repeats a run.

mod commands;
mod findings;
mod http;
mod mangle;
mod parsers;
mod sync;

use crate::harness::seeds;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Tries a property on so many made-up values per seed, and shows the smallest that breaks it.
fn hold<S: Strategy>(cases: u32, values: &S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    for seed in seeds(1) {
        eprintln!("DUTYBOARD_SEED={seed}");
        let mut whole = [0; 32];
        whole[..8].copy_from_slice(&seed.to_le_bytes());
        let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &whole));
        if let Err(wrong) = runner.run(values, &property) {
            panic!("DUTYBOARD_SEED={seed}: {wrong}");
        }
    }
}

/// The beginning of some bytes, for messages.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(400).collect()
}
