//! Playing an exhibit to an engine.

use redeliver_model::property::Property;
use redeliver_model::scene::{self, Scene};
use redeliver_model::schedule::Shard;

use crate::engine::{Counterexample, Draw, Limits, at_random, explore};
use crate::simulation::{Hang, Subject};

/// Who looks for a counterexample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// Every order in which whole deliveries can follow one another, without faults:
    /// what an ordinary test might do.
    Sequence,
    /// The interleavings of small scenes, without faults, up to so many in each.
    Interleaving,
    /// The schedules of small scenes with one fault at most, or with time passing, up
    /// to so many in each.
    Fault,
    /// Random scenes and schedules.
    Random,
}

impl Engine {
    /// Every engine, the most modest first.
    pub const ALL: [Self; 4] = [
        Self::Sequence,
        Self::Interleaving,
        Self::Fault,
        Self::Random,
    ];

    /// What to call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sequence => "sequence",
            Self::Interleaving => "interleaving",
            Self::Fault => "fault",
            Self::Random => "random",
        }
    }
}

/// What came of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// How many schedules were played until the property was first broken, or in all.
    pub schedules: u64,
    /// Whether that was every schedule of every scene that the engine plays, or every
    /// random case.
    pub complete: bool,
    /// The first counterexample, if one was found.
    pub caught: Option<Counterexample>,
}

/// The most random cases of a trial.
const RANDOM_CASES: u64 = 1_000;

/// The most runs in each scene of the other trials: handlers that make several calls
/// have too many schedules to wait for.
const RUNS: u64 = 3_000;

/// Has an engine look for a counterexample to one property, or to any.
///
/// # Errors
///
/// If the handler hangs.
pub fn trial(
    subject: &dyn Subject,
    property: Option<Property>,
    engine: Engine,
    seed: u64,
) -> Result<Trial, Hang> {
    let wanted = |it: Property| property.is_none_or(|property| property == it);
    let mut schedules = 0;
    if engine == Engine::Random {
        let draw = Draw {
            seed,
            cases: RANDOM_CASES,
            shard: Shard::default(),
            policy: None,
        };
        let found = at_random(subject, draw, &mut |found| {
            !found.violations.keys().any(|&it| wanted(it))
        })?;
        let mut violations = found.violations.into_iter();
        return Ok(Trial {
            schedules: found.coverage.schedules,
            complete: found.complete,
            caught: violations.find(|(it, _)| wanted(*it)).map(|(_, it)| it),
        });
    }
    let mut complete = true;
    for scene in scenes(engine) {
        let limits = Limits {
            runs: RUNS,
            one_after_another: engine == Engine::Sequence,
            ..Limits::default()
        };
        let found = explore(subject, &scene, limits, &mut |found| {
            !found.violations.keys().any(|&it| wanted(it))
        })?;
        let mut violations = found.violations.into_iter();
        if let Some((property, caught)) = violations.find(|(it, _)| wanted(*it)) {
            return Ok(Trial {
                schedules: schedules + found.found_at[&property],
                complete: false,
                caught: Some(caught),
            });
        }
        schedules += found.coverage.schedules;
        complete &= found.complete;
    }
    Ok(Trial {
        schedules,
        complete,
        caught: None,
    })
}

/// What an engine plays: the standard scenes, with as much going wrong as it allows.
fn scenes(engine: Engine) -> Vec<Scene> {
    let standard = || scene::standard().into_iter().map(|(_, scene)| scene);
    if engine != Engine::Fault {
        return standard().collect();
    }
    let alone = || standard().filter(|scene| scene.deliveries() == 1);
    alone()
        .map(|scene| scene.with_faults(1).with_waits(1))
        .chain(standard().map(|scene| scene.with_waits(1)))
        .chain(standard().map(|scene| scene.with_faults(1)))
        .chain(alone().map(|scene| scene.with_faults(1).managed()))
        .chain(standard().map(|scene| scene.with_faults(1).managed()))
        .collect()
}
