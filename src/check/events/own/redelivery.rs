//! What the envelopes of an event say when it is delivered once more, or by another
//! name.

use std::cell::RefCell;

use crate::check::events::identifier::{md5_of, uuid};
use crate::check::events::json::{string, with_string};
use crate::check::events::part::{Change, Kind, Part, Wrapper};
use crate::check::events::{Delivered, Renaming};

/// A delivery of a record, or of a message if it has an id.
pub(super) struct Redelivery<'a> {
    renaming: Renaming,
    sending: u64,
    receive: u32,
    message_id: Option<&'a str>,
    /// The id that the message went out with.
    sent: RefCell<Option<String>>,
}

impl<'a> Redelivery<'a> {
    pub(super) fn new(delivered: &Delivered<'_>, message_id: Option<&'a str>) -> Self {
        Self {
            renaming: delivered.renaming,
            sending: delivered.sending,
            receive: delivered.receive,
            message_id,
            sent: RefCell::new(message_id.map(str::to_owned)),
        }
    }

    /// The id that the message went out with.
    pub(super) fn into_id(self) -> Option<String> {
        self.sent.into_inner()
    }

    /// The id of something that S3 sent. Sent once more, it has another one. What
    /// others send once keeps its id: it may be all that tells it from the next.
    fn id(&self, id: &str, inside: &Part) -> String {
        let of_s3 = inside
            .events()
            .into_iter()
            .all(|(kind, text)| is_of_s3(kind, text));
        match (self.renaming, self.sending) {
            (Renaming(0), 0) => id.to_owned(),
            _ if !of_s3 => id.to_owned(),
            (Renaming(renaming), sending) => {
                uuid(&[id, &renaming.to_string(), &sending.to_string()])
            }
        }
    }

    fn sqs_message(&self, text: String, inside: &Part) -> String {
        let text = match self.message_id {
            None => text,
            Some(id) => {
                let id = self.id(id, inside);
                *self.sent.borrow_mut() = Some(id.clone());
                with_string(&text, &["messageId"], |_| id)
            }
        };
        if (self.renaming, self.sending, self.receive) == (Renaming(0), 0, 1) {
            return text;
        }
        let receive = self.receive.to_string();
        let counted = ["attributes", "ApproximateReceiveCount"];
        let text = with_string(&text, &counted, |_| receive.clone());
        let id = self.sent.borrow().clone().unwrap_or_default();
        with_string(&text, &["receiptHandle"], |handle| {
            uuid(&[handle, &id, &receive])
        })
    }
}

impl Change for Redelivery<'_> {
    fn event(&self, kind: Kind, text: &str) -> String {
        let renamed = self.renaming.of(kind, text);
        match kind {
            Kind::EventBridge if self.sending > 0 && is_of_s3(kind, text) => {
                let sending = self.sending.to_string();
                with_string(&renamed, &["id"], |id| uuid(&[id, &sending]))
            }
            _ => renamed,
        }
    }

    fn wrapper(&self, wrapper: Wrapper, text: String, inside: &Part, is_same: bool) -> String {
        match wrapper {
            Wrapper::SnsMessage => with_string(&text, &["MessageId"], |id| self.id(id, inside)),
            Wrapper::SnsRecord => {
                with_string(&text, &["Sns", "MessageId"], |id| self.id(id, inside))
            }
            Wrapper::SqsMessage => {
                let text = self.sqs_message(text, inside);
                match (is_same, string(&text, &["body"])) {
                    (false, Some(body)) => {
                        with_string(&text, &["md5OfBody"], |_| md5_of(body.as_bytes()))
                    }
                    _ => text,
                }
            }
        }
    }
}

fn is_of_s3(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::S3 | Kind::TestEvent => true,
        Kind::EventBridge => string(text, &["source"]).as_deref() == Some("aws.s3"),
        Kind::Other => false,
    }
}
