//! Plans and schedules at random, from a seed.

use std::collections::BTreeMap;

use redeliver_model::property::Property;
use redeliver_model::schedule::Shard;

use super::{Job, Ran, Repeats, Source, Tally, Violations};

/// So many random cases.
#[derive(Debug)]
pub struct Drawn {
    seed: u64,
    numbers: std::ops::Range<u64>,
    shard: Shard,
    /// What was played.
    pub tally: Tally,
    /// What was found.
    pub violations: Violations,
    /// For each of these, the number of the first case that showed it, from 0.
    pub found_at: BTreeMap<Property, u64>,
    /// The schedules that have to be played again, with retries that wait.
    pub to_repeat: Repeats,
}

impl Drawn {
    /// So many cases of a seed, or a part of them. What is found adds to `violations`.
    pub fn new(seed: u64, cases: u64, shard: Shard, violations: Violations) -> Self {
        Self {
            seed,
            numbers: 0..cases,
            shard,
            tally: Tally::default(),
            violations,
            found_at: BTreeMap::new(),
            to_repeat: Repeats::default(),
        }
    }

    /// Whether all cases have been played.
    pub fn is_complete(&self) -> bool {
        self.numbers.is_empty()
    }
}

impl Source for Drawn {
    fn next(&mut self) -> Option<Job> {
        // What is violated is made smaller rather than found again.
        if self.violations.any_unexpected() {
            return None;
        }
        let number = self.numbers.find(|&number| self.shard.has(number))?;
        let seed = self.seed;
        Some(Job::Random { seed, number })
    }

    fn done(&mut self, job: &Job, ran: Ran) {
        self.tally.count(&ran);
        if let Job::Random { number, .. } = job {
            for violation in &ran.findings.violations {
                let first = self.found_at.entry(violation.property).or_insert(*number);
                *first = (*first).min(*number);
            }
        }
        self.to_repeat.note(&ran);
        self.violations.keep(&ran);
    }
}
