//! The kit's own table: every operation, over one object-safe call.
//!
//! Handlers for the simulation are written against [`Table`], or against a port of
//! their own that is implemented on top of it, as the reference handler's is here.

use std::future::Future;
use std::pin::Pin;

use redeliver_handler::table::{
    Existing, Insertion, RECORD, REQUEST_ID, Row, TableError, TableErrorKind, Writer,
};
use redeliver_model::table::{
    Condition, FailedCondition, Failure, Item, Operation, Reply, Value, Write,
};

/// A table that carries out one call after another.
pub trait Table: Send + Sync {
    /// Makes a call, and waits for its reply.
    fn call(&self, operation: Operation) -> Pin<Box<dyn Future<Output = Reply> + Send + '_>>;
}

/// The operations by name.
impl dyn Table + '_ {
    /// `GetItem`.
    pub async fn get(&self, key: &str, consistent: bool) -> Reply {
        let key = key.to_owned();
        self.call(Operation::Read { key, consistent }).await
    }

    /// `PutItem`, with `ALL_OLD` on a failed condition.
    pub async fn put(&self, key: &str, item: Item, condition: Condition) -> Reply {
        let write = Write::Put {
            key: key.to_owned(),
            item,
            condition,
        };
        let return_item = true;
        self.call(Operation::Write { write, return_item }).await
    }
}

/// The reference handler's port, on any table of the kit.
#[derive(Clone, Debug)]
pub struct ReferencePort<T>(pub T);

impl<T: Table> redeliver_handler::table::Table for ReferencePort<T> {
    async fn insert(&self, row: Row) -> Result<Insertion, TableError> {
        let table: &dyn Table = &self.0;
        let key = row.id.to_string();
        match table.put(&key, item(&row), Condition::NoItem).await {
            Reply::ConditionFailed(failed) => Ok(Insertion::Present(existing(&failed))),
            Reply::Failed(failure) => Err(table_error(failure)),
            _ => Ok(Insertion::Inserted),
        }
    }
}

fn item(row: &Row) -> Item {
    let attributes = row.attributes().into_iter();
    let attributes = attributes.filter(|(name, _)| *name != redeliver_handler::table::ID);
    attributes
        .map(|(name, value)| {
            let value = match value {
                redeliver_handler::table::Value::Number(number) => Value::Number(number),
                redeliver_handler::table::Value::Text(text) => Value::Text(text),
            };
            (name.to_owned(), value)
        })
        .collect()
}

fn existing(failed: &FailedCondition) -> Existing {
    let writer = |item: &Item| match (item.get(REQUEST_ID)?, item.get(RECORD)?) {
        (Value::Text(request_id), Value::Number(record)) => Some(Writer {
            request_id: request_id.clone(),
            record: u32::try_from(*record).ok()?,
        }),
        _ => None,
    };
    Existing {
        writer: failed.item.as_ref().and_then(writer),
        expires_at: None,
    }
}

fn table_error(failure: Failure) -> TableError {
    let (kind, code) = match failure {
        Failure::Conflict => (TableErrorKind::Retriable, "TransactionConflictException"),
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
