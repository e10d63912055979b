//! Takes the request id for the owner of the claim. A retry has the same one, and so
//! has the attempt before it, if it is still at work or its write still under way.

use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;

use super::claim::{Terms, claim_effect_complete};
use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::one_upload;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "request-id-as-owner",
    summary: "claims the event for Lambda's request id, which all attempts of an asynchronous \
              invocation share",
    source: "a common mistake; no public source at hand. Lambda keeps the request id over the \
             retries of an asynchronous invocation, and Managed Instances let what has timed out \
             run on beside them",
    code: include_str!("request_id_as_owner.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Wrong {
        breaks: Property::FirstWriteWins,
        remedy: "Make up a claim token for every attempt.",
        smallest: Size {
            faults: 1,
            steps: 10,
        },
        scene: || one_upload(1),
        schedule: &[
            "start 1",
            "call 1.1#1 answered",
            "call 1.1#2 answered",
            "crash 1.1 late",
            "start 1",
            "call 1.2#1 answered",
            "call 1.2#2 answered",
            "call 1.2#3 answered",
            "return 1.2",
            "apply-late 1.1#3",
        ],
        caught_by: &[Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let terms = Terms::of(&context.request_id, &context);
            claim_effect_complete(&context, &given, terms).await
        })
    }),
};
