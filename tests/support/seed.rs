//! The seeds of random tests.

use std::hash::{BuildHasher, RandomState};

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// A new seed for each run, or the one that `PROPTEST_RNG_SEED` gives. It is printed,
/// to repeat the run with.
pub(crate) fn seed() -> u64 {
    let seed = match ProptestConfig::default().rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(()),
    };
    eprintln!("PROPTEST_RNG_SEED={seed} repeats this run");
    seed
}

/// So many cases from such a seed. Nothing is saved beside the source: what was found
/// becomes a test of its own.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(seed()),
        failure_persistence: None,
        max_shrink_iters: 10_000,
        ..ProptestConfig::default()
    }
}
