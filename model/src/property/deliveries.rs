//! RD-5 to RD-10: what becomes of deliveries, and of the records in them.

use std::collections::{BTreeMap, BTreeSet};

use super::expectation::{Expected, Keeps};
use super::facts::{Acknowledgement, Facts, Found};
use crate::history::{History, Invocation};
use crate::scene::TIMEOUT;
use crate::schedule::Choice;
use crate::table::{Item, Key, Name, Operation, Reply, Value};

/// What a scene leaves behind when nothing goes wrong: the yardstick of RD-5 and
/// RD-8, which compare runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The keys that the records leave, each delivered alone.
    pub alone: BTreeSet<Key>,
    /// The table after the deliveries came one after another.
    pub in_order: BTreeMap<Key, Item>,
    /// The attributes that tell who wrote a row.
    pub writer_attributes: &'static [&'static str],
}

/// RD-5
pub(super) fn order_matters(facts: &Facts<'_>, baseline: &Baseline) -> Found {
    let table = &facts.history.table;
    if !facts.history.is_calm() {
        return None;
    }
    if let Some(key) = first_difference(table.keys(), baseline.in_order.keys()) {
        let because = format!("whether there is a row {key} depends on the order of deliveries");
        return Some((facts.end(), because));
    }
    let uniform = facts.expectation.identities.iter().filter(|it| it.uniform);
    let mut keys = uniform.flat_map(|it| &it.keys);
    let differs = keys.find(|key| {
        let rows = (table.get(*key), baseline.in_order.get(*key));
        let (Some(row), Some(in_order)) = rows else {
            // The keys are the same, so it is in neither.
            return false;
        };
        !is_same_but_for(baseline.writer_attributes, row, in_order)
    })?;
    let because = format!("what is in the row {differs} depends on the order of deliveries");
    Some((facts.end(), because))
}

/// RD-8, where nothing went wrong.
pub(super) fn not_as_alone(facts: &Facts<'_>, baseline: &Baseline) -> Found {
    if !facts.history.is_calm() {
        return None;
    }
    let key = first_difference(facts.history.table.keys(), baseline.alone.iter())?;
    let because = format!(
        "the records together leave other rows than each of them alone: {key} is there only \
         in one of the two cases"
    );
    Some((facts.end(), because))
}

fn first_difference<'a>(
    left: impl Iterator<Item = &'a Key>,
    right: impl Iterator<Item = &'a Key>,
) -> Option<&'a Key> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    loop {
        match (left.peek(), right.peek()) {
            (Some(one), Some(other)) if one == other => {
                left.next();
                right.next();
            }
            (Some(one), Some(other)) => return Some(one.min(other)),
            (one, other) => return one.or(other).copied(),
        }
    }
}

fn is_same_but_for(attributes: &[&str], one: &Item, other: &Item) -> bool {
    let counts = |(name, _): &(&Name, &Value)| !attributes.contains(&name.as_ref());
    one == other || one.iter().filter(counts).eq(other.iter().filter(counts))
}

/// RD-6
pub(super) fn given_up_without_need(facts: &Facts<'_>) -> Found {
    let deliveries = facts.history.deliveries.iter().enumerate();
    let dead = deliveries.filter(|(_, it)| !it.dead.is_empty());
    dead.into_iter().find_map(|(number, delivered)| {
        let mut records = delivered.dead.iter();
        let expected = |record| facts.expectation.of(delivered.notification, record);
        if records.any(|record| expected(record) == Expected::Rejected) {
            return None;
        }
        let mut invocations = facts.history.invocations.iter().rev();
        let last = invocations.find(|it| it.id.delivery == number)?;
        let end = end_of(facts.history, last)?;
        let within = &facts.history.steps[last.step..=end];
        let undisturbed = within.iter().all(|step| {
            let own = step.choice.invocation().is_none_or(|it| it == last.id);
            own && !step.choice.is_fault()
        });
        let alone = !overlaps(facts.history, last) && !is_kept_away(facts, last);
        (undisturbed && alone).then(|| {
            let because = format!(
                "delivery {} is given up, though its last attempt met no fault and was alone",
                number + 1
            );
            (end, because)
        })
    })
}

/// The step at which an invocation was heard of to return, or crashed.
fn end_of(history: &History, invocation: &Invocation) -> Option<usize> {
    history.steps.iter().position(|step| match step.choice {
        Choice::Return(it) | Choice::Crash(it, _) => it == invocation.id,
        _ => false,
    })
}

/// Whether another invocation is under way, or a write of one pending, when an
/// invocation starts or while it is under way.
fn overlaps(history: &History, invocation: &Invocation) -> bool {
    let end = end_of(history, invocation).unwrap_or(history.steps.len());
    let mut others = history
        .invocations
        .iter()
        .filter(|it| it.id != invocation.id);
    let beside = others.any(|it| {
        let ends = end_of(history, it).unwrap_or(history.steps.len());
        it.step < end && ends > invocation.step
    });
    // A write that is pending is applied or dropped at some later step.
    let pending = history.steps[invocation.step..].iter().any(|step| {
        let late = matches!(step.choice, Choice::ApplyLate(_) | Choice::DropLate(_));
        late && step.choice.invocation() != Some(invocation.id)
    });
    beside || pending
}

/// Whether an invocation must reckon with another at work on one of its effects.
/// Nobody can tell one that has ended without success from one that is slow, until
/// its time is up; so long, handlers that claim keep away from it.
fn is_kept_away(facts: &Facts<'_>, invocation: &Invocation) -> bool {
    let shares_effect = |other: &Invocation| {
        let open = facts.recorded(other).filter(|(record, identity)| {
            let mut all = facts.acknowledgements.iter();
            !all.any(|it| (it.invocation.id, it.record) == (other.id, *record))
                && facts.recorded(invocation).any(|(_, own)| own == *identity)
        });
        open.count() > 0
    };
    let mut others = facts.history.invocations.iter();
    facts.expectation.keeps == Keeps::Effects
        && others.any(|it| {
            it.step < invocation.step && invocation.at <= it.at + TIMEOUT && shares_effect(it)
        })
}

/// RD-7
pub(super) fn acknowledged_after_an_error(facts: &Facts<'_>) -> Found {
    let mut acknowledgements = facts.acknowledgements.iter();
    let dishonest = acknowledgements
        .find(|it| last_reply_was_an_error(facts, it) && !facts.has_failed_twin(it))?;
    let because = format!(
        "{} acknowledges the event of {}, though the last reply about its row was an error",
        dishonest.invocation.id,
        facts.row(dishonest.identity)
    );
    Some((dishonest.step, because))
}

fn last_reply_was_an_error(facts: &Facts<'_>, it: &Acknowledgement<'_>) -> bool {
    let keys = &facts.identity(it.identity).keys;
    let before = facts.history.steps[it.invocation.step..it.step].iter();
    let mut replies = before.rev().filter_map(|step| match step.choice {
        Choice::Call(call, _) if call.invocation == it.invocation.id => {
            let answered = step.call.as_ref()?;
            let effect = matches!(*answered.operation, Operation::Effect(_));
            let about = || answered.operation.keys().any(|key| keys.contains(key));
            (!effect && about()).then_some((&*answered.operation, answered.reply.as_ref()?))
        }
        _ => None,
    });
    match replies.next() {
        Some((Operation::Batch { writes }, Reply::Unprocessed(positions))) => {
            let mut undone = positions
                .iter()
                .filter_map(|&position| writes.get(position));
            undone.any(|write| keys.contains(write.key()))
        }
        Some((_, reply)) => reply.is_error(),
        None => false,
    }
}

/// RD-8, where something went wrong.
pub(super) fn spoilt_by_a_neighbour(facts: &Facts<'_>) -> Found {
    facts.history.answers().find_map(|(step, invocation, _)| {
        if invocation.records.count() < 2 {
            return None;
        }
        let faultless = |keys: &[Key]| {
            let steps = &facts.history.steps[invocation.step..step];
            steps.iter().all(|step| {
                let own = step.choice.invocation() == Some(invocation.id);
                let about = |call: &crate::history::Call| {
                    call.operation.keys().any(|key| keys.contains(key))
                };
                !(own && step.choice.is_fault() && step.call.as_ref().is_some_and(about))
            })
        };
        facts.recorded(invocation).find_map(|(_, identity)| {
            let written = facts
                .written_at(identity)
                .is_some_and(|written| written < step);
            (!written && faultless(&facts.identity(identity).keys)).then(|| {
                let because = format!(
                    "{} ends and leaves {} without a row, though no call about it failed",
                    invocation.id,
                    facts.row(identity)
                );
                (step, because)
            })
        })
    })
}

/// RD-9
pub(super) fn unfaithful_key(facts: &Facts<'_>) -> Found {
    let clash = facts.expectation.clash.as_ref()?;
    let acknowledged = |delivery: usize| {
        let mut all = facts.acknowledgements.iter();
        all.any(|it| it.invocation.id.delivery == delivery)
    };
    let both = clash.deliveries.iter().all(|&it| acknowledged(it));
    both.then(|| (facts.end(), clash.because.clone()))
}

/// RD-10
pub(super) fn panicked(facts: &Facts<'_>) -> Found {
    let (step, message) = facts.panic?;
    Some((step, format!("the handler panics: {message}")))
}
