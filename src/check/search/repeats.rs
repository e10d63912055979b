//! Schedules that are played again, with retries that wait.
//!
//! Without waiting, a lock that a failed attempt left behind need not have lapsed: what a
//! retry makes of it says nothing. Waiting takes real time, so it is done only where it
//! decides something.

use std::collections::VecDeque;

use redeliver_model::schedule::Choice;

use super::{Job, Ran, Source, Tally, Violations};
use crate::check::plan::Plan;
use crate::check::run::Patience;

/// So many are played again at once, since what they show, the others will show as well.
const AT_ONCE: usize = 4;

/// What has to be played again.
#[derive(Debug, Default)]
pub struct Repeats {
    waiting: VecDeque<(Plan, Vec<Choice>)>,
    begun: usize,
}

impl Repeats {
    /// Notes a run that has to be played again, if it has to.
    pub(super) fn note(&mut self, ran: &Ran) {
        if ran.patience == Patience::None && !ran.findings.inconclusive.is_empty() {
            let again = (ran.plan.clone(), ran.history.schedule());
            self.waiting.push_back(again);
        }
    }

    /// The first few, to be played again while others still come in.
    pub(super) fn first_ones(&mut self) -> Option<Job> {
        if self.begun == AT_ONCE {
            return None;
        }
        let job = self.pop()?;
        self.begun += 1;
        Some(job)
    }

    /// How many wait to be played again.
    pub fn waiting(&self) -> u64 {
        self.waiting.len() as u64
    }

    /// The same, and those of another search.
    pub fn and(mut self, other: Self) -> Self {
        self.waiting.extend(other.waiting);
        self
    }

    fn pop(&mut self) -> Option<Job> {
        let (plan, schedule) = self.waiting.pop_front()?;
        Some(Job::Script {
            plan,
            schedule,
            patience: Patience::Deadlines,
        })
    }
}

/// All that has to be played again.
#[derive(Debug)]
pub struct Repeated {
    waiting: Repeats,
    /// What was played.
    pub tally: Tally,
    /// What was found.
    pub violations: Violations,
}

impl Repeated {
    /// Plays these again. What is found adds to `violations`.
    pub fn new(waiting: Repeats, violations: Violations) -> Self {
        Self {
            waiting,
            tally: Tally::default(),
            violations,
        }
    }

    /// How many were not played again.
    pub fn left(&self) -> u64 {
        self.waiting.waiting()
    }
}

impl Source for Repeated {
    fn next(&mut self) -> Option<Job> {
        match self.violations.any_unexpected() {
            true => None,
            false => self.waiting.pop(),
        }
    }

    fn done(&mut self, _: &Job, ran: Ran) {
        self.tally.count_by_itself(&ran);
        self.violations.keep(&ran);
    }
}
