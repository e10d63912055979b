//! What is wrong with events.

use std::fmt;
use std::io;
use std::path::Path;

use redeliver_model::delivery::Route;

use super::files::MAX_DOCUMENT_BYTES;
use crate::report::printable;

/// Why there are no events, or none like that.
#[derive(Debug)]
#[non_exhaustive]
pub enum EventsError {
    /// A folder holds no file that ends in `.json`.
    EmptyFolder {
        /// The folder.
        folder: String,
    },
    /// A document's records are of several kinds.
    Mixed {
        /// The file.
        file: String,
    },
    /// There is no file to read.
    NoFiles,
    /// A document's `Records` are empty.
    NoRecords {
        /// The file.
        file: String,
    },
    /// A file is not JSON.
    NotJson {
        /// The file.
        file: String,
        /// What is wrong with it, and where.
        message: String,
    },
    /// Events cannot come together by a route.
    NotTogether {
        /// Their names.
        events: Vec<String>,
        /// The route.
        route: Route,
    },
    /// A document is a batch of a stream.
    Stream {
        /// The file.
        file: String,
        /// What the stream calls itself: `aws:kinesis`.
        source: String,
    },
    /// A file is larger than anything a function is invoked with.
    TooLarge {
        /// The file.
        file: String,
    },
    /// A file or a folder cannot be read.
    Unreadable {
        /// Which one.
        path: String,
        /// Why not.
        error: io::Error,
    },
    /// An event cannot go by another name.
    Unrenamable {
        /// Its name.
        event: String,
    },
}

impl EventsError {
    pub(super) fn unreadable(path: &Path, error: io::Error) -> Self {
        Self::Unreadable {
            path: path.display().to_string(),
            error,
        }
    }
}

impl fmt::Display for EventsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyFolder { folder } => write!(
                f,
                "{} holds no file that ends in .json: put the documents that the function is \
                 invoked with there, one a file, or let --generate make events",
                printable(folder)
            ),
            Self::Mixed { file } => write!(
                f,
                "{}: its records come from several services, and no invocation hands over such: \
                 give each service's records a file of their own",
                printable(file)
            ),
            Self::NoFiles => f.write_str(
                "there are no events: name a file or a folder with --events, or let --generate \
                 make some",
            ),
            Self::NoRecords { file } => write!(
                f,
                "{}: its Records are empty, so there is nothing to deliver: remove the file",
                printable(file)
            ),
            Self::NotJson { file, message } => write!(
                f,
                "{} is not JSON ({}): give the document as the function is invoked with it",
                printable(file),
                printable(message)
            ),
            Self::NotTogether { events, route } => write!(
                f,
                "{} cannot be delivered in one document {}: deliver each by itself, as it came",
                printable(&events.join(", ")),
                match route {
                    Route::Direct => "that invokes the function directly",
                    Route::EventBridge => "of EventBridge's",
                    Route::Sns => "of SNS's",
                    Route::Sqs(_) | Route::SqsOfSns(_) => "of a queue's",
                }
            ),
            Self::Stream { file, source } => write!(
                f,
                "{} is a batch of {}: such batches are read in order and tried again as a whole \
                 until they succeed or expire, which is not played here: give events that come \
                 from S3, SNS, SQS or EventBridge, or that invoke the function by themselves",
                printable(file),
                printable(source)
            ),
            Self::TooLarge { file } => write!(
                f,
                "{} is larger than {} MB, which is more than a function can be invoked with",
                printable(file),
                MAX_DOCUMENT_BYTES >> 20
            ),
            Self::Unreadable { path, error } => {
                write!(f, "{} cannot be read: {error}", printable(path))
            }
            Self::Unrenamable { event } => write!(
                f,
                "{} cannot go by another name, since it is no event of S3's that says which \
                 object it is about: leave --rename out, or this event",
                printable(event)
            ),
        }
    }
}

impl std::error::Error for EventsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } => Some(error),
            _ => None,
        }
    }
}
