//! Scenes: deliveries that meet, each in a thread of its own; played and judged.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use loom::model::Builder;
use redeliver_handler::record::{Handler, Settings};
use redeliver_handler::recorded_keys::Lock;
use redeliver_handler::table::{EpochSeconds, Table, Writer};
use redeliver_handler::{IdempotencyKey, Invocation, KeyedNotification, Outcome, parse_event};

use crate::table::LoomTable;

/// Deliveries that meet.
pub(crate) struct Scene {
    deliveries: Arc<Vec<Delivery>>,
    preemptions: Option<usize>,
}

/// What all executions of a scene came to.
#[derive(Clone, Default)]
pub(crate) struct Exploration {
    pub(crate) executions: usize,
    /// How many writes the table was asked for, in one execution or another.
    pub(crate) writes: BTreeSet<usize>,
    /// Which properties were violated, and in which execution first, counted from 1.
    pub(crate) violations: BTreeMap<&'static str, usize>,
}

impl Scene {
    /// Deliveries by request id, each with the objects of its notification.
    pub(crate) fn new(deliveries: &[(&str, &[&str])]) -> Self {
        let deliveries = deliveries.iter();
        let deliveries = deliveries.map(|(request_id, objects)| Delivery::new(request_id, objects));
        Self {
            deliveries: Arc::new(deliveries.collect()),
            preemptions: None,
        }
    }

    /// Leaves out the executions that interrupt threads more often than that.
    pub(crate) fn with_preemptions(self, most: usize) -> Self {
        Self {
            preemptions: Some(most),
            ..self
        }
    }

    /// Plays the scene in every order that loom tells apart, and judges each.
    pub(crate) fn explore<T: Table + 'static, L: Lock + 'static>(
        &self,
        name: &str,
        handler: fn(LoomTable) -> Handler<T, L>,
    ) -> Exploration {
        let mut builder = Builder::new();
        // Builder::new takes limits from the environment, and loom returns in silence
        // when it meets one. `max_branches` alone is loud: it panics.
        builder.max_permutations = None;
        builder.max_duration = None;
        builder.checkpoint_file = None;
        builder.preemption_bound = self.preemptions;

        let exploration = Arc::new(Mutex::new(Exploration::default()));
        let (deliveries, judged) = (self.deliveries.clone(), exploration.clone());
        builder.check(move || {
            let keys = deliveries.iter().flat_map(|delivery| &delivery.records);
            let table = LoomTable::empty(keys.map(|(key, _)| *key));
            let answers = play(&deliveries, handler(table.clone()), &table);
            judged.lock().unwrap().add(&table, &answers);
        });
        let found = exploration.lock().unwrap().clone();
        let extent = match self.preemptions {
            None => "complete".to_owned(),
            Some(most) => format!("INCOMPLETE: at most {most} preemptions"),
        };
        println!("loom: {name}: {} executions, {extent}", found.executions);
        found
    }
}

/// One execution: all deliveries at once, and then each of them again.
fn play<T: Table + 'static, L: Lock + 'static>(
    deliveries: &Arc<Vec<Delivery>>,
    handler: Handler<T, L>,
    table: &LoomTable,
) -> Vec<Answer> {
    let (handler, table, all) = (Arc::new(handler), table.clone(), deliveries.clone());
    let deliver = move |index: usize| all[index].deliver(&handler, &table);
    let spawn = |index| {
        let deliver = deliver.clone();
        loom::thread::spawn(move || deliver(index))
    };
    let others: Vec<_> = (1..deliveries.len()).map(spawn).collect();
    let mut answers = deliver(0);
    answers.extend(others.into_iter().flat_map(|other| other.join().unwrap()));
    answers.extend((0..deliveries.len()).flat_map(deliver));
    answers
}

/// A notification, handed over to one invocation.
struct Delivery {
    notification: KeyedNotification,
    invocation: Invocation,
    /// The key of each record, and the writer that its row would have.
    records: Vec<(IdempotencyKey, Writer)>,
}

/// What an invocation said of a record.
struct Answer {
    key: IdempotencyKey,
    writer: Writer,
    outcome: Outcome,
    /// Whether the row was there when it said so.
    is_recorded: bool,
}

impl Delivery {
    fn new(request_id: &str, objects: &[&str]) -> Self {
        let record =
            |key| format!(r#"{{"s3":{{"bucket":{{"name":"b"}},"object":{{"key":"{key}"}}}}}}"#);
        let records: Vec<String> = objects.iter().map(record).collect();
        let document = format!(r#"{{"Records":[{}]}}"#, records.join(","));
        let notification = Settings::default().key(parse_event(document.as_bytes()));
        let request_id: Arc<str> = request_id.into();
        let records = (0..).zip(&notification.records).map(|(position, record)| {
            let request_id = Arc::clone(&request_id);
            (
                record.key().unwrap(),
                Writer {
                    request_id,
                    record: position,
                },
            )
        });
        Self {
            records: records.collect(),
            notification,
            invocation: Invocation {
                request_id,
                now: EpochSeconds(0),
            },
        }
    }

    fn deliver<T: Table, L: Lock>(
        &self,
        handler: &Handler<T, L>,
        table: &LoomTable,
    ) -> Vec<Answer> {
        table.begin_delivery();
        let report = pin!(handler.record(&self.notification, &self.invocation));
        let Poll::Ready(report) = report.poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("nothing here waits");
        };
        assert_eq!(report.outcomes.len(), self.records.len());
        let records = self.records.iter().cloned().zip(report.outcomes);
        records
            .map(|((key, writer), record)| Answer {
                key,
                writer,
                outcome: record.outcome,
                is_recorded: table.is_recorded(key),
            })
            .collect()
    }
}

impl Exploration {
    fn add(&mut self, table: &LoomTable, answers: &[Answer]) {
        self.executions += 1;
        self.writes.insert(table.writes());
        for (key, writers) in table.writers() {
            let answers: Vec<_> = answers.iter().filter(|answer| answer.key == key).collect();
            for property in violated(&writers, &answers) {
                self.violations.entry(property).or_insert(self.executions);
            }
        }
    }
}

/// The properties that an execution without faults violates, by all who have written
/// a row and all that was said of it.
fn violated(writers: &[Writer], answers: &[&Answer]) -> impl Iterator<Item = &'static str> {
    let inserted = answers
        .iter()
        .filter(|answer| answer.outcome == Outcome::Inserted);
    let is_told_truly = |answer: &&Answer| match answer.outcome {
        Outcome::Inserted | Outcome::Confirmed => writers.first() == Some(&answer.writer),
        Outcome::Duplicate => writers.first() != Some(&answer.writer),
        _ => false,
    };
    let properties = [
        ("RD-1", !writers.is_empty()),
        ("RD-2", answers.iter().all(|answer| answer.is_recorded)),
        ("RD-3", writers.len() <= 1),
        (
            "RD-4",
            inserted.count() == 1 && answers.iter().all(is_told_truly),
        ),
    ];
    let violated = properties.into_iter().filter(|(_, holds)| !holds);
    violated.map(|(property, _)| property)
}
