//! Rogues of the gallery as tables, under the reference handler in place of the right
//! one. None does wrong alone and without faults.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use loom::sync::Mutex;
use redeliver_handler::IdempotencyKey;
use redeliver_handler::table::{Existing, Insertion, Row, Table, TableError, Writer};

use crate::table::{LoomTable, present};

/// `cache-before-write`: remembers a key before it writes the row.
pub(crate) struct CacheBeforeWrite {
    recorded: Mutex<BTreeMap<IdempotencyKey, Writer>>,
    table: LoomTable,
}

impl CacheBeforeWrite {
    pub(crate) fn new(table: LoomTable) -> Self {
        let recorded = Mutex::default();
        Self { recorded, table }
    }
}

impl Table for CacheBeforeWrite {
    async fn insert(&self, row: Row) -> Result<Insertion, TableError> {
        match self.recorded.lock().unwrap().entry(row.id) {
            Entry::Occupied(known) => return Ok(present(known.get())),
            Entry::Vacant(unknown) => unknown.insert(row.writer.clone()),
        };
        self.table.insert(row).await
    }
}

/// `check-then-put`: looks whether the row is there, and if it is not, puts it without
/// a condition.
pub(crate) struct CheckThenPut(pub(crate) LoomTable);

impl Table for CheckThenPut {
    async fn insert(&self, row: Row) -> Result<Insertion, TableError> {
        if let Some(writer) = self.0.get(row.id) {
            return Ok(present(&writer));
        }
        self.0.put(&row);
        Ok(Insertion::Inserted)
    }
}

/// `error-as-duplicate`: takes every error for a row that is there.
pub(crate) struct EveryErrorPresent(pub(crate) LoomTable);

impl Table for EveryErrorPresent {
    async fn insert(&self, row: Row) -> Result<Insertion, TableError> {
        let answer = self.0.insert(row).await;
        answer.or_else(|_| Ok(Insertion::Present(Existing::default())))
    }
}
