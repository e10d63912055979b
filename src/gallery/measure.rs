//! What each engine is worth: how much it plays, and how long, until it catches each
//! rogue, and how small its counterexamples become.

mod table;

pub use table::{cases, goals, markdown, times};

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use redeliver_model::goal::Goal;
use redeliver_model::property::Property;
use redeliver_model::schedule::{Shard, Size};

use super::{Engine, Exhibit, Verdict, trial};
use crate::engine::{Draw, at_random, minimise};
use crate::simulation::{Hang, Reference};

/// An exhibit against every engine.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The exhibit.
    pub exhibit: &'static Exhibit,
    /// By engine, in the order of [`Engine::ALL`].
    pub engines: Vec<Reach>,
    /// How large the counterexamples are that the random engine found, when they have
    /// been made as small as can be, and how many are so large.
    pub sizes: BTreeMap<Size, usize>,
}

/// What an engine did with an exhibit.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The trials in which it was caught: the schedules until then, in ascending order.
    pub schedules: Vec<u64>,
    /// How long these trials took, in ascending order.
    pub times: Vec<Duration>,
    /// In how many trials it was not caught.
    pub missed: usize,
    /// How many schedules these played.
    pub played: u64,
    /// Whether these played all there is.
    pub complete: bool,
}

/// Has every engine look for a counterexample to what the exhibit breaks, or to any
/// property if it is right: the random engine once for each seed, and the others, which
/// draw nothing, once.
///
/// # Errors
///
/// If the handler hangs.
pub fn measure(exhibit: &'static Exhibit, seeds: Range<u64>) -> Result<Measured, Hang> {
    let breaks = breaks(exhibit);
    let mut engines = Vec::new();
    let mut sizes: BTreeMap<Size, usize> = BTreeMap::new();
    for engine in Engine::ALL {
        let mut reach = Reach {
            complete: true,
            ..Reach::default()
        };
        let seeds = match engine {
            Engine::Random => seeds.clone(),
            Engine::Fault | Engine::Interleaving | Engine::Sequence => 0..1,
        };
        for seed in seeds {
            let begun = Instant::now();
            let trial = trial(exhibit, breaks, engine, seed)?;
            let took = begun.elapsed();
            match trial.caught {
                Some(caught) => {
                    reach.schedules.push(trial.schedules);
                    reach.times.push(took);
                    if engine == Engine::Random {
                        *sizes.entry(minimise(exhibit, caught)?.size()).or_default() += 1;
                    }
                }
                None => {
                    reach.missed += 1;
                    reach.played += trial.schedules;
                    reach.complete &= trial.complete;
                }
            }
        }
        reach.schedules.sort_unstable();
        reach.times.sort_unstable();
        engines.push(reach);
    }
    Ok(Measured {
        exhibit,
        engines,
        sizes,
    })
}

impl Measured {
    /// What the random engine did.
    pub fn random(&self) -> &Reach {
        // `measure` has all engines try.
        self.engines.last().expect("there are engines")
    }
}

/// What an exhibit breaks; nothing if it is right.
fn breaks(exhibit: &Exhibit) -> Option<Property> {
    match exhibit.verdict {
        Verdict::Right => None,
        Verdict::Wrong { breaks, .. } => Some(breaks),
    }
}

/// The median of ascending values, the one below which 95 in 100 of them are, and the
/// greatest; nothing if there are none.
pub fn quantiles<T: Copy>(ascending: &[T]) -> Option<[T; 3]> {
    let last = ascending.len().checked_sub(1)?;
    let at = |percent: usize| ascending[(ascending.len() * percent / 100).min(last)];
    Some([50, 95, 100].map(at))
}

/// The most random cases that a goal is waited for.
const CASES: u64 = 1_000;

/// For each goal, how many random schedules the reference handler was played until it
/// was reached, for each seed on which it was, in ascending order.
///
/// # Errors
///
/// If the handler hangs.
pub fn goals_of(reference: Reference, seeds: Range<u64>) -> Result<BTreeMap<Goal, Vec<u64>>, Hang> {
    let mut reached: BTreeMap<Goal, Vec<u64>> = BTreeMap::new();
    for seed in seeds {
        let draw = Draw {
            seed,
            cases: CASES,
            shard: Shard::default(),
            policy: None,
        };
        let mut first: BTreeMap<Goal, u64> = BTreeMap::new();
        at_random(&reference, draw, &mut |found| {
            for &goal in &found.coverage.goals {
                first.entry(goal).or_insert(found.coverage.schedules);
            }
            first.len() < Goal::ALL.len()
        })?;
        for (goal, schedules) in first {
            reached.entry(goal).or_default().push(schedules);
        }
    }
    for schedules in reached.values_mut() {
        schedules.sort_unstable();
    }
    Ok(reached)
}
