//! Puts a row that says when and by whom it was processed, without a condition: each
//! delivery replaces what the one before wrote.

use redeliver_model::history::RecordAnswer;
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Reply, Value, item};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::invoice;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "stamped-row",
    summary: "puts a row with the time and the request id of its delivery, without a condition",
    source: "the first handler of the article that this kit grew out of, with a time in its row",
    code: include_str!("stamped_row.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::FirstWriteWins,
        remedy: "Put it on condition that there is none: attribute_not_exists(id) keeps the \
                 first row.",
        smallest: Size {
            faults: 0,
            steps: 6,
        },
        scene: || Scene::of(&[&[invoice()]], 2),
        schedule: &["start 1", "call 1.1#1 answered", "return 1.1", "start 2"],
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
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let row = item([
                ("processed_at", Value::Number(context.now() as i64)),
                ("request_id", Value::Text(context.request_id.clone())),
            ]);
            let put = context.table().put(&given.row, row, Condition::Always);
            match put.await {
                Reply::Written => RecordAnswer::SILENT,
                _ => RecordAnswer::FAILED,
            }
        })
    }),
};
