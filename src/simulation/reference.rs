//! The reference handler as a subject.

use std::sync::{Arc, Mutex};

use redeliver_handler::record::{Handler, Invocation, Report, Settings};
use redeliver_handler::recorded_keys::{Entries, RecordedKeys};
use redeliver_handler::table::{EpochSeconds, RECORD, REQUEST_ID};
use redeliver_handler::{IdentityPolicy, KeyedNotification, Outcome};
use redeliver_model::delivery::{Form, Notification, Positions, Record};
use redeliver_model::event;
use redeliver_model::history::{self, Answer, RecordAnswer};
use redeliver_model::property::{Bookkeeping, Sighting};
use redeliver_model::scene::Scene;
use redeliver_model::table::{EXPIRES_AT, Key};

use super::{Delivery, Environment, Host, Staged, Subject, document};
use crate::table::{Boxed, ReferencePort};

/// The reference handler. Its identity policy is the scene's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference {
    /// For how many keys its cache has room; 0 for no cache.
    pub cache: usize,
    /// After how many days its rows expire; never, if absent.
    pub expire_after_days: Option<u32>,
}

impl Reference {
    fn settings(self, policy: event::IdentityPolicy) -> Settings {
        Settings {
            policy: match policy {
                event::IdentityPolicy::Object => IdentityPolicy::Object,
                event::IdentityPolicy::Version => IdentityPolicy::Version,
                event::IdentityPolicy::Occurrence => IdentityPolicy::Occurrence,
            },
            expire_after_days: self.expire_after_days,
            ..Settings::default()
        }
    }
}

impl Subject for Reference {
    fn name(&self) -> &str {
        match (self.cache, self.expire_after_days) {
            (0, None) => "reference",
            (0, Some(_)) => "reference with expiry",
            (_, None) => "reference with cache",
            (_, Some(_)) => "reference with cache and expiry",
        }
    }

    fn stage(&self, scene: &Scene) -> Box<dyn Staged> {
        let settings = self.settings(scene.policy);
        let keyed = |number: usize, form| {
            let notification = &scene.notifications[number];
            let all = Positions::first(notification.records.len());
            keyed(notification, form, all, settings)
        };
        // Parsed and keyed once: a schedule is about what comes after.
        let mut documents: Vec<Document> = Vec::new();
        for (number, notification) in scene.notifications.iter().enumerate() {
            for &form in &notification.deliveries {
                let known = |it: &Document| (it.notification, it.form) == (number, form);
                if !documents.iter().any(known) {
                    documents.push(Document {
                        notification: number,
                        form,
                        keyed: keyed(number, form),
                    });
                }
            }
        }
        Box::new(StagedReference {
            port: ReferencePort::new(Host::default()),
            cache: self.cache,
            settings,
            script: Arc::new(Script {
                notifications: scene.notifications.clone(),
                documents,
            }),
        })
    }
}

struct StagedReference {
    port: ReferencePort<Host>,
    cache: usize,
    settings: Settings,
    script: Arc<Script>,
}

/// What is delivered, ready to be handed over.
struct Script {
    notifications: Vec<Notification>,
    documents: Vec<Document>,
}

struct Document {
    notification: usize,
    form: Form,
    keyed: KeyedNotification,
}

fn keyed(
    notification: &Notification,
    form: Form,
    records: Positions,
    settings: Settings,
) -> KeyedNotification {
    let document = document(notification, form, records).to_string();
    settings.key(settings.parser.parse(document.as_bytes()))
}

impl Bookkeeping for StagedReference {
    fn row(&self, sighting: Sighting<'_>) -> Key {
        let notification = Notification {
            route: sighting.route,
            deliveries: vec![sighting.form],
            records: vec![Record::Event(Arc::new(sighting.event.clone()))],
        };
        let one = Positions::first(1);
        let keyed = keyed(&notification, sighting.form, one, self.settings);
        let key = keyed.records.first().and_then(|record| record.key());
        key.map(|key| key.to_string()).unwrap_or_default().into()
    }
}

impl Staged for StagedReference {
    fn environment(&self, host: Host) -> Arc<dyn Environment> {
        let handler = Handler::new(self.port.on(host), self.settings);
        let handler = match self.cache {
            0 => handler,
            capacity => handler.with_recorded_keys(RecordedKeys::new(capacity)),
        };
        Arc::new(Warm {
            handler,
            settings: self.settings,
            script: Arc::clone(&self.script),
        })
    }

    fn shares_memory(&self) -> bool {
        self.cache > 0
    }

    fn writer_attributes(&self) -> &'static [&'static str] {
        &[REQUEST_ID, RECORD, EXPIRES_AT]
    }
}

struct Warm {
    handler: Handler<ReferencePort<Host>, Mutex<Entries>>,
    settings: Settings,
    script: Arc<Script>,
}

impl Environment for Warm {
    fn invoke(self: Arc<Self>, delivery: Delivery) -> Boxed<'static, Answer> {
        Box::pin(async move {
            let invocation = Invocation {
                request_id: delivery.request_id.clone(),
                now: EpochSeconds(delivery.now),
            };
            let notification = &self.script.notifications[delivery.notification];
            let is_whole = delivery.records.count() == notification.records.len();
            let mut documents = self.script.documents.iter();
            let document = documents
                .find(|it| (it.notification, it.form) == (delivery.notification, delivery.form));
            let report = match document {
                Some(document) if is_whole => {
                    self.handler.record(&document.keyed, &invocation).await
                }
                _ => {
                    let Delivery { form, records, .. } = delivery;
                    let rest = keyed(notification, form, records, self.settings);
                    self.handler.record(&rest, &invocation).await
                }
            };
            let queue = notification.route.queue();
            answer(report, queue.is_some_and(|queue| queue.partial_batches))
        })
    }
}

fn answer(report: Report, partial_batches: bool) -> Answer {
    let records = report.outcomes.iter().map(|record| match record.outcome {
        Outcome::Confirmed => RecordAnswer::said(history::Report::Confirmed),
        Outcome::Duplicate => RecordAnswer::said(history::Report::Duplicate),
        Outcome::Inserted => RecordAnswer::said(history::Report::Inserted),
        Outcome::Ignored(_) => RecordAnswer::SILENT,
        Outcome::Failed(_) | Outcome::Rejected(_) => RecordAnswer::FAILED,
    });
    let records = records.collect();
    match partial_batches {
        true => Answer::Returned(records),
        false => Answer::together(records),
    }
}
