//! Which goals must have been reached.

use std::collections::BTreeSet;

use redeliver_model::goal::Goal;

use super::Plan;
use crate::handlers::Handler;
use crate::report::Verdict;

/// A goal, and whether it was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The goal.
    pub goal: Goal,
    /// Whether it was.
    pub reached: bool,
    /// Whether it had to be.
    pub reach: Reach,
}

/// Whether a goal has to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It depends on the handler whether it can be.
    ByHandler,
    /// It was all ended early.
    EndedEarly,
    /// Only a part of all schedules is played, and it may be in another.
    ByShard,
    /// It can be, and must be.
    Required,
    /// The bounds leave no room for it.
    TooLittle,
}

impl Reached {
    /// Where a required goal was not reached, nothing is proved about it.
    pub fn verdict(&self) -> Verdict {
        match (self.reached, self.reach) {
            (false, Reach::Required) => Verdict::Inconclusive,
            _ => Verdict::Holds,
        }
    }
}

pub(super) fn of(
    handler: &Handler,
    plan: Plan,
    ended_early: bool,
    reached: &BTreeSet<Goal>,
) -> Vec<Reached> {
    // Random scenes have up to three faults.
    let faults = plan.schedules > 0 || plan.scope.faults() > 0;
    let reach = |goal| {
        if needs_fault(goal) && !faults {
            Reach::TooLittle
        } else if depends_on_handler(goal) && !handler.is_reference() {
            Reach::ByHandler
        } else if ended_early {
            Reach::EndedEarly
        } else if plan.shard.count > 1 {
            Reach::ByShard
        } else {
            Reach::Required
        }
    };
    let goals = Goal::ALL.into_iter().map(|goal| Reached {
        goal,
        reached: reached.contains(&goal),
        reach: reach(goal),
    });
    goals.collect()
}

fn needs_fault(goal: Goal) -> bool {
    match goal {
        Goal::CrashAfterWrite
        | Goal::LateApplication
        | Goal::OwnReplay
        | Goal::ThrottledThenRetried => true,
        // A record that nobody can read fails without any fault.
        Goal::DeadLetter
        | Goal::DuplicateAfterSuccess
        | Goal::DuplicateInProgress
        | Goal::FailedCondition
        | Goal::Reorder
        | Goal::ThirdAttempt => false,
    }
}

/// Whether a handler that writes without a condition, or swallows its errors, may
/// never come there.
fn depends_on_handler(goal: Goal) -> bool {
    match goal {
        Goal::DeadLetter
        | Goal::DuplicateAfterSuccess
        | Goal::FailedCondition
        | Goal::Reorder
        | Goal::ThirdAttempt
        | Goal::ThrottledThenRetried => true,
        Goal::CrashAfterWrite
        | Goal::DuplicateInProgress
        | Goal::LateApplication
        | Goal::OwnReplay => false,
    }
}
