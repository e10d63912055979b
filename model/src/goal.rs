//! Situations that must have been reached, or a run has proved nothing about them.

use crate::history::{History, Invocation, Report};
use crate::property::Expectation;
use crate::schedule::{Choice, Fate, InFlight};
use crate::table::{Failure, Operation, Reply};

/// A situation that must have been reached at least once over all runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// A delivery ended in the dead-letter queue.
    DeadLetter,
    /// An event was delivered again after it had been acknowledged.
    DuplicateAfterSuccess,
    /// An event was delivered again while an invocation was at work on it.
    DuplicateInProgress,
    /// An invocation crashed after it had written.
    CrashAfterWrite,
    /// A condition failed.
    FailedCondition,
    /// A write was applied when its caller had given it up.
    LateApplication,
    /// An invocation met its own write: the SDK sent it again, or an attempt before
    /// had made it.
    OwnReplay,
    /// A notification was first acknowledged after one that came behind it.
    Reorder,
    /// A third attempt was made.
    ThirdAttempt,
    /// A call was throttled, and its delivery tried again.
    ThrottledThenRetried,
}

impl Goal {
    /// Every goal.
    pub const ALL: [Self; 10] = [
        Self::CrashAfterWrite,
        Self::DeadLetter,
        Self::DuplicateAfterSuccess,
        Self::DuplicateInProgress,
        Self::FailedCondition,
        Self::LateApplication,
        Self::OwnReplay,
        Self::Reorder,
        Self::ThirdAttempt,
        Self::ThrottledThenRetried,
    ];

    /// What to call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CrashAfterWrite => "crash after the write",
            Self::DeadLetter => "dead letter",
            Self::DuplicateAfterSuccess => "duplicate after success",
            Self::DuplicateInProgress => "duplicate while in progress",
            Self::FailedCondition => "failed condition seen",
            Self::LateApplication => "late application",
            Self::OwnReplay => "own replay",
            Self::Reorder => "reorder",
            Self::ThirdAttempt => "retry to the third attempt",
            Self::ThrottledThenRetried => "throttled then retried",
        }
    }

    /// Whether a history reaches it.
    pub fn is_reached_by(self, history: &History, expectation: &Expectation<'_>) -> bool {
        let run = Run {
            history,
            expectation,
        };
        match self {
            Self::CrashAfterWrite => run.crash_after_write(),
            Self::DeadLetter => history.deliveries.iter().any(|it| !it.dead.is_empty()),
            Self::DuplicateAfterSuccess => run.duplicate(|first, again, run| {
                run.acknowledged_at(first).is_some_and(|at| at < again.step)
            }),
            Self::DuplicateInProgress => run.duplicate(|first, again, run| {
                first.step < again.step && run.end_of(first).is_none_or(|end| again.step < end)
            }),
            Self::FailedCondition => run.failed_condition(),
            Self::LateApplication => run.any(|choice| matches!(choice, Choice::ApplyLate(_))),
            Self::OwnReplay => run.own_replay(),
            Self::Reorder => run.reorder(),
            Self::ThirdAttempt => history.invocations.iter().any(|it| it.id.attempt == 3),
            Self::ThrottledThenRetried => run.throttled_then_retried(),
        }
    }
}

struct Run<'a> {
    history: &'a History,
    expectation: &'a Expectation<'a>,
}

impl Run<'_> {
    fn any(&self, is_so: impl Fn(Choice) -> bool) -> bool {
        self.history.steps.iter().any(|step| is_so(step.choice))
    }

    /// Whether two invocations of different deliveries that have an identity in
    /// common stand in this relation.
    fn duplicate(&self, relate: impl Fn(&Invocation, &Invocation, &Self) -> bool) -> bool {
        let invocations = &self.history.invocations;
        let identities = |it: &Invocation| {
            let notification = self.history.deliveries[it.id.delivery].notification;
            self.expectation.identities_of(notification)
        };
        invocations.iter().any(|first| {
            invocations.iter().any(|again| {
                first.id.delivery != again.id.delivery
                    && identities(first).any(|it| identities(again).any(|other| it == other))
                    && relate(first, again, self)
            })
        })
    }

    fn acknowledged_at(&self, invocation: &Invocation) -> Option<usize> {
        let mut answers = self.history.answers();
        let (step, ..) = answers
            .find(|(_, it, answer)| it.id == invocation.id && answer.is_acknowledgement())?;
        Some(step)
    }

    fn end_of(&self, invocation: &Invocation) -> Option<usize> {
        let steps = &self.history.steps;
        steps.iter().position(|step| match step.choice {
            Choice::Return(it) | Choice::Crash(it, _) => it == invocation.id,
            _ => false,
        })
    }

    fn crash_after_write(&self) -> bool {
        let steps = self.history.steps.iter().enumerate();
        let mut crashes = steps.filter_map(|(number, step)| match step.choice {
            Choice::Crash(invocation, in_flight) => Some((number, invocation, in_flight)),
            _ => None,
        });
        crashes.any(|(number, invocation, in_flight)| {
            let mut before = self.history.steps[..number].iter();
            in_flight == InFlight::Applied
                || before.any(|step| {
                    step.choice.invocation() == Some(invocation) && !step.changes.is_empty()
                })
        })
    }

    fn failed_condition(&self) -> bool {
        let mut replies = self.history.steps.iter().filter_map(|it| it.call.as_ref());
        replies.any(|call| match call.reply.as_ref() {
            Some(Reply::ConditionFailed(_)) => true,
            Some(reply @ Reply::Cancelled(_)) => !reply.is_error(),
            _ => false,
        })
    }

    fn own_replay(&self) -> bool {
        let resent = self.history.steps.iter().any(|step| {
            let write = |call: &crate::history::Call| {
                !matches!(*call.operation, Operation::Effect(_)) && call.operation.is_write()
            };
            matches!(step.choice, Choice::Call(_, Fate::Resent))
                && step.call.as_ref().is_some_and(write)
        });
        let confirmed = self.history.answers().any(|(_, _, answer)| {
            answer
                .records()
                .iter()
                .any(|it| it.report == Some(Report::Confirmed))
        });
        resent || confirmed
    }

    fn reorder(&self) -> bool {
        let first = |notification: usize| {
            let mut answers = self.history.answers();
            answers.position(|(_, it, answer)| {
                let delivered = self.history.deliveries[it.id.delivery];
                delivered.notification == notification && answer.is_acknowledgement()
            })
        };
        let notifications = self.history.deliveries.iter().map(|it| it.notification);
        let last = notifications.max().unwrap_or(0);
        (0..last).any(|it| match (first(it), first(it + 1)) {
            (Some(earlier), Some(later)) => later < earlier,
            _ => false,
        })
    }

    fn throttled_then_retried(&self) -> bool {
        let mut throttled = self.history.steps.iter().filter(|step| {
            let reply = step.call.as_ref().and_then(|call| call.reply.as_ref());
            reply == Some(&Reply::Failed(Failure::Throttled))
        });
        throttled.any(|step| {
            let Some(invocation) = step.choice.invocation() else {
                return false;
            };
            let mut all = self.history.invocations.iter();
            all.any(|it| {
                it.id.delivery == invocation.delivery && it.id.attempt > invocation.attempt
            })
        })
    }
}
