//! What an exhibit is, and how it is run.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redeliver_model::delivery::{Flaw, Form, Record, Route};
use redeliver_model::event::{Happening, IdentityPolicy, ObjectEvent, Text};
use redeliver_model::history::{Answer, RecordAnswer};
use redeliver_model::property::{Bookkeeping, Keeps, Property, Sighting};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::{Key, Seconds};

use super::trial::Engine;
use crate::simulation::{Delivery, Environment, Host, Staged, Subject};
use crate::table::{Boxed, Table};

/// A handler of the gallery.
#[derive(Clone, Copy, Debug)]
pub struct Exhibit {
    /// What it is called.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Where it was seen.
    pub source: &'static str,
    /// The file that it is written in.
    pub code: &'static str,
    /// What it keeps, and so what it is judged by.
    pub keeps: Keeps,
    /// Whether it is right.
    pub verdict: Verdict,
    /// Under which key it records an event.
    pub row: fn(IdentityPolicy, Sighting<'_>) -> Key,
    /// Which item counts an event, if counting is its effect.
    pub tally: Option<fn(IdentityPolicy, Sighting<'_>) -> Key>,
    /// Whether its invocations share memory.
    pub shares_memory: bool,
    /// The handler.
    pub handle: Handle,
}

/// Whether an exhibit is right.
#[derive(Clone, Copy, Debug)]
pub enum Verdict {
    /// It is right, and must never be caught.
    Right,
    /// It is wrong, and must be caught.
    Wrong {
        /// The property that it breaks.
        breaks: Property,
        /// How to write it right.
        remedy: &'static str,
        /// The size of its smallest counterexample.
        smallest: Size,
        /// The scene of its smallest counterexample.
        scene: fn() -> Scene,
        /// The schedule of its smallest counterexample, as far as it matters: what
        /// is not said happens without faults, and one after another.
        schedule: &'static [&'static str],
        /// The engines that catch it. The others must not: that is what shows that
        /// each is needed.
        caught_by: &'static [Engine],
    },
}

/// What an exhibit's invocation has at hand.
#[derive(Clone, Debug)]
pub struct Context {
    /// The table, and the clock.
    pub host: Host,
    /// What is delivered.
    pub records: Arc<[Given]>,
    /// Lambda's request id.
    pub request_id: Text,
    /// When the invocation will have timed out.
    pub deadline: Seconds,
    /// A text that no other attempt has.
    pub unique: Text,
    /// What the invocations of an environment share: keys, or whatever texts.
    pub memory: Arc<Mutex<Vec<Text>>>,
}

/// A record as an exhibit is given it.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its position in the notification.
    pub position: usize,
    /// The event; absent where the record cannot be read, or the policy cannot
    /// identify it.
    pub event: Result<Arc<ObjectEvent>, Flaw>,
    /// How it came.
    pub route: Route,
    /// How it was written.
    pub form: Form,
    /// The key of its row.
    pub row: Key,
    /// The key of what counts it.
    pub tally: Option<Key>,
}

impl Context {
    /// The table, with the operations by name.
    pub fn table(&self) -> &dyn Table {
        &self.host
    }

    /// The time.
    pub fn now(&self) -> Seconds {
        self.host.now()
    }

    /// How much time is left until the invocation times out.
    pub fn remaining(&self) -> Seconds {
        self.deadline.saturating_sub(self.now())
    }

    /// What the invocations of this environment share.
    pub fn memory(&self) -> MutexGuard<'_, Vec<Text>> {
        // One thread polls one future at a time.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a handler is written.
#[derive(Clone, Copy, Debug)]
pub enum Handle {
    /// One record after another, as every right handler does it: a record that
    /// cannot be read fails, a removal is nothing to record, and no record keeps its
    /// neighbours from being recorded. The invocation fails if any record did.
    EachCreated(fn(Context, Given) -> Boxed<'static, RecordAnswer>),
    /// One record after another, removals included.
    Each(fn(Context, Given) -> Boxed<'static, RecordAnswer>),
    /// The notification as a whole.
    Whole(fn(Context) -> Boxed<'static, Answer>),
}

impl Handle {
    fn start(self, context: Context) -> Boxed<'static, Answer> {
        let (record, removals) = match self {
            Self::Whole(handle) => return handle(context),
            Self::Each(record) => (record, true),
            Self::EachCreated(record) => (record, false),
        };
        Box::pin(async move {
            let mut answers = Vec::with_capacity(context.records.len());
            for given in context.records.iter() {
                answers.push(match &given.event {
                    Err(_) => RecordAnswer::FAILED,
                    Ok(event) if event.happening == Happening::Removed && !removals => {
                        RecordAnswer::SILENT
                    }
                    Ok(_) => record(context.clone(), given.clone()).await,
                });
            }
            Answer::together(answers)
        })
    }
}

impl Subject for Exhibit {
    fn name(&self) -> &str {
        self.name
    }

    fn keeps(&self) -> Keeps {
        self.keeps
    }

    fn stage(&self, scene: &Scene) -> Box<dyn Staged> {
        let mut copies: Vec<Copy> = Vec::new();
        for (number, notification) in scene.notifications.iter().enumerate() {
            for &form in &notification.deliveries {
                let known = |it: &Copy| (it.notification, it.form) == (number, form);
                if copies.iter().any(known) {
                    continue;
                }
                let records = notification.records.iter().enumerate();
                let records = records.map(|(position, record)| {
                    self.given(scene, notification.route, form, position, record)
                });
                copies.push(Copy {
                    notification: number,
                    form,
                    records: records.collect(),
                });
            }
        }
        Box::new(StagedExhibit {
            exhibit: *self,
            policy: scene.policy,
            copies: copies.into(),
        })
    }
}

impl Exhibit {
    /// The property that it breaks, if it is wrong.
    pub fn breaks(&self) -> Option<Property> {
        match self.verdict {
            Verdict::Right => None,
            Verdict::Wrong { breaks, .. } => Some(breaks),
        }
    }

    fn given(
        &self,
        scene: &Scene,
        route: Route,
        form: Form,
        position: usize,
        record: &Record,
    ) -> Given {
        let unreadable = |flaw| Given {
            position,
            event: Err(flaw),
            route,
            form,
            row: Key::default(),
            tally: None,
        };
        match record {
            Record::Unreadable(flaw) => unreadable(*flaw),
            Record::Event(event) => {
                // A removal has no row, so it needs no identity.
                let by_row =
                    self.keeps != Keeps::LatestState && event.happening == Happening::Created;
                if by_row && scene.policy.identify(event).is_none() {
                    return unreadable(Flaw::BadEscape);
                }
                let sighting = Sighting { event, route, form };
                Given {
                    position,
                    event: Ok(Arc::clone(event)),
                    route,
                    form,
                    row: (self.row)(scene.policy, sighting),
                    tally: self.tally.map(|tally| tally(scene.policy, sighting)),
                }
            }
        }
    }
}

/// The records of a notification in one of the forms in which it is delivered.
#[derive(Debug)]
struct Copy {
    notification: usize,
    form: Form,
    records: Vec<Given>,
}

struct StagedExhibit {
    exhibit: Exhibit,
    policy: IdentityPolicy,
    copies: Arc<[Copy]>,
}

impl Bookkeeping for StagedExhibit {
    fn row(&self, sighting: Sighting<'_>) -> Key {
        (self.exhibit.row)(self.policy, sighting)
    }

    fn tally(&self, sighting: Sighting<'_>) -> Option<Key> {
        self.exhibit.tally.map(|tally| tally(self.policy, sighting))
    }
}

impl Staged for StagedExhibit {
    fn environment(&self, host: Host) -> Arc<dyn Environment> {
        Arc::new(Warm {
            handle: self.exhibit.handle,
            host,
            copies: Arc::clone(&self.copies),
            memory: Arc::default(),
        })
    }

    fn shares_memory(&self) -> bool {
        self.exhibit.shares_memory
    }

    fn writer_attributes(&self) -> &'static [&'static str] {
        &["request_id", "record"]
    }
}

struct Warm {
    handle: Handle,
    host: Host,
    copies: Arc<[Copy]>,
    memory: Arc<Mutex<Vec<Text>>>,
}

impl Environment for Warm {
    fn invoke(self: Arc<Self>, delivery: Delivery) -> Boxed<'static, Answer> {
        let mut copies = self.copies.iter();
        let copy =
            copies.find(|it| (it.notification, it.form) == (delivery.notification, delivery.form));
        let given = copy.map_or(&[][..], |copy| &copy.records);
        let records = delivery.records.iter();
        let records = records.filter_map(|position| given.get(position).cloned());
        self.handle.start(Context {
            host: self.host.clone(),
            records: records.collect(),
            unique: format!("{}@{}", delivery.request_id, delivery.now).into(),
            request_id: delivery.request_id,
            deadline: delivery.deadline,
            memory: Arc::clone(&self.memory),
        })
    }
}

/// The key of an event's row as a right handler has it: the fields of its identity,
/// each with its length, so that no field can pass for the end of its neighbour.
pub(super) fn identity_key(policy: IdentityPolicy, sighting: Sighting<'_>) -> Key {
    let event = sighting.event;
    let mut key = String::new();
    let mut field = |value: Option<&str>| match value {
        Some(value) => key.push_str(&format!("{}:{value} ", value.len())),
        None => key.push_str("- "),
    };
    field(Some(&event.bucket));
    field(Some(&event.key));
    if policy != IdentityPolicy::Object {
        field(event.version_id.as_deref());
    }
    if policy == IdentityPolicy::Occurrence {
        match (&event.sequencer, event.time) {
            (Some(sequencer), _) => {
                let normal = sequencer.trim_end_matches('0').to_ascii_lowercase();
                field(Some(&normal));
            }
            (None, Some(time)) => field(Some(&format!("at {time}"))),
            (None, None) => field(None),
        }
    }
    key.into()
}
