//! Every schedule of some plans.

use std::collections::VecDeque;

use redeliver_model::schedule::{Choice, Fate, Shard};

use super::{Job, Ran, Repeats, Source, Tally, Violations};
use crate::check::history::{History, Step};
use crate::check::plan::Plan;
use crate::check::run::Patience;

/// All schedules of some plans, as a tree of which those beginnings are known that are
/// still to be gone into. Those that differ least from what happens without faults come
/// first, so that an exploration that is broken off has seen what is simplest.
#[derive(Debug)]
pub struct Tree {
    /// For each plan, which of its beginnings come next. A plan is gone through before the
    /// next is begun.
    plans: Vec<(Plan, VecDeque<Vec<Choice>>)>,
    shard: Shard,
    patience: Patience,
    numbered: u64,
    violated_in: Option<Plan>,
    /// Whether a schedule in which nothing goes wrong was too slow to say anything.
    is_calmly_overdue: bool,
    /// What was played.
    pub tally: Tally,
    /// What was found.
    pub violations: Violations,
    /// The schedules that have to be played again, with retries that wait.
    pub to_repeat: Repeats,
}

impl Tree {
    /// All schedules of these plans, or a part of them, with so much patience. What is
    /// found adds to `violations`.
    pub fn new(plans: Vec<Plan>, shard: Shard, patience: Patience, violations: Violations) -> Self {
        Self {
            plans: plans
                .into_iter()
                .map(|plan| (plan, VecDeque::from([Vec::new()])))
                .collect(),
            shard,
            patience,
            numbered: 0,
            violated_in: None,
            is_calmly_overdue: false,
            tally: Tally::default(),
            violations,
            to_repeat: Repeats::default(),
        }
    }

    /// Whether all schedules have been played.
    pub fn is_complete(&self) -> bool {
        self.plans
            .iter()
            .all(|(_, beginnings)| beginnings.is_empty())
    }

    /// Whether all schedules have been played and judged in which nothing goes wrong.
    pub fn is_calmly_complete(&self) -> bool {
        let mut calm = self.plans.iter().filter(|(plan, _)| plan.faults == 0);
        !self.is_calmly_overdue && calm.all(|(_, beginnings)| beginnings.is_empty())
    }

    /// Notes where else a run might have gone after its beginning.
    fn branch(&mut self, begun: usize, ran: &Ran) {
        let schedule = ran.history.schedule();
        let nodes = ran.options.iter().enumerate().skip(begun);
        for (position, options) in nodes {
            for &other in options.iter().filter(|it| **it != schedule[position]) {
                if is_superfluous(&ran.history, position, other) {
                    continue;
                }
                // The first branches of a plan are divided among the shards.
                if begun == 0 {
                    self.numbered += 1;
                    if !self.shard.has(self.numbered) {
                        continue;
                    }
                }
                let mut beginning = schedule[..position].to_vec();
                beginning.push(other);
                let mut plans = self.plans.iter_mut();
                if let Some((_, beginnings)) = plans.find(|it| it.0 == ran.plan) {
                    beginnings.push_back(beginning);
                }
            }
        }
    }
}

impl Source for Tree {
    /// The plan in which the first violation shows is gone through to its end, and so
    /// are the plans in which nothing goes wrong; others would show the same again.
    fn next(&mut self) -> Option<Job> {
        if let Some(job) = self.to_repeat.first_ones() {
            return Some(job);
        }
        let worth_while = |plan: &Plan| match &self.violated_in {
            Some(violated) => plan == violated || plan.faults == 0,
            None => true,
        };
        let mut plans = self.plans.iter_mut();
        let (plan, beginnings) = plans.find(|it| worth_while(&it.0) && !it.1.is_empty())?;
        Some(Job::Script {
            plan: plan.clone(),
            schedule: beginnings.pop_front()?,
            patience: self.patience,
        })
    }

    fn done(&mut self, job: &Job, ran: Ran) {
        let Job::Script {
            schedule, patience, ..
        } = job
        else {
            return;
        };
        match *patience == self.patience {
            true => {
                self.tally.count(&ran);
                if ran.left_out == 0 {
                    self.branch(schedule.len(), &ran);
                }
                self.to_repeat.note(&ran);
            }
            false => self.tally.count_by_itself(&ran),
        }
        self.is_calmly_overdue |= ran.is_overdue && ran.plan.faults == 0;
        self.violations.keep(&ran);
        if self.violations.any_unexpected() && self.violated_in.is_none() {
            self.violated_in = Some(ran.plan.clone());
        }
    }
}

/// Whether a run that takes `other` at this position is like one that is gone into
/// elsewhere: the same two calls in the order of their invocations. Two calls that are
/// about no row in common commute.
fn is_superfluous(history: &History, position: usize, other: Choice) -> bool {
    let Some(before) = position.checked_sub(1).map(|it| &history.steps[it]) else {
        return false;
    };
    let Choice::Call(id, fate) = other else {
        return false;
    };
    let later = history.steps[position..].iter();
    let mut later = later.filter(|it| it.call.as_ref().is_some_and(|call| call.id == id));
    let Some(same_call) = later.next() else {
        return false;
    };
    let in_order = before.choice.invocation() <= Some(id.invocation);
    !in_order && fate != Fate::Late && are_apart(before, same_call)
}

fn are_apart(left: &Step, right: &Step) -> bool {
    let at_once = |step: &Step| matches!(step.choice, Choice::Call(_, fate) if fate != Fate::Late);
    let (Some(one), Some(other)) = (&left.call, &right.call) else {
        return false;
    };
    // A call that names no rows may be about all of them.
    let named = !one.asked.rows.is_empty() && !other.asked.rows.is_empty();
    let shared = one
        .asked
        .rows
        .iter()
        .any(|it| other.asked.rows.contains(it));
    at_once(left) && at_once(right) && named && !shared
}

#[cfg(test)]
mod tests {
    use redeliver_model::delivery::Route;

    use super::*;
    use crate::check::judge::Findings;
    use crate::check::plan::Notification;

    /// What is known after the one schedule of a plan to which nothing happens.
    fn played(is_overdue: bool) -> Tree {
        let notification = Notification {
            events: vec![0],
            route: Route::Direct,
            deliveries: 1,
        };
        let plan = Plan {
            notifications: vec![notification],
            faults: 0,
        };
        let whole = Shard::default();
        let nothing = Violations::default();
        let mut tree = Tree::new(vec![plan.clone()], whole, Patience::None, nothing);
        let job = tree.next().unwrap();
        let ran = Ran {
            patience: Patience::None,
            plan,
            history: History::default(),
            options: Vec::new(),
            left_out: 0,
            is_overdue,
            findings: Findings::default(),
        };
        tree.done(&job, ran);
        tree
    }

    #[test]
    fn what_was_too_slow_to_be_judged_is_not_complete() {
        assert!(played(false).is_calmly_complete());
        let overdue = played(true);
        assert!(!overdue.is_calmly_complete());
        assert_eq!((overdue.tally.schedules, overdue.tally.unjudged), (1, 1));
    }
}
