//! Claims the event for good, then performs its effect. Whoever finds the claim goes
//! away, and nobody asks whether the effect was ever performed.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Reply, item};

use super::claim::perform;
use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::one_upload;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "claim-then-effect",
    summary: "puts a marker unless there is one, then performs the effect; whoever finds the \
              marker takes the event for done",
    source: "Vizir/natura src/idempotency-sqs-wrapper.ts: claims before it runs, and deletes the \
             message when the redelivery finds the claim",
    code: include_str!("claim_then_effect.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Wrong {
        breaks: Property::EffectsNotLost,
        remedy: "Tell claimed from completed: complete the row after the effect, and let only a \
                 completed row count as done.",
        smallest: Size {
            faults: 0,
            steps: 7,
        },
        scene: || one_upload(2),
        schedule: &[
            "start 1",
            "call 1.1#1 answered",
            "start 2",
            "call 2.1#1 answered",
            "return 2.1",
        ],
        caught_by: &[Engine::Interleaving, Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let marker = item([("status", "processed".into())]);
            let put = context.table().put(&given.row, marker, Condition::NoItem);
            match put.await {
                Reply::Written => {}
                Reply::ConditionFailed(_) => return RecordAnswer::said(Report::Duplicate),
                _ => return RecordAnswer::FAILED,
            }
            match perform(&context, &given).await {
                true => RecordAnswer::said(Report::Inserted),
                false => RecordAnswer::FAILED,
            }
        })
    }),
};
