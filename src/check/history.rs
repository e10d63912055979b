//! What happened in a run: all that the judge may look at.

use std::sync::Arc;
use std::time::Duration;

use redeliver_model::delivery::InvocationId;
use redeliver_model::schedule::{CallId, Choice, Size};

use super::backend::Contents;
use super::gate::{Kind, TableCall};
use super::outside::PerformedEffect;

/// A run, from its start to quiescence and to the redrive of its dead letters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// The invocations, in the order in which they started.
    pub invocations: Vec<Invocation>,
    /// For each delivery, by its number, the events that ended as a dead letter.
    pub dead: Vec<Vec<usize>>,
    /// The tables at quiescence.
    pub contents: Contents,
    /// What came of the dead letters when they were delivered once more, each event
    /// alone, with nothing going wrong; none if there were no dead letters.
    pub redrive: Option<Redrive>,
}

impl History {
    /// An invocation that was started.
    pub fn invocation(&self, id: InvocationId) -> Option<&Invocation> {
        self.invocations.iter().find(|it| it.id == id)
    }

    /// The schedule that leads to this history.
    pub fn schedule(&self) -> Vec<Choice> {
        self.steps.iter().map(|step| step.choice).collect()
    }

    /// How large the run is.
    pub fn size(&self) -> Size {
        let faults = self.steps.iter().filter(|it| it.choice.is_fault());
        Size {
            faults: faults.count(),
            steps: self.steps.len(),
        }
    }

    /// Whether nothing went wrong, and no time passed for no other reason.
    pub fn is_calm(&self) -> bool {
        self.steps.iter().all(|step| {
            let waits = matches!(step.choice, Choice::Wait(_) | Choice::Sweep);
            !step.choice.is_fault() && !waits
        })
    }
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What was chosen to happen.
    pub choice: Choice,
    /// When, since the run began, by the handler's clock.
    pub at: Duration,
    /// The call that it happened to, if it happened to one.
    pub call: Option<Call>,
    /// The request with an effect that it happened to, if effects are judged and it
    /// happened to one.
    pub effect: Option<PerformedEffect>,
    /// What the invocation answered, if this is when Lambda hears of it.
    pub answer: Option<Answer>,
}

/// A table call, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which one.
    pub id: CallId,
    /// What was asked for.
    pub asked: Arc<TableCall>,
    /// What the caller was told in the end: by the last of the client's own attempts.
    pub told: Told,
    /// How many times the client sent it again by itself.
    pub own_retries: u32,
}

impl Call {
    /// Whether it cannot write anything.
    pub fn is_read(&self) -> bool {
        matches!(self.asked.kind, Kind::Read { .. })
    }
}

/// What a caller was told of its call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It was done.
    Done,
    /// An error other than a failed condition, by its name:
    /// `InternalServerError`.
    Error(String),
    /// The condition was not met, or a condition of the transaction.
    FailedCondition,
    /// Nothing: the connection broke, or the caller did not wait any more.
    Nothing,
}

/// An invocation that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Its name.
    pub id: InvocationId,
    /// Its request id.
    pub request_id: String,
    /// The events that it was handed, by their numbers, in the order of the records.
    pub events: Vec<usize>,
    /// Which environment it ran in, counted from 0 in the order of their first use.
    pub environment: usize,
    /// The step at which it started.
    pub step: usize,
    /// Whether it is a retry that started before its source's delay had passed by the
    /// handler's clock: Lambda waits one minute and then two, a queue its visibility
    /// timeout. What locks would have lapsed by then have not.
    pub too_soon: bool,
    /// Whether it is the last attempt that is permitted.
    pub is_last_attempt: bool,
}

/// What an invocation answered, and what the tables held when Lambda heard of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Whether it succeeded as a whole.
    pub succeeded: bool,
    /// The events that it acknowledged.
    pub acknowledged: Vec<usize>,
    /// The error, in words, if it failed.
    pub error: Option<String>,
    /// What the tables held.
    pub contents: Contents,
    /// The lines that it wrote.
    pub output: Vec<String>,
}

/// The redrive of a run's dead letters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Redrive {
    /// The events that were acknowledged.
    pub acknowledged: Vec<usize>,
    /// The events that failed again, each with the error in words.
    pub failed: Vec<(usize, String)>,
    /// Whether it came so soon after the last attempt, by the handler's clock, that
    /// locks which that attempt left behind need not have lapsed.
    pub too_soon: bool,
    /// The tables afterwards.
    pub contents: Contents,
}
