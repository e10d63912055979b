//! Looks whether the row is there, and writes it if not. Between the two another
//! invocation does the same.

use redeliver_model::history::Report;
use redeliver_model::property::Property;
use redeliver_model::table::{Condition, Reply};

use super::{Rogue, for_each_record, named, row};

pub(super) const ROGUE: Rogue = Rogue {
    name: "check-then-put",
    fault: "the check and the write are two calls, and another invocation fits in between",
    breaks: Property::OneInsertReported,
    smallest: (8, 0),
    handle: |table, records, _request_id| {
        Box::pin(async move {
            for_each_record(records, async |key| {
                match named(&table).get(&key, true).await {
                    Reply::Item(Some(_)) => return Some(Report::Duplicate),
                    Reply::Item(None) => {}
                    _ => return None,
                }
                match named(&table).put(&key, row(), Condition::Always).await {
                    Reply::Written => Some(Report::Inserted),
                    _ => None,
                }
            })
            .await
        })
    },
};
