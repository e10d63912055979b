//! The port: the one thing the handler asks of its table.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::identity::IdempotencyKey;
use crate::object_event::ObjectEvent;

/// A table that can insert a row unless one with its key is there already.
///
/// [`dynamodb::DynamoDbTable`](crate::dynamodb) is the real one. The method
/// returns a future that is `Send` by its own promise, which a plain `async fn`
/// would not be: so the same handler runs under `tokio::spawn`, `lambda_runtime`,
/// a single-threaded simulation and loom.
pub trait Table: Send + Sync {
    /// Inserts `row` unless its key is there, in one atomic step.
    ///
    /// # Errors
    ///
    /// Any answer that leaves open whether the row is there. A failed condition is
    /// no error: it is [`Insertion::Present`].
    fn insert(&self, row: Row) -> impl Future<Output = Result<Insertion, TableError>> + Send;
}

impl<T: Table> Table for &T {
    fn insert(&self, row: Row) -> impl Future<Output = Result<Insertion, TableError>> + Send {
        T::insert(self, row)
    }
}

/// A row as the handler writes it. Apart from its writer and its expiry it is a
/// function of the event alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The partition key.
    pub id: IdempotencyKey,
    /// What is recorded.
    pub event: Arc<ObjectEvent>,
    /// Who records it.
    pub writer: Writer,
    /// When DynamoDB may delete the row, if rows expire.
    pub expires_at: Option<EpochSeconds>,
}

/// The name of the partition key.
pub const ID: &str = "id";
/// The attribute with the writer's request id.
pub const REQUEST_ID: &str = "request_id";
/// The attribute with the writer's record position.
pub const RECORD: &str = "record";

impl Row {
    /// The row's attributes but for its expiry, whose name is the table's to
    /// choose. An attribute that S3 sent no value for is left out.
    pub fn attributes(&self) -> Vec<(&'static str, Value)> {
        let text = |value: &str| Some(Value::Text(value.into()));
        let event = &self.event;
        [
            (ID, text(&self.id.to_string())),
            ("bucket", text(&event.bucket)),
            ("filename", text(&event.key)),
            ("status", text("processed")),
            ("version_id", event.version_id.as_deref().and_then(text)),
            (
                "sequencer",
                event
                    .sequencer
                    .as_ref()
                    .and_then(|sequencer| text(sequencer.as_str())),
            ),
            (
                "event_name",
                event.name.as_ref().and_then(|name| text(name.as_str())),
            ),
            (
                "event_time",
                event.time.and_then(|time| text(&time.to_string())),
            ),
            ("size", event.size.map(Value::Number)),
            ("etag", event.e_tag.as_deref().and_then(text)),
            (
                REQUEST_ID,
                Some(Value::Text(Arc::clone(&self.writer.request_id))),
            ),
            (RECORD, Some(Value::Number(self.writer.record.into()))),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// DynamoDB's type `N`.
    Number(i64),
    /// DynamoDB's type `S`.
    Text(Arc<str>),
}

/// Who wrote a row. An invocation that finds its own name in a row has written
/// that row itself: the reply was lost, or an earlier attempt crashed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Writer {
    /// The invocation's request id. Lambda keeps it over the retries of an
    /// asynchronous invocation.
    pub request_id: Arc<str>,
    /// The record's position in the notification, from 0.
    pub record: u32,
}

/// Seconds since 1970-01-01T00:00:00Z, as DynamoDB's TTL counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EpochSeconds(pub u64);

impl EpochSeconds {
    /// This moment, so many days later.
    pub fn plus_days(self, days: u32) -> Self {
        const SECONDS_A_DAY: u64 = 86_400;
        Self(self.0.saturating_add(u64::from(days) * SECONDS_A_DAY))
    }
}

/// How an insertion went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Insertion {
    /// The row was not there, and is now.
    Inserted,
    /// A row with this key was there, and is unchanged.
    Present(Existing),
}

/// What the table tells of a row that was there already. A backend that does not
/// return the item on a failed condition tells nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Existing {
    /// Who wrote it, if the backend says so.
    pub writer: Option<Writer>,
    /// When it expires, if it does and the backend says so.
    pub expires_at: Option<EpochSeconds>,
}

/// An answer that leaves open whether the row is there. The handler never takes
/// one for a duplicate or for success: it goes back to Lambda, which retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableError {
    /// What can be concluded from it.
    pub kind: TableErrorKind,
    /// The service's error code, or the kind of failure where the service never
    /// answered.
    pub code: String,
    /// What the service said.
    pub message: String,
}

/// What a table error says about the write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TableErrorKind {
    /// The write may have happened: a timeout, a lost connection, a server error.
    /// AWS documents that a 500 on a write may have succeeded ([error handling]).
    ///
    /// [error handling]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
    Ambiguous,
    /// The write did not happen, and will not until somebody changes something.
    Permanent,
    /// The write did not happen, but may if tried again.
    Retriable,
}

impl TableErrorKind {
    /// What an error that DynamoDB answered with says about the write.
    ///
    /// AWS's [error handling] page tells which errors may be retried, and that a
    /// write that was answered with a 500 may have happened. An error that nobody
    /// has thought of is judged by its HTTP status: a 5xx leaves the outcome open,
    /// a 4xx means that nothing was written.
    ///
    /// [error handling]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
    pub fn of_answer(code: &str, status: u16) -> Self {
        match code {
            // Refused for now, before anything was written.
            "ProvisionedThroughputExceededException"
            | "ReplicatedWriteConflictException"
            | "RequestLimitExceeded"
            | "Throttling"
            | "ThrottlingException"
            | "TransactionConflictException" => Self::Retriable,
            // AWS lists these as worth a retry: credentials are renewed, clocks are
            // set, and items are deleted.
            "ExpiredTokenException"
            | "ItemCollectionSizeLimitExceededException"
            | "RequestExpired"
            | "UnrecognizedClientException" => Self::Retriable,
            _ if status >= 500 => Self::Ambiguous,
            _ => Self::Permanent,
        }
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = match self.kind {
            TableErrorKind::Ambiguous => "the row may have been written; a retry will tell",
            TableErrorKind::Permanent => {
                "a retry will not help: check the table's name, its key and the function's policy"
            }
            TableErrorKind::Retriable => "nothing was written; a retry may succeed",
        };
        write!(f, "{}: {} ({advice})", self.code, self.message)
    }
}

impl std::error::Error for TableError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_put_item_says_what_it_means_for_the_row() {
        use TableErrorKind::{Ambiguous, Permanent, Retriable};
        for (code, status, expected) in [
            ("AccessDeniedException", 400, Permanent),
            ("ExpiredTokenException", 400, Retriable),
            ("InternalServerError", 500, Ambiguous),
            ("InvalidSignatureException", 400, Permanent),
            ("ItemCollectionSizeLimitExceededException", 400, Retriable),
            ("ProvisionedThroughputExceededException", 400, Retriable),
            ("ReplicatedWriteConflictException", 400, Retriable),
            ("RequestLimitExceeded", 400, Retriable),
            ("ResourceNotFoundException", 400, Permanent),
            ("ServiceUnavailable", 503, Ambiguous),
            ("ThrottlingException", 400, Retriable),
            ("TransactionConflictException", 400, Retriable),
            ("UnrecognizedClientException", 400, Retriable),
            ("ValidationException", 400, Permanent),
            ("AnErrorOfTheFuture", 400, Permanent),
            ("AnErrorOfTheFuture", 500, Ambiguous),
            ("AnErrorOfTheFuture", 502, Ambiguous),
        ] {
            assert_eq!(
                TableErrorKind::of_answer(code, status),
                expected,
                "{code} with status {status}"
            );
        }
    }

    #[test]
    fn an_error_is_told_with_what_it_means_for_the_row() {
        let error = TableError {
            kind: TableErrorKind::Ambiguous,
            code: "InternalServerError".into(),
            message: "try again".into(),
        };
        assert_eq!(
            error.to_string(),
            "InternalServerError: try again (the row may have been written; a retry will tell)"
        );
    }
}
