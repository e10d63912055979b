//! From bytes to object events.
//!
//! S3 events reach a Lambda function by five routes: directly, through SNS,
//! through SQS, through SNS and then SQS, or through EventBridge (and from there
//! on through any of the others). [`parse_event`] reads whatever comes by any of
//! them, and the hand-written test events of tutorials, into one flat list of
//! records. Each is an object event, or ignored with a reason, or rejected with a
//! reason that says what is wrong and where; one bad record never spoils its
//! neighbours, as long as the document is JSON at all. No document makes it panic,
//! and its time and memory are bounded by the document's size, which is bounded
//! too.
//!
//! Where it agrees with `aws_lambda_events::S3Event` and where it deliberately
//! differs is listed and tested in this crate's `tests/agreement.rs`.

mod document;
mod envelope;
mod event;
mod field;
mod json;
mod rejected;

pub use rejected::{Kind, Rejected};

use std::fmt;

use crate::object_event::ObjectEvent;
use rejected::Quoted;

/// The largest document that is read, in bytes. Lambda hands over at most 6 MB
/// ([quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)).
pub const MAX_DOCUMENT_BYTES: usize = 8 * 1024 * 1024;

/// The most records that are read from one document, envelopes included. An SQS
/// batch has at most 10,000 messages
/// ([event source mapping](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html)).
pub const MAX_RECORDS: usize = 20_000;

/// The most envelopes around a notification: twice as many as on AWS's longest
/// ordinary route, through SNS and then SQS.
pub const MAX_ENVELOPES: usize = 4;

/// Reads a document that can carry S3 events.
///
/// ```
/// use redeliver_handler::{Parsed, Rejected, parse_event};
///
/// let notification = parse_event(br#"{"Records":[
///     {"s3":{"bucket":{"name":"b"},"object":{"key":"caf%C3%A9.txt"}}},
///     {"s3":{"bucket":{"name":"b"},"object":{"key":"caf%C3.txt"}}}
/// ]}"#);
/// assert!(matches!(&notification.records[0].parsed, Parsed::Event(event) if event.key == "café.txt"));
/// assert!(matches!(&notification.records[1].parsed, Parsed::Rejected(Rejected::UndecodableKey { .. })));
/// assert_eq!(notification.records[1].path, "Records[1]");
/// ```
pub fn parse_event(document: &[u8]) -> Notification {
    Parser::default().parse(document)
}

/// How documents are read, for those who need other than the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parser {
    /// How keys in EventBridge events are read.
    pub event_bridge_keys: EventBridgeKeys,
}

impl Parser {
    /// Reads a document that can carry S3 events, as [`parse_event`] does.
    pub fn parse(&self, document: &[u8]) -> Notification {
        envelope::Walk::new(*self).notification(document)
    }
}

/// How the keys in EventBridge events are read. It is widely observed that
/// EventBridge sends them as they are, while every other route sends them
/// URL-encoded; no sentence of AWS's documentation says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventBridgeKeys {
    /// As they are.
    #[default]
    Verbatim,
    /// Decoded, as on every other route.
    UrlEncoded,
}

/// A document, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Whether the document is a batch of SQS messages, to be answered message by
    /// message.
    pub is_sqs_batch: bool,
    /// What is in it, in the document's order. A document that is ignored or
    /// rejected as a whole is one record.
    pub records: Vec<Record>,
}

/// One record of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it stands in the document, as in `Records[2].body.Records[0]`.
    /// Empty for the document as a whole.
    pub path: String,
    /// The id of the SQS message that it came in, if it came in one.
    pub message_id: Option<String>,
    /// What it says.
    pub parsed: Parsed,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// Something happened to an object.
    Event(ObjectEvent),
    /// Nothing to be recorded, and nothing wrong.
    Ignored(Ignored),
    /// Not to be understood.
    Rejected(Rejected),
}

/// Why there is nothing to record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ignored {
    /// `Records` is empty.
    NoRecords,
    /// The event is of a kind that the handler does not record.
    NotCreated {
        /// The event's name.
        name: String,
    },
    /// The message that S3 sends when a notification is set up.
    TestEvent,
    /// An EventBridge event of S3's whose detail type is not known to carry an
    /// object event.
    UnknownDetailType {
        /// The detail type.
        detail_type: String,
    },
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecords => f.write_str("the notification holds no records"),
            Self::NotCreated { name } => write!(f, "{} is not ObjectCreated:*", Quoted(name)),
            Self::TestEvent => f.write_str("s3:TestEvent, sent when a notification is set up"),
            Self::UnknownDetailType { detail_type } => {
                write!(
                    f,
                    "detail type {} carries no known object event",
                    Quoted(detail_type)
                )
            }
        }
    }
}
