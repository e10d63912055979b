//! Takes a failed condition for an error like any other: every duplicate fails
//! until it is a dead letter.

use redeliver_model::history::Report;
use redeliver_model::property::Property;
use redeliver_model::table::{Condition, Reply};

use super::{Rogue, for_each_record, named, row};

pub(super) const ROGUE: Rogue = Rogue {
    name: "condition-as-error",
    fault: "a failed condition fails the invocation, so a duplicate is never acknowledged",
    breaks: Property::Convergence,
    smallest: (12, 0),
    handle: |table, records, _request_id| {
        Box::pin(async move {
            for_each_record(records, async |key| {
                match named(&table).put(&key, row(), Condition::NoItem).await {
                    Reply::Written => Some(Report::Inserted),
                    _ => None,
                }
            })
            .await
        })
    },
};
