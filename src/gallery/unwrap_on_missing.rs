//! Unwraps a field that need not be there. A panic is a function error: the notification
//! is tried again, panics again, and its other records are lost with it.

use redeliver_model::delivery::{Flaw, Record};
use redeliver_model::event::Happening;
use redeliver_model::history::{Answer, RecordAnswer};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;

use super::exhibit::{Context, Exhibit, Handle, Verdict, identity_key};
use super::insert_unless_present::insert_unless_present;
use super::scenes::behind_a_queue;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "unwrap-on-missing",
    summary: "panics on a record without a bucket",
    source: "buoyant-data/oxbow #8: s3:TestEvent panics the function, which blocks its queue",
    code: include_str!("unwrap_on_missing.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::TotalParsing,
        remedy: "Parse into a type that says what is missing, and reject the record with a \
                 reason.",
        smallest: Size {
            faults: 0,
            steps: 4,
        },
        scene: || behind_a_queue(Scene::of(&[&[Record::Unreadable(Flaw::NoBucket)]], 1)),
        schedule: &["start 1"],
        caught_by: &[
            Engine::Sequence,
            Engine::Interleaving,
            Engine::Fault,
            Engine::Random,
        ],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::Whole(|context| Box::pin(unwrap_each(context))),
};

async fn unwrap_each(context: Context) -> Answer {
    let mut answers = Vec::with_capacity(context.records.len());
    for given in context.records.iter() {
        answers.push(match &given.event {
            Err(Flaw::NoBucket) => panic!("called `Option::unwrap()` on a `None` value"),
            Err(_) => RecordAnswer::FAILED,
            Ok(event) if event.happening == Happening::Removed => RecordAnswer::SILENT,
            Ok(_) => insert_unless_present(context.clone(), given.clone()).await,
        });
    }
    Answer::together(answers)
}
