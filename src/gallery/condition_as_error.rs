//! Takes a failed condition for an error like any other: a duplicate fails until it is
//! a dead letter.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Reply, Value, item};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::{behind_a_queue, invoice};
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "condition-as-error",
    summary: "fails when the condition fails, so a duplicate is never acknowledged",
    source: "aws/aws-sdk-java #2667: a retry met its own write, and the failed condition came \
             back as an error",
    code: include_str!("condition_as_error.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::Convergence,
        remedy: "A failed condition says that the event is recorded: acknowledge it as a \
                 duplicate.",
        smallest: Size {
            faults: 0,
            steps: 8,
        },
        scene: || behind_a_queue(Scene::of(&[&[invoice(), invoice()]], 1)),
        schedule: &["start 1"],
        caught_by: &[
            Engine::Sequence,
            Engine::Interleaving,
            Engine::Fault,
            Engine::Random,
        ],
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
                _ => RecordAnswer::FAILED,
            }
        })
    }),
};
