//! Overwrites the row with one that carries something of the delivery: here the
//! request id, elsewhere the time of processing.

use redeliver_model::history::Report;
use redeliver_model::property::Property;
use redeliver_model::table::{Condition, Reply, Value};

use super::{Rogue, for_each_record, named, row};

pub(super) const ROGUE: Rogue = Rogue {
    name: "stamped-row",
    fault: "an unconditional put of a row that differs from delivery to delivery",
    breaks: Property::FirstWriteWins,
    smallest: (6, 0),
    handle: |table, records, request_id| {
        Box::pin(async move {
            for_each_record(records, async |key| {
                let mut row = row();
                row.insert("processed_by".to_owned(), Value::Text(request_id.clone()));
                match named(&table).put(&key, row, Condition::Always).await {
                    Reply::Written => Some(Report::Inserted),
                    _ => None,
                }
            })
            .await
        })
    },
};
