//! Sends the write and answers without waiting for it. Lambda freezes the environment
//! with the answer: the write may be done then or never, and nobody hears of its error.

use std::future::poll_fn;
use std::task::Poll;

use redeliver_model::history::RecordAnswer;
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Value, item};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::invoice;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "unawaited-write",
    summary: "sends the write, and acknowledges the event without waiting for the reply",
    source: "alexa/alexa-skills-kit-sdk-for-nodejs issue 164: the function ends before its attributes \
             are written; aws-solutions/cognito-user-profiles-export-reference-architecture issue \
             52: a missing await",
    code: include_str!("unawaited_write.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::AcknowledgedMeansRecorded,
        remedy: "Await the write before answering; a spawned task dies with the invocation.",
        smallest: Size {
            faults: 0,
            steps: 3,
        },
        scene: || Scene::of(&[&[invoice()]], 1),
        schedule: &["start 1", "return 1.1", "drop-late 1.1#1"],
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
            let mut put = context.table().put(&given.row, row, Condition::NoItem);
            // A task that is spawned gets as far as sending the request.
            poll_fn(|task| {
                let _ = put.as_mut().poll(task);
                Poll::Ready(())
            })
            .await;
            RecordAnswer::SILENT
        })
    }),
};
