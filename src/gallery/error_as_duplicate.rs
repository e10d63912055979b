//! Takes every error of the conditional write for a failed condition: a throttled
//! write becomes a duplicate, and the event is lost.

use redeliver_model::history::Report;
use redeliver_model::property::Property;
use redeliver_model::table::{Condition, Reply};

use super::{Rogue, for_each_record, named, row};

pub(super) const ROGUE: Rogue = Rogue {
    name: "error-as-duplicate",
    fault: "every error is taken for a duplicate, so a write that never happened is acknowledged",
    breaks: Property::HonestFailure,
    smallest: (3, 1),
    handle: |table, records, _request_id| {
        Box::pin(async move {
            for_each_record(records, async |key| {
                match named(&table).put(&key, row(), Condition::NoItem).await {
                    Reply::Written => Some(Report::Inserted),
                    _ => Some(Report::Duplicate),
                }
            })
            .await
        })
    },
};
