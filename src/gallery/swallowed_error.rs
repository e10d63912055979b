//! Logs a record's error and returns success, so that "one bad record does not
//! block the others": Lambda never tries it again.

use redeliver_model::history::Answer;
use redeliver_model::property::Property;
use redeliver_model::table::Condition;

use super::{Rogue, for_each_record, named, row};

pub(super) const ROGUE: Rogue = Rogue {
    name: "swallowed-error",
    fault: "a record's error is logged and the notification acknowledged all the same",
    breaks: Property::HonestFailure,
    smallest: (3, 1),
    handle: |table, records, _request_id| {
        Box::pin(async move {
            let count = records.len();
            for_each_record(records, async |key| {
                let _logged = named(&table).put(&key, row(), Condition::NoItem).await;
                None
            })
            .await;
            Answer {
                acknowledged: vec![true; count],
                reports: vec![None; count],
            }
        })
    },
};
