//! A document that carries events, taken apart: envelope by envelope down to the
//! events, each with its text as the user wrote it.

use std::ops::Range;

use super::json::{elements, is_given, literal, place, string, with};

/// A document or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its JSON, or whatever else it is.
    pub(super) text: String,
    /// What is in it.
    pub(super) content: Content,
}

/// What is in a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// One event.
    Event(Kind),
    /// The elements of the array at this place.
    List(Range<usize>, Vec<Part>),
    /// What the string at this place holds.
    Wrapped(Wrapper, Range<usize>, Box<Part>),
}

/// What kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A record of S3's.
    S3,
    /// An EventBridge event, of S3's or of another source.
    EventBridge,
    /// The message that S3 sends when a notification is set up.
    TestEvent,
    /// Anything else.
    Other,
}

/// What a string with a document in it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapper {
    /// The `body` of an SQS message.
    SqsMessage,
    /// The `Message` in a record of SNS's.
    SnsRecord,
    /// The `Message` of SNS's JSON, as a queue receives it.
    SnsMessage,
}

/// Who invoked the function with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Invoker {
    /// S3, or anybody who hands over one event.
    Itself,
    /// EventBridge.
    EventBridge,
    /// SNS.
    Sns,
    /// A queue.
    Sqs,
    /// A queue that is subscribed to a topic.
    SqsOfSns,
}

/// Why a document cannot be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unplayable {
    /// Its records are of several kinds.
    Mixed,
    /// It holds no record.
    NoRecords,
    /// It is a batch of a stream, from this source.
    Stream(String),
}

/// Changes parts on their way to a handler.
pub(super) trait Change {
    /// An event's text, as it shall be.
    fn event(&self, kind: Kind, text: &str) -> String;
    /// A wrapper's text, as it shall be. What is in it has been changed already, or is
    /// the same.
    fn wrapper(&self, wrapper: Wrapper, text: String, inside: &Part, is_same: bool) -> String;
}

impl Part {
    /// Takes a document apart, and says who invokes a function with it.
    pub(super) fn of_document(text: &str) -> Result<(Invoker, Self), Unplayable> {
        if let Some((array, texts)) = records(text) {
            if texts.is_empty() {
                return Err(Unplayable::NoRecords);
            }
            let mut sources: Vec<Source> = texts.iter().filter_map(|it| Source::of(it)).collect();
            sources.sort_unstable();
            sources.dedup();
            return match &sources[..] {
                [] => Ok((Invoker::Itself, event(Kind::Other, text))),
                [Source::Stream(name)] => Err(Unplayable::Stream(name.clone())),
                [Source::S3] => {
                    let parts = texts.iter().map(|it| event(Kind::S3, it)).collect();
                    Ok((Invoker::Itself, list(text, array, parts)))
                }
                [Source::Sns] => {
                    let wrap = |it: &&str| wrapped(Wrapper::SnsRecord, it, &["Sns", "Message"]);
                    let parts = texts.iter().map(wrap).collect();
                    Ok((Invoker::Sns, list(text, array, parts)))
                }
                [Source::Sqs] => {
                    let wrap = |it: &&str| wrapped(Wrapper::SqsMessage, it, &["body"]);
                    let parts: Vec<Part> = texts.iter().map(wrap).collect();
                    let invoker = match parts.iter().any(Self::is_published) {
                        true => Invoker::SqsOfSns,
                        false => Invoker::Sqs,
                    };
                    Ok((invoker, list(text, array, parts)))
                }
                _ => Err(Unplayable::Mixed),
            };
        }
        if let Some(source) = string(text, &["eventSource"])
            && STREAMS.contains(&source.as_str())
        {
            return Err(Unplayable::Stream(source));
        }
        let part = Self::of_content(text);
        Ok(match part.content {
            Content::Event(Kind::EventBridge) => (Invoker::EventBridge, part),
            Content::Event(_) => (Invoker::Itself, part),
            // SNS's JSON is delivered to queues only: by itself it is anybody's.
            _ => (Invoker::Itself, event(Kind::Other, text)),
        })
    }

    /// Takes apart what may lie in an envelope.
    fn of_content(text: &str) -> Self {
        if let Some((array, texts)) = records(text)
            && !texts.is_empty()
            && texts.iter().all(|it| Source::of(it) != Some(Source::Sqs))
            && texts.iter().any(|it| Source::of(it) == Some(Source::S3))
        {
            return list(
                text,
                array,
                texts.iter().map(|it| event(Kind::S3, it)).collect(),
            );
        }
        if string(text, &["Event"]).as_deref() == Some("s3:TestEvent") {
            return event(Kind::TestEvent, text);
        }
        if string(text, &["Type"]).as_deref() == Some("Notification") {
            return wrapped(Wrapper::SnsMessage, text, &["Message"]);
        }
        if is_given(text, &["detail-type"]) && is_given(text, &["detail"]) {
            return event(Kind::EventBridge, text);
        }
        event(Kind::Other, text)
    }

    /// Whether a message of a queue came through a topic.
    fn is_published(&self) -> bool {
        match &self.content {
            Content::Wrapped(Wrapper::SnsMessage, ..) => true,
            Content::Wrapped(_, _, inside) => inside.is_published(),
            Content::Event(_) | Content::List(..) => false,
        }
    }

    /// The events in it.
    pub(super) fn events(&self) -> Vec<(Kind, &str)> {
        match &self.content {
            Content::Event(kind) => vec![(*kind, &self.text)],
            Content::List(_, parts) => parts.iter().flat_map(Self::events).collect(),
            Content::Wrapped(_, _, inside) => inside.events(),
        }
    }

    /// Its text with nothing but some of its events, by their numbers in it, and with
    /// changes; nothing if none of these events is in it.
    pub(super) fn only(
        &self,
        wanted: &dyn Fn(usize) -> bool,
        change: &dyn Change,
    ) -> Option<String> {
        match &self.content {
            Content::Event(kind) => wanted(0).then(|| change.event(*kind, &self.text)),
            Content::List(_, parts) => {
                let mut first = 0;
                let kept = parts.iter().map(|part| {
                    let before = first;
                    first += part.events().len();
                    part.only(&|it| wanted(before + it), change)
                });
                let kept: Vec<_> = kept.flatten().collect();
                (!kept.is_empty()).then(|| self.with_elements(&kept))
            }
            Content::Wrapped(wrapper, place, inside) => {
                let content = inside.only(wanted, change)?;
                let is_same = content == inside.text;
                let text = match is_same {
                    true => self.text.clone(),
                    false => with(&self.text, place.clone(), &literal(&content)),
                };
                Some(change.wrapper(*wrapper, text, inside, is_same))
            }
        }
    }

    /// Its text with these elements in its array, which may be all that it has, as they
    /// are. What is no list is its only element.
    pub(super) fn with_elements(&self, elements: &[String]) -> String {
        match &self.content {
            Content::List(_, parts) if parts.iter().map(|it| &it.text).eq(elements) => {
                self.text.clone()
            }
            Content::List(array, _) => with(
                &self.text,
                array.clone(),
                &format!("[{}]", elements.join(",")),
            ),
            Content::Event(_) | Content::Wrapped(..) => elements.concat(),
        }
    }
}

/// Whose record it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    S3,
    Sns,
    Sqs,
    Stream(String),
}

/// Whence Lambda fetches batches by rules of their own, most in order and until they
/// expire.
const STREAMS: [&str; 7] = [
    "aws:docdb",
    "aws:dynamodb",
    "aws:kafka",
    "aws:kinesis",
    "aws:mq",
    "aws:rmq",
    "SelfManagedKafka",
];

impl Source {
    fn of(record: &str) -> Option<Self> {
        let named = |name| string(record, &[name]);
        let source = named("eventSource").or_else(|| named("EventSource"));
        match source.as_deref() {
            _ if is_given(record, &["s3"]) => Some(Self::S3),
            Some(source) if source.ends_with(":s3") => Some(Self::S3),
            Some("aws:sns") => Some(Self::Sns),
            Some("aws:sqs") => Some(Self::Sqs),
            Some(source) if STREAMS.contains(&source) => Some(Self::Stream(source.to_owned())),
            _ => None,
        }
    }
}

fn records(text: &str) -> Option<(Range<usize>, Vec<&str>)> {
    let array = place(text, &["Records"])?;
    let texts = elements(text, array.clone())?;
    Some((array, texts.into_iter().map(|it| &text[it]).collect()))
}

fn event(kind: Kind, text: &str) -> Part {
    Part {
        text: text.to_owned(),
        content: Content::Event(kind),
    }
}

fn list(text: &str, array: Range<usize>, parts: Vec<Part>) -> Part {
    Part {
        text: text.to_owned(),
        content: Content::List(array, parts),
    }
}

/// What the string at the end of a path holds. Where there is none, the whole is one
/// event that a handler will make of what it can.
fn wrapped(wrapper: Wrapper, text: &str, path: &[&str]) -> Part {
    let Some((at, content)) = place(text, path).zip(string(text, path)) else {
        return event(Kind::Other, text);
    };
    Part {
        text: text.to_owned(),
        content: Content::Wrapped(wrapper, at, Box::new(Part::of_content(&content))),
    }
}
