//! The handler: for every object event, insert its row unless it is there.

use std::fmt;
use std::sync::{Arc, Mutex};

use serde::Serialize;

use crate::identity::{IdempotencyKey, IdentityPolicy};
use crate::keyed::{Decision, KeyedNotification, KeyedRecord, Selection};
use crate::notification::{Ignored, Notification, Parser, Rejected};
use crate::recorded_keys::{Entries, Lock, RecordedKeys};
use crate::table::{EpochSeconds, Existing, Insertion, Row, Table, TableError, Writer};

/// What a handler may be told to do otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Which fields make two events the same one.
    pub policy: IdentityPolicy,
    /// Which events are recorded.
    pub selection: Selection,
    /// After how many days a row may be deleted; never, if absent. A row that ends
    /// before the last redelivery of its event is a row that is written twice.
    pub expire_after_days: Option<u32>,
    /// Whether the event source mapping has `ReportBatchItemFailures`. Without it
    /// SQS takes any answer that is no error for success and deletes the whole
    /// batch, so a failure is reported message by message only if this is set.
    pub sqs_partial_batches: bool,
    /// How documents are read.
    pub parser: Parser,
}

impl Settings {
    /// Decides all about a notification that no invocation changes, so that it can
    /// be recorded any number of times by any handler with these settings.
    pub fn key(&self, notification: Notification) -> KeyedNotification {
        KeyedNotification::new(notification, self.policy, self.selection)
    }
}

/// The run of the handler on one delivery, as far as the handler must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Lambda's request id.
    pub request_id: Arc<str>,
    /// The time.
    pub now: EpochSeconds,
}

/// The handler. One serves any number of invocations, one after another or at
/// once.
///
/// ```
/// # use redeliver_handler::table::{EpochSeconds, Insertion, Row, Table, TableError};
/// # struct EmptyTable;
/// # impl Table for EmptyTable {
/// #     async fn insert(&self, _: Row) -> Result<Insertion, TableError> { Ok(Insertion::Inserted) }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let table = EmptyTable;
/// use redeliver_handler::record::{Handler, Invocation, Settings};
///
/// let handler = Handler::new(table, Settings::default());
/// let invocation = Invocation { request_id: "r-1".into(), now: EpochSeconds(1_795_000_000) };
/// let document = br#"{"Records":[{"s3":{"bucket":{"name":"b"},"object":{"key":"invoice.txt"}}}]}"#;
/// let response = handler.handle(document, &invocation).await.expect("the table answers");
/// let response = serde_json::to_string(&response).expect("numbers alone");
/// assert_eq!(response, r#"{"inserted":1,"duplicate":0,"confirmed":0,"ignored":0}"#);
/// # }
/// ```
#[derive(Debug)]
pub struct Handler<T, L = Mutex<Entries>> {
    table: T,
    settings: Settings,
    recorded_keys: Option<RecordedKeys<L>>,
}

impl<T: Table> Handler<T> {
    /// A handler that asks the table about every event.
    pub fn new(table: T, settings: Settings) -> Self {
        Self {
            table,
            settings,
            recorded_keys: None,
        }
    }
}

impl<T: Table, L: Lock> Handler<T, L> {
    /// The same handler with a cache of keys known to be recorded.
    pub fn with_recorded_keys<M: Lock>(self, recorded_keys: RecordedKeys<M>) -> Handler<T, M> {
        Handler {
            table: self.table,
            settings: self.settings,
            recorded_keys: Some(recorded_keys),
        }
    }

    /// Records every event in `document` and answers Lambda.
    ///
    /// # Errors
    ///
    /// If any record was rejected or failed, unless it can be reported as an SQS
    /// batch item failure. All others have been recorded nevertheless.
    pub async fn handle(
        &self,
        document: &[u8],
        invocation: &Invocation,
    ) -> Result<Response, InvocationFailed> {
        let notification = self.key(self.settings.parser.parse(document));
        self.record(&notification, invocation)
            .await
            .into_response(self.settings.sqs_partial_batches)
    }

    /// Decides all about a notification that no invocation changes, as this
    /// handler's settings say ([`Settings::key`]).
    pub fn key(&self, notification: Notification) -> KeyedNotification {
        self.settings.key(notification)
    }

    /// Records every event of a notification, and says what became of each. The
    /// notification must have been keyed under this handler's settings.
    pub async fn record(
        &self,
        notification: &KeyedNotification,
        invocation: &Invocation,
    ) -> Report {
        let mut outcomes = Vec::with_capacity(notification.records.len());
        for (position, record) in (0..).zip(&notification.records) {
            let writer = Writer {
                request_id: Arc::clone(&invocation.request_id),
                record: position,
            };
            let outcome = RecordOutcome {
                record: Arc::clone(record),
                outcome: self
                    .act(&record.decision, writer, invocation.now)
                    .await
                    .unwrap_or_else(Outcome::Failed),
            };
            outcome.log(&invocation.request_id);
            outcomes.push(outcome);
        }
        Report {
            is_sqs_batch: notification.is_sqs_batch,
            outcomes,
        }
    }

    async fn act(
        &self,
        decision: &Decision,
        writer: Writer,
        now: EpochSeconds,
    ) -> Result<Outcome, TableError> {
        let (id, event) = match decision {
            Decision::Insert(id, event) => (*id, event),
            Decision::Ignore(reason) => return Ok(Outcome::Ignored(reason.clone())),
            Decision::Reject(reason) => return Ok(Outcome::Rejected(reason.clone())),
        };
        let known = self
            .recorded_keys
            .as_ref()
            .and_then(|keys| keys.find(id, now));
        if let Some(existing) = known {
            return Ok(present(&existing, &writer));
        }
        let expires_at = self
            .settings
            .expire_after_days
            .map(|days| now.plus_days(days));
        let row = Row {
            id,
            event: Arc::clone(event),
            writer: writer.clone(),
            expires_at,
        };
        match self.table.insert(row).await? {
            Insertion::Inserted => {
                let written = Existing {
                    writer: Some(writer),
                    expires_at,
                };
                self.remember(id, written);
                Ok(Outcome::Inserted)
            }
            Insertion::Present(existing) => {
                let outcome = present(&existing, &writer);
                self.remember(id, existing);
                Ok(outcome)
            }
        }
    }

    /// Remembers a row that is known to be there, unless rows expire and the
    /// table did not say when this one does.
    fn remember(&self, id: IdempotencyKey, row: Existing) {
        let end_is_known = row.expires_at.is_some() || self.settings.expire_after_days.is_none();
        if let Some(keys) = &self.recorded_keys
            && end_is_known
        {
            keys.remember(id, row);
        }
    }
}

/// What a row that was there already means to an invocation: its own write, whose
/// reply was lost or whose attempt crashed, or somebody else's.
fn present(existing: &Existing, writer: &Writer) -> Outcome {
    match &existing.writer {
        Some(owner) if owner == writer => Outcome::Confirmed,
        _ => Outcome::Duplicate,
    }
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The row was there already, written by this very request and record.
    Confirmed,
    /// The row was there already.
    Duplicate,
    /// The table gave no answer that tells whether the row is there.
    Failed(TableError),
    /// There was nothing to record.
    Ignored(Ignored),
    /// The row was not there, and is now.
    Inserted,
    /// The record could not be understood.
    Rejected(Rejected),
}

impl Outcome {
    /// The outcome in one word, as log lines have it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Duplicate => "duplicate",
            Self::Failed(_) => "failed",
            Self::Ignored(_) => "ignored",
            Self::Inserted => "inserted",
            Self::Rejected(_) => "rejected",
        }
    }
}

/// What became of every record of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Whether the notification was a batch of SQS messages.
    pub is_sqs_batch: bool,
    /// One outcome for each record, in the notification's order.
    pub outcomes: Vec<RecordOutcome>,
}

/// What became of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOutcome {
    /// The record.
    pub record: Arc<KeyedRecord>,
    /// What became of it.
    pub outcome: Outcome,
}

impl RecordOutcome {
    /// Writes one log line: fields for machines, a sentence for people.
    fn log(&self, request_id: &str) {
        let event = self.record.event.as_ref();
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    $level,
                    outcome = self.outcome.name(),
                    bucket = event.map(|event| &event.bucket),
                    key = event.map(|event| &event.key),
                    record = self.record.path,
                    request_id,
                    "{self}"
                )
            };
        }
        match self.outcome {
            Outcome::Failed(_) | Outcome::Rejected(_) => line!(tracing::Level::ERROR),
            _ => line!(tracing::Level::INFO),
        }
    }
}

/// What became of the record, in a sentence.
impl fmt::Display for RecordOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.record.event.as_ref().map_or("", |event| &event.key);
        match &self.outcome {
            Outcome::Confirmed => {
                write!(
                    f,
                    "Confirmed {key}: this very request had written it already"
                )
            }
            Outcome::Duplicate => write!(f, "Duplicate skipped for {key}"),
            Outcome::Failed(error) => write!(f, "Failed {key}: {error}"),
            Outcome::Ignored(reason) => write!(f, "Ignored: {reason}"),
            Outcome::Inserted => write!(f, "Inserted {key}"),
            Outcome::Rejected(reason) => write!(f, "Rejected: {reason}"),
        }
    }
}

impl Report {
    /// The answer to Lambda: a summary, the SQS messages that failed, or an error.
    ///
    /// # Errors
    ///
    /// If any record was rejected or failed, unless `sqs_partial_batches` is set
    /// and each such record came in an SQS message with an id.
    pub fn into_response(self, sqs_partial_batches: bool) -> Result<Response, InvocationFailed> {
        let failures: Vec<&RecordOutcome> = self
            .outcomes
            .iter()
            .filter(|record| matches!(record.outcome, Outcome::Failed(_) | Outcome::Rejected(_)))
            .collect();
        if self.is_sqs_batch && sqs_partial_batches {
            let messages: Option<std::collections::BTreeSet<&str>> = failures
                .iter()
                .map(|failure| failure.record.message_id.as_deref())
                .collect();
            if let Some(messages) = messages {
                let failed = |id: &str| BatchItemFailure {
                    item_identifier: id.to_owned(),
                };
                return Ok(Response::SqsBatch {
                    batch_item_failures: messages.into_iter().map(failed).collect(),
                });
            }
        }
        if !failures.is_empty() {
            return Err(InvocationFailed {
                failed: failures.into_iter().cloned().collect(),
                records: self.outcomes.len(),
            });
        }
        let count = |name| {
            let has_name = |record: &&RecordOutcome| record.outcome.name() == name;
            self.outcomes.iter().filter(has_name).count()
        };
        Ok(Response::Summary {
            inserted: count("inserted"),
            duplicate: count("duplicate"),
            confirmed: count("confirmed"),
            ignored: count("ignored"),
        })
    }
}

/// What the function returns to Lambda, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Response {
    /// How many records ended in which way. Lambda ignores it; people do not.
    Summary {
        /// Rows written now.
        inserted: usize,
        /// Rows that were there already.
        duplicate: usize,
        /// Rows that this very request had written before.
        confirmed: usize,
        /// Records with nothing to record.
        ignored: usize,
    },
    /// The messages of an SQS batch that are to be delivered again
    /// ([partial batch responses](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html)).
    SqsBatch {
        /// Empty if every message was dealt with.
        #[serde(rename = "batchItemFailures")]
        batch_item_failures: Vec<BatchItemFailure>,
    },
}

/// An SQS message that is to be delivered again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchItemFailure {
    /// The message's id.
    #[serde(rename = "itemIdentifier")]
    pub item_identifier: String,
}

/// The invocation failed, so that Lambda delivers it again and in the end hands
/// it to the dead-letter queue. The records that are not named here have been
/// dealt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvocationFailed {
    /// The records that were rejected or failed.
    pub failed: Vec<RecordOutcome>,
    /// How many records the notification had.
    pub records: usize,
}

impl fmt::Display for InvocationFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        let failed = self.failed.len();
        write!(f, "{failed} of {} records not recorded", self.records)?;
        for (index, record) in self.failed.iter().take(SHOWN).enumerate() {
            f.write_str(if index == 0 { ": " } else { "; " })?;
            let path = &record.record.path;
            if !path.is_empty() {
                write!(f, "{path}: ")?;
            }
            record.fmt(f)?;
        }
        match failed.saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl std::error::Error for InvocationFailed {}
