//! Lets its marker expire after an hour. An event may come again after six.

use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;
use redeliver_model::table::{EXPIRES_AT, Seconds, Value, item};

use super::claim::seconds;
use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::one_upload;
use super::transactional_counter::{count_with_marker, tally_key};
use super::trial::Engine;

const HOUR: Seconds = 60 * 60;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "short-ttl",
    summary: "counts in one transaction with a marker that expires after an hour",
    source: "Powertools for AWS Lambda: records expire after 3600 seconds by default, while \
             Lambda keeps an event for up to six hours",
    code: include_str!("short_ttl.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Wrong {
        breaks: Property::EffectsNotDoubled,
        remedy: "Let markers outlast whatever may deliver the event again: Lambda's six hours, a \
                 queue's fourteen days, and the dead-letter queue behind them.",
        smallest: Size {
            faults: 0,
            steps: 8,
        },
        scene: || one_upload(2).with_waits(1),
        schedule: &[
            "start 1",
            "call 1.1#1 answered",
            "return 1.1",
            "wait six-hours",
            "sweep",
        ],
        caught_by: &[Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: Some(tally_key),
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let end = Value::Number(seconds(context.now() + HOUR));
            let marker = item([("status", "processed".into()), (EXPIRES_AT, end)]);
            count_with_marker(&context, &given, marker).await
        })
    }),
};
