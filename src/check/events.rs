//! The events that a check delivers: the user's own, or generated ones.
//!
//! Everything that a document holds is taken apart into single events, which are
//! numbered; two records of the same event are one event. Documents are then made of
//! these: each event alone, several together, once more, or by another name. Whatever
//! the user wrote and need not change is delivered as it was written, to the byte.

mod envelope;
mod error;
mod files;
mod generator;
mod identifier;
mod json;
mod naming;
mod note;
mod object;
mod own;
mod part;
mod renaming;

pub use error::EventsError;
pub use note::Note;
pub use object::Object;
pub use renaming::Renaming;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use hyper::body::Bytes;
use redeliver_handler::object_event::Sequencer;
use redeliver_handler::{ObjectEvent, Parsed, parse_event};
use redeliver_model::delivery::{Queue, Route};

use files::{files, read};
use generator::Generated;
use own::Own;

/// The distinct events of a check, numbered from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Events {
    source: Source,
    names: Vec<String>,
    /// How generated events come, if not as S3 sends them.
    preferred: Option<Route>,
    /// What is known to be in their objects, by the event's number.
    contents: BTreeMap<usize, Bytes>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Generated(Generated),
    Own(Own),
}

/// Which events are generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation {
    /// How many.
    pub count: usize,
    /// What they follow from.
    pub seed: u64,
    /// Whether every third is the removal of the object before it.
    pub removals: bool,
}

/// A notification as it stands in the user's files, or a generated event by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Natural {
    /// The file, or nothing if it is generated.
    pub file: Option<String>,
    /// The distinct events in it.
    pub events: Vec<usize>,
    /// How it comes.
    pub route: Route,
    /// How many files hold just this.
    pub times: usize,
}

/// What is delivered to a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered<'a> {
    /// The events, by their numbers, in the order of the records.
    pub events: &'a [usize],
    /// How they come.
    pub route: Route,
    /// By which names they go.
    pub renaming: Renaming,
    /// How many times S3 has sent them before. When Lambda, SQS or SNS deliver
    /// something again it is the same sending, with the same message ids; when S3
    /// itself does, it is another one.
    pub sending: u64,
    /// Which receive of this sending it is, counted from 1 over all its deliveries and
    /// attempts. Every receive of a queue's message has a handle of its own.
    pub receive: u32,
}

/// A document as a handler is invoked with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its bytes.
    pub body: Bytes,
    messages: Vec<Message>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Message {
    id: String,
    events: Vec<usize>,
}

impl Document {
    fn new(body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            messages: Vec::new(),
        }
    }

    /// The events in the message that an `itemIdentifier` names; nothing if there is no
    /// such message.
    pub fn events_of(&self, item_identifier: &str) -> Option<&[usize]> {
        let mut messages = self.messages.iter();
        let message = messages.find(|it| it.id == item_identifier)?;
        Some(&message.events)
    }
}

impl Events {
    /// The events in these files, and in the files that end in `.json` in these
    /// folders.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, is not JSON, or is of a kind that is not played; or
    /// no file at all.
    pub fn load(paths: &[PathBuf]) -> Result<Self, EventsError> {
        let mut own = Own::default();
        for path in files(paths)? {
            let name = path.display().to_string();
            let text = read(&path)?;
            own.add(&name, &text)
                .map_err(|why| EventsError::unplayable(&name, why))?;
        }
        Ok(Self::new(Source::Own(own)))
    }

    /// Events out of a seed: the same ones for the same seed, and of more of them the
    /// first are the same.
    pub fn generate(generation: Generation) -> Self {
        Self::new(Source::Generated(Generated::new(generation)))
    }

    fn new(source: Source) -> Self {
        let names = Vec::new();
        let unnamed = Self {
            source,
            names,
            preferred: None,
            contents: BTreeMap::new(),
        };
        let names = naming::names(&unnamed);
        Self { names, ..unnamed }
    }

    /// How many distinct events there are.
    pub fn len(&self) -> usize {
        match &self.source {
            Source::Generated(generated) => generated.len(),
            Source::Own(own) => own.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the kit has made them.
    pub fn is_generated(&self) -> bool {
        matches!(self.source, Source::Generated(_))
    }

    /// What to call an event in a report; no two have the same name.
    ///
    /// # Panics
    ///
    /// If there is no event of this number, as everything here that takes a number.
    pub fn name(&self, event: usize) -> &str {
        &self.names[event]
    }

    /// What the user should know of the files.
    pub fn notes(&self) -> &[Note] {
        match &self.source {
            Source::Generated(_) => &[],
            Source::Own(own) => &own.notes,
        }
    }

    /// What happened to which object, under the names of a renaming; nothing if the
    /// event is not one of S3's, or cannot be read.
    pub fn object_event(&self, event: usize, renaming: Renaming) -> Option<ObjectEvent> {
        match &self.source {
            Source::Generated(generated) => {
                let record = generated.occurrence(event, renaming).record();
                let document = format!(r#"{{"Records":[{record}]}}"#);
                let notification = parse_event(document.as_bytes());
                match notification.records.into_iter().next()?.parsed {
                    Parsed::Event(event) => Some(event),
                    Parsed::Ignored(_) | Parsed::Rejected(_) => None,
                }
            }
            Source::Own(own) => own.object_event(event, renaming),
        }
    }

    /// For each object, its events from the oldest to the newest, by their sequencers.
    pub fn objects_in_order(&self) -> Vec<Vec<usize>> {
        let mut objects: BTreeMap<(String, String), Vec<(Sequencer, usize)>> = BTreeMap::new();
        for event in 0..self.len() {
            let Some(it) = self.object_event(event, Renaming::default()) else {
                continue;
            };
            if let Some(sequencer) = it.sequencer {
                let object = objects.entry((it.bucket, it.key)).or_default();
                object.push((sequencer, event));
            }
        }
        let in_order = objects.into_values().map(|mut events| {
            events.sort();
            events.into_iter().map(|(_, event)| event).collect()
        });
        in_order.collect()
    }

    /// The user's files as they came; each generated event by itself, directly from S3.
    /// A queue's are delivered as this one delivers.
    pub fn natural_notifications(&self, queue: Queue) -> Vec<Natural> {
        match &self.source {
            Source::Generated(generated) => {
                let natural = |event| Natural {
                    file: None,
                    events: vec![event],
                    route: Route::Direct,
                    times: 1,
                };
                (0..generated.len()).map(natural).collect()
            }
            Source::Own(own) => own.natural(queue),
        }
    }

    /// The routes by which a handler may expect an event: those by which the user's own
    /// came, and any for a generated one.
    pub fn routes(&self, event: usize, queue: Queue) -> Vec<Route> {
        match &self.source {
            Source::Generated(_) => {
                let mut routes = vec![
                    Route::Direct,
                    Route::EventBridge,
                    Route::Sns,
                    Route::Sqs(queue),
                    Route::SqsOfSns(queue),
                ];
                // The usual one first, and the others as they were.
                routes.sort_by_key(|it| Some(*it) != self.preferred);
                routes
            }
            Source::Own(own) => own.routes(event, queue),
        }
    }

    /// Lets generated events come by this route, unless another one is asked for.
    pub fn prefer(&mut self, route: Route) {
        self.preferred = Some(route);
    }

    /// The document of a delivery.
    ///
    /// # Errors
    ///
    /// Events that cannot go by another name, or not together by this route.
    pub fn document(&self, delivered: &Delivered<'_>) -> Result<Document, EventsError> {
        if delivered.renaming != Renaming::default() {
            let mut events = delivered.events.iter();
            events.try_for_each(|event| self.check_renamable(*event))?;
        }
        let own = match &self.source {
            Source::Generated(_) => None,
            Source::Own(own) => own.document(delivered),
        };
        let apart = || EventsError::NotTogether {
            events: delivered
                .events
                .iter()
                .map(|it| self.name(*it).to_owned())
                .collect(),
            route: delivered.route,
        };
        own.or_else(|| self.wrapped(delivered)).ok_or_else(apart)
    }

    /// A document of records of S3's in envelopes of our own.
    fn wrapped(&self, delivered: &Delivered<'_>) -> Option<Document> {
        let Delivered {
            events, renaming, ..
        } = *delivered;
        let seed = match &self.source {
            Source::Generated(generated) => generated.seed,
            Source::Own(_) => 0,
        };
        match (delivered.route, &self.source, events) {
            (_, _, []) => None,
            (Route::EventBridge, Source::Generated(generated), [event]) => {
                let event = generated.occurrence(*event, renaming);
                Some(Document::new(event.event_bridge(delivered.sending)))
            }
            (Route::EventBridge, ..) => None,
            _ => {
                let record = |event: &usize| Some((*event, self.record(*event, renaming)?));
                let records: Option<Vec<_>> = events.iter().map(record).collect();
                Some(envelope::carrying(&records?, delivered, seed))
            }
        }
    }

    fn record(&self, event: usize, renaming: Renaming) -> Option<String> {
        match &self.source {
            Source::Generated(generated) => Some(generated.occurrence(event, renaming).record()),
            Source::Own(own) => own.record(event, renaming),
        }
    }

    /// Whether every event can go by other names.
    ///
    /// # Errors
    ///
    /// The first event that cannot: only events of S3's can that name their object.
    pub fn check_all_renamable(&self) -> Result<(), EventsError> {
        (0..self.len()).try_for_each(|event| self.check_renamable(event))
    }

    fn check_renamable(&self, event: usize) -> Result<(), EventsError> {
        match &self.source {
            Source::Own(own) if !own.is_renamable(event) => Err(EventsError::Unrenamable {
                event: self.name(event).to_owned(),
            }),
            Source::Own(_) | Source::Generated(_) => Ok(()),
        }
    }

    /// The same events, whose objects hold what `content` knows of a bucket and a key,
    /// whatever an event says of their size. They hold it by all names.
    ///
    /// # Errors
    ///
    /// The first object whose content cannot be read.
    pub fn with_contents(
        mut self,
        content: impl Fn(&str, &str) -> io::Result<Option<Bytes>>,
    ) -> Result<Self, EventsError> {
        for event in 0..self.len() {
            let Some(it) = self.object_event(event, Renaming::default()) else {
                continue;
            };
            let content = content(&it.bucket, &it.key).map_err(|error| {
                let path = format!("{}/{}", it.bucket, it.key);
                EventsError::Unreadable { path, error }
            })?;
            self.contents
                .extend(content.map(|content| (event, content)));
        }
        Ok(self)
    }

    /// The objects that the events speak of, as they are after all of them. The
    /// versions of one object follow one another.
    pub fn objects(&self, renaming: Renaming) -> Vec<Object> {
        let content = |event| match (self.contents.get(&event), &self.source) {
            (Some(known), _) => Some(known.clone()),
            (None, Source::Generated(generated)) => {
                Some(generated.occurrence(event, renaming).content())
            }
            (None, Source::Own(_)) => None,
        };
        let events = (0..self.len()).filter_map(|event| {
            let object_event = self.object_event(event, renaming)?;
            Some((object_event, content(event)))
        });
        object::after(events)
    }
}

#[cfg(test)]
mod tests;
