//! Gives up at the first record that fails: a record that cannot be read takes its
//! neighbours along into the dead-letter queue.

use redeliver_model::delivery::Record;
use redeliver_model::history::{Answer, Report};
use redeliver_model::property::Property;
use redeliver_model::table::{Condition, Reply};

use super::{Rogue, key, named, row};

pub(super) const ROGUE: Rogue = Rogue {
    name: "fail-fast",
    fault: "the first record that fails ends the invocation, and those behind it are not recorded",
    breaks: Property::BatchIsolation,
    smallest: (6, 0),
    handle: |table, records, _request_id| {
        Box::pin(async move {
            let failed = Answer {
                acknowledged: vec![false; records.len()],
                reports: vec![None; records.len()],
            };
            let mut reports = Vec::new();
            for record in records {
                let Record::Recordable(identity) = record else {
                    return failed;
                };
                let key = key(identity);
                let put = named(&table).put(&key, row(), Condition::NoItem);
                reports.push(match put.await {
                    Reply::Written => Some(Report::Inserted),
                    Reply::ConditionFailed(_) => Some(Report::Duplicate),
                    _ => return failed,
                });
            }
            Answer {
                acknowledged: vec![true; reports.len()],
                reports,
            }
        })
    },
};
