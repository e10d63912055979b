//! What a user should know of the event files.

use std::fmt;

use crate::report::printable;

/// Something in the files that is played otherwise than it may seem.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// The same event stands in two places.
    SameEvent {
        /// Where it stands first.
        first: String,
        /// Where it stands again.
        again: String,
    },
    /// Two different messages have one id.
    SameMessageId {
        /// The id.
        id: String,
        /// Where the second one stands.
        place: String,
    },
    /// A document is an HTTP request.
    Synchronous {
        /// The file.
        file: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameEvent { first, again } => write!(
                f,
                "{} holds the same event as {}: it counts as one event, delivered twice",
                printable(again),
                printable(first)
            ),
            Self::SameMessageId { id, place } => write!(
                f,
                "{} has the message id {} of another message, as no queue does: it is delivered \
                 with an id of its own",
                printable(place),
                printable(id)
            ),
            Self::Synchronous { file } => write!(
                f,
                "{} is an HTTP request, which Lambda delivers once and the client may repeat: it \
                 is delivered as an asynchronous event",
                printable(file)
            ),
        }
    }
}
