//! The state before each row's last write, for reads that are answered from it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value as Json, json};

use super::{Backend, BackendError, RowId};
use crate::check::gate::TableCall;

/// Items as they were before their last writes; none for a row that was not there.
#[derive(Debug, Default)]
pub(super) struct EarlierItems {
    wanted: AtomicBool,
    items: Mutex<BTreeMap<RowId, Option<Json>>>,
}

impl EarlierItems {
    /// Notes what a write has replaced.
    pub(super) fn replaced(&self, before: Vec<(RowId, Option<Json>)>) {
        self.items().extend(before);
    }

    pub(super) fn forget(&self) {
        self.items().clear();
    }

    fn items(&self) -> MutexGuard<'_, BTreeMap<RowId, Option<Json>>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend {
    /// From now on remembers of each row what it was before its last write, which
    /// costs a read before every write. Without this no read is answered stale.
    pub fn remember_earlier_items(&self) {
        self.earlier.wanted.store(true, Ordering::Relaxed);
    }

    /// The item of a row before its last write, as DynamoDB's JSON. The outer none:
    /// no write of it is remembered. The inner none: it was not there.
    pub(in crate::check) fn earlier_item(&self, row: &RowId) -> Option<Option<Json>> {
        self.earlier.items().get(row).cloned()
    }

    /// The rows that a call is about to write, as they are now.
    pub(super) async fn before(
        &self,
        call: &TableCall,
    ) -> Result<Vec<(RowId, Option<Json>)>, BackendError> {
        let mut before = Vec::new();
        if call.kind.is_write() && self.earlier.wanted.load(Ordering::Relaxed) {
            for row in &call.rows {
                let key: Json = serde_json::from_str(&row.key).unwrap_or_default();
                let get = json!({ "TableName": row.table, "Key": key, "ConsistentRead": true });
                match self.call("GetItem", &get).await {
                    Ok(mut found) => {
                        let item = Some(found["Item"].take()).filter(|it| !it.is_null());
                        before.push((row.clone(), item));
                    }
                    // A write of such a row is about to be refused as well.
                    Err(error) if error.code().is_some() => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(before)
    }
}
