//! Adds one to a counter for every delivery.

use redeliver_model::history::RecordAnswer;
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Reply};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::invoice;
use super::transactional_counter::one_more;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "plain-increment",
    summary: "adds one to a counter, which is atomic but not idempotent",
    source: "aws-samples/sample-voice-of-customer-datalake issue 264: stream retries count every \
             metric twice; serg-io/dynamodb-atomic-counter issue 4",
    code: include_str!("plain_increment.rs"),
    keeps: Keeps::Effects,
    verdict: Verdict::Wrong {
        breaks: Property::EffectsNotDoubled,
        remedy: "Count in one TransactWriteItems with a marker that must not be there yet.",
        smallest: Size {
            faults: 0,
            steps: 4,
        },
        scene: || Scene::of(&[&[invoice(), invoice()]], 1),
        schedule: &[],
        caught_by: &Engine::ALL,
    },
    row: identity_key,
    tally: Some(identity_key),
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let table = context.table();
            match table
                .update(&given.row, [one_more()], Condition::Always)
                .await
            {
                Reply::Written => RecordAnswer::SILENT,
                _ => RecordAnswer::FAILED,
            }
        })
    }),
};
