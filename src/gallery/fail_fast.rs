//! Gives up at the first record that fails: a record that nobody can read takes those
//! behind it along into the dead-letter queue.

use redeliver_model::delivery::{Flaw, Record};
use redeliver_model::event::Happening;
use redeliver_model::history::{Answer, RecordAnswer};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;

use super::exhibit::{Context, Exhibit, Handle, Verdict, identity_key};
use super::insert_unless_present::insert_unless_present;
use super::scenes::{behind_a_queue, invoice};
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "fail-fast",
    summary: "ends at the first record that fails, and leaves those behind it unrecorded",
    source: "a common mistake; no public source at hand",
    code: include_str!("fail_fast.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::BatchIsolation,
        remedy: "Go through all records, and fail in the end; behind a queue, name the failed \
                 messages.",
        smallest: Size {
            faults: 0,
            steps: 4,
        },
        scene: || {
            behind_a_queue(Scene::of(
                &[&[Record::Unreadable(Flaw::NoBucket), invoice()]],
                1,
            ))
        },
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
    handle: Handle::Whole(|context| Box::pin(one_after_another(context))),
};

async fn one_after_another(context: Context) -> Answer {
    let mut answers = vec![RecordAnswer::FAILED; context.records.len()];
    for (place, given) in context.records.iter().enumerate() {
        answers[place] = match &given.event {
            Err(_) => RecordAnswer::FAILED,
            Ok(event) if event.happening == Happening::Removed => RecordAnswer::SILENT,
            Ok(_) => insert_unless_present(context.clone(), given.clone()).await,
        };
        if !answers[place].acknowledged {
            break;
        }
    }
    Answer::together(answers)
}
