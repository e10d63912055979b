//! Counts the event in the transaction that puts its marker: both or neither.

use redeliver_model::event::IdentityPolicy;
use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{COUNT, Keeps, Sighting};
use redeliver_model::table::{Change, Condition, Item, Key, Name, Reason, Reply, Write, item};

use super::exhibit::{Context, Exhibit, Given, Handle, Verdict, identity_key};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "transactional-counter",
    summary: "puts the event's marker unless there is one, and counts the event, in one \
              TransactWriteItems",
    source: "DynamoDB's guide on error handling: after a 500, a write may have succeeded; \
             TransactWriteItems for those that must be idempotent",
    code: include_str!("transactional_counter.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Right,
    row: identity_key,
    tally: Some(tally_key),
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let marker = item([("status", "processed".into())]);
            count_with_marker(&context, &given, marker).await
        })
    }),
};

/// Each identity has a count of its own, so that anybody can tell whose was counted.
pub(super) fn tally_key(policy: IdentityPolicy, sighting: Sighting<'_>) -> Key {
    format!("count of {}", identity_key(policy, sighting)).into()
}

/// Counts the event, and puts this marker unless there is one.
pub(super) async fn count_with_marker(
    context: &Context,
    given: &Given,
    marker: Item,
) -> RecordAnswer {
    let put = Write::Put {
        key: given.row.clone(),
        item: marker,
        condition: Condition::NoItem,
    };
    let tally = given.tally.clone().unwrap_or_default();
    let transaction = context.table().transact([put, count(tally)], None);
    match transaction.await {
        Reply::Written => RecordAnswer::said(Report::Inserted),
        // Any other reason, such as a conflict, says nothing of the marker.
        Reply::Cancelled(reasons)
            if matches!(reasons.first(), Some(Reason::ConditionFailed(_))) =>
        {
            RecordAnswer::said(Report::Duplicate)
        }
        _ => RecordAnswer::FAILED,
    }
}

/// Adds one to a count.
pub(super) fn count(key: Key) -> Write {
    Write::Update {
        key,
        changes: vec![one_more()],
        condition: Condition::Always,
    }
}

/// One more than there was.
pub(super) fn one_more() -> Change {
    Change::Add(Name::Borrowed(COUNT), 1)
}
