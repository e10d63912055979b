//! Stores the end of the lease in milliseconds, and compares it with seconds: it ends
//! in some fifty thousand years.

use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;

use super::claim::{Terms, claim_effect_complete, seconds};
use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::{behind_a_queue, one_upload};
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "seconds-against-milliseconds",
    summary: "stores the end of the lease in milliseconds, and compares it with seconds",
    source: "Powertools for Java issue 1281 and pull request 1285, whose test had the same bug; \
             Powertools for TypeScript IdempotencyHandler.ts:116 (1e5fe1b)",
    code: include_str!("seconds_against_milliseconds.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Wrong {
        breaks: Property::Convergence,
        remedy: "Put the unit into the attribute's name, or into a type, and test a lease that \
                 has lapsed against a clock of your own.",
        smallest: Size {
            faults: 1,
            steps: 5,
        },
        scene: || behind_a_queue(one_upload(1)),
        schedule: &["start 1", "crash 1.1 applied"],
        caught_by: &[Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let milliseconds = seconds(context.deadline).saturating_mul(1_000);
            let terms = Terms {
                lease_until: Some(milliseconds),
                ..Terms::of(&context.unique, &context)
            };
            claim_effect_complete(&context, &given, terms).await
        })
    }),
};
