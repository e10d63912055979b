//! Which properties a run breaks, with no model of the handler: a run is compared with
//! what the handler leaves when nothing goes wrong.
//!
//! - `facts`: who was acknowledged when, and which golden tables explain a run.
//! - `difference`: rows that no golden table explains.
//! - `outcome`: RD-1, RD-5, RD-8 and RD-12, by the tables at the end.
//! - `rows`: RD-2 and RD-3, by the rows at an acknowledgement.
//! - `reports`: RD-4, by what the handler says.
//! - `deliveries`: RD-6, and what a rejected record does to its neighbours (RD-8).
//! - `honesty`: RD-7, by what the handler was told.
//!
//! Where several things may have happened, a run is only accused of what it did in all
//! of them.

mod deliveries;
mod difference;
mod facts;
mod honesty;
mod outcome;
#[cfg(test)]
mod random_runs;
mod reports;
mod rows;
#[cfg(test)]
pub(in crate::check) mod scenario;

use std::fmt;
use std::time::Duration;

use redeliver_model::property::Property;

use super::golden::{Goldens, describe};
use super::history::History;
use super::plan::Plan;
use crate::report::printable;
use facts::Facts;

/// Says whether a line of the handler's output is a report of some kind.
pub type Pattern = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// What the judge is told of the handler.
pub struct Options {
    /// The handler keeps the latest state of objects: it is judged by RD-12, and by
    /// RD-3, RD-4 and RD-5 no more.
    pub latest_state: Option<LatestState>,
    /// How the handler reports what it did; RD-4 is judged only if this is known.
    pub reports: Option<Reports>,
    /// The function's timeout: so long after its start, an attempt that is never heard
    /// of again may still be at work, and others rightly keep away from its events.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            latest_state: None,
            reports: None,
            timeout: Duration::from_secs(60),
        }
    }
}

/// In which order the events of each object happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LatestState {
    /// For each object, its events from the oldest to the newest.
    pub objects: Vec<Vec<usize>>,
}

/// Which lines say what became of an event.
pub struct Reports {
    /// It was recorded.
    pub inserted: Pattern,
    /// It had been recorded before.
    pub duplicate: Pattern,
    /// It had been recorded by this very request, which had not heard of it.
    pub confirmed: Option<Pattern>,
}

/// Judges runs of one handler.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// What it leaves when nothing goes wrong.
    pub goldens: &'a Goldens,
    /// What else is known of it.
    pub options: &'a Options,
}

/// What is to be said of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The properties that it breaks, each once and where it is broken first, in the
    /// order of their ids.
    pub violations: Vec<Violation>,
    /// Properties of which the run may not say what it seems to, and why.
    pub inconclusive: Vec<(Property, String)>,
}

/// How a run breaks a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which property.
    pub property: Property,
    /// The first step at which it shows, from 0; none if it shows at the end.
    pub step: Option<usize>,
    /// Why, in one sentence or two.
    pub why: String,
}

impl Judge<'_> {
    /// Every property that a run breaks.
    pub fn judge(&self, plan: &Plan, history: &History) -> Findings {
        let facts = Facts::of(self.goldens, self.options, plan, history);
        let mut findings = Findings::default();
        let changed = rows::changed_after_acknowledgement(&facts, &mut findings);
        let spoilt = outcome::unlike_every_golden(&facts, &changed, &mut findings);
        rows::acknowledged_without_row(&facts, &spoilt, &mut findings);
        reports::inserted_twice_or_never(&facts, &mut findings);
        deliveries::not_ended(&facts, &mut findings);
        deliveries::given_up_without_need(&facts, &mut findings);
        deliveries::stuck_for_ever(&facts, &mut findings);
        deliveries::spoilt_by_a_rejected_neighbour(&facts, &mut findings);
        honesty::acknowledged_after_an_error(&facts, &mut findings);
        findings.in_order()
    }

    /// What the golden tables alone say: whether anything can be concluded from them,
    /// and whether the order of events decides which rows there are (RD-5).
    pub fn judge_goldens(&self) -> Findings {
        let mut findings = Findings::default();
        if self.goldens.proves_nothing() {
            let why =
                "No event leaves a row when it is delivered alone: this check proves nothing.";
            findings.undecided(Property::UniqueRows, why.to_owned());
        }
        for table in self.goldens.mask().unsteady() {
            let table = printable(table);
            let why = format!(
                "Table {table} has not the same number of rows each time: it is not judged."
            );
            findings.undecided(Property::UniqueRows, why);
        }
        let differing = self.goldens.order_matters_for_key();
        if let Some((with, without, row)) = differing
            && self.options.latest_state.is_none()
        {
            let told = |order: &[usize]| {
                let names: Vec<String> = order.iter().map(|it| self.goldens.name(*it)).collect();
                names.join(", then ")
            };
            let why = format!(
                "Whether there is {} depends on the order of the events: there is after {}, and \
                 not after {}, with nothing going wrong.",
                describe(row),
                told(with),
                told(without),
            );
            findings.violated(Property::OrderDoesNotMatter, None, why);
        }
        findings.in_order()
    }
}

impl Findings {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.violations.is_empty() && self.inconclusive.is_empty()
    }

    /// Whether a property is violated.
    pub fn violates(&self, property: Property) -> bool {
        self.violations.iter().any(|it| it.property == property)
    }

    fn violated(&mut self, property: Property, step: Option<usize>, why: String) {
        if !self.violates(property) {
            self.violations.push(Violation {
                property,
                step,
                why,
            });
        }
    }

    fn undecided(&mut self, property: Property, why: String) {
        let found = (property, why);
        if !self.inconclusive.contains(&found) {
            self.inconclusive.push(found);
        }
    }

    fn in_order(mut self) -> Self {
        self.violations.sort_by_key(|it| it.property);
        let violations = &self.violations;
        self.inconclusive
            .retain(|(property, _)| violations.iter().all(|it| it.property != *property));
        self.inconclusive.sort();
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("latest_state", &self.latest_state)
            .field("reports", &self.reports.is_some())
            .field("timeout", &self.timeout)
            .finish()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, name) = (self.property.id(), self.property.name());
        match self.step {
            Some(step) => write!(f, "{id} {name}: step {}: {}", step + 1, self.why),
            None => write!(f, "{id} {name}: at the end: {}", self.why),
        }
    }
}
