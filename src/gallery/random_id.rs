//! Gives each row an id of its own. There never is a row with that id, so the condition
//! never fails.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Key, Reply, Value, item};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::invoice;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "random-id",
    summary: "puts each row under a random id, on condition that there is none with that id",
    source: "vapor/penny-bot issue 385: each retry makes a fresh UUID, and with it a second entry",
    code: include_str!("random_id.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::UniqueRows,
        remedy: "Derive the id from the fields of the event that make it what it is.",
        smallest: Size {
            faults: 0,
            steps: 3,
        },
        scene: || Scene::of(&[&[invoice()]], 1),
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
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let random: Key = format!("{}/{}", context.unique, given.position).into();
            let row = item([("status", Value::from("processed"))]);
            match context.table().put(&random, row, Condition::NoItem).await {
                Reply::Written => RecordAnswer::said(Report::Inserted),
                _ => RecordAnswer::FAILED,
            }
        })
    }),
};
