//! What the properties ask of a run, gathered once.

use std::collections::{BTreeMap, BTreeSet};

use redeliver_model::delivery::InvocationId;
use redeliver_model::schedule::Choice;

use super::Options;
use crate::check::backend::{Contents, RowId};
use crate::check::golden::Goldens;
use crate::check::history::{Answer, History, Invocation};
use crate::check::mask::Rows;
use crate::check::plan::Plan;

/// A run, with what is known of the handler.
pub(super) struct Facts<'a> {
    pub(super) goldens: &'a Goldens,
    pub(super) options: &'a Options,
    pub(super) plan: &'a Plan,
    pub(super) history: &'a History,
    /// Of events that are not set aside, in the order in which Lambda heard of them.
    pub(super) acknowledgements: Vec<Acknowledgement<'a>>,
    /// The step at which an event was first handed to an invocation.
    pub(super) started: BTreeMap<usize, usize>,
    /// The step at which an event that is not set aside was first acknowledged.
    pub(super) acknowledged: BTreeMap<usize, usize>,
}

/// An acknowledgement of an event.
#[derive(Clone, Copy)]
pub(super) struct Acknowledgement<'a> {
    pub(super) step: usize,
    pub(super) invocation: &'a Invocation,
    pub(super) answer: &'a Answer,
    pub(super) event: usize,
}

impl<'a> Facts<'a> {
    pub(super) fn of(
        goldens: &'a Goldens,
        options: &'a Options,
        plan: &'a Plan,
        history: &'a History,
    ) -> Self {
        let mut facts = Self {
            goldens,
            options,
            plan,
            history,
            acknowledgements: Vec::new(),
            started: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
        };
        for invocation in &history.invocations {
            for event in &invocation.events {
                let first = facts.started.entry(*event).or_insert(invocation.step);
                *first = invocation.step.min(*first);
            }
        }
        for (step, invocation, answer) in facts.answers() {
            for &event in &answer.acknowledged {
                if !goldens.is_set_aside(event) {
                    facts.acknowledged.entry(event).or_insert(step);
                    facts.acknowledgements.push(Acknowledgement {
                        step,
                        invocation,
                        answer,
                        event,
                    });
                }
            }
        }
        facts
    }

    /// The answers that Lambda heard of, with the steps at which it did.
    pub(super) fn answers(&self) -> Vec<(usize, &'a Invocation, &'a Answer)> {
        let steps = self.history.steps.iter().enumerate();
        let answers = steps.filter_map(|(number, step)| {
            let answer = step.answer.as_ref()?;
            let invocation = self.history.invocation(step.choice.invocation()?)?;
            Some((number, invocation, answer))
        });
        answers.collect()
    }

    /// What may be in the tables at a step: what was left by every order of events that
    /// has all that were acknowledged until then, and none that were not delivered, and
    /// in which none comes before another that was acknowledged before it was delivered.
    pub(super) fn explanations(&self, now: usize) -> Vec<&'a Rows> {
        let acknowledged = self.acknowledged.iter().filter(|(_, step)| **step <= now);
        let acknowledged = acknowledged.map(|(event, _)| *event).collect();
        self.orders(&acknowledged, now, |one, other| {
            let acknowledged = self.acknowledged.get(&one);
            acknowledged.is_some_and(|step| *step < self.started[&other])
        })
    }

    /// The same after these events were acknowledged in all, in whatever order they
    /// may have come.
    pub(super) fn explanations_in_any_order(
        &self,
        acknowledged: &BTreeSet<usize>,
    ) -> Vec<&'a Rows> {
        self.orders(acknowledged, usize::MAX, |_, _| false)
    }

    /// The same at the end, when these events have been acknowledged as well.
    pub(super) fn explanations_with(&self, redriven: &BTreeSet<usize>) -> Vec<&'a Rows> {
        let acknowledged = self.acknowledged.keys().chain(redriven).copied().collect();
        self.orders(&acknowledged, usize::MAX, |one, other| {
            let acknowledged = self.acknowledged.get(&one);
            acknowledged.is_some_and(|step| *step < self.started[&other])
        })
    }

    fn orders(
        &self,
        acknowledged: &BTreeSet<usize>,
        now: usize,
        precedes: impl Fn(usize, usize) -> bool,
    ) -> Vec<&'a Rows> {
        let must_precede = |one: usize, other: usize| match self.rank(one, other) {
            Some(older) => older,
            None => precedes(one, other),
        };
        let explains = |order: &[usize]| {
            let delivered = |event: &usize| self.started.get(event).is_some_and(|it| *it <= now);
            // An older event that comes after a newer one may leave no trace in a
            // handler that keeps the latest state.
            let there = |event: &usize| {
                let newer = |other: &usize| self.rank(*event, *other) == Some(true);
                order.contains(event) || order.iter().any(newer)
            };
            let in_order = || {
                let pairs = order.iter().enumerate();
                let mut pairs = pairs
                    .flat_map(|(place, one)| order[place + 1..].iter().map(move |it| (one, it)));
                pairs.all(|(one, other)| !must_precede(*other, *one))
            };
            order.iter().all(delivered) && acknowledged.iter().all(there) && in_order()
        };
        let orders = self.goldens.orders().filter(|(order, _)| explains(order));
        orders.map(|(_, rows)| rows).collect()
    }

    /// Whether the first of two events of one object is the older one; nothing if they
    /// cannot be compared, or if it does not matter to the handler.
    fn rank(&self, one: usize, other: usize) -> Option<bool> {
        let latest = self.options.latest_state.as_ref()?;
        latest.objects.iter().find_map(|events| {
            let place = |event: usize| events.iter().position(|it| *it == event);
            Some(place(one)? < place(other)?)
        })
    }

    /// Whether two events concern one object whose latest state is kept.
    pub(super) fn is_of_one_object(&self, one: usize, other: usize) -> bool {
        one != other && self.rank(one, other).is_some()
    }

    /// The events that write a row and were delivered, given its key without what is
    /// masked.
    pub(super) fn delivered_owners(&self, row: &RowId) -> impl Iterator<Item = usize> {
        let owners = self.goldens.owners(row).iter().copied();
        owners.filter(|it| self.started.contains_key(it))
    }

    /// The rows of an event that are not there, though they are after every order of
    /// events that may have been done by then: keys without what is masked.
    pub(super) fn missing_rows(
        &self,
        event: usize,
        now: usize,
        contents: &Contents,
    ) -> Vec<&'a RowId> {
        self.missing_of(event, &self.explanations(now), contents)
    }

    /// The same at the end, as if the event had been acknowledged.
    pub(super) fn missing_rows_when_done(
        &self,
        event: usize,
        contents: &Contents,
    ) -> Vec<&'a RowId> {
        let explanations = self.explanations_with(&BTreeSet::from([event]));
        self.missing_of(event, &explanations, contents)
    }

    fn missing_of(
        &self,
        event: usize,
        explanations: &[&Rows],
        contents: &Contents,
    ) -> Vec<&'a RowId> {
        let goldens = self.goldens;
        let alone = goldens.alone(event).into_iter().flatten();
        let missing = alone.filter(|(row, group)| {
            let before = goldens.before().get(*row).map_or(0, Vec::len);
            let is_own = group.len() > before && goldens.owners(row).contains(&event);
            let counts = explanations
                .iter()
                .map(|it| it.get(*row).map_or(0, Vec::len));
            let due = counts.min().unwrap_or(0);
            is_own && self.count(row, contents) < due
        });
        missing.map(|(row, _)| row).collect()
    }

    /// How many rows there are with a key, without what is masked.
    pub(super) fn count(&self, row: &RowId, contents: &Contents) -> usize {
        if !self.goldens.is_volatile(row) {
            return usize::from(contents.contains_key(row));
        }
        let mask = self.goldens.mask();
        let same = contents
            .keys()
            .filter(|it| it.table == row.table && mask.key(it) == *row);
        same.count()
    }

    /// The step at which Lambda took an invocation for ended.
    pub(super) fn end_of(&self, invocation: InvocationId) -> Option<usize> {
        self.history
            .steps
            .iter()
            .position(|step| match step.choice {
                Choice::Return(it) | Choice::Crash(it, _) | Choice::TimeOut(it) => it == invocation,
                _ => false,
            })
    }

    /// Whether another invocation is under way, or a write of one pending, when an
    /// invocation starts or while it is under way.
    pub(super) fn overlaps(&self, invocation: &Invocation) -> bool {
        let steps = &self.history.steps;
        let end = self.end_of(invocation.id).unwrap_or(steps.len());
        let mut others = self.history.invocations.iter();
        let beside = others.any(|it| {
            let ends = self.end_of(it.id).unwrap_or(steps.len());
            it.id != invocation.id && it.step < end && ends > invocation.step
        });
        // A write that is pending is applied or dropped at some later step.
        let from = invocation.step.min(steps.len());
        let pending = steps[from..].iter().any(|step| {
            let late = matches!(step.choice, Choice::ApplyLate(_) | Choice::DropLate(_));
            late && step.choice.invocation() != Some(invocation.id)
        });
        beside || pending
    }

    /// Events by their names, as a subject: `a`, `a and b`.
    pub(super) fn names(&self, events: &BTreeSet<usize>) -> String {
        let names: Vec<String> = events.iter().map(|it| self.goldens.name(*it)).collect();
        names.join(" and ")
    }
}
