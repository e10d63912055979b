//! Writes the rows of a notification with one BatchWriteItem. Its answer is a success
//! even if some of them were not written: these it lists as unprocessed.

use redeliver_model::event::Happening;
use redeliver_model::history::{Answer, RecordAnswer};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Reply, Value, Write, item};

use super::exhibit::{Context, Exhibit, Handle, Verdict, identity_key};
use super::scenes::invoice;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "unprocessed-ignored",
    summary: "writes all rows with one BatchWriteItem, and does not look at UnprocessedItems",
    source: "sensedeep/dynamodb-onetable issue 486: batchWrite never found the UnprocessedItems, and \
             went on; boto/boto pull request 1714: dropped them",
    code: include_str!("unprocessed_ignored.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::HonestFailure,
        remedy: "Send the unprocessed items again until there are none, or fail.",
        smallest: Size {
            faults: 1,
            steps: 3,
        },
        scene: || Scene::of(&[&[invoice()]], 1),
        schedule: &["start 1", "call 1.1#1 unprocessed"],
        caught_by: &[Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::Whole(|context| Box::pin(write_together(context))),
};

async fn write_together(context: Context) -> Answer {
    let mut writes: Vec<Write> = Vec::new();
    let mut answers = Vec::with_capacity(context.records.len());
    for given in context.records.iter() {
        let Ok(event) = &given.event else {
            answers.push(RecordAnswer::FAILED);
            continue;
        };
        answers.push(RecordAnswer::SILENT);
        // A batch may not hold two writes of one item.
        let is_there = writes.iter().any(|write| *write.key() == given.row);
        if event.happening == Happening::Created && !is_there {
            writes.push(Write::Put {
                key: given.row.clone(),
                item: item([("status", Value::from("processed"))]),
                condition: Condition::Always,
            });
        }
    }
    if !writes.is_empty() {
        match context.table().batch(writes).await {
            Reply::Unprocessed(_ignored) => {}
            _ => answers.fill(RecordAnswer::FAILED),
        }
    }
    Answer::together(answers)
}
