//! Reads `Records[0]` and no other: S3 sends one record as a rule, and nothing
//! says that it always will.

use redeliver_model::history::{Answer, Report};
use redeliver_model::property::Property;
use redeliver_model::table::{Condition, Reply};

use super::{Rogue, for_each_record, named, row};

pub(super) const ROGUE: Rogue = Rogue {
    name: "first-record-only",
    fault: "only Records[0] is recorded, and the whole notification acknowledged",
    breaks: Property::AcknowledgedMeansRecorded,
    smallest: (3, 0),
    handle: |table, records, _request_id| {
        Box::pin(async move {
            let count = records.len();
            let first = records.into_iter().take(1).collect();
            let answer = for_each_record(first, async |key| {
                match named(&table).put(&key, row(), Condition::NoItem).await {
                    Reply::Written => Some(Report::Inserted),
                    Reply::ConditionFailed(_) => Some(Report::Duplicate),
                    _ => None,
                }
            })
            .await;
            let acknowledged = answer.acknowledged.iter().all(|&it| it);
            let mut reports = answer.reports;
            reports.resize(count, None);
            Answer {
                acknowledged: vec![acknowledged; count],
                reports,
            }
        })
    },
};
