//! Through the envelopes of SNS, SQS and EventBridge to the records inside.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use super::document::{self, Document};
use super::field::Field;
use super::json::{Array, Given};
use super::rejected::Quoted;
use super::{
    Ignored, MAX_DOCUMENT_BYTES, MAX_ENVELOPES, MAX_RECORDS, Notification, Parsed, Parser, Record,
    Rejected, event,
};

/// The longest id that SQS gives a message, in bytes
/// ([message ids](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html)).
/// A longer one is taken for none, since every record of the message carries a copy.
const MAX_MESSAGE_ID_BYTES: usize = 100;

/// A walk through one document, collecting its records.
pub(super) struct Walk {
    parser: Parser,
    is_sqs_batch: bool,
    records: Vec<Record>,
}

/// Where the walk is.
#[derive(Default)]
struct Place {
    path: String,
    message_id: Option<String>,
    envelopes: usize,
}

impl Place {
    fn within(&self, step: fmt::Arguments<'_>) -> Self {
        let separator = if self.path.is_empty() { "" } else { "." };
        let mut path = String::with_capacity(self.path.len() + ".Records[0]".len());
        write!(path, "{}{separator}{step}", self.path).expect("a String takes any text");
        Self {
            path,
            message_id: self.message_id.clone(),
            envelopes: self.envelopes,
        }
    }
}

impl Walk {
    pub(super) fn new(parser: Parser) -> Self {
        Self {
            parser,
            is_sqs_batch: false,
            records: Vec::new(),
        }
    }

    pub(super) fn notification(mut self, document: &[u8]) -> Notification {
        if document.len() > MAX_DOCUMENT_BYTES {
            self.reject(
                Place::default(),
                Rejected::TooLarge {
                    bytes: document.len(),
                    limit: MAX_DOCUMENT_BYTES,
                },
            );
        } else {
            self.document(Place::default(), document);
        }
        if self.records.len() > MAX_RECORDS {
            self.records.clear();
            let limit = MAX_RECORDS;
            self.reject(Place::default(), Rejected::TooManyRecords { limit });
        }
        Notification {
            is_sqs_batch: self.is_sqs_batch,
            records: self.records,
        }
    }

    fn document(&mut self, place: Place, document: &[u8]) {
        if place.envelopes > MAX_ENVELOPES {
            let limit = MAX_ENVELOPES;
            return self.reject(place, Rejected::TooManyEnvelopes { limit });
        }
        match read(document) {
            Ok(document) if document.records.is_given() => self.records(place, document.records),
            Ok(document) if is(&document.event, "s3:TestEvent") => {
                self.push(place, Parsed::Ignored(Ignored::TestEvent));
            }
            Ok(document) if is(&document.sns_type, "Notification") => {
                self.envelope(place, Field("Message", document.sns_message));
            }
            Ok(document) if document.detail_type.is_given() => {
                let keys = self.parser.event_bridge_keys;
                match event::from_event_bridge(document, keys) {
                    Ok(parsed) => self.push(place, parsed),
                    Err(rejected) => self.reject(place, rejected),
                }
            }
            Ok(_) => {
                let found = "an object without Records or detail-type".to_owned();
                self.reject(place, Rejected::NotAnS3Notification { found });
            }
            Err(rejected) => self.reject(place, rejected),
        }
    }

    fn records(&mut self, place: Place, records: Given<Array<document::Record<'_>>>) {
        match Field("Records", records).required("an array") {
            Ok(records) if records.0.is_empty() => {
                self.push(place, Parsed::Ignored(Ignored::NoRecords));
            }
            Ok(records) => {
                for (index, record) in records.0.into_iter().enumerate() {
                    self.record(place.within(format_args!("Records[{index}]")), record);
                }
            }
            Err(rejected) => self.reject(place, rejected),
        }
    }

    fn record(&mut self, mut place: Place, record: Given<document::Record<'_>>) {
        match Field("the record", record).required("an object") {
            Ok(record) if record.s3.is_given() => match event::from_record(record) {
                Ok(event) => self.push(place, Parsed::Event(event)),
                Err(rejected) => self.reject(place, rejected),
            },
            Ok(record) if record.body.is_given() || is(&record.event_source, "aws:sqs") => {
                self.is_sqs_batch |= place.envelopes == 0;
                // A batch is answered by the ids of its own messages, whatever
                // batches lie within.
                if place.envelopes == 0
                    && let Given::Expected(id) = record.message_id
                    && id.len() <= MAX_MESSAGE_ID_BYTES
                {
                    place.message_id = Some(id.into_owned());
                }
                self.envelope(place, Field("body", record.body));
            }
            Ok(record) if record.sns.is_given() => {
                match Field("Sns", record.sns).required("an object") {
                    Ok(sns) => self.envelope(place, Field("Sns.Message", sns.message)),
                    Err(rejected) => self.reject(place, rejected),
                }
            }
            Ok(record) => self.reject(
                place,
                match record.event_source {
                    Given::Expected(source) if !source.ends_with(":s3") => {
                        let found = format!("a record of {}", Quoted(&source));
                        Rejected::NotAnS3Notification { found }
                    }
                    _ => Rejected::Missing { field: "s3" },
                },
            ),
            Err(rejected) => self.reject(place, rejected),
        }
    }

    fn envelope(&mut self, place: Place, content: Field<Cow<'_, str>>) {
        let name = content.0;
        match content.required("a string") {
            Ok(content) => {
                let inside = Place {
                    envelopes: place.envelopes + 1,
                    ..place.within(format_args!("{name}"))
                };
                self.document(inside, content.as_bytes());
            }
            Err(rejected) => self.reject(place, rejected),
        }
    }

    fn reject(&mut self, place: Place, rejected: Rejected) {
        self.push(place, Parsed::Rejected(rejected));
    }

    /// Keeps one record more than are allowed, which is enough to know.
    fn push(&mut self, place: Place, parsed: Parsed) {
        if self.records.len() <= MAX_RECORDS {
            self.records.push(Record {
                path: place.path,
                message_id: place.message_id,
                parsed,
            });
        }
    }
}

fn read(document: &[u8]) -> Result<Document<'_>, Rejected> {
    // Checked at once, and not text by text. A document that is not UTF-8 can be read
    // all the same, as long as it is so only in what is skipped.
    let given: serde_json::Result<Given<Document<'_>>> = match str::from_utf8(document) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(document),
    };
    let given = given.map_err(|error| Rejected::NotJson {
        message: error.to_string(),
    })?;
    Field("the document", given).required("an object")
}

fn is(given: &Given<Cow<'_, str>>, text: &str) -> bool {
    matches!(given, Given::Expected(given) if given == text)
}
