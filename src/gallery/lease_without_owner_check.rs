//! Frees the row when it fails, without asking whose claim it is.

use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;
use redeliver_model::table::Condition;

use super::claim::{Terms, claim_effect_complete};
use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::one_upload;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "lease-without-owner-check",
    summary: "claims the event with a lease, and deletes the row when it fails: a duplicate that \
              was turned away deletes what the owner has completed meanwhile",
    source: "Powertools for AWS Lambda, all four languages: _delete_record and _update_record \
             have no ConditionExpression (Python fa1c29f, TypeScript 1e5fe1b, Java 9ff4abf, .NET \
             b029cc5); TypeScript issue 5675: a rejected duplicate freed the live lock",
    code: include_str!("lease_without_owner_check.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Wrong {
        breaks: Property::FirstWriteWins,
        remedy: "Delete and complete on condition that the row still has this attempt's claim \
                 token; or let the lease lapse.",
        smallest: Size {
            faults: 0,
            steps: 14,
        },
        scene: || one_upload(2),
        schedule: &[
            "start 1",
            "call 1.1#1 answered",
            "start 2",
            "call 2.1#1 answered",
            "call 1.1#2 answered",
            "call 1.1#3 answered",
            "return 1.1",
        ],
        caught_by: &[Engine::Interleaving, Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let terms = Terms::of(&context.unique, &context);
            let answer = claim_effect_complete(&context, &given, terms).await;
            if !answer.acknowledged {
                context.table().delete(&given.row, Condition::Always).await;
            }
            answer
        })
    }),
};
