//! Counts in a transaction whose request token is the event's key, and leaves it to
//! DynamoDB to recognise a repetition. It does, for ten minutes.

use redeliver_model::history::RecordAnswer;
use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;
use redeliver_model::table::Reply;

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::one_upload;
use super::transactional_counter::count;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "token-as-dedup",
    summary: "counts in a TransactWriteItems whose ClientRequestToken is the event's key, with \
              no marker beside it",
    source: "a common mistake; no public source at hand. The token is valid for ten minutes, and \
             Lambda keeps an event for up to six hours",
    code: include_str!("token_as_dedup.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Wrong {
        breaks: Property::EffectsNotDoubled,
        remedy: "Put a marker in the same transaction, on condition that it is not there yet; the \
                 token is for the SDK's own retries.",
        smallest: Size {
            faults: 0,
            steps: 7,
        },
        scene: || one_upload(2).with_waits(1),
        schedule: &[
            "start 1",
            "call 1.1#1 answered",
            "return 1.1",
            "wait six-hours",
        ],
        caught_by: &[Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: Some(identity_key),
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let token = Some(given.row.clone());
            let transaction = context.table().transact([count(given.row)], token);
            match transaction.await {
                Reply::Written => RecordAnswer::SILENT,
                _ => RecordAnswer::FAILED,
            }
        })
    }),
};
