//! The reference handler's port on any table of the kit: what a port for a handler
//! of your own looks like.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use redeliver_handler::table::{
    EpochSeconds, Existing, ID, Insertion, RECORD, REQUEST_ID, Row, TableError, TableErrorKind,
    Value, Writer,
};
use redeliver_model::table::{
    self as model, Condition, EXPIRES_AT, FailedCondition, Failure, Item, Key, Reply,
};

use super::Table;

/// The reference handler's port, on any table of the kit.
#[derive(Clone, Debug)]
pub struct ReferencePort<T> {
    table: T,
    made: Arc<Mutex<Vec<Made>>>,
}

/// A row, and the item that is written for it. It is made only once: the same row is
/// written a million times.
#[derive(Clone, Debug)]
struct Made {
    row: Row,
    key: Key,
    item: Item,
}

impl<T: Table> ReferencePort<T> {
    /// The port on this table.
    pub fn new(table: T) -> Self {
        let made = Arc::default();
        Self { table, made }
    }

    /// The same port on another table.
    pub fn on<U: Table>(&self, table: U) -> ReferencePort<U> {
        let made = Arc::clone(&self.made);
        ReferencePort { table, made }
    }

    fn key_and_item(&self, row: &Row) -> (Key, Item) {
        // Nothing in here can leave the list half changed.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made.iter().position(|it| it.row == *row);
        let position = known.unwrap_or_else(|| {
            made.push(Made::of(row));
            made.len() - 1
        });
        let Made { key, item, .. } = &made[position];
        (Key::clone(key), Item::clone(item))
    }
}

impl Made {
    fn of(row: &Row) -> Self {
        let attributes = row.attributes().into_iter();
        let attributes = attributes.filter(|(name, _)| *name != ID);
        let attributes = attributes.map(|(name, value)| {
            let value = match value {
                Value::Number(number) => model::Value::Number(number),
                Value::Text(text) => model::Value::Text(text),
            };
            (Cow::Borrowed(name), value)
        });
        let mut item: BTreeMap<_, _> = attributes.collect();
        if let Some(EpochSeconds(end)) = row.expires_at {
            let end = i64::try_from(end).unwrap_or(i64::MAX);
            item.insert(Cow::Borrowed(EXPIRES_AT), model::Value::Number(end));
        }
        Self {
            row: row.clone(),
            key: row.id.to_string().into(),
            item: Arc::new(item),
        }
    }
}

impl<T: Table> redeliver_handler::table::Table for ReferencePort<T> {
    async fn insert(&self, row: Row) -> Result<Insertion, TableError> {
        let table: &dyn Table = &self.table;
        let (key, item) = self.key_and_item(&row);
        match table.put(&key, item, Condition::NoItem).await {
            Reply::ConditionFailed(failed) => Ok(Insertion::Present(existing(&failed))),
            Reply::Failed(failure) => Err(table_error(failure)),
            _ => Ok(Insertion::Inserted),
        }
    }
}

fn existing(failed: &FailedCondition) -> Existing {
    let Some(item) = &failed.item else {
        return Existing::default();
    };
    let writer = match (item.get(REQUEST_ID), item.get(RECORD)) {
        (Some(model::Value::Text(request_id)), Some(model::Value::Number(record))) => {
            u32::try_from(*record).ok().map(|record| Writer {
                request_id: request_id.clone(),
                record,
            })
        }
        _ => None,
    };
    let expires_at = match item.get(EXPIRES_AT) {
        Some(model::Value::Number(end)) => u64::try_from(*end).ok().map(EpochSeconds),
        _ => None,
    };
    Existing { writer, expires_at }
}

fn table_error(failure: Failure) -> TableError {
    let (kind, code) = match failure {
        Failure::Conflict => (TableErrorKind::Retriable, "TransactionConflictException"),
        Failure::Invalid => (TableErrorKind::Permanent, "ValidationException"),
        Failure::NoReply => (TableErrorKind::Ambiguous, "NoReply"),
        Failure::ServerError => (TableErrorKind::Ambiguous, "InternalServerError"),
        Failure::Throttled => (TableErrorKind::Retriable, "ThrottlingException"),
    };
    TableError {
        kind,
        code: code.to_owned(),
        message: "by the schedule".to_owned(),
    }
}
