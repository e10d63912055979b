//! When two events in the user's files are the same one.

use redeliver_handler::ObjectEvent;

use super::object_event;
use crate::check::events::json::{place, string};
use crate::check::events::part::{Invoker, Kind, Part};

/// What makes an event the one that it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Identity {
    /// Everything by which anybody tells one object event from another. EventBridge's
    /// sequencers and times have another form than S3's own.
    Object(Kind, Vec<Option<String>>),
    /// The id that EventBridge or SNS gave it.
    Id(Kind, String),
    /// A message of a queue: its body and its attributes, since one message that is
    /// sent twice has two ids.
    Message(String, String),
    /// Its text.
    Text(String),
}

impl Identity {
    /// The identity of an event that stands in this part of a document.
    pub(super) fn of(kind: Kind, text: &str, part: &Part, invoker: Invoker) -> Self {
        if let Some(event) = object_event(kind, text) {
            return Self::Object(kind, fields(event));
        }
        let id = match (kind, invoker) {
            (Kind::EventBridge, _) => string(text, &["id"]),
            (Kind::Other, Invoker::Sns) => string(&part.text, &["Sns", "MessageId"]),
            _ => None,
        };
        match (id, invoker) {
            (Some(id), _) => Self::Id(kind, id),
            (None, Invoker::Sqs | Invoker::SqsOfSns) => {
                let attributes = place(&part.text, &["messageAttributes"]);
                let attributes = attributes.map_or("", |at| &part.text[at]);
                Self::Message(text.to_owned(), attributes.to_owned())
            }
            (None, _) => Self::Text(text.to_owned()),
        }
    }
}

fn fields(event: ObjectEvent) -> Vec<Option<String>> {
    let sequencer = event.sequencer.map(|it| it.to_string());
    let time = event.time.map(|it| it.to_string());
    vec![
        Some(event.bucket),
        Some(event.key),
        event.version_id,
        event.name.map(|it| it.to_string()),
        // S3 promises the same sequencer for duplicates, and nothing of the time.
        sequencer.or(time),
    ]
}
