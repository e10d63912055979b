//! A second opinion: the reference handler in concurrent invocations on [loom]'s
//! threads, in every order in which they can take the locks that they share.
//!
//! What runs is [`Handler::record`] itself, several times at once, and then the retry
//! of each. What the invocations share is loom's: one lock for each item, because
//! single items are what DynamoDB is atomic in, and the one around the recorded keys.
//! Every execution is judged, and the executions are counted, because loom says
//! nothing when it stops at a limit. A number that has changed means that the scene
//! has: see that it lost nothing before you write down the new one.
//!
//! # Limitations
//!
//! loom sees the order in which locks are taken, and nothing else. There is no crash
//! here, no lost reply, no throttling and no time; a table call is one step that never
//! waits. What is shared by other means than these locks goes unseen, and so does a
//! DynamoDB that is not as atomic as it says. Four invocations that share a cache are
//! too many to finish (300 seconds were not enough), and are explored in part.
//!
//! The last three tests are rogues of the gallery, by their names there: two whose bug
//! is in what invocations share, which loom must catch, and one whose bug is in what
//! an error means, which loom cannot tell from the right handler.
//!
//! [loom]: https://docs.rs/loom

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "loom/rogues.rs"]
mod rogues;
#[path = "loom/scene.rs"]
mod scene;
#[path = "loom/table.rs"]
mod table;

use std::collections::{BTreeMap, BTreeSet};

use redeliver_handler::record::{Handler, Settings};
use redeliver_handler::recorded_keys::RecordedKeys;
use rogues::{CacheBeforeWrite, CheckThenPut, EveryErrorPresent};
use scene::{Exploration, Scene};
use table::{LoomLock, LoomTable};

/// One event, delivered to so many invocations at once.
fn one_event(invocations: usize) -> Scene {
    let requests = ["r-1", "r-2", "r-3", "r-4"];
    let deliveries = requests.map(|request_id| (request_id, &["a"][..]));
    Scene::new(&deliveries[..invocations])
}

fn without_cache(table: LoomTable) -> Handler<LoomTable> {
    Handler::new(table, Settings::default())
}

fn with_cache(table: LoomTable) -> Handler<LoomTable, LoomLock> {
    without_cache(table).with_recorded_keys(RecordedKeys::new(16))
}

/// There were so many executions, and all were right. Retries included, they asked
/// the table for so many writes: the cache spares what it can.
fn assert_holds(found: &Exploration, executions: usize, writes: &[usize]) {
    assert_eq!(found.violations, BTreeMap::new());
    assert_eq!(found.executions, executions);
    assert_eq!(found.writes, BTreeSet::from_iter(writes.iter().copied()));
}

/// RD-1, RD-2, RD-3, RD-4.
#[test]
fn concurrent_invocations_record_an_event_once() {
    for (invocations, executions) in [(2, 4), (3, 94), (4, 7_605)] {
        let name = format!("{invocations} invocations, no cache");
        let found = one_event(invocations).explore(&name, without_cache);
        assert_holds(&found, executions, &[2 * invocations]);
    }
}

/// RD-1, RD-2, RD-3, RD-4: whatever is in the cache is in the table.
#[test]
fn concurrent_invocations_with_a_cache_record_an_event_once() {
    for (invocations, executions, writes) in [(2, 45, &[1, 2][..]), (3, 27_980, &[1, 2, 3])] {
        let name = format!("{invocations} invocations, one cache");
        let found = one_event(invocations).explore(&name, with_cache);
        assert_holds(&found, executions, writes);
    }
}

/// RD-1, RD-2, RD-3, RD-4, in a part of the executions.
#[test]
fn four_invocations_with_a_cache_do_no_wrong_with_two_preemptions() {
    let scene = one_event(4).with_preemptions(2);
    let found = scene.explore("4 invocations, one cache", with_cache);
    assert_holds(&found, 683, &[1, 2, 3]);
}

/// RD-1, RD-2, RD-3, RD-4.
#[test]
fn concurrent_invocations_record_both_events_of_a_notification_once() {
    let scene = Scene::new(&[("r-1", &["a", "b"]), ("r-2", &["a", "b"])]);
    let found = scene.explore("2 invocations of 2 records, no cache", without_cache);
    assert_holds(&found, 13, &[8]);
    let found = scene.explore("2 invocations of 2 records, one cache", with_cache);
    assert_holds(&found, 1_623, &[2, 3, 4]);
}

/// RD-1, RD-2, RD-3, RD-4.
#[test]
fn two_notifications_record_the_event_that_both_have_once() {
    let scene = Scene::new(&[("r-1", &["a", "b"]), ("r-2", &["c", "a"])]);
    let found = scene.explore("1 event in 2 notifications, no cache", without_cache);
    assert_holds(&found, 4, &[8]);
    let found = scene.explore("1 event in 2 notifications, one cache", with_cache);
    assert_holds(&found, 370, &[3, 4]);
}

/// RD-4. On Lambda Managed Instances an invocation that has timed out may run on
/// beside its retry, which has its request id.
#[test]
fn an_invocation_and_its_own_retry_report_one_insertion() {
    let scene = Scene::new(&[("r-1", &["a"]), ("r-1", &["a"])]);
    let found = scene.explore("an invocation and its retry, no cache", without_cache);
    assert_holds(&found, 4, &[4]);
    let found = scene.explore("an invocation and its retry, one cache", with_cache);
    assert_holds(&found, 45, &[1, 2]);
}

/// RD-2: should the writer crash now, the event is lost.
#[test]
fn the_rogue_cache_before_write_is_caught() {
    let rogue = |table| Handler::new(CacheBeforeWrite::new(table), Settings::default());
    let alone = one_event(1).explore("cache-before-write, alone", rogue);
    assert_holds(&alone, 1, &[1]);
    let found = one_event(2).explore("cache-before-write", rogue);
    assert_eq!(found.violations, BTreeMap::from([("RD-2", 2)]));
    assert_eq!(found.executions, 13);
}

/// RD-4, and RD-3: the later put replaces the row.
#[test]
fn the_rogue_check_then_put_is_caught() {
    let rogue = |table| Handler::new(CheckThenPut(table), Settings::default());
    let alone = one_event(1).explore("check-then-put, alone", rogue);
    assert_holds(&alone, 1, &[1]);
    let found = one_event(2).explore("check-then-put", rogue);
    assert_eq!(found.violations, BTreeMap::from([("RD-3", 2), ("RD-4", 2)]));
    assert_eq!(found.executions, 14);
}

/// RD-7 is what it breaks, as soon as there is an error. Here there is none.
#[test]
fn the_rogue_error_as_duplicate_is_beyond_loom() {
    let rogue = |table| Handler::new(EveryErrorPresent(table), Settings::default());
    let found = one_event(3).explore("error-as-duplicate", rogue);
    assert_holds(&found, 94, &[6]);
}
