//! Claims the event until it is completed. After a crash it never is.

use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;

use super::claim::{Terms, claim_effect_complete};
use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::{behind_a_queue, one_upload};
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "claim-without-lease",
    summary: "claims the event until it is completed, however long that takes",
    source: "powertools-lambda issue 53, Powertools for Python issues 738 and 1038: stuck in \
             progress after a timeout; idempotender core/src/db.ts: a lock that has expired is \
             never acquired again",
    code: include_str!("claim_without_lease.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Wrong {
        breaks: Property::Convergence,
        remedy: "Give the claim a lease that ends no later than the invocation, and let a lapsed \
                 one be taken over.",
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
            let terms = Terms {
                lease_until: None,
                ..Terms::of(&context.unique, &context)
            };
            claim_effect_complete(&context, &given, terms).await
        })
    }),
};
