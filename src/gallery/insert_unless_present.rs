//! One conditional `PutItem` for each event. The row says who wrote it, so a failed
//! condition tells a duplicate from the handler's own write.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::Keeps;
use redeliver_model::table::{Condition, FailedCondition, Item, Reply, Value, item};

use super::exhibit::{Context, Exhibit, Given, Handle, Verdict, identity_key};
use crate::table::Boxed;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "insert-unless-present",
    summary: "puts the row on condition that there is none, and tells its own row from another's",
    source: "the reference handler, in short",
    code: include_str!("insert_unless_present.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Right,
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(insert_unless_present),
};

/// Records an event under the key of its row.
pub(super) fn insert_unless_present(
    context: Context,
    given: Given,
) -> Boxed<'static, RecordAnswer> {
    Box::pin(async move {
        let row = signed_row(&context, &given);
        let put = context
            .table()
            .put(&given.row, Item::clone(&row), Condition::NoItem);
        match put.await {
            Reply::Written => RecordAnswer::said(Report::Inserted),
            Reply::ConditionFailed(failed) => RecordAnswer::said(present(&failed, &row)),
            _ => RecordAnswer::FAILED,
        }
    })
}

/// A row that says which request wrote it, and for which of its records.
pub(super) fn signed_row(context: &Context, given: &Given) -> Item {
    item([
        ("record", Value::Number(given.position as i64)),
        ("request_id", Value::Text(context.request_id.clone())),
        ("status", Value::from("processed")),
    ])
}

/// What to report of a row that is there already: whose it is.
pub(super) fn present(failed: &FailedCondition, own: &Item) -> Report {
    match failed.item.as_ref() == Some(own) {
        true => Report::Confirmed,
        false => Report::Duplicate,
    }
}
