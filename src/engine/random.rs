//! Scenes and schedules at random, from a seed.

use std::collections::BTreeMap;

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{RngCore, SeedableRng};
use redeliver_model::event::IdentityPolicy;
use redeliver_model::property::Property;
use redeliver_model::scene;
use redeliver_model::schedule::{Case, Entropy, Random, Shard};

use super::{Counterexample, Coverage, Violations};
use crate::simulation::{Hang, Subject, judge_of, play};

/// Random decisions that a seed determines, on every machine alike.
#[derive(Clone, Debug)]
pub struct Seeded(Pcg64Mcg);

impl Seeded {
    /// The decisions of one case. Cases do not depend on one another, so that any of
    /// them can be played alone, and many machines can divide them.
    pub fn case(seed: u64, number: u64) -> Self {
        // The golden ratio in 64 bits keeps the seeds of neighbours apart.
        let mixed = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(Pcg64Mcg::seed_from_u64(mixed))
    }
}

impl Entropy for Seeded {
    fn below(&mut self, bound: usize) -> usize {
        let scaled = (u64::from(self.0.next_u32()) * bound as u64) >> 32;
        // Less than the bound, which is a usize.
        scaled as usize
    }
}

/// Which cases are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Determines all of them.
    pub seed: u64,
    /// How many there are, over all shards.
    pub cases: u64,
    /// Which of them are played.
    pub shard: Shard,
    /// What makes two events the same one; each policy in turn, if absent.
    pub policy: Option<IdentityPolicy>,
}

/// What random cases found, and how much they saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// How much was played.
    pub coverage: Coverage,
    /// Whether all cases were played.
    pub complete: bool,
    /// For each property that was violated, the first counterexample.
    pub violations: Violations,
    /// For each of these, the number of its case, from 0.
    pub found_at: BTreeMap<Property, u64>,
}

/// Plays random cases to `subject`, and judges each. From time to time `watch` is
/// shown what was found until then, and says whether to go on.
///
/// # Errors
///
/// If the handler hangs.
pub fn at_random(
    subject: &dyn Subject,
    draw: Draw,
    watch: &mut dyn FnMut(&Drawn) -> bool,
) -> Result<Drawn, Hang> {
    let mut found = Drawn::default();
    for number in (0..draw.cases).filter(|&number| draw.shard.has(number)) {
        if !watch(&found) {
            return Ok(found);
        }
        let policies = IdentityPolicy::ALL;
        let policy = draw
            .policy
            .unwrap_or(policies[(number % policies.len() as u64) as usize]);
        let mut entropy = Seeded::case(draw.seed, number);
        let violations = one_at_random(subject, policy, &mut entropy, &mut found.coverage)?;
        for (property, counterexample) in violations {
            found.found_at.entry(property).or_insert(number);
            found.violations.entry(property).or_insert(counterexample);
        }
    }
    found.complete = true;
    Ok(found)
}

/// Plays one case to `subject`, as `entropy` will have it, and judges it. Adds it to
/// what has been covered.
///
/// # Errors
///
/// If the handler hangs.
pub fn one_at_random<E: Entropy>(
    subject: &dyn Subject,
    policy: IdentityPolicy,
    entropy: &mut E,
    covered: &mut Coverage,
) -> Result<Violations, Hang> {
    let mut violations = Violations::new();
    let scene = subject.confine(scene::generate(entropy, policy));
    let staged = subject.stage(&scene);
    let mut chooser = Random::new(entropy);
    let Some(history) = play(&*staged, &scene, &mut chooser, None)? else {
        return Ok(violations);
    };
    let judge = judge_of(&history, subject, &*staged, &scene)?;
    covered.count(&history, judge.expectation());
    for violation in judge.violations(&history) {
        violations
            .entry(violation.property)
            .or_insert_with(|| Counterexample {
                violation,
                case: Case {
                    scene: scene.clone(),
                    schedule: history.schedule(),
                },
                history: history.clone(),
            });
    }
    Ok(violations)
}
