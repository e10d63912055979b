//! Who chooses the schedules: all of them, some at random, or a saved one.
//!
//! Every engine plays cases, a scene and a schedule each, to a
//! [`Subject`], and judges each. They differ in nothing but who chooses, so a
//! counterexample that one of them finds is a counterexample to all.

mod coverage;
mod exhaustive;
mod minimise;
mod random;

pub use coverage::Coverage;
pub use exhaustive::{Exploration, Limits, explore};
pub use minimise::minimise;
pub use random::{Draw, Drawn, Seeded, at_random, one_at_random};

use std::collections::BTreeMap;
use std::fmt;

use redeliver_model::history::History;
use redeliver_model::property::{Property, Violation};
use redeliver_model::schedule::{Case, Replay, Size};

use crate::report::story;
use crate::simulation::{Hang, Subject, judge_of, play};

/// A case that violates a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// What is violated, where and why.
    pub violation: Violation,
    /// What was played.
    pub case: Case,
    /// What happened.
    pub history: History,
}

impl Counterexample {
    /// How large it is.
    pub fn size(&self) -> Size {
        Size::of(&self.history)
    }
}

/// The story of what happened, step by step.
impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            violation,
            case,
            history,
        } = self;
        f.write_str(&story(&case.scene, history, Some(violation)))
    }
}

/// For each property that was violated, a counterexample.
pub type Violations = BTreeMap<Property, Counterexample>;

/// Plays a case, and judges it. What of its schedule cannot be taken is left out,
/// and after its end whatever remains runs to its end without faults.
///
/// # Errors
///
/// If the handler hangs.
pub fn replay(subject: &dyn Subject, case: &Case) -> Result<Replayed, Hang> {
    let staged = subject.stage(&case.scene);
    let mut chooser = Replay::new(&case.schedule);
    let history = play(&*staged, &case.scene, &mut chooser, None)?.unwrap_or_default();
    let judge = judge_of(&history, subject, &*staged, &case.scene)?;
    Ok(Replayed {
        violations: judge.violations(&history),
        history,
        skipped: chooser.skipped(),
    })
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// What happened.
    pub history: History,
    /// Every property that it violates.
    pub violations: Vec<Violation>,
    /// How many choices of the schedule could not be taken.
    pub skipped: usize,
}
