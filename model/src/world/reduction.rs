//! Which orders of the same choices need not be played.

use std::sync::Arc;

use super::{PendingCall, World};
use crate::property::Expectation;
use crate::schedule::Choice;
use crate::table::{Key, Operation};

/// Leaves out the choices that lead only where another order of commuting choices
/// leads as well.
///
/// Two choices about different deliveries commute if nothing that one of them
/// touches is touched by the other: a call touches its items; the start and the end
/// of an invocation touch the rows of its events, because the judge compares when
/// these change. Of all the orders that such swaps lead to, one is the first by the
/// numbers of its deliveries: no choice in it could move forward past one of a later
/// delivery. That one is played, the others are cut.
///
/// Whatever lets time pass commutes with nothing, nor does a late write, nor the
/// start or the end of an attempt that may be the last of its delivery, since RD-6
/// asks what that overlaps. Where invocations share memory, starts and ends do not
/// commute at all.
#[derive(Clone, Debug)]
pub struct Reduction<'a> {
    /// For each notification, the keys of its events' rows.
    rows: Vec<Vec<&'a Key>>,
    shares_memory: bool,
    /// What has been chosen in this run, and behind that what the run before went on
    /// to choose: most runs begin like the one before.
    noted: Vec<Noted>,
    /// How much has been chosen in this run.
    steps: usize,
}

/// A choice, and what it has touched; nothing if it commutes with no other.
#[derive(Clone, Debug)]
struct Noted {
    choice: Choice,
    touched: Option<Touched>,
}

/// What a choice has touched.
#[derive(Clone, Debug)]
struct Touched {
    delivery: usize,
    /// The latest of the deliveries up to here, back to the last choice that commutes
    /// with nothing.
    latest: usize,
    operations: Vec<Arc<Operation>>,
    /// The notification whose rows it has touched, if it has touched them.
    notification: Option<usize>,
}

/// What a choice would touch.
#[derive(Clone, Copy)]
struct Touches<'w> {
    delivery: usize,
    calls: &'w [PendingCall],
    notification: Option<usize>,
}

impl<'a> Reduction<'a> {
    /// Cuts what the judge who expects this cannot tell apart.
    pub fn new(expectation: &'a Expectation<'_>, shares_memory: bool) -> Self {
        Self {
            rows: expectation.rows(),
            shares_memory,
            noted: Vec::new(),
            steps: 0,
        }
    }

    /// Another run begins.
    pub fn begin(&mut self) {
        self.steps = 0;
    }

    /// Leaves out of `options` what need not be played.
    pub fn cut(&self, world: &World<'_>, options: &mut Vec<Choice>) {
        let Some(last) = self.past().next() else {
            return;
        };
        options.retain(|choice| match self.touches(world, *choice) {
            Some(next) => next.delivery >= last.latest || !self.could_come_before(next),
            None => true,
        });
    }

    /// Notes what is about to happen.
    pub fn note(&mut self, world: &World<'_>, choice: Choice) {
        // What touched nothing else the last time does not do so this time.
        let is_known = self
            .noted
            .get(self.steps)
            .is_some_and(|it| it.choice == choice);
        if !is_known {
            let latest = self.past().next().map(|it| it.latest);
            let touched = self.touches(world, choice).map(|it| Touched {
                delivery: it.delivery,
                latest: latest.unwrap_or(0).max(it.delivery),
                operations: it.calls.iter().map(|(_, it)| Arc::clone(it)).collect(),
                notification: it.notification,
            });
            self.noted.truncate(self.steps);
            self.noted.push(Noted { choice, touched });
        }
        self.steps += 1;
    }

    /// What this run's choices have touched, the last one first, back to the last that
    /// commutes with nothing.
    fn past(&self) -> impl Iterator<Item = &Touched> {
        let noted = self.noted[..self.steps].iter().rev();
        noted.map_while(|it| it.touched.as_ref())
    }

    fn could_come_before(&self, next: Touches<'_>) -> bool {
        let passable = |it: &&Touched| it.delivery != next.delivery && self.are_apart(it, next);
        let mut passed = self.past().take_while(passable);
        passed.any(|it| it.delivery > next.delivery)
    }

    /// What a choice would touch; nothing if it commutes with no other.
    fn touches<'w>(&self, world: &'w World<'_>, choice: Choice) -> Option<Touches<'w>> {
        let bound = |delivery: usize, calls| {
            let known = !self.shares_memory && !world.is_at_last_attempt(delivery);
            known.then(|| Touches {
                delivery,
                calls,
                notification: Some(world.notification(delivery)),
            })
        };
        match choice {
            Choice::Call(id, _) => Some(Touches {
                delivery: id.invocation.delivery,
                calls: world.pending(id),
                notification: None,
            }),
            Choice::Crash(id, _) => bound(id.delivery, world.all_pending(id)),
            Choice::Return(id) => bound(id.delivery, &[]),
            Choice::Start(delivery) if world.starts_now(delivery) => bound(delivery, &[]),
            Choice::ApplyLate(_)
            | Choice::DropLate(_)
            | Choice::Start(_)
            | Choice::Sweep
            | Choice::TimeOut(_)
            | Choice::Wait(_) => None,
        }
    }

    fn are_apart(&self, one: &Touched, other: Touches<'_>) -> bool {
        let rows = |notification: Option<usize>| match notification {
            Some(number) => self.rows[number].as_slice(),
            None => &[],
        };
        let (rows_of_one, rows_of_other) = (rows(one.notification), rows(other.notification));
        let off = |operation: &Operation, rows: &[&Key]| {
            operation.keys().all(|key| rows.iter().all(|it| *it != key))
        };
        rows_of_one.iter().all(|key| !rows_of_other.contains(key))
            && one.operations.iter().all(|it| off(it, rows_of_other))
            && other.calls.iter().all(|(_, it)| {
                let mut operations = one.operations.iter();
                off(it, rows_of_one) && operations.all(|one| one.is_apart_from(it))
            })
    }
}
