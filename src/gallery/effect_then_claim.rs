//! Looks for the marker, performs the effect, then puts the marker. An attempt that
//! ends in between has left no trace of the effect, and the next performs it again.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Reply, item};

use super::claim::RECEIPT;
use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::one_upload;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "effect-then-claim",
    summary: "looks whether there is a marker, performs the effect if not, and then puts the \
              marker",
    source: "roshankumar0036singh/Uni-Event pull request 765: reads the entry, sends the email, \
             writes the entry, and two calls at once send it twice",
    code: include_str!("effect_then_claim.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Wrong {
        breaks: Property::EffectsNotDoubled,
        remedy: "Claim first, and send the row's key with the effect as its idempotency token: \
                 then whoever performs it recognises a repetition.",
        smallest: Size {
            faults: 0,
            steps: 10,
        },
        scene: || one_upload(2),
        schedule: &[
            "start 1",
            "start 2",
            "call 1.1#1 answered",
            "call 2.1#1 answered",
        ],
        caught_by: &[Engine::Interleaving, Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            match context.table().get(&given.row).await {
                Reply::Item(Some(_)) => return RecordAnswer::said(Report::Duplicate),
                Reply::Item(None) => {}
                _ => return RecordAnswer::FAILED,
            }
            let effect = context.table().effect(&given.row, None, RECEIPT.into());
            if effect.await != Reply::Written {
                return RecordAnswer::FAILED;
            }
            let marker = item([("status", "processed".into())]);
            let put = context.table().put(&given.row, marker, Condition::NoItem);
            match put.await {
                Reply::Written => RecordAnswer::said(Report::Inserted),
                Reply::ConditionFailed(_) => RecordAnswer::said(Report::Duplicate),
                _ => RecordAnswer::FAILED,
            }
        })
    }),
};
