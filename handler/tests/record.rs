//! The handler on a table in memory: what it writes, what it says of each record,
//! and when it asks the table at all.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard};

use redeliver_handler::record::{Handler, Invocation, Settings};
use redeliver_handler::recorded_keys::{Lock, RecordedKeys};
use redeliver_handler::table::{EpochSeconds, Existing, Insertion, Row, Table, TableError, Value};
use redeliver_handler::{IdempotencyKey, parse_event};

const NOW: EpochSeconds = EpochSeconds(1_795_000_000);

const ONCE: &str = r#"{"Records":[{"s3":{"bucket":{"name":"b"},"object":{"key":"a"}}}]}"#;

/// One upload, told of twice in one notification.
const TWICE: &str = r#"{"Records":[{"s3":{"bucket":{"name":"b"},"object":{"key":"a"}}},
    {"s3":{"bucket":{"name":"b"},"object":{"key":"a"}}}]}"#;

/// RD-4.
#[tokio::test]
async fn a_row_is_inserted_by_one_record_of_one_request_and_confirmed_to_it_alone() {
    let table = MemoryTable::default();
    let handler = Handler::new(&table, Settings::default());
    for (request_id, expected) in [
        ("r-1", ["inserted", "duplicate"]),
        ("r-1", ["confirmed", "duplicate"]),
        ("r-2", ["duplicate", "duplicate"]),
    ] {
        assert_eq!(record(&handler, TWICE, request_id).await, expected);
    }
}

#[tokio::test]
async fn a_row_says_what_s3_said_of_the_object_and_who_wrote_it() {
    let document = r#"{"Records":[{
        "eventName": "s3:ObjectCreated:Put", "eventTime": "2026-07-16T12:00:00+02:00",
        "s3": {"bucket": {"name": "b"}, "object": {"key": "red+flower.jpg", "size": 1024,
            "eTag": "e", "versionId": "v", "sequencer": "0A00"}}}]}"#;
    let table = MemoryTable::default();
    let handler = Handler::new(&table, Settings::default());
    record(&handler, document, "r-1").await;

    let row = table.only_row();
    let text = |text: &str| Value::Text(text.into());
    let expected = [
        ("id", text(&row.id.to_string())),
        ("bucket", text("b")),
        ("filename", text("red flower.jpg")),
        ("status", text("processed")),
        ("version_id", text("v")),
        ("sequencer", text("0a")),
        ("event_name", text("ObjectCreated:Put")),
        ("event_time", text("2026-07-16T10:00:00Z")),
        ("size", Value::Number(1024)),
        ("etag", text("e")),
        ("request_id", text("r-1")),
        ("record", Value::Number(0)),
    ];
    assert_eq!(row.attributes(), expected);
}

#[tokio::test]
async fn a_row_expires_after_the_days_that_are_set_and_never_without() {
    for (days, end) in [(None, None), (Some(2), Some(1_795_172_800))] {
        let table = MemoryTable::default();
        let handler = Handler::new(&table, expiring(days));
        record(&handler, ONCE, "r-1").await;
        assert_eq!(table.only_row().expires_at, end.map(EpochSeconds));
    }
}

#[tokio::test]
async fn a_row_that_is_remembered_is_not_asked_for_and_nothing_else_changes() {
    for settings in [expiring(None), expiring(Some(30))] {
        let table = MemoryTable::default();
        let handler = Handler::new(&table, settings);
        let handler = handler.with_recorded_keys::<Mutex<_>>(RecordedKeys::new(1));
        assert_eq!(record(&handler, ONCE, "r-1").await, ["inserted"]);
        assert_eq!(record(&handler, ONCE, "r-1").await, ["confirmed"]);
        assert_eq!(record(&handler, ONCE, "r-2").await, ["duplicate"]);
        assert_eq!(table.memory().calls, 1);
    }
}

/// A row may have gone by the time that the next duplicate arrives.
#[tokio::test]
async fn a_row_that_may_expire_is_remembered_only_by_a_table_that_says_when() {
    for (days, says_what_is_there, calls) in [
        (None, true, 1),
        (None, false, 1),
        (Some(30), true, 1),
        (Some(30), false, 2),
    ] {
        let table = MemoryTable::default();
        record(&Handler::new(&table, expiring(days)), ONCE, "r-1").await;
        table.memory().says_what_is_there = says_what_is_there;
        table.memory().calls = 0;
        let handler = Handler::new(&table, expiring(days));
        let handler = handler.with_recorded_keys::<Mutex<_>>(RecordedKeys::new(1));
        for request_id in ["r-2", "r-3"] {
            assert_eq!(record(&handler, ONCE, request_id).await, ["duplicate"]);
        }
        assert_eq!(table.memory().calls, calls);
    }
}

fn expiring(expire_after_days: Option<u32>) -> Settings {
    Settings {
        expire_after_days,
        ..Settings::default()
    }
}

/// Records a document, and returns what became of its records.
async fn record<L: Lock>(
    handler: &Handler<&MemoryTable, L>,
    document: &str,
    request_id: &str,
) -> Vec<&'static str> {
    let notification = handler.key(parse_event(document.as_bytes()));
    let invocation = Invocation {
        request_id: request_id.into(),
        now: NOW,
    };
    let report = handler.record(&notification, &invocation).await;
    let outcomes = report.outcomes.iter();
    outcomes.map(|record| record.outcome.name()).collect()
}

/// A table that never fails.
#[derive(Default)]
struct MemoryTable(Mutex<Memory>);

struct Memory {
    rows: BTreeMap<IdempotencyKey, Row>,
    /// Whether it returns the row that was there, as `ALL_OLD` tells it to.
    says_what_is_there: bool,
    calls: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            says_what_is_there: true,
            calls: 0,
        }
    }
}

impl MemoryTable {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap()
    }

    fn only_row(&self) -> Row {
        let rows: Vec<Row> = self.memory().rows.values().cloned().collect();
        assert_eq!(rows.len(), 1);
        rows[0].clone()
    }
}

impl Table for MemoryTable {
    async fn insert(&self, row: Row) -> Result<Insertion, TableError> {
        let mut memory = self.memory();
        memory.calls += 1;
        let says_what_is_there = memory.says_what_is_there;
        Ok(match memory.rows.entry(row.id) {
            Entry::Vacant(vacant) => {
                vacant.insert(row);
                Insertion::Inserted
            }
            Entry::Occupied(_) if !says_what_is_there => Insertion::Present(Existing::default()),
            Entry::Occupied(occupied) => Insertion::Present(Existing {
                writer: Some(occupied.get().writer.clone()),
                expires_at: occupied.get().expires_at,
            }),
        })
    }
}
