//! Makes the row's key from the delivery instead of the event: a request id here,
//! a random id elsewhere. Every delivery has a row of its own.

use redeliver_model::history::Report;
use redeliver_model::property::Property;
use redeliver_model::table::{Condition, Reply};

use super::{Rogue, for_each_record, named, row};

pub(super) const ROGUE: Rogue = Rogue {
    name: "key-of-the-delivery",
    fault: "the row's key comes from the delivery, so a condition on it never fails",
    breaks: Property::UniqueRows,
    smallest: (3, 0),
    handle: |table, records, request_id| {
        Box::pin(async move {
            for_each_record(records, async |_| {
                match named(&table)
                    .put(&request_id, row(), Condition::NoItem)
                    .await
                {
                    Reply::Written => Some(Report::Inserted),
                    Reply::ConditionFailed(_) => Some(Report::Duplicate),
                    _ => None,
                }
            })
            .await
        })
    },
};
