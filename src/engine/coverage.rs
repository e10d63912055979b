//! How much has been played.

use std::collections::BTreeSet;

use redeliver_model::goal::Goal;
use redeliver_model::history::History;
use redeliver_model::property::Expectation;

/// How much has been played, and which goals were reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How many schedules were played to their end and judged.
    pub schedules: u64,
    /// How many calls they made.
    pub calls: u64,
    /// How many things went wrong in them.
    pub faults: u64,
    /// The goals that were reached.
    pub goals: BTreeSet<Goal>,
}

impl Coverage {
    /// Counts a run.
    pub(super) fn count(&mut self, history: &History, expectation: &Expectation<'_>) {
        self.schedules += 1;
        for step in &history.steps {
            self.calls += u64::from(step.call.is_some());
            self.faults += u64::from(step.choice.is_fault());
        }
        if self.goals.len() < Goal::ALL.len() {
            let missing = Goal::ALL.into_iter().filter(|it| !self.goals.contains(it));
            let reached = missing.filter(|it| it.is_reached_by(history, expectation));
            let reached: Vec<_> = reached.collect();
            self.goals.extend(reached);
        }
    }

    /// Adds what another engine has played.
    pub fn add(&mut self, other: &Self) {
        self.schedules += other.schedules;
        self.calls += other.calls;
        self.faults += other.faults;
        self.goals.extend(&other.goals);
    }
}
