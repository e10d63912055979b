//! Every schedule of a small scope, or so many of it, judged.

use std::collections::BTreeMap;

use redeliver_model::history::History;
use redeliver_model::property::{Property, Violation};
use redeliver_model::schedule::Odometer;

use crate::simulation::{Hang, Run, Scene, Subject};

/// How a scope is explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// After how many runs the exploration is broken off.
    pub runs: u64,
    /// Whether runs that another order of commuting calls makes superfluous are
    /// cut.
    pub reduced: bool,
    /// Whether the first violation ends the exploration.
    pub stop_at_violation: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            runs: 5_000_000,
            reduced: true,
            stop_at_violation: false,
        }
    }
}

/// What an exploration found, and how much it saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exploration {
    /// How many schedules were played to their end and judged.
    pub schedules: u64,
    /// How many table calls they made.
    pub calls: u64,
    /// How many things went wrong in them.
    pub faults: u64,
    /// Whether that was every schedule of the scope.
    pub complete: bool,
    /// For each property that was violated, the shortest history that does.
    pub violations: BTreeMap<Property, Counterexample>,
}

/// A history that violates a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// What is violated, where and why.
    pub violation: Violation,
    /// The whole run.
    pub history: History,
}

/// Plays every schedule of `scene` to `subject`.
///
/// # Errors
///
/// If the handler hangs.
pub fn explore(subject: &dyn Subject, scene: &Scene, limits: Limits) -> Result<Exploration, Hang> {
    let keys = subject.keys();
    let mut found = Exploration::default();
    let mut odometer = Odometer::default();
    let mut runs = 0;
    while odometer.next_run() {
        let enough = limits.stop_at_violation && !found.violations.is_empty();
        if runs == limits.runs || enough {
            return Ok(found);
        }
        runs += 1;
        let Some(history) = Run::play(subject, scene, &mut odometer, limits.reduced)? else {
            continue;
        };
        found.schedules += 1;
        for step in &history.steps {
            found.calls += u64::from(step.call.is_some());
            found.faults += u64::from(step.choice.is_fault());
        }
        for property in Property::ALL {
            if let Some(violation) = property.violation(&history, &keys) {
                found.keep_if_shorter(violation, &history);
            }
        }
    }
    found.complete = true;
    Ok(found)
}

impl Exploration {
    fn keep_if_shorter(&mut self, violation: Violation, history: &History) {
        let shorter = |known: &Counterexample| history.steps.len() < known.history.steps.len();
        if self.violations.get(&violation.property).is_none_or(shorter) {
            let history = history.clone();
            let counterexample = Counterexample { violation, history };
            let property = counterexample.violation.property;
            self.violations.insert(property, counterexample);
        }
    }
}
