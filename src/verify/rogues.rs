//! The gallery, as a check on the kit: a kit that catches no rogue proves nothing.

use super::{Plan, Stage, Stuck};
use crate::gallery::{EXHIBITS, Engine, Exhibit, Trial, Verdict as Kind, trial};
use crate::monitor::{Monitor, in_order};
use crate::report::{Verdict, counted};
use crate::simulation::Hang;

pub(super) const NAME: &str = "gallery";

/// How many times an engine looks at random, each time from another seed, before a
/// rogue counts as not caught. Some rogues need a thousand schedules, and nobody's
/// build is to fail by bad luck.
const ROUNDS: u64 = 10;

/// Has an engine look for a counterexample to what `exhibit` breaks, or to any
/// property if it is right. Where the engine is said to catch it, it looks more than
/// once.
///
/// # Errors
///
/// If the handler hangs.
pub fn hunt(exhibit: &Exhibit, engine: Engine, seed: u64) -> Result<Trial, Hang> {
    let (breaks, rounds) = match exhibit.verdict {
        Kind::Wrong {
            breaks, caught_by, ..
        } if engine == Engine::Random && caught_by.contains(&engine) => (Some(breaks), ROUNDS),
        Kind::Wrong { breaks, .. } => (Some(breaks), 1),
        Kind::Right => (None, 1),
    };
    let mut schedules = 0;
    let mut round = 0;
    loop {
        let found = trial(exhibit, breaks, engine, seed.wrapping_add(round))?;
        schedules += found.schedules;
        round += 1;
        if found.caught.is_some() || round == rounds {
            return Ok(Trial { schedules, ..found });
        }
    }
}

pub(super) fn stage(plan: Plan, monitor: &Monitor) -> Result<Stage, Stuck> {
    let mut here = Vec::new();
    for (number, exhibit) in (0..).zip(EXHIBITS) {
        // The other engines' rogues are the exhaustive stage's, and the gallery's.
        if plan.shard.has(number) && caught_by_random(exhibit) != Some(false) {
            here.push(exhibit);
        }
    }
    monitor.begin("the gallery", here.len() as u64);
    let trials = in_order(
        here.len(),
        monitor,
        |number, _| hunt(here[number], Engine::Random, plan.seed),
        |_| false,
    );
    let mut stage = Stage::new(NAME);
    stage.judges = false;
    stage.complete = trials.len() == here.len();
    let (mut caught, mut left_alone) = (0, 0);
    let (mut missed, mut blamed) = (Vec::new(), Vec::new());
    for (exhibit, trial) in here.iter().zip(trials) {
        let trial = trial.map_err(|hang| Stuck::new(exhibit.name, hang))?;
        stage.coverage.schedules += trial.schedules;
        match (exhibit.verdict, trial.caught) {
            (Kind::Right, None) => left_alone += 1,
            (Kind::Right, Some(_)) => blamed.push(exhibit.name),
            (Kind::Wrong { .. }, Some(_)) => caught += 1,
            (Kind::Wrong { .. }, None) => missed.push(exhibit.name),
        }
    }
    stage.notes.push(format!(
        "{} caught at random, {} not.",
        counted(caught, "rogue"),
        counted(left_alone, "right handler")
    ));
    let mut stage = stage.judged(monitor);
    if !missed.is_empty() {
        stage.verdict = stage.verdict.max(Verdict::Inconclusive);
        stage.notes.push(format!(
            "NOT CAUGHT, so nothing is proved of what they do: {}.",
            missed.join(", ")
        ));
    }
    if !blamed.is_empty() {
        stage.verdict = Verdict::Violated;
        let blamed = blamed.join(", ");
        stage
            .notes
            .push(format!("CAUGHT, although they are right: {blamed}."));
    }
    Ok(stage)
}

/// Whether random schedules are said to catch a rogue.
fn caught_by_random(exhibit: &Exhibit) -> Option<bool> {
    match exhibit.verdict {
        Kind::Right => None,
        Kind::Wrong { caught_by, .. } => Some(caught_by.contains(&Engine::Random)),
    }
}
