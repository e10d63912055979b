//! What is expected of a scene: which events are to be recorded, and where.

use std::collections::BTreeSet;

use crate::delivery::{Form, Record, Route};
use crate::event::{Happening, Identity, IdentityPolicy, ObjectEvent};
use crate::scene::Scene;
use crate::table::Key;

/// What a handler keeps, and so what it can be judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeps {
    /// A row for each identity, and an effect beyond it.
    Effects,
    /// The latest state of each object.
    LatestState,
    /// A row for each identity.
    Rows,
}

/// An event as it stands in one copy of its notification.
#[derive(Clone, Copy, Debug)]
pub struct Sighting<'a> {
    /// The event.
    pub event: &'a ObjectEvent,
    /// How it comes.
    pub route: Route,
    /// How the copy is written.
    pub form: Form,
}

impl Sighting<'_> {
    /// The object's key as the copy has it: form-urlencoded, but for EventBridge,
    /// which does not escape keys.
    pub fn key_as_sent(&self) -> String {
        if self.route == Route::EventBridge {
            return self.event.key.to_string();
        }
        let plain = |byte: u8| match byte {
            b'/' => self.form == Form::Original,
            _ => byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte),
        };
        let mut sent = String::new();
        for byte in self.event.key.bytes() {
            match byte {
                b' ' => sent.push('+'),
                _ if plain(byte) => sent.push(char::from(byte)),
                _ => sent.push_str(&format!("%{byte:02X}")),
            }
        }
        sent
    }
}

/// What a handler says about where it records an event.
pub trait Bookkeeping {
    /// The key of the event's row.
    fn row(&self, sighting: Sighting<'_>) -> Key;

    /// The key of the item that counts the event, if the handler's effect is to
    /// count.
    fn tally(&self, sighting: Sighting<'_>) -> Option<Key> {
        let _ = sighting;
        None
    }
}

/// What is to become of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: it is ignored.
    Ignored,
    /// It is recorded, as the identity with this number.
    Recorded(usize),
    /// It is rejected: it fails visibly.
    Rejected,
}

/// What is expected of a handler that is played a scene.
#[derive(Clone, Debug)]
pub struct Expectation<'a> {
    pub(super) scene: &'a Scene,
    pub(super) keeps: Keeps,
    pub(super) identities: Vec<Recorded<'a>>,
    pub(super) clash: Option<Clash>,
    /// By notification and record.
    records: Vec<Vec<Expected>>,
}

/// An identity that is to be recorded.
#[derive(Clone, Debug)]
pub(super) struct Recorded<'a> {
    identity: Identity,
    /// Where its row is; more than one only if the handler's keys are wrong.
    pub(super) keys: Vec<Key>,
    pub(super) tally: Option<Key>,
    pub(super) events: Vec<&'a ObjectEvent>,
    /// Whether its events are copies of one another in every field.
    pub(super) uniform: bool,
    /// How the first of them comes.
    written: Option<(Route, Form)>,
}

/// Two records whose keys say something else than their identities.
#[derive(Clone, Debug)]
pub(super) struct Clash {
    pub(super) deliveries: [usize; 2],
    pub(super) because: String,
}

impl<'a> Expectation<'a> {
    /// What is expected of a handler that keeps this, and records events there.
    pub fn new(scene: &'a Scene, keeps: Keeps, books: &dyn Bookkeeping) -> Self {
        let mut expectation = Self {
            scene,
            keeps,
            identities: Vec::new(),
            clash: None,
            records: Vec::new(),
        };
        for notification in &scene.notifications {
            let records = notification.records.iter();
            let expected = records.map(|record| match record {
                Record::Event(event) => expectation.number(event, notification.route),
                Record::Unreadable(_) => Expected::Rejected,
            });
            let expected = expected.collect();
            expectation.records.push(expected);
        }
        expectation.find_keys(books);
        expectation
    }

    /// What is to become of a record.
    pub fn of(&self, notification: usize, record: usize) -> Expected {
        self.records[notification][record]
    }

    /// The identities that a notification brings.
    pub fn identities_of(&self, notification: usize) -> impl Iterator<Item = usize> {
        let expected = self.records[notification].iter();
        expected.filter_map(|it| match it {
            Expected::Recorded(identity) => Some(*identity),
            Expected::Ignored | Expected::Rejected => None,
        })
    }

    /// For each notification, the keys of the rows and counts of its events.
    pub fn rows(&self) -> Vec<Vec<&Key>> {
        let notifications = 0..self.records.len();
        let keys = |identity: usize| {
            let recorded = &self.identities[identity];
            recorded.keys.iter().chain(&recorded.tally)
        };
        notifications
            .map(|number| self.identities_of(number).flat_map(keys).collect())
            .collect()
    }

    /// The keys of all rows and counts that may be there.
    pub fn keys(&self) -> BTreeSet<&Key> {
        let each = self.identities.iter();
        each.flat_map(|it| it.keys.iter().chain(&it.tally))
            .collect()
    }

    fn number(&mut self, event: &'a ObjectEvent, route: Route) -> Expected {
        let policy = match self.keeps {
            Keeps::Effects | Keeps::Rows if event.happening == Happening::Removed => {
                return Expected::Ignored;
            }
            Keeps::Effects | Keeps::Rows => self.scene.policy,
            // RD-12: events that cannot be ordered are refused.
            Keeps::LatestState if event.sequencer.is_none() || route == Route::EventBridge => {
                return Expected::Rejected;
            }
            Keeps::LatestState => IdentityPolicy::Object,
        };
        let Some(identity) = policy.identify(event) else {
            return Expected::Rejected;
        };
        let known = self
            .identities
            .iter_mut()
            .position(|it| it.identity == identity);
        if let Some(number) = known {
            let recorded = &mut self.identities[number];
            recorded.uniform &= recorded.events[0] == event;
            recorded.events.push(event);
            return Expected::Recorded(number);
        }
        self.identities.push(Recorded {
            identity,
            keys: Vec::new(),
            tally: None,
            events: vec![event],
            uniform: true,
            written: None,
        });
        Expected::Recorded(self.identities.len() - 1)
    }

    /// Asks for the keys of every copy of every record, and compares them.
    fn find_keys(&mut self, books: &dyn Bookkeeping) {
        let scene = self.scene;
        let mut seen: Vec<(usize, usize, Key)> = Vec::new();
        let mut delivery = 0;
        for (number, notification) in scene.notifications.iter().enumerate() {
            for &form in &notification.deliveries {
                for (position, record) in notification.records.iter().enumerate() {
                    let (Record::Event(event), Expected::Recorded(identity)) =
                        (record, self.of(number, position))
                    else {
                        continue;
                    };
                    let route = notification.route;
                    let sighting = Sighting { event, route, form };
                    let key = books.row(sighting);
                    let recorded = &mut self.identities[identity];
                    if recorded.keys.is_empty() {
                        recorded.tally = books.tally(sighting);
                    }
                    recorded.uniform &=
                        *recorded.written.get_or_insert((route, form)) == (route, form);
                    if !recorded.keys.contains(&key) {
                        recorded.keys.push(key.clone());
                    }
                    self.clash = self.clash.take().or_else(|| {
                        let because = too_long(&key);
                        because.map(|because| Clash {
                            deliveries: [delivery, delivery],
                            because,
                        })
                    });
                    for (other, earlier, key_of_earlier) in &seen {
                        let because = differ(identity, &key, *earlier, key_of_earlier);
                        if self.clash.is_none() && because.is_some() {
                            self.clash = because.map(|because| Clash {
                                deliveries: [*other, delivery],
                                because,
                            });
                        }
                    }
                    seen.push((delivery, identity, key));
                }
                delivery += 1;
            }
        }
    }
}

/// DynamoDB's limit for partition keys, in bytes
/// ([limits](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html)).
const LONGEST_KEY: usize = 2048;

fn too_long(key: &Key) -> Option<String> {
    (key.len() > LONGEST_KEY).then(|| {
        let length = key.len();
        format!("a key of {length} bytes is longer than the {LONGEST_KEY} that DynamoDB takes")
    })
}

fn differ(identity: usize, key: &Key, other: usize, key_of_other: &Key) -> Option<String> {
    match (identity == other, key == key_of_other) {
        (true, false) => Some(format!(
            "two copies of one event are recorded under two keys, {key_of_other:?} and {key:?}"
        )),
        (false, true) => Some(format!(
            "two different events are recorded under one key, {key:?}"
        )),
        (true, true) | (false, false) => None,
    }
}
