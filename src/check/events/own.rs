//! The user's own files: the distinct events in them, and documents made of nothing
//! else.

mod identity;
mod redelivery;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use redeliver_handler::{ObjectEvent, Parsed, parse_event};
use redeliver_model::delivery::{Queue, Route};

use self::identity::Identity;
use self::redelivery::Redelivery;
use super::identifier::uuid;
use super::json::{is_given, string};
use super::part::{Content, Invoker, Kind, Part, Unplayable};
use super::{Delivered, Document, EventsError, Message, Natural, Note, Renaming};

/// The distinct events of some files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Own {
    files: Vec<File>,
    events: Vec<Event>,
    /// The number of each event.
    numbers: BTreeMap<Identity, usize>,
    /// What each message of a queue carries, by its id.
    messages: BTreeMap<String, Vec<usize>>,
    /// What the user should know.
    pub(super) notes: Vec<Note>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct File {
    name: String,
    invoker: Invoker,
    whole: Part,
    records: Vec<Record>,
}

/// An element of a document's `Records`, or the whole document.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Record {
    /// The id of its message, if it is one of a queue's.
    message_id: Option<String>,
    /// The numbers of the events in it.
    events: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Event {
    kind: Kind,
    text: String,
    /// Where it stands first.
    place: String,
}

impl Own {
    /// Adds a file to those before it.
    pub(super) fn add(&mut self, name: &str, text: &str) -> Result<(), Unplayable> {
        let (invoker, whole) = Part::of_document(text)?;
        let mut records = Vec::new();
        for (number, part) in elements(&whole).iter().enumerate() {
            let place = match elements(&whole).len() {
                1 => name.to_owned(),
                _ => format!("{name}, record {}", number + 1),
            };
            let events = part.events().into_iter();
            let events = events.map(|event| self.number(event, part, invoker, &place));
            let events: Vec<usize> = events.collect();
            let message_id = match invoker {
                Invoker::Sqs | Invoker::SqsOfSns => string(&part.text, &["messageId"]),
                Invoker::Itself | Invoker::EventBridge | Invoker::Sns => None,
            };
            let message_id = message_id.map(|id| self.unambiguous(id, &events, &place));
            records.push(Record { message_id, events });
        }
        if is_http_request(text) {
            let file = name.to_owned();
            self.notes.push(Note::Synchronous { file });
        }
        self.files.push(File {
            name: name.to_owned(),
            invoker,
            whole,
            records,
        });
        Ok(())
    }

    /// The number of an event: its own, or that of the same event before it.
    fn number(
        &mut self,
        (kind, text): (Kind, &str),
        part: &Part,
        invoker: Invoker,
        place: &str,
    ) -> usize {
        let new = self.events.len();
        match self.numbers.entry(Identity::of(kind, text, part, invoker)) {
            Entry::Occupied(there) => {
                self.notes.push(Note::SameEvent {
                    first: self.events[*there.get()].place.clone(),
                    again: place.to_owned(),
                });
                *there.get()
            }
            Entry::Vacant(free) => {
                free.insert(new);
                self.events.push(Event {
                    kind,
                    text: text.to_owned(),
                    place: place.to_owned(),
                });
                new
            }
        }
    }

    /// The id of a message, or another one if it is that of another message already, as
    /// in copies of one sample.
    fn unambiguous(&mut self, id: String, events: &[usize], place: &str) -> String {
        match self.messages.entry(id.clone()) {
            Entry::Vacant(free) => {
                free.insert(events.to_vec());
                id
            }
            Entry::Occupied(there) if there.get() == events => id,
            Entry::Occupied(_) => {
                let new = uuid(&[&id, place]);
                let place = place.to_owned();
                self.notes.push(Note::SameMessageId { id, place });
                self.messages.insert(new.clone(), events.to_vec());
                new
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    /// What happened to which object, if the event is one of S3's that can be read.
    pub(super) fn object_event(&self, event: usize, renaming: Renaming) -> Option<ObjectEvent> {
        let Event { kind, text, .. } = &self.events[event];
        object_event(*kind, &renaming.of(*kind, text))
    }

    /// Where an event stands first.
    pub(super) fn place(&self, event: usize) -> &str {
        &self.events[event].place
    }

    /// An event's text, if it is a record of S3's.
    pub(super) fn record(&self, event: usize, renaming: Renaming) -> Option<String> {
        let Event { kind, text, .. } = &self.events[event];
        (*kind == Kind::S3).then(|| renaming.of_record(text))
    }

    /// Whether an event can go by another name.
    pub(super) fn is_renamable(&self, event: usize) -> bool {
        let named = |renaming| self.object_event(event, Renaming(renaming));
        matches!((named(0), named(1)), (Some(original), Some(renamed)) if original != renamed)
    }

    /// Every file as it is: its events, and how often it was found.
    pub(super) fn natural(&self, queue: Queue) -> Vec<Natural> {
        let mut all: Vec<Natural> = Vec::new();
        for file in &self.files {
            let mut events: Vec<usize> = Vec::new();
            for number in file.records.iter().flat_map(|it| &it.events) {
                if !events.contains(number) {
                    events.push(*number);
                }
            }
            let route = file.invoker.route(queue);
            let same = |it: &&mut Natural| it.events == events && it.route == route;
            match all.iter_mut().find(same) {
                Some(there) => there.times += 1,
                None => all.push(Natural {
                    file: Some(file.name.clone()),
                    events,
                    route,
                    times: 1,
                }),
            }
        }
        all
    }

    /// The routes by which an event came.
    pub(super) fn routes(&self, event: usize, queue: Queue) -> Vec<Route> {
        let carrying = self.files.iter().filter(|it| it.carries(event));
        let mut routes: Vec<Route> = carrying.map(|it| it.invoker.route(queue)).collect();
        routes.sort_unstable();
        routes.dedup();
        routes
    }

    /// The document of a delivery, made of the files that came by its route; nothing if
    /// there are none that can be put together like that.
    pub(super) fn document(&self, delivered: &Delivered<'_>) -> Option<Document> {
        let files = self.files.iter();
        let files = files.filter(|it| it.invoker.is_of(delivered.route));
        let files: Vec<&File> = files.collect();
        let all = |it: &&&File| delivered.events.iter().all(|event| it.carries(*event));
        let preferred = files.iter().find(all).copied();
        // Adjacent events of one record stay together.
        let mut picked: Vec<(&File, usize, Vec<usize>)> = Vec::new();
        for &event in delivered.events {
            let carrying = |it: &&&File| it.carries(event);
            let file = preferred.or_else(|| files.iter().find(carrying).copied())?;
            let has = |it: &Record| it.events.contains(&event);
            let number = file.records.iter().position(has)?;
            match picked.last_mut() {
                Some((last, record, events)) if std::ptr::eq(*last, file) && *record == number => {
                    events.push(event);
                }
                _ => picked.push((file, number, vec![event])),
            }
        }
        let (frame, ..) = *picked.first()?;
        let combinable = |(file, ..): &(&File, usize, Vec<usize>)| file.takes_more_records();
        if picked.len() > 1 && !picked.iter().all(combinable) {
            return None;
        }
        let mut texts = Vec::new();
        let mut messages = Vec::new();
        for (file, number, events) in picked {
            let record = &file.records[number];
            let redelivery = Redelivery::new(delivered, record.message_id.as_deref());
            // An event that stands in a record twice is delivered once.
            let first = |event: usize| record.events.iter().position(|it| *it == event);
            let wanted = |position: usize| {
                let event = record.events[position];
                events.contains(&event) && first(event) == Some(position)
            };
            texts.push(elements(&file.whole)[number].only(&wanted, &redelivery)?);
            messages.extend(redelivery.into_id().map(|id| Message { id, events }));
        }
        let body = frame.whole.with_elements(&texts).into();
        Some(Document { body, messages })
    }
}

impl File {
    fn carries(&self, event: usize) -> bool {
        self.records.iter().any(|it| it.events.contains(&event))
    }

    /// Whether records of other files may stand beside its own: SNS hands over one.
    fn takes_more_records(&self) -> bool {
        matches!(self.whole.content, Content::List(..)) && self.invoker != Invoker::Sns
    }
}

impl Invoker {
    fn route(self, queue: Queue) -> Route {
        match self {
            Self::Itself => Route::Direct,
            Self::EventBridge => Route::EventBridge,
            Self::Sns => Route::Sns,
            Self::Sqs => Route::Sqs(queue),
            Self::SqsOfSns => Route::SqsOfSns(queue),
        }
    }

    fn is_of(self, route: Route) -> bool {
        self.route(route.queue().unwrap_or(ANY)) == route
    }
}

/// For routes that have no queue.
const ANY: Queue = Queue {
    receives: 1,
    partial_batches: false,
};

impl Renaming {
    fn of(self, kind: Kind, text: &str) -> String {
        match kind {
            Kind::S3 => self.of_record(text),
            Kind::EventBridge => self.of_event_bridge(text),
            Kind::TestEvent | Kind::Other => text.to_owned(),
        }
    }
}

impl EventsError {
    /// Why a file cannot be played.
    pub(super) fn unplayable(file: &str, why: Unplayable) -> Self {
        let file = file.to_owned();
        match why {
            Unplayable::Mixed => Self::Mixed { file },
            Unplayable::NoRecords => Self::NoRecords { file },
            Unplayable::Stream(source) => Self::Stream { file, source },
        }
    }
}

/// The elements of a document's `Records`; the whole document if it has none.
fn elements(whole: &Part) -> &[Part] {
    match &whole.content {
        Content::List(_, parts) => parts,
        Content::Event(_) | Content::Wrapped(..) => std::slice::from_ref(whole),
    }
}

fn object_event(kind: Kind, text: &str) -> Option<ObjectEvent> {
    let notification = match kind {
        Kind::S3 => parse_event(format!(r#"{{"Records":[{text}]}}"#).as_bytes()),
        Kind::EventBridge => parse_event(text.as_bytes()),
        Kind::TestEvent | Kind::Other => return None,
    };
    match notification.records.into_iter().next()?.parsed {
        Parsed::Event(event) => Some(event),
        Parsed::Ignored(_) | Parsed::Rejected(_) => None,
    }
}

/// Whether this is how API Gateway, a function URL or a load balancer invokes.
fn is_http_request(text: &str) -> bool {
    let request = |name| is_given(text, &["requestContext", name]);
    request("httpMethod") || request("http") || request("elb")
}
