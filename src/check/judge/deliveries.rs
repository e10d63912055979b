//! RD-6, and the part of RD-8 that concerns rejected records: what becomes of deliveries.

use std::collections::BTreeSet;

use redeliver_model::property::Property;

use super::Findings;
use super::facts::Facts;
use crate::check::golden::describe;
use crate::check::history::Invocation;
use crate::report::printable;

/// RD-6: a delivery ends acknowledged or given up. One that did neither was not played to
/// its end, and says nothing.
pub(super) fn not_ended(facts: &Facts<'_>, findings: &mut Findings) {
    for delivery in 0..facts.plan.deliveries() {
        let notification = facts.plan.notification_of(delivery);
        let notification = notification.and_then(|it| facts.plan.notifications.get(it));
        let dead = facts.history.dead.get(delivery);
        let answers = facts.answers();
        let has_ended = |event: &usize| {
            let mut answers = answers
                .iter()
                .filter(|(_, it, _)| it.id.delivery == delivery);
            dead.is_some_and(|dead| dead.contains(event))
                || answers.any(|(_, _, answer)| answer.acknowledged.contains(event))
        };
        let mut events = notification.into_iter().flat_map(|it| &it.events);
        if let Some(event) = events.find(|event| !has_ended(event)) {
            let why = format!(
                "Delivery {} has ended neither acknowledged nor given up: nothing can be said \
                 of {}.",
                delivery + 1,
                facts.goldens.name(*event)
            );
            findings.undecided(Property::Convergence, why);
        }
    }
}

/// RD-6: a delivery is given up, though its last attempt met no fault and was alone.
pub(super) fn given_up_without_need(facts: &Facts<'_>, findings: &mut Findings) {
    for (delivery, dead) in facts.history.dead.iter().enumerate() {
        let Some((last, end)) = last_attempt(facts, delivery) else {
            continue;
        };
        let rejected = last.events.iter().any(|it| facts.goldens.is_set_aside(*it));
        if dead.is_empty() || rejected || is_kept_away(facts, last) {
            continue;
        }
        let events = facts.names(&dead.iter().copied().collect());
        if last.too_soon {
            let why = format!(
                "{events} ended as a dead letter, but its last attempt came so soon that locks \
                 of earlier ones need not have lapsed."
            );
            findings.undecided(Property::Convergence, why);
            continue;
        }
        let why = format!(
            "Delivery {} was given up with {events}, though its last attempt met no fault and \
             was alone.",
            delivery + 1
        );
        findings.violated(Property::Convergence, Some(end), why);
    }
}

/// RD-6: a dead letter fails once more, though nothing goes wrong any more.
pub(super) fn stuck_for_ever(facts: &Facts<'_>, findings: &mut Findings) {
    let Some(redrive) = &facts.history.redrive else {
        return;
    };
    for (event, error) in &redrive.failed {
        if facts.goldens.is_set_aside(*event) {
            continue;
        }
        let (name, error) = (facts.goldens.name(*event), printable(error));
        if redrive.too_soon {
            let why = format!(
                "{name} failed again as its dead letter was delivered once more ({error}), but \
                 so soon that locks of earlier attempts need not have lapsed."
            );
            findings.undecided(Property::Convergence, why);
            continue;
        }
        let why = format!(
            "{name} is stuck: its dead letter failed again when it was delivered once more, \
             alone and with nothing going wrong: {error}"
        );
        findings.violated(Property::Convergence, None, why);
    }
}

/// RD-8: a record that is always rejected takes others along. Handlers that end at the
/// first failure do so at any other failure as well, but then the notification comes
/// again; here it never comes to the records behind.
pub(super) fn spoilt_by_a_rejected_neighbour(facts: &Facts<'_>, findings: &mut Findings) {
    for delivery in 0..facts.history.dead.len() {
        let Some((last, end)) = last_attempt(facts, delivery) else {
            continue;
        };
        let handed: BTreeSet<usize> = last.events.iter().copied().collect();
        let is_rejected = |it: &usize| facts.goldens.is_set_aside(*it);
        let rejected: BTreeSet<usize> = handed.iter().copied().filter(is_rejected).collect();
        if rejected.is_empty() || is_kept_away(facts, last) || last.too_soon {
            continue;
        }
        for &event in handed.difference(&rejected) {
            if facts.acknowledged.contains_key(&event) {
                continue;
            }
            let missing = facts.missing_rows_when_done(event, &facts.history.contents);
            if let Some(row) = missing.first() {
                let why = format!(
                    "{} was given up together with {}, which is always rejected, and {} is not \
                     there, though no call about it failed.",
                    facts.goldens.name(event),
                    facts.names(&rejected),
                    describe(row)
                );
                findings.violated(Property::BatchIsolation, Some(end), why);
            }
        }
    }
}

/// The last attempt that was permitted of a delivery, and the step at which it ended, if
/// it met no fault and was alone.
fn last_attempt<'a>(facts: &Facts<'a>, delivery: usize) -> Option<(&'a Invocation, usize)> {
    let mut invocations = facts.history.invocations.iter().rev();
    let last = invocations.find(|it| it.id.delivery == delivery && it.is_last_attempt)?;
    let end = facts.end_of(last.id)?;
    let within = facts.history.steps.get(last.step..=end)?;
    let undisturbed = within.iter().all(|step| {
        let own = step.choice.invocation().is_none_or(|it| it == last.id);
        own && !step.choice.is_fault()
    });
    (undisturbed && !facts.overlaps(last)).then_some((last, end))
}

/// Whether an invocation must reckon with another at work on one of its rows. Nobody can
/// tell one that has ended without success from one that is slow, until its time is up;
/// so long, handlers that lock rows keep away from it.
fn is_kept_away(facts: &Facts<'_>, invocation: &Invocation) -> bool {
    let started = |it: &Invocation| facts.history.steps.get(it.step).map(|step| step.at);
    let until = |it: &Invocation| started(it).map(|at| at + facts.options.timeout);
    let mut others = facts.history.invocations.iter();
    others.any(|other| {
        other.id.delivery != invocation.id.delivery
            && other.step < invocation.step
            && started(invocation) <= until(other)
            && left_open(facts, other).any(|one| shares_rows(facts, one, &invocation.events))
    })
}

/// The events that an invocation was handed and did not acknowledge.
fn left_open<'a>(facts: &'a Facts<'_>, invocation: &'a Invocation) -> impl Iterator<Item = usize> {
    let events = invocation.events.iter().copied();
    events.filter(|event| {
        let mut all = facts.acknowledgements.iter();
        !all.any(|it| (it.invocation.id, it.event) == (invocation.id, *event))
    })
}

fn shares_rows(facts: &Facts<'_>, event: usize, events: &[usize]) -> bool {
    let owns = |row, other: &usize| facts.goldens.owners(row).contains(other);
    let mut rows = facts.goldens.rows_of(event);
    events.contains(&event) || rows.any(|row| events.iter().any(|other| owns(row, other)))
}

#[cfg(test)]
mod tests {
    use redeliver_model::property::Property;
    use redeliver_model::schedule::{Fate, InFlight};

    use super::super::scenario::*;
    use crate::check::history::Redrive;

    /// A delivery that fails at each of its attempts, for no reason.
    fn failing(receives: u32) -> Run {
        let mut run = Run::of(&[queued(&[0], 1, receives)]);
        for _ in 0..receives {
            let id = run.start(0);
            run.fail(id);
        }
        run
    }

    #[test]
    fn rd6_a_delivery_is_not_given_up_without_need() {
        let goldens = goldens(1, right);
        let findings = judged(&goldens, failing(2).end());
        assert_eq!(violated(&findings), ["RD-6"]);
        assert_eq!(findings.violations[0].step, Some(3));
        assert_eq!(
            why(&findings, Property::Convergence),
            "Delivery 1 was given up with a.txt, though its last attempt met no fault and was \
             alone."
        );
    }

    #[test]
    fn rd6_nothing_is_said_where_the_retry_came_too_soon() {
        let goldens = goldens(1, right);
        let mut run = failing(2);
        run.history.invocations[1].too_soon = true;
        let findings = judged(&goldens, run.end());
        assert!(findings.violations.is_empty());
        assert_eq!(findings.inconclusive[0].0, Property::Convergence);
    }

    #[test]
    fn rd6_a_last_attempt_that_meets_a_fault_may_be_given_up() {
        let goldens = goldens(1, right);
        let mut run = Run::of(&[queued(&[0], 1, 1)]);
        let id = run.start(0);
        run.insert(id, 0, Fate::Throttled);
        run.fail(id);
        assert!(judged(&goldens, run.end()).is_empty());
        let mut run = Run::of(&[queued(&[0], 1, 1)]);
        let id = run.start(0);
        run.crash(id, InFlight::Never);
        assert!(judged(&goldens, run.end()).is_empty());
    }

    #[test]
    fn rd6_a_last_attempt_that_was_not_alone_may_be_given_up() {
        let goldens = goldens(1, right);
        let mut run = Run::of(&[queued(&[0], 2, 1)]);
        let (one, other) = (run.start(0), run.start(1));
        run.fail(one);
        right(&mut run.tables, 0, 3);
        run.acknowledge(other, &[0]);
        assert!(judged(&goldens, run.end()).is_empty());

        let mut run = Run::of(&[queued(&[0], 2, 1)]);
        let late = run.start(0);
        run.insert(late, 0, Fate::Late);
        run.fail(late);
        run.wait(1_000);
        let id = run.start(1);
        run.fail(id);
        run.apply_late(late, 1);
        assert!(judged(&goldens, run.end()).is_empty());
    }

    #[test]
    fn rd6_a_lock_of_another_delivery_may_keep_an_attempt_away_until_it_lapses() {
        let goldens = goldens(1, right);
        for (seconds, expected) in [(30, &[][..]), (90, &["RD-6"][..])] {
            let mut run = Run::of(&[queued(&[0], 2, 1)]);
            let id = run.start(0);
            run.crash(id, InFlight::Never);
            run.wait(seconds);
            let id = run.start(1);
            run.fail(id);
            assert_eq!(violated(&judged(&goldens, run.end())), expected);
        }
    }

    #[test]
    fn rd6_a_dead_letter_that_fails_again_is_stuck() {
        let goldens = goldens(1, right);
        for too_soon in [false, true] {
            let mut run = Run::of(&[queued(&[0], 1, 1)]);
            let id = run.start(0);
            run.crash(id, InFlight::Never);
            let (plan, mut history) = run.end();
            history.redrive = Some(Redrive {
                failed: vec![(0, "it is\x1b locked".to_owned())],
                too_soon,
                ..Redrive::default()
            });
            let findings = judged(&goldens, (plan, history));
            let expected: &[&str] = if too_soon { &[] } else { &["RD-6"] };
            assert_eq!(violated(&findings), expected);
            assert_eq!(findings.inconclusive.len(), usize::from(too_soon));
            if !too_soon {
                assert!(why(&findings, Property::Convergence).contains("it is\\u{1b} locked"));
            }
        }
    }

    #[test]
    fn rd6_an_event_that_is_rejected_may_be_given_up() {
        let goldens = goldens_but_for(2, right, &[], &[0]);
        let mut run = Run::of(&[queued(&[0], 1, 1), notification(&[1], 1)]);
        let id = run.start(0);
        run.fail(id);
        run.deliver(1, right);
        let (plan, mut history) = run.end();
        history.redrive = Some(Redrive {
            failed: vec![(0, "it is rejected".to_owned())],
            contents: history.contents.clone(),
            ..Redrive::default()
        });
        assert!(judged(&goldens, (plan, history)).is_empty());
    }

    #[test]
    fn rd6_a_delivery_that_was_not_played_to_its_end_says_nothing() {
        let goldens = goldens(1, right);
        let (plan, mut history) = Run::of(&[notification(&[0], 1)]).end();
        history.dead = vec![Vec::new()];
        let findings = judged(&goldens, (plan, history));
        assert!(findings.violations.is_empty());
        assert_eq!(findings.inconclusive[0].0, Property::Convergence);
    }

    #[test]
    fn rd8_a_rejected_record_does_not_take_its_neighbours_along() {
        let goldens = goldens_but_for(2, right, &[], &[0]);
        for recorded in [false, true] {
            let mut run = Run::of(&[notification(&[0, 1], 1)]);
            for _ in 0..3 {
                let id = run.start(0);
                if recorded {
                    run.insert(id, 1, Fate::Answered);
                }
                run.fail(id);
            }
            let (plan, mut history) = run.end();
            let mut contents = history.contents.clone();
            right(&mut contents, 1, 900);
            history.redrive = Some(Redrive {
                acknowledged: vec![1],
                failed: vec![(0, "it is rejected".to_owned())],
                contents,
                ..Redrive::default()
            });
            let findings = judged(&goldens, (plan, history));
            let expected: &[&str] = if recorded { &[] } else { &["RD-8"] };
            assert_eq!(violated(&findings), expected);
        }
    }

    #[test]
    fn rd8_a_neighbour_that_comes_again_is_not_spoilt() {
        let goldens = goldens_but_for(2, right, &[], &[0]);
        let mut run = Run::of(&[queued(&[0, 1], 1, 2)]);
        let id = run.start(0);
        run.fail(id);
        let id = run.start(0);
        run.insert(id, 1, Fate::Answered);
        run.acknowledge(id, &[1]);
        assert!(judged(&goldens, run.end()).is_empty());
    }
}
