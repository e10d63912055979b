//! Takes a remaining time of 0 for none at all, and claims without a lease. It keeps
//! half a minute for itself, so that there is nothing left after half of its time.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;
use redeliver_model::table::{Reply, Seconds};

use super::claim::{Terms, claim_effect_complete, is_completed, seconds};
use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::{behind_a_queue, one_upload};
use super::trial::Engine;

/// What the invocation keeps for itself of the remaining time.
const MARGIN: Seconds = 30;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "zero-is-absent",
    summary: "looks whether the event is completed, and then claims it for the time that \
              remains, less a margin, if that is anything but 0",
    source: "Powertools for TypeScript BasePersistenceLayer.saveInProgress (1e5fe1b): \
             `if (remainingTimeInMillis)`; Powertools for Python issue 4759",
    code: include_str!("zero_is_absent.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Wrong {
        breaks: Property::Convergence,
        remedy: "Ask whether the remaining time is there, not whether it is true; and refuse to \
                 claim without a lease.",
        smallest: Size {
            faults: 1,
            steps: 8,
        },
        scene: || behind_a_queue(one_upload(1)).with_waits(1),
        schedule: &[
            "start 1",
            "wait half-minute",
            "call 1.1#1 answered",
            "crash 1.1 applied",
        ],
        caught_by: &[Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            match context.table().get(&given.row).await {
                Reply::Item(Some(row)) if is_completed(&row) => {
                    return RecordAnswer::said(Report::Duplicate);
                }
                Reply::Item(_) => {}
                _ => return RecordAnswer::FAILED,
            }
            let remaining = context.remaining().saturating_sub(MARGIN);
            let lease_until = seconds(context.now() + remaining);
            let terms = Terms {
                lease_until: (remaining != 0).then_some(lease_until),
                ..Terms::of(&context.unique, &context)
            };
            claim_effect_complete(&context, &given, terms).await
        })
    }),
};
