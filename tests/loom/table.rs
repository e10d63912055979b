//! What the invocations share, behind loom's locks.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::sync::Mutex;
use redeliver_handler::IdempotencyKey;
use redeliver_handler::recorded_keys::{Entries, Lock};
use redeliver_handler::table::{Existing, Insertion, Row, Table, TableError, Writer};

/// A table of rows that are known beforehand. As in DynamoDB its items know nothing
/// of each other: each has a lock of its own. What only counts or holds together is
/// the standard library's, lest loom play with that too.
#[derive(Clone)]
pub(crate) struct LoomTable {
    items: Arc<BTreeMap<IdempotencyKey, Mutex<Vec<Writer>>>>,
    writes: Arc<AtomicUsize>,
}

loom::thread_local! {
    /// The rows that were there when the delivery on this thread met them.
    static MET: RefCell<BTreeSet<IdempotencyKey>> = RefCell::default();
}

impl LoomTable {
    /// A table that has none of these rows yet.
    pub(crate) fn empty(keys: impl Iterator<Item = IdempotencyKey>) -> Self {
        Self {
            items: Arc::new(keys.map(|key| (key, Mutex::default())).collect()),
            writes: Arc::default(),
        }
    }

    /// Who has written the row, if it is there.
    pub(crate) fn get(&self, key: IdempotencyKey) -> Option<Writer> {
        self.access(key, |writers| writers.last().cloned())
    }

    /// Writes the row, whether it is there or not.
    pub(crate) fn put(&self, row: &Row) {
        self.writes.fetch_add(1, Ordering::Relaxed);
        self.access(row.id, |writers| writers.push(row.writer.clone()));
    }

    fn access<R>(&self, key: IdempotencyKey, action: impl FnOnce(&mut Vec<Writer>) -> R) -> R {
        let mut writers = self.items[&key].lock().unwrap();
        let result = action(&mut writers);
        if !writers.is_empty() {
            MET.with(|met| met.borrow_mut().insert(key));
        }
        result
    }

    /// From now on this thread is another delivery's, which has met no row.
    pub(crate) fn begin_delivery(&self) {
        MET.with(|met| met.borrow_mut().clear());
    }

    /// Whether the row is there at this moment. Rows stay: the judge looks only if
    /// this delivery has not met it, for every look is one more step for loom to place.
    pub(crate) fn is_recorded(&self, key: IdempotencyKey) -> bool {
        MET.with(|met| met.borrow().contains(&key)) || self.get(key).is_some()
    }

    /// All who have written each row, the first writer first.
    pub(crate) fn writers(&self) -> impl Iterator<Item = (IdempotencyKey, Vec<Writer>)> {
        let items = self.items.iter();
        items.map(|(key, writers)| (*key, writers.lock().unwrap().clone()))
    }

    /// How many times it was asked to write a row.
    pub(crate) fn writes(&self) -> usize {
        self.writes.load(Ordering::Relaxed)
    }
}

impl Table for LoomTable {
    async fn insert(&self, row: Row) -> Result<Insertion, TableError> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        Ok(self.access(row.id, |writers| {
            if let Some(writer) = writers.last() {
                return present(writer);
            }
            writers.push(row.writer);
            Insertion::Inserted
        }))
    }
}

/// The row is there, from this writer.
pub(crate) fn present(writer: &Writer) -> Insertion {
    Insertion::Present(Existing {
        writer: Some(writer.clone()),
        expires_at: None,
    })
}

/// loom's lock around the recorded keys.
pub(crate) struct LoomLock(Mutex<Entries>);

impl Lock for LoomLock {
    fn new(entries: Entries) -> Self {
        Self(Mutex::new(entries))
    }

    fn with<R>(&self, action: impl FnOnce(&mut Entries) -> R) -> R {
        action(&mut self.0.lock().unwrap())
    }
}
