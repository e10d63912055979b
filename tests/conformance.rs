//! The model's table is compared, call by call, with a real DynamoDB API: random
//! sequences of calls, and the calls of the reference handler under random schedules,
//! must be answered alike, and must leave the same items.
//!
//! What this does not compare, because no API shows it on demand: stale reads, batches
//! done in part, the deletion of what has expired, and the ten minutes of a request
//! token. Nor what DynamoDB refuses whatever the table holds, such as two writes of
//! one item in one call: the model does not know malformed calls.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "conformance/api.rs"]
mod api;
#[path = "conformance/schedules.rs"]
mod schedules;
#[path = "conformance/sequences.rs"]
mod sequences;
mod support;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use api::Api;
use proptest::test_runner::{TestCaseError, TestRunner};
use redeliver_model::table::{Operation, Reply, Table};
use support::backend::Backend;
use support::seed::{config, seed};
use tokio::runtime::Runtime;

#[test]
fn the_models_table_answers_as_the_embedded_api_does() {
    on_the_embedded_api(compare_sequences);
}

#[test]
#[ignore = "needs Docker and an image: ci/docker && ci/dynamodb-local-image, then cargo test --test conformance -- --ignored"]
fn the_models_table_answers_as_dynamodb_local_does() {
    on_dynamodb_local(compare_sequences);
}

#[test]
fn the_handler_on_the_embedded_api_does_under_random_schedules_what_it_does_on_the_model() {
    on_the_embedded_api(|api| schedules::compare(api, seed(), 300));
}

#[test]
#[ignore = "needs Docker and an image: ci/docker && ci/dynamodb-local-image, then cargo test --test conformance -- --ignored"]
fn the_handler_on_dynamodb_local_does_under_random_schedules_what_it_does_on_the_model() {
    on_dynamodb_local(|api| schedules::compare(api, seed(), 300));
}

fn on_the_embedded_api(compare: impl FnOnce(&Api<'_>)) {
    let runtime = Runtime::new().unwrap();
    let backend = runtime.block_on(Backend::embedded());
    compare(&Api::of(&runtime, &backend));
}

fn on_dynamodb_local(compare: impl FnOnce(&Api<'_>)) {
    let runtime = Runtime::new().unwrap();
    // The container is removed when it is dropped, for which it needs a runtime.
    let _entered = runtime.enter();
    let backend = runtime.block_on(Backend::dynamodb_local());
    compare(&Api::of(&runtime, &backend));
}

/// Each case has a table of its own, and request tokens of its own.
fn compare_sequences(api: &Api<'_>) {
    let case = Cell::new(0);
    let kinds = RefCell::new(BTreeSet::new());
    let result = TestRunner::new(config(200)).run(&sequences::sequences(), |operations| {
        case.set(case.get() + 1);
        let table = api.table(format!("case-{}", case.get()));
        let seen = agrees_with_the_model(&table, &operations).map_err(TestCaseError::fail)?;
        kinds.borrow_mut().extend(seen);
        Ok(())
    });
    if let Err(difference) = result {
        panic!("{difference:#}");
    }
    // Sequences that never provoke a kind of reply would prove nothing of it.
    let all = [
        "Cancelled",
        "ConditionFailed",
        "Failed",
        "Item",
        "TokenReused",
        "Unprocessed",
        "Written",
    ];
    assert_eq!(kinds.into_inner(), BTreeSet::from(all));
}

/// Carries out the operations on a new table and on the model. Returns the kinds of
/// replies that both gave, or the first difference.
fn agrees_with_the_model(
    table: &api::Table<'_>,
    operations: &[Operation],
) -> Result<BTreeSet<&'static str>, String> {
    let mut model = Table::default();
    let mut kinds = BTreeSet::new();
    for (position, operation) in operations.iter().enumerate() {
        let expected = model.execute(operation, 0, &mut Vec::new());
        let reply = table.agrees(operation, &expected);
        kinds.insert(kind(&reply.map_err(|it| format!("call {position}: {it}"))?));
    }
    table.has(model.items())?;
    Ok(kinds)
}

fn kind(reply: &Reply) -> &'static str {
    match reply {
        Reply::Cancelled(_) => "Cancelled",
        Reply::ConditionFailed(_) => "ConditionFailed",
        Reply::Failed(_) => "Failed",
        Reply::Item(_) => "Item",
        Reply::TokenReused => "TokenReused",
        Reply::Unprocessed(_) => "Unprocessed",
        Reply::Written => "Written",
    }
}
