//! Wrong handlers that look right: the rogues.
//!
//! Each has the property that it breaks, and what is wrong in a sentence. They are
//! written against the kit's own [`Table`], and all of them,
//! and the reference handler, are played the same scenes.

mod check_then_put;
mod condition_as_error;
mod error_as_duplicate;
mod fail_fast;
mod first_record_only;
mod key_of_the_delivery;
mod stamped_row;
mod swallowed_error;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use redeliver_model::delivery::{Notification, Record};
use redeliver_model::history::{Answer, Report};
use redeliver_model::property::Property;
use redeliver_model::table::{Item, Key, Value};

use crate::simulation::{Delivery, Environment, SimulatedTable, Subject};
use crate::table::Table;

/// A wrong handler.
#[derive(Clone, Copy, Debug)]
pub struct Rogue {
    /// What it is called.
    pub name: &'static str,
    /// What is wrong with it.
    pub fault: &'static str,
    /// The property that it breaks.
    pub breaks: Property,
    /// The steps and the faults of its smallest counterexample, a run to its end:
    /// as few faults as can be, and then as few steps.
    pub smallest: (usize, u32),
    handle: Handle,
}

type Handle =
    fn(SimulatedTable, Vec<Record>, String) -> Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Every rogue.
pub const ROGUES: [Rogue; 8] = [
    check_then_put::ROGUE,
    condition_as_error::ROGUE,
    error_as_duplicate::ROGUE,
    fail_fast::ROGUE,
    first_record_only::ROGUE,
    key_of_the_delivery::ROGUE,
    stamped_row::ROGUE,
    swallowed_error::ROGUE,
];

/// A rogue with the notifications that are delivered to it.
#[derive(Clone, Debug)]
pub struct Accused {
    rogue: Rogue,
    notifications: Arc<[Vec<Record>]>,
    identities: usize,
}

impl Rogue {
    /// Plays these notifications to the rogue.
    pub fn with(self, notifications: &[Notification]) -> Accused {
        let records = notifications.iter().flat_map(|it| &it.records);
        let identities = records.filter_map(|record| match record {
            Record::Recordable(identity) => Some(identity + 1),
            Record::Rejected => None,
        });
        Accused {
            rogue: self,
            identities: identities.max().unwrap_or(0),
            notifications: notifications.iter().map(|it| it.records.clone()).collect(),
        }
    }
}

impl Subject for Accused {
    fn environment(&self, table: SimulatedTable) -> Arc<dyn Environment> {
        Arc::new(Warm {
            accused: self.clone(),
            table,
        })
    }

    fn keys(&self) -> Vec<Key> {
        (0..self.identities).map(key).collect()
    }

    fn shares_memory(&self) -> bool {
        false
    }
}

struct Warm {
    accused: Accused,
    table: SimulatedTable,
}

impl Environment for Warm {
    fn invoke(self: Arc<Self>, delivery: Delivery) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        let records = self.accused.notifications[delivery.notification].clone();
        (self.accused.rogue.handle)(self.table.clone(), records, delivery.request_id)
    }
}

/// The key of an identity's row.
fn key(identity: usize) -> Key {
    format!("object-{identity}")
}

/// The row that a right handler would write.
fn row() -> Item {
    Item::from([("status".to_owned(), Value::from("processed"))])
}

/// Runs `record` on every recordable record in turn. A record that says nothing
/// has failed, and fails the invocation.
async fn for_each_record<F>(records: Vec<Record>, record: impl Fn(Key) -> F) -> Answer
where
    F: Future<Output = Option<Report>>,
{
    let mut reports = Vec::new();
    for it in &records {
        reports.push(match it {
            Record::Recordable(identity) => record(key(*identity)).await,
            Record::Rejected => None,
        });
    }
    Answer {
        acknowledged: vec![reports.iter().all(Option::is_some); records.len()],
        reports,
    }
}

/// The table as the operations by name want it.
fn named(table: &SimulatedTable) -> &dyn Table {
    table
}
