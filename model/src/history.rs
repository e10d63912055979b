//! What happened in a run, step by step: all that a property may look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::delivery::{InvocationId, Record};
use crate::schedule::Choice;
use crate::table::{Item, Key, Operation, Reply};

/// A run from its start to quiescence: every invocation has returned or crashed,
/// no delivery is due, and no write is pending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// The records of the notification that each delivery delivers.
    pub deliveries: Vec<Vec<Record>>,
    /// The request id of each invocation that was started.
    pub request_ids: BTreeMap<InvocationId, String>,
    /// The deliveries that ended as dead letters.
    pub dead_letters: Vec<usize>,
    /// The table in the end.
    pub table: BTreeMap<Key, Item>,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was chosen to happen.
    pub choice: Choice,
    /// The call that it happened to, if it happened to one.
    pub call: Option<Call>,
    /// What the invocation answered, if it returned.
    pub answer: Option<Answer>,
    /// The items that changed, each as it was before and after.
    pub changes: Vec<ItemChange>,
}

/// A call of an invocation, with what it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// What was asked for.
    pub operation: Arc<Operation>,
    /// What the invocation was answered; nothing if it had crashed.
    pub reply: Option<Reply>,
}

/// An item before and after a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemChange {
    /// The item's key.
    pub key: Key,
    /// What it was.
    pub before: Option<Item>,
    /// What it is.
    pub after: Option<Item>,
}

/// What an invocation returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// For each record of the notification, whether the invocation acknowledged it.
    pub acknowledged: Vec<bool>,
    /// For each record, what the invocation says that it did, if it says.
    pub reports: Vec<Option<Report>>,
}

/// What an invocation says that it did about a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Report {
    /// It found a row that it had written itself.
    Confirmed,
    /// It found a row.
    Duplicate,
    /// It wrote the row.
    Inserted,
}

impl History {
    /// The schedule that leads to this history.
    pub fn schedule(&self) -> Vec<Choice> {
        self.steps.iter().map(|step| step.choice).collect()
    }

    /// The answers of invocations that Lambda heard of, with the steps at which it
    /// did.
    pub fn answers(&self) -> impl Iterator<Item = (usize, InvocationId, &Answer)> {
        self.steps.iter().enumerate().filter_map(|(number, step)| {
            match (step.choice, &step.answer) {
                (Choice::Return(invocation), Some(answer)) => Some((number, invocation, answer)),
                _ => None,
            }
        })
    }

    /// The identity of a record, if it has one.
    pub fn identity(&self, delivery: usize, record: usize) -> Option<usize> {
        match self.deliveries[delivery].get(record) {
            Some(Record::Recordable(identity)) => Some(*identity),
            Some(Record::Rejected) | None => None,
        }
    }
}
