//! The reference handler as a subject.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use redeliver_handler::record::{Handler, Invocation, Report, Settings};
use redeliver_handler::recorded_keys::{Entries, RecordedKeys};
use redeliver_handler::table::EpochSeconds;
use redeliver_handler::{IdempotencyKey, Notification, Outcome, Parsed, parse_event};
use redeliver_model::delivery::{self, Record, Source};
use redeliver_model::history::{self, Answer};
use redeliver_model::table::Key;

use super::{Delivery, Environment, SimulatedTable, Subject};
use crate::table::ReferencePort;

/// The reference handler, with the documents that are delivered to it. They are
/// parsed once: a schedule is about what comes after.
#[derive(Clone, Debug)]
pub struct Reference {
    settings: Settings,
    cache: usize,
    documents: Arc<[Notification]>,
    identities: Vec<IdempotencyKey>,
}

impl Reference {
    /// The handler with these settings, and a cache for so many keys if not 0.
    pub fn new(settings: Settings, cache: usize, documents: &[&str]) -> Self {
        let documents: Arc<[Notification]> = documents
            .iter()
            .map(|document| parse_event(document.as_bytes()))
            .collect();
        let mut identities = Vec::new();
        for record in documents.iter().flat_map(|document| &document.records) {
            identities.extend(key(&record.parsed, settings).filter(|it| !identities.contains(it)));
        }
        Self {
            settings,
            cache,
            documents,
            identities,
        }
    }

    /// The documents as notifications of a scene, each delivered so often.
    pub fn notifications(&self, source: Source, deliveries: u32) -> Vec<delivery::Notification> {
        let record = |record: &redeliver_handler::notification::Record| {
            let identity = key(&record.parsed, self.settings)
                .and_then(|key| self.identities.iter().position(|it| *it == key));
            identity.map_or(Record::Rejected, Record::Recordable)
        };
        let notification = |document: &Notification| delivery::Notification {
            source,
            deliveries,
            records: document.records.iter().map(record).collect(),
        };
        self.documents.iter().map(notification).collect()
    }
}

fn key(parsed: &Parsed, settings: Settings) -> Option<IdempotencyKey> {
    match parsed {
        Parsed::Event(event) => {
            let identity = settings.policy.identify(event).ok()?;
            Some(identity.idempotency_key())
        }
        Parsed::Ignored(_) | Parsed::Rejected(_) => None,
    }
}

impl Subject for Reference {
    fn environment(&self, table: SimulatedTable) -> Arc<dyn Environment> {
        let handler = Handler::new(ReferencePort(table), self.settings);
        let handler = match self.cache {
            0 => handler,
            capacity => handler.with_recorded_keys(RecordedKeys::new(capacity)),
        };
        Arc::new(Warm {
            handler,
            settings: self.settings,
            documents: Arc::clone(&self.documents),
        })
    }

    fn keys(&self) -> Vec<Key> {
        self.identities.iter().map(ToString::to_string).collect()
    }

    fn shares_memory(&self) -> bool {
        self.cache > 0
    }
}

struct Warm {
    handler: Handler<ReferencePort<SimulatedTable>, Mutex<Entries>>,
    settings: Settings,
    documents: Arc<[Notification]>,
}

impl Environment for Warm {
    fn invoke(self: Arc<Self>, delivery: Delivery) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        Box::pin(async move {
            let invocation = Invocation {
                request_id: delivery.request_id,
                now: EpochSeconds(delivery.now),
            };
            let document = &self.documents[delivery.notification];
            let report = self.handler.record(document, &invocation).await;
            answer(report, self.settings)
        })
    }
}

fn answer(report: Report, settings: Settings) -> Answer {
    let reports = report.outcomes.iter().map(|record| match record.outcome {
        Outcome::Confirmed => Some(history::Report::Confirmed),
        Outcome::Duplicate => Some(history::Report::Duplicate),
        Outcome::Inserted => Some(history::Report::Inserted),
        Outcome::Failed(_) | Outcome::Ignored(_) | Outcome::Rejected(_) => None,
    });
    let reports: Vec<_> = reports.collect();
    let acknowledged = report.into_response(settings.sqs_partial_batches).is_ok();
    Answer {
        acknowledged: vec![acknowledged; reports.len()],
        reports,
    }
}
