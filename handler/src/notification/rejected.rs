//! Why a record cannot be understood.

use std::fmt;

use crate::identity::Unidentifiable;
use crate::object_key::UndecodableKey;

/// Why a document or a record in it cannot be understood: what is wrong, in which
/// field, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejected {
    /// A time that is no RFC 3339 time.
    InvalidTime {
        /// The field.
        field: &'static str,
        /// Its value.
        value: String,
    },
    /// A field that must be there is not, or is empty or null.
    Missing {
        /// The field.
        field: &'static str,
    },
    /// The document is no S3 notification, nor an envelope around one.
    NotAnS3Notification {
        /// What it is, as far as can be told.
        found: String,
    },
    /// The document is not JSON.
    NotJson {
        /// What the JSON parser said, and where.
        message: String,
    },
    /// A field stands twice in the same object, with nothing to say which is meant.
    RepeatedField {
        /// The field.
        field: &'static str,
    },
    /// Envelopes within envelopes, deeper than any route of AWS's goes.
    TooManyEnvelopes {
        /// The bound.
        limit: usize,
    },
    /// More records than any batch of AWS's has.
    TooManyRecords {
        /// The bound.
        limit: usize,
    },
    /// The document is larger than Lambda would hand over.
    TooLarge {
        /// The document's size.
        bytes: usize,
        /// The bound, in bytes.
        limit: usize,
    },
    /// The object's key cannot be decoded.
    UndecodableKey {
        /// The field.
        field: &'static str,
        /// The key as it was sent.
        key: String,
        /// What is wrong with it.
        reason: UndecodableKey,
    },
    /// The record lacks what its identity policy needs.
    Unidentifiable(Unidentifiable),
    /// A record of another major version than 2. AWS advises to compare the major
    /// version for equality and the minor one for at least
    /// ([event message structure](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html)).
    UnsupportedVersion {
        /// The version.
        version: String,
    },
    /// A field has another JSON type than S3 gives it.
    WrongType {
        /// The field.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: Kind,
    },
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidTime { field, value } => write!(
                f,
                "{field} is {}, which is no RFC 3339 time such as 2026-07-16T10:00:00.000Z",
                Quoted(value)
            ),
            Self::Missing { field } => write!(f, "{field} is missing or empty"),
            Self::NotAnS3Notification { found } => write!(
                f,
                "this is {found}, not an S3 notification (directly, through SNS, SQS or \
                 EventBridge): check what is configured to invoke the function"
            ),
            Self::NotJson { message } => write!(f, "this is not JSON: {message}"),
            Self::RepeatedField { field } => write!(
                f,
                "{field} is given twice, and nothing says which is meant: send it once"
            ),
            Self::TooManyEnvelopes { limit } => {
                write!(f, "more than {limit} envelopes within each other")
            }
            Self::TooManyRecords { limit } => write!(
                f,
                "more than {limit} records in one document: lower the batch size"
            ),
            Self::TooLarge { bytes, limit } => write!(
                f,
                "the document has {bytes} bytes, more than the {limit} that are read: lower the \
                 batch size"
            ),
            Self::UndecodableKey { field, key, reason } => write!(
                f,
                "{field} is {}, which cannot be URL-decoded: {reason}",
                Quoted(key)
            ),
            Self::Unidentifiable(reason) => reason.fmt(f),
            Self::UnsupportedVersion { version } => write!(
                f,
                "eventVersion is {}; only major version 2 is known",
                Quoted(version)
            ),
            Self::WrongType {
                field,
                expected,
                found,
            } => write!(f, "{field} is {found} where {expected} belongs"),
        }
    }
}

impl std::error::Error for Rejected {}

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `[…]`
    Array,
    /// `true` or `false`
    Boolean,
    /// A number.
    Number,
    /// `{…}`
    Object,
    /// A string.
    String,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Array => "an array",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Object => "an object",
            Self::String => "a string",
        })
    }
}

/// Text from outside: quoted, escaped, and cut to a length that suits a log line.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 120;
        match self.0.char_indices().nth(LONGEST) {
            None => write!(f, "{:?}", self.0),
            Some((end, _)) => write!(f, "{:?}… ({} bytes)", &self.0[..end], self.0.len()),
        }
    }
}
