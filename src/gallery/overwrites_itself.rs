//! Puts the row without a condition. It is the same to the byte every time, so that a
//! duplicate overwrites the row with itself.

use redeliver_model::history::RecordAnswer;
use redeliver_model::property::Keeps;
use redeliver_model::table::{Condition, Reply, Value, item};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "overwrites-itself",
    summary: "puts a row that follows from the event's identity alone; right by accident, until \
              the row says anything of its delivery",
    source: "the first handler of the article that this kit grew out of",
    code: include_str!("overwrites_itself.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Right,
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let row = item([("status", Value::from("processed"))]);
            let put = context.table().put(&given.row, row, Condition::Always);
            match put.await {
                Reply::Written => RecordAnswer::SILENT,
                _ => RecordAnswer::FAILED,
            }
        })
    }),
};
