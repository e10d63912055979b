//! Numbers the rows as they come, with a counter in the environment's memory: what is
//! in a row depends on what came before it, and on which environment it came to.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Reply, Value, item};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::{invoice, upload};
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "numbered-rows",
    summary: "gives each row the next number of a counter that the environment keeps",
    source: "a common mistake; no public source at hand",
    code: include_str!("numbered_rows.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::OrderDoesNotMatter,
        remedy: "Put nothing into a row but what follows from its event.",
        smallest: Size {
            faults: 0,
            steps: 6,
        },
        scene: || {
            Scene::of(
                &[&[invoice()], &[upload("another-bucket", "invoice.txt")]],
                1,
            )
        },
        schedule: &["start 2"],
        caught_by: &[
            Engine::Sequence,
            Engine::Interleaving,
            Engine::Fault,
            Engine::Random,
        ],
    },
    row: identity_key,
    tally: None,
    shares_memory: true,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let number = {
                let mut seen = context.memory();
                seen.push(given.row.clone());
                seen.len() as i64
            };
            let row = item([("number", Value::Number(number))]);
            let put = context.table().put(&given.row, row, Condition::NoItem);
            match put.await {
                Reply::Written => RecordAnswer::said(Report::Inserted),
                Reply::ConditionFailed(_) => RecordAnswer::said(Report::Duplicate),
                _ => RecordAnswer::FAILED,
            }
        })
    }),
};
