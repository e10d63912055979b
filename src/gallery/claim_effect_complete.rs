//! Claims the event, performs its effect, completes it.

use redeliver_model::property::Keeps;

use super::claim::{Terms, claim_effect_complete};
use super::exhibit::{Exhibit, Handle, Verdict, identity_key};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "claim-effect-complete",
    summary: "claims the event for the length of the invocation, by a token that no other attempt \
              has; performs its effect, with the row's key as idempotency token; completes the \
              row, if it is still its own",
    source: "cds-snc/sre-bot pull request 1495: a claim token for each call",
    code: include_str!("claim_effect_complete.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Right,
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let terms = Terms::of(&context.unique, &context);
            claim_effect_complete(&context, &given, terms).await
        })
    }),
};
