//! Logs a record's error and goes on, so that "one bad record does not block the
//! others". Lambda hears of success, and never tries again.

use redeliver_model::history::RecordAnswer;
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Value, item};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::invoice;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "swallowed-error",
    summary: "logs the error of a write, and acknowledges the event all the same",
    source: "aws-lambda-rust-runtime examples/basic-s3-thumbnail: swallows every error, and \
             returns Ok",
    code: include_str!("swallowed_error.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::HonestFailure,
        remedy: "Go on to the next record, but fail in the end if any failed.",
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
            let _logged = put.await;
            RecordAnswer::SILENT
        })
    }),
};
