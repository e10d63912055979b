//! Remembers the key of an event before its row is written. If the write then fails,
//! its retry in the same environment takes the event for recorded; and where an
//! environment runs several invocations at once, it need not even fail.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::insert_unless_present::insert_unless_present;
use super::scenes::invoice;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "cache-before-write",
    summary: "remembers an event as recorded, and then writes its row",
    source: "Powertools for AWS Lambda (Python) #3821: a record was cached before it was \
             validated",
    code: include_str!("cache_before_write.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::AcknowledgedMeansRecorded,
        remedy: "Let a key into the cache only when the table has said that its row is there.",
        smallest: Size {
            faults: 0,
            steps: 5,
        },
        scene: || Scene::of(&[&[invoice()]], 2).managed(),
        schedule: &["start 1", "start 2", "return 2.1"],
        caught_by: &[Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: None,
    shares_memory: true,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            if context.memory().contains(&given.row) {
                return RecordAnswer::said(Report::Duplicate);
            }
            context.memory().push(given.row.clone());
            insert_unless_present(context, given).await
        })
    }),
};
