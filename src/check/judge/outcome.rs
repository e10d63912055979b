//! RD-1, RD-5, RD-8 and RD-12: what is in the tables at the end.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use redeliver_model::property::Property;

use super::Findings;
use super::difference::{Difference, Kind};
use super::facts::Facts;
use crate::check::backend::RowId;

const AT_THE_END: &str = "At the end";
const AFTER_REDRIVE: &str = "When the dead letters have been delivered once more,";

/// Every row that no golden table explains, under the property that says most of it. Of
/// the rows that changed after their acknowledgement enough has been said. Returns the
/// rows that are missing because their event came with others.
pub(super) fn unlike_every_golden(
    facts: &Facts<'_>,
    changed: &BTreeSet<RowId>,
    findings: &mut Findings,
) -> BTreeSet<RowId> {
    let done: BTreeSet<usize> = facts.acknowledged.keys().copied().collect();
    let explanations = facts.explanations(usize::MAX);
    if explanations.is_empty() {
        let events = facts.names(&done);
        let why = format!("There is no golden table for {events} to compare with.");
        findings.undecided(Property::UniqueRows, why);
        return BTreeSet::new();
    }
    let found = facts.goldens.mask().visible(&facts.history.contents);
    let mut differences = facts.differences(&explanations, &found, &done);
    differences.retain(|it| !(is_change(it) && changed.contains(&it.row)));
    if differences.is_empty() {
        unlike_every_golden_after_redrive(facts, changed, findings);
        return BTreeSet::new();
    }
    let in_any_order = facts.explanations_in_any_order(&done);
    let unordered = facts.differences(&in_any_order, &found, &done);
    let mut spoilt = BTreeSet::new();
    for difference in &differences {
        let is_matter_of_order = unordered.iter().all(|it| it.row != difference.row);
        let property = property_of(facts, difference, is_matter_of_order);
        let why = facts.sentence(difference, AT_THE_END);
        let why = match property {
            Property::BatchIsolation => {
                spoilt.insert(difference.row.clone());
                format!("{why} Nothing went wrong, but several events came together.")
            }
            Property::OrderDoesNotMatter => {
                format!("{why} Another order of the same events would explain it.")
            }
            _ => why,
        };
        findings.violated(property, None, why);
    }
    spoilt
}

fn unlike_every_golden_after_redrive(
    facts: &Facts<'_>,
    changed: &BTreeSet<RowId>,
    findings: &mut Findings,
) {
    let Some(redrive) = &facts.history.redrive else {
        return;
    };
    let redriven = redrive.acknowledged.iter().copied();
    let redriven: BTreeSet<usize> = redriven
        .filter(|it| !facts.goldens.is_set_aside(*it))
        .collect();
    let done: BTreeSet<usize> = facts
        .acknowledged
        .keys()
        .chain(&redriven)
        .copied()
        .collect();
    let explanations = facts.explanations_with(&redriven);
    let found = facts.goldens.mask().visible(&redrive.contents);
    let mut differences = facts.differences(&explanations, &found, &done);
    differences.retain(|it| !(is_change(it) && changed.contains(&it.row)));
    for difference in &differences {
        let why = facts.sentence(difference, AFTER_REDRIVE);
        findings.violated(shared_state(facts, difference), None, why);
    }
}

fn is_change(difference: &Difference) -> bool {
    matches!(difference.kind, Kind::Changed { .. })
}

/// The property that says most of a difference.
fn property_of(facts: &Facts<'_>, it: &Difference, is_matter_of_order: bool) -> Property {
    let property = shared_state(facts, it);
    if property == Property::NoStaleOverwrite || !is_calm_and_single(facts) {
        return property;
    }
    let judged_by_order = facts.options.latest_state.is_none()
        && (!is_change(it) || facts.goldens.order_matters().is_empty());
    if is_matter_of_order && judged_by_order {
        Property::OrderDoesNotMatter
    } else if !is_matter_of_order && comes_together(facts) && is_one_after_another(facts) {
        Property::BatchIsolation
    } else {
        property
    }
}

/// RD-12 for a row that shows the state of an object, else RD-1.
fn shared_state(facts: &Facts<'_>, difference: &Difference) -> Property {
    let owners: Vec<usize> = facts.delivered_owners(&difference.row).collect();
    let mut pairs = owners
        .iter()
        .flat_map(|one| owners.iter().map(move |other| (one, other)));
    if pairs.any(|(one, other)| facts.is_of_one_object(*one, *other)) {
        Property::NoStaleOverwrite
    } else {
        Property::UniqueRows
    }
}

/// Whether nothing went wrong, and no event came twice.
fn is_calm_and_single(facts: &Facts<'_>) -> bool {
    let mut seen = BTreeSet::new();
    let mut notifications = facts.plan.notifications.iter();
    facts.history.is_calm()
        && notifications.all(|it| it.deliveries == 1 && it.events.iter().all(|it| seen.insert(*it)))
}

/// Whether a notification holds several events.
fn comes_together(facts: &Facts<'_>) -> bool {
    let mut notifications = facts.plan.notifications.iter();
    notifications.any(|it| it.events.len() > 1)
}

fn is_one_after_another(facts: &Facts<'_>) -> bool {
    let mut invocations = facts.history.invocations.iter();
    invocations.all(|it| !facts.overlaps(it))
}
