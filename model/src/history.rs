//! What happened in a run, step by step: all that a property may look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::delivery::{Form, InvocationId, Positions};
use crate::event::Text;
use crate::schedule::Choice;
use crate::table::{Item, ItemChange, Key, Operation, Reply, Seconds};

/// A run from its start to quiescence: every invocation has returned or crashed,
/// no delivery is due, and no write is pending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// What is delivered by each delivery.
    pub deliveries: Vec<Delivered>,
    /// The invocations, in the order in which they started.
    pub invocations: Vec<Invocation>,
    /// The table in the end.
    pub table: BTreeMap<Key, Item>,
}

/// What a delivery delivers, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// The number of its notification in the scene.
    pub notification: usize,
    /// How its copy of the notification is written.
    pub form: Form,
    /// The records that ended as a dead letter.
    pub dead: Positions,
}

/// An invocation that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    /// Its name.
    pub id: InvocationId,
    /// Its request id. Asynchronous invocations keep theirs over their retries.
    pub request_id: Text,
    /// The records that it was handed, by their positions in the notification.
    pub records: Positions,
    /// The environment that it runs in.
    pub environment: usize,
    /// When it started.
    pub at: Seconds,
    /// The step at which it started.
    pub step: usize,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was chosen to happen.
    pub choice: Choice,
    /// When.
    pub at: Seconds,
    /// The call that it happened to, if it happened to one.
    pub call: Option<Call>,
    /// What the invocation answered, if it returned and Lambda heard of it.
    pub answer: Option<Answer>,
    /// The items that changed, each as it was before and after.
    pub changes: Vec<ItemChange>,
    /// How many times a call that is an effect was performed.
    pub performed: u32,
}

/// A call of an invocation, with what it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// What was asked for.
    pub operation: Arc<Operation>,
    /// What the invocation was answered; nothing if it did not wait any more.
    pub reply: Option<Reply>,
}

/// What an invocation answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It panicked, with this message: to Lambda, a function error.
    Panicked(String),
    /// It returned, and says this of each record that it was handed.
    Returned(Vec<RecordAnswer>),
}

/// What an invocation says of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordAnswer {
    /// Whether it acknowledged the record: it returned success, and the record's
    /// message is not among its batchItemFailures.
    pub acknowledged: bool,
    /// What it says that it did, if it says.
    pub report: Option<Report>,
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

impl Answer {
    /// One answer for a whole invocation: its records are acknowledged if all of
    /// them succeeded.
    pub fn together(mut records: Vec<RecordAnswer>) -> Self {
        let acknowledged = records.iter().all(|it| it.acknowledged);
        for record in &mut records {
            record.acknowledged = acknowledged;
        }
        Self::Returned(records)
    }

    /// What is said of the records; nothing if the invocation panicked.
    pub fn records(&self) -> &[RecordAnswer] {
        match self {
            Self::Panicked(_) => &[],
            Self::Returned(records) => records,
        }
    }

    /// Whether all records were acknowledged.
    pub fn is_acknowledgement(&self) -> bool {
        match self {
            Self::Panicked(_) => false,
            Self::Returned(records) => records.iter().all(|it| it.acknowledged),
        }
    }
}

impl RecordAnswer {
    /// The record failed.
    pub const FAILED: Self = Self {
        acknowledged: false,
        report: None,
    };
    /// The record succeeded, and there is nothing to say of it.
    pub const SILENT: Self = Self {
        acknowledged: true,
        report: None,
    };

    /// The record succeeded, and this is what was done.
    pub fn said(report: Report) -> Self {
        Self {
            acknowledged: true,
            report: Some(report),
        }
    }
}

impl History {
    /// Forgets what happened.
    pub(crate) fn clear(&mut self) {
        let Self {
            steps,
            deliveries,
            invocations,
            table,
        } = self;
        steps.clear();
        deliveries.clear();
        invocations.clear();
        table.clear();
    }

    /// The schedule that leads to this history.
    pub fn schedule(&self) -> Vec<Choice> {
        self.steps.iter().map(|step| step.choice).collect()
    }

    /// How many things went wrong.
    pub fn faults(&self) -> usize {
        let faults = self.steps.iter().filter(|step| step.choice.is_fault());
        faults.count()
    }

    /// Whether nothing went wrong, and no time passed for no other reason.
    pub fn is_calm(&self) -> bool {
        self.steps.iter().all(|step| {
            let waits = matches!(step.choice, Choice::Wait(_) | Choice::Sweep);
            !step.choice.is_fault() && !waits
        })
    }

    /// An invocation that was started.
    pub fn invocation(&self, id: InvocationId) -> Option<&Invocation> {
        self.invocations.iter().find(|it| it.id == id)
    }

    /// The answers that Lambda heard of, with the steps at which it did.
    pub fn answers(&self) -> impl Iterator<Item = (usize, &Invocation, &Answer)> {
        self.steps.iter().enumerate().filter_map(|(number, step)| {
            let answer = step.answer.as_ref()?;
            let invocation = self.invocation(step.choice.invocation()?)?;
            Some((number, invocation, answer))
        })
    }
}
