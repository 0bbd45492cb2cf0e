//! Chance that can be repeated: every random test prints its seed, `DUTYBOARD_SEED=…` runs that one again, and
//! `DUTYBOARD_CASES=…` multiplies how many are tried.

use super::setting;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngCore, SeedableRng};

/// The seeds to run: fresh ones at every run, or the one asked for.
pub fn seeds(usual: usize) -> Vec<u64> {
    if let Some(seed) = setting("DUTYBOARD_SEED") {
        return vec![seed.parse().expect("DUTYBOARD_SEED is a number")];
    }
    let factor: f64 = setting("DUTYBOARD_CASES").map_or(1.0, |factor| factor.parse().expect("DUTYBOARD_CASES is a number"));
    let count = ((usual as f64 * factor).round() as usize).max(1);
    let mut fresh = rand::rng();
    (0..count).map(|_| fresh.next_u64() >> 16).collect()
}

/// A source of chance that only depends on its seed.
pub struct Dice(StdRng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        eprintln!("DUTYBOARD_SEED={seed}");
        Dice(StdRng::seed_from_u64(seed))
    }

    /// 0 up to, but without, `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    pub fn percent(&mut self, chance: u32) -> bool {
        self.0.random_range(0..100) < chance
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.choose(&mut self.0).expect("something to choose from")
    }

    /// An id as a phone makes it, the same for the same seed.
    pub fn id(&mut self) -> String {
        let (a, b) = (self.0.next_u64(), self.0.next_u64());
        let hex = format!("{a:016x}{b:016x}");
        format!("{}-{}-7{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }
}
