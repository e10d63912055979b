//! The keys known to be recorded, shared by the invocations of a warm environment.
//!
//! A failed conditional write costs a write unit like a successful one, and a
//! round trip. An environment that has seen a key's row needs neither to answer
//! the next duplicate. Lambda Managed Instances run several invocations in one
//! environment at once (default Lambda never does), so the cache is shared between
//! them: it is the handler's only shared memory.
//!
//! Three rules keep it from ever changing an answer but for sparing the call:
//! a key enters only after the table has said that its row is there; an entry
//! carries the row's writer, so that an invocation still recognises its own row;
//! and it ends with the row's TTL.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::identity::IdempotencyKey;
use crate::table::{EpochSeconds, Existing};

/// Keys known to be recorded: the newest `capacity` of them.
///
/// Generic over its lock, so that loom can put its own in place of [`Mutex`].
#[derive(Debug)]
pub struct RecordedKeys<L = Mutex<Entries>> {
    entries: L,
}

/// What the lock guards.
#[derive(Debug)]
pub struct Entries {
    capacity: usize,
    rows: BTreeMap<IdempotencyKey, Existing>,
    oldest_first: VecDeque<IdempotencyKey>,
}

/// A lock around [`Entries`].
pub trait Lock: Send + Sync {
    /// The lock, around `entries`.
    fn new(entries: Entries) -> Self;

    /// Runs `action` while nobody else does.
    fn with<R>(&self, action: impl FnOnce(&mut Entries) -> R) -> R;
}

impl Lock for Mutex<Entries> {
    fn new(entries: Entries) -> Self {
        Self::new(entries)
    }

    fn with<R>(&self, action: impl FnOnce(&mut Entries) -> R) -> R {
        // No action leaves the entries half changed, so a panic elsewhere is no
        // reason to distrust them.
        action(&mut self.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<L: Lock> RecordedKeys<L> {
    /// An empty cache for so many keys.
    pub fn new(capacity: usize) -> Self {
        Self {
            entries: L::new(Entries {
                capacity,
                rows: BTreeMap::new(),
                oldest_first: VecDeque::new(),
            }),
        }
    }

    /// What is known of the row under `key`, if it is known to be there at `now`.
    pub fn find(&self, key: IdempotencyKey, now: EpochSeconds) -> Option<Existing> {
        self.entries.with(|entries| {
            let row = entries.rows.get(&key)?;
            row.expires_at
                .is_none_or(|end| now < end)
                .then(|| row.clone())
        })
    }

    /// Remembers a row that the table has said is there. A table that does not say
    /// who wrote it makes nobody forget who did.
    pub fn remember(&self, key: IdempotencyKey, row: Existing) {
        self.entries.with(|entries| {
            let known = entries.rows.get(&key);
            let row = Existing {
                writer: row.writer.or_else(|| known?.writer.clone()),
                ..row
            };
            if entries.rows.insert(key, row).is_none() {
                entries.oldest_first.push_back(key);
            }
            if entries.rows.len() > entries.capacity
                && let Some(oldest) = entries.oldest_first.pop_front()
            {
                entries.rows.remove(&oldest);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::IdentityPolicy;
    use crate::table::Writer;
    use crate::{Parsed, parse_event};

    fn key(name: &str) -> IdempotencyKey {
        let document = format!(
            r#"{{"Records":[{{"s3":{{"bucket":{{"name":"b"}},"object":{{"key":"{name}"}}}}}}]}}"#
        );
        let Parsed::Event(event) = &parse_event(document.as_bytes()).records[0].parsed else {
            panic!("{document} is an event");
        };
        IdentityPolicy::Object
            .identify(event)
            .unwrap()
            .idempotency_key()
    }

    fn expiring(seconds: u64) -> Existing {
        Existing {
            expires_at: Some(EpochSeconds(seconds)),
            ..Existing::default()
        }
    }

    #[test]
    fn an_entry_ends_with_its_rows_ttl() {
        let keys: RecordedKeys = RecordedKeys::new(1);
        keys.remember(key("a"), expiring(100));
        assert_eq!(keys.find(key("a"), EpochSeconds(99)), Some(expiring(100)));
        assert_eq!(keys.find(key("a"), EpochSeconds(100)), None);
    }

    #[test]
    fn a_row_that_never_expires_is_always_known() {
        let keys: RecordedKeys = RecordedKeys::new(1);
        keys.remember(key("a"), Existing::default());
        assert!(keys.find(key("a"), EpochSeconds(u64::MAX)).is_some());
    }

    #[test]
    fn the_oldest_key_goes_when_the_cache_is_full() {
        let keys: RecordedKeys = RecordedKeys::new(2);
        for name in ["a", "b", "a", "c"] {
            keys.remember(key(name), Existing::default());
        }
        let known = ["a", "b", "c"].map(|name| keys.find(key(name), EpochSeconds(0)).is_some());
        assert_eq!(known, [false, true, true]);
    }

    #[test]
    fn a_cache_for_no_keys_knows_none() {
        let keys: RecordedKeys = RecordedKeys::new(0);
        keys.remember(key("a"), Existing::default());
        assert_eq!(keys.find(key("a"), EpochSeconds(0)), None);
    }

    #[test]
    fn a_row_that_was_written_again_after_its_ttl_is_known_anew() {
        let keys: RecordedKeys = RecordedKeys::new(2);
        keys.remember(key("a"), expiring(100));
        keys.remember(key("a"), expiring(300));
        assert_eq!(keys.find(key("a"), EpochSeconds(200)), Some(expiring(300)));
    }

    #[test]
    fn a_table_that_does_not_name_the_writer_makes_nobody_forget_it() {
        let written = Existing {
            writer: Some(Writer {
                request_id: "r-1".into(),
                record: 0,
            }),
            ..expiring(100)
        };
        let keys: RecordedKeys = RecordedKeys::new(2);
        keys.remember(key("a"), written.clone());
        keys.remember(key("a"), expiring(300));
        let merged = Existing {
            expires_at: Some(EpochSeconds(300)),
            ..written
        };
        assert_eq!(keys.find(key("a"), EpochSeconds(200)), Some(merged));
    }
}
