//! Takes every error of the conditional put for a failed condition: a throttled write
//! becomes a duplicate, and the event is lost.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Reply, Value, item};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::invoice;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "error-as-duplicate",
    summary: "takes every error for a duplicate, and acknowledges what was never written",
    source: "a common mistake; no public source at hand",
    code: include_str!("error_as_duplicate.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::HonestFailure,
        remedy: "Only ConditionalCheckFailedException is a duplicate; hand every other error \
                 back to Lambda.",
        smallest: Size {
            faults: 1,
            steps: 3,
        },
        scene: || Scene::of(&[&[invoice()]], 1),
        schedule: &["start 1", "call 1.1#1 throttled"],
        caught_by: &[Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let row = item([("status", Value::from("processed"))]);
            let put = context.table().put(&given.row, row, Condition::NoItem);
            match put.await {
                Reply::Written => RecordAnswer::said(Report::Inserted),
                _ => RecordAnswer::said(Report::Duplicate),
            }
        })
    }),
};
