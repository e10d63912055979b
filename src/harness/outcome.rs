//! What was found, told to whoever reads a failing test.

use std::fmt;

use crate::engine::{Counterexample, Coverage, Violations};
use crate::report::{Verdict, grouped, printable};
use crate::simulation::Hang;

/// What an engine found, and how much it saw. It prints as the counterexamples, each
/// told step by step, or in a line if there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the handler is called.
    pub name: String,
    /// How much was played.
    pub coverage: Coverage,
    /// Whether that was all there is.
    pub complete: bool,
    /// For each property that is violated, the smallest counterexample.
    pub violations: Violations,
}

impl Outcome {
    pub(super) fn of(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            coverage: Coverage::default(),
            complete: false,
            violations: Violations::new(),
        }
    }

    /// Violated beats inconclusive beats holds.
    pub fn verdict(&self) -> Verdict {
        match (self.violations.is_empty(), self.complete) {
            (false, _) => Verdict::Violated,
            (true, false) => Verdict::Inconclusive,
            (true, true) => Verdict::Holds,
        }
    }

    /// Requires that no property was violated.
    ///
    /// # Panics
    ///
    /// If one was, with the counterexamples.
    #[track_caller]
    pub fn assert_unviolated(&self) {
        assert!(self.violations.is_empty(), "{self}");
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for counterexample in self.violations.values() {
            writeln!(f, "{counterexample}")?;
        }
        let complete = if self.complete {
            "complete"
        } else {
            "INCOMPLETE"
        };
        write!(
            f,
            "{}: {}, in {} schedules with {} table calls and {} faults, {complete}",
            printable(&self.name),
            self.verdict().name(),
            grouped(self.coverage.schedules),
            grouped(self.coverage.calls),
            grouped(self.coverage.faults),
        )
    }
}

/// Why a case does not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The handler hangs.
    Hang(Hang),
    /// A property is violated.
    Violated(Box<Counterexample>),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hang(hang) => hang.fmt(f),
            Self::Violated(counterexample) => counterexample.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}
