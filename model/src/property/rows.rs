//! RD-1 to RD-4: the rows, and what is said of them.

use super::facts::{Acknowledgement, Facts, Found};
use crate::history::{Call, Report};
use crate::table::Key;

/// RD-1
pub(super) fn row_without_event_or_event_without_row(facts: &Facts<'_>) -> Found {
    let table = &facts.history.table;
    let is_recorded = |identity: usize| {
        let there = |key: &Key| table.contains_key(key);
        let swept = || facts.changes_of(identity).last().is_some_and(|it| it.swept);
        facts.identity(identity).keys.iter().any(there) || swept()
    };
    let mut lost = facts.acknowledgements.iter();
    if let Some(lost) = lost.find(|it| !is_recorded(it.identity)) {
        let because = format!(
            "the event of {} was acknowledged at step {}, but has no row in the end",
            facts.row(lost.identity),
            lost.step + 1
        );
        return Some((facts.end(), because));
    }
    // At quiescence every event was acknowledged or has failed visibly, so a row
    // belongs to one of them if it belongs to any.
    let belongs = |key: &Key| {
        let mut identities = facts.expectation.identities.iter();
        identities.any(|it| it.keys.contains(key) || it.tally.as_ref() == Some(key))
    };
    let stray = table.keys().find(|key| !belongs(key))?;
    let because = format!("the row {stray} belongs to no event that was to be recorded");
    Some((facts.end(), because))
}

/// RD-2
pub(super) fn acknowledged_without_row(facts: &Facts<'_>) -> Found {
    facts.acknowledgements.iter().find_map(|it| {
        let written = facts.written_at(it.identity);
        if written.is_none_or(|written| written > it.step) {
            let because = format!(
                "{} acknowledges the event of {} before its row is written",
                it.invocation.id,
                facts.row(it.identity)
            );
            return Some((it.step, because));
        }
        let mut later = facts
            .changes_of(it.identity)
            .filter(|change| change.step > it.step);
        let removed = later.find(|change| change.after().is_none() && !change.swept)?;
        let because = format!(
            "the row {} is removed, though its event was acknowledged at step {}",
            facts.row(it.identity),
            it.step + 1
        );
        Some((removed.step, because))
    })
}

/// RD-3
pub(super) fn changed_after_acknowledgement(facts: &Facts<'_>) -> Found {
    facts.row_changes.iter().find_map(|it| {
        if it.before().is_none() || it.swept {
            return None;
        }
        let mut acknowledgements = facts.acknowledgements.iter();
        let first = acknowledgements.find(|ack| ack.identity == it.identity)?;
        (first.step < it.step).then(|| {
            let because = format!(
                "the row {} changes after its event was acknowledged at step {}",
                facts.row(it.identity),
                first.step + 1
            );
            (it.step, because)
        })
    })
}

/// RD-4
pub(super) fn inserted_twice_or_never(facts: &Facts<'_>) -> Found {
    let reported = || {
        facts
            .acknowledgements
            .iter()
            .filter(|it| it.report.is_some())
    };
    for (position, it) in reported().enumerate() {
        if claims(it) {
            let mut earlier = reported().take(position).filter(|other| claims(other));
            let rival = earlier.find(|other| {
                other.identity == it.identity
                    && claimant(other) != claimant(it)
                    && is_one_life(life(facts, other), life(facts, it))
            });
            if let Some(rival) = rival {
                let because = format!(
                    "{} reports the row {} as its own, which {} did before",
                    it.invocation.id,
                    facts.row(it.identity),
                    rival.invocation.id
                );
                return Some((it.step, because));
            }
        } else if wrote_it_itself(facts, it)
            && !claimed_by_neighbour(facts, it)
            && !facts.has_failed_twin(it)
        {
            let because = format!(
                "{} reports a duplicate of the row {}, which it wrote itself",
                it.invocation.id,
                facts.row(it.identity)
            );
            return Some((it.step, because));
        }
    }
    None
}

fn is_one_life(one: Option<usize>, other: Option<usize>) -> bool {
    one.is_some() && one == other
}

fn claims(it: &Acknowledgement<'_>) -> bool {
    matches!(it.report, Some(Report::Inserted | Report::Confirmed))
}

fn claimant<'a>(it: &Acknowledgement<'a>) -> (&'a str, usize) {
    (&it.invocation.request_id, it.record)
}

/// Which life of its row an acknowledgement speaks of: how many times the row had
/// expired and been deleted when the invocation last heard of it. Nothing if that
/// cannot be told: an invocation that has the event twice may have heard of two lives,
/// and nobody can tell which record met which.
fn life(facts: &Facts<'_>, it: &Acknowledgement<'_>) -> Option<usize> {
    let sweeps = || facts.changes_of(it.identity).filter(|change| change.swept);
    let until = |step: usize| sweeps().filter(|change| change.step < step).count();
    if sweeps().next().is_none() {
        return Some(0);
    }
    let mut records = facts.recorded(it.invocation);
    let has_twin = records.any(|(record, identity)| identity == it.identity && record != it.record);
    let mut heard = heard_of_row(facts, it);
    let (first, last) = match (heard.next(), heard.last()) {
        (Some(first), Some(last)) if has_twin => (first, last),
        (Some(first), last) => (last.unwrap_or(first), last.unwrap_or(first)),
        // It knew of the row from memory, as of some moment since it started.
        (None, _) => (it.invocation.step, it.step),
    };
    (until(first) == until(last)).then(|| until(first))
}

/// The steps at which a call of the invocation about the row was answered.
fn heard_of_row(facts: &Facts<'_>, it: &Acknowledgement<'_>) -> impl Iterator<Item = usize> {
    let steps = facts.history.steps[..it.step].iter().enumerate();
    let heard = steps.filter(|(_, step)| {
        let own = step.choice.invocation() == Some(it.invocation.id);
        let about = |call: &Call| {
            let keys = &facts.identity(it.identity).keys;
            call.operation.keys().any(|key| keys.contains(key))
        };
        own && step.call.as_ref().is_some_and(about)
    });
    heard.map(|(number, _)| number)
}

/// Whether the row was written, in this life, by the request that reports it.
fn wrote_it_itself(facts: &Facts<'_>, it: &Acknowledgement<'_>) -> bool {
    let Some(life) = life(facts, it) else {
        return false;
    };
    let written = facts.changes_of(it.identity).find(|change| {
        let sweeps = facts
            .changes_of(it.identity)
            .filter(|other| other.swept && other.step < change.step);
        change.before().is_none() && sweeps.count() == life
    });
    let writer = written.and_then(|it| facts.history.steps[it.step].choice.invocation());
    let writer = writer.and_then(|writer| facts.history.invocation(writer));
    writer.is_some_and(|writer| writer.request_id == it.invocation.request_id)
}

/// Whether another record of the same identity in the same answer says that the row
/// is its own.
fn claimed_by_neighbour(facts: &Facts<'_>, it: &Acknowledgement<'_>) -> bool {
    let mut all = facts.acknowledgements.iter();
    all.any(|other| other.step == it.step && other.identity == it.identity && claims(other))
}
