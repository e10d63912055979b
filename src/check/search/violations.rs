//! What a search has found.

use std::collections::{BTreeMap, BTreeSet};

use redeliver_model::property::Property;
use redeliver_model::schedule::{Choice, Size};

use super::Ran;
use crate::check::history::History;
use crate::check::judge::Violation;
use crate::check::plan::Plan;
use crate::check::run::Patience;

/// A violation that a search has found, with what leads to it.
#[derive(Clone, Debug)]
pub struct Found {
    /// How long its retries waited.
    pub patience: Patience,
    /// What is violated, where and why.
    pub violation: Violation,
    /// What was delivered.
    pub plan: Plan,
    /// What happened.
    pub history: History,
}

impl Found {
    /// The schedule that leads to it.
    pub fn schedule(&self) -> Vec<Choice> {
        self.history.schedule()
    }

    /// How large it is.
    pub fn size(&self) -> Size {
        self.history.size()
    }

    /// Whether events come together in it.
    fn is_of_a_batch(&self) -> bool {
        let mut notifications = self.plan.notifications.iter();
        notifications.any(|it| it.events.len() > 1)
    }
}

/// For each property that was violated, the smallest that was found.
///
/// What a team has decided to live with is kept as well, and ends no search: whoever
/// accepts one property is still told of the others.
#[derive(Clone, Debug, Default)]
pub struct Violations {
    found: BTreeMap<Property, Found>,
    accepted: BTreeSet<Property>,
}

impl Violations {
    /// Nothing yet. These properties are accepted.
    pub fn accepting(accepted: BTreeSet<Property>) -> Self {
        Self {
            found: BTreeMap::new(),
            accepted,
        }
    }

    /// Keeps of each violation in a run the smallest.
    pub fn keep(&mut self, ran: &Ran) {
        for violation in &ran.findings.violations {
            self.keep_found(Found {
                patience: ran.patience,
                violation: violation.clone(),
                plan: ran.plan.clone(),
                history: ran.history.clone(),
            });
        }
    }

    fn keep_found(&mut self, found: Found) {
        let property = found.violation.property;
        let weight = |it: &Found| (self.is_accepted_with_batches(it), it.size());
        let known = self.found.get(&property);
        if known.is_none_or(|known| weight(&found) < weight(known)) {
            self.found.insert(property, found);
        }
    }

    /// Whether there is what nobody accepts.
    pub fn any_unexpected(&self) -> bool {
        self.found.values().any(|it| self.is_unexpected(it))
    }

    fn is_unexpected(&self, found: &Found) -> bool {
        let property = found.violation.property;
        !self.accepted.contains(&property) && !self.is_accepted_with_batches(found)
    }

    /// Whether it shows where events come together, and those who accept that batches are
    /// not isolated accept this with it.
    fn is_accepted_with_batches(&self, found: &Found) -> bool {
        self.accepted.contains(&Property::BatchIsolation) && found.is_of_a_batch()
    }

    /// What was found, but for what shows only where events come together if these are not
    /// isolated: that is said once.
    pub fn into_distinct(self) -> Vec<Found> {
        let is_said = self.found.contains_key(&Property::BatchIsolation);
        let distinct = self.found.into_values().filter(|it| {
            let property = it.violation.property;
            !is_said || property == Property::BatchIsolation || !it.is_of_a_batch()
        });
        distinct.collect()
    }
}
