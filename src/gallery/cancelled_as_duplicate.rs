//! Takes every cancelled transaction for a duplicate. A transaction is cancelled by a
//! conflict as well, and then nothing was written.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Reply, Value, Write, item};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::invoice;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "cancelled-as-duplicate",
    summary: "takes every TransactionCanceledException for a duplicate, a conflict included",
    source: "a common mistake; no public source at hand",
    code: include_str!("cancelled_as_duplicate.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::HonestFailure,
        remedy: "Read CancellationReasons: only ConditionalCheckFailed is a duplicate.",
        smallest: Size {
            faults: 1,
            steps: 3,
        },
        scene: || Scene::of(&[&[invoice()]], 1),
        schedule: &["start 1", "call 1.1#1 conflict"],
        caught_by: &[Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let put = Write::Put {
                key: given.row.clone(),
                item: item([("status", Value::from("processed"))]),
                condition: Condition::NoItem,
            };
            match context.table().transact([put], None).await {
                Reply::Written => RecordAnswer::said(Report::Inserted),
                Reply::Cancelled(_) => RecordAnswer::said(Report::Duplicate),
                _ => RecordAnswer::FAILED,
            }
        })
    }),
};
