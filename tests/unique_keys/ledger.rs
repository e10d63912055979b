//! Which events were acknowledged and which have failed for good, kept by nothing but
//! the answers that Lambda heard of.

use std::collections::{BTreeMap, BTreeSet};

use redeliver::simulation::document;
use redeliver_handler::record::Settings;
use redeliver_handler::{IdentityPolicy, parse_event};
use redeliver_model::delivery::{Notification, Positions, Record};
use redeliver_model::event::{self, Happening, Identity};
use redeliver_model::history::History;
use redeliver_model::scene::Scene;
use redeliver_model::table::Key;

pub(crate) struct Ledger {
    /// The idempotency key of each identity.
    keys: BTreeMap<Identity, Key>,
    acknowledged: BTreeSet<Identity>,
    dead: BTreeSet<Identity>,
}

impl Ledger {
    pub(crate) fn of(history: &History, scene: &Scene) -> Self {
        let mut ledger = Self {
            keys: BTreeMap::new(),
            acknowledged: BTreeSet::new(),
            dead: BTreeSet::new(),
        };
        let notifications = scene.notifications.iter();
        let identities: Vec<Vec<Option<Identity>>> = notifications
            .map(|notification| ledger.enter(notification, scene.policy))
            .collect();
        let identity = |delivery: usize, position: usize| {
            identities[history.deliveries[delivery].notification][position].clone()
        };
        for (_, invocation, answer) in history.answers() {
            let delivery = invocation.id.delivery;
            let answered = invocation.records.iter().zip(answer.records());
            let acknowledged = answered.filter(|(_, it)| it.acknowledged);
            let acknowledged =
                acknowledged.filter_map(|(position, _)| identity(delivery, position));
            ledger.acknowledged.extend(acknowledged);
        }
        for (delivery, delivered) in history.deliveries.iter().enumerate() {
            let dead = delivered.dead.iter();
            ledger
                .dead
                .extend(dead.filter_map(|position| identity(delivery, position)));
        }
        ledger
    }

    /// Enters the keys of a notification's records, and returns their identities: none
    /// for what is not recordable.
    fn enter(
        &mut self,
        notification: &Notification,
        policy: event::IdentityPolicy,
    ) -> Vec<Option<Identity>> {
        let identities = notification.records.iter().map(|record| match record {
            Record::Event(event) if event.happening == Happening::Created => policy.identify(event),
            Record::Event(_) | Record::Unreadable(_) => None,
        });
        let identities: Vec<_> = identities.collect();
        let settings = Settings {
            policy: match policy {
                event::IdentityPolicy::Object => IdentityPolicy::Object,
                event::IdentityPolicy::Version => IdentityPolicy::Version,
                event::IdentityPolicy::Occurrence => IdentityPolicy::Occurrence,
            },
            ..Settings::default()
        };
        let all = Positions::first(identities.len());
        for &form in &notification.deliveries {
            let document = document(notification, form, all).to_string();
            let keyed = settings.key(parse_event(document.as_bytes()));
            for (identity, record) in identities.iter().zip(&keyed.records) {
                if let (Some(identity), Some(key)) = (identity, record.key()) {
                    let key: Key = key.to_string().into();
                    let known = self.keys.insert(identity.clone(), key.clone());
                    assert_eq!(known.unwrap_or(key.clone()), key, "one identity, one key");
                }
            }
        }
        let unique: BTreeSet<&Key> = self.keys.values().collect();
        assert_eq!(unique.len(), self.keys.len(), "one key, one identity");
        identities
    }

    pub(crate) fn acknowledged_keys(&self) -> BTreeSet<Key> {
        self.keys_of(self.acknowledged.iter())
    }

    pub(crate) fn acknowledged_or_dead_keys(&self) -> BTreeSet<Key> {
        self.keys_of(self.acknowledged.union(&self.dead))
    }

    fn keys_of<'a>(&self, identities: impl Iterator<Item = &'a Identity>) -> BTreeSet<Key> {
        identities.map(|it| self.keys[it].clone()).collect()
    }
}
