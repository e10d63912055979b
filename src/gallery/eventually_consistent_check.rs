//! Looks whether the row is there with a read that may be answered from an earlier
//! state. So even deliveries that follow one another can both find nothing; and those
//! that overlap need not even that.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Reply, Value, item};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::scenes::invoice;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "eventually-consistent-check",
    summary: "looks for the row with an eventually consistent read, and puts it if it sees none",
    source: "idempot-js packages/stores/dynamodb/src/index.js (048233b): an eventually \
             consistent Get, then an unconditional PutCommand",
    code: include_str!("eventually_consistent_check.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::OneInsertReported,
        remedy: "Let the write decide: a condition is always checked against the latest state.",
        smallest: Size {
            faults: 0,
            steps: 8,
        },
        scene: || Scene::of(&[&[invoice()]], 2),
        schedule: &[
            "start 1",
            "start 2",
            "call 1.1#1 answered",
            "call 2.1#1 answered",
        ],
        caught_by: &[Engine::Interleaving, Engine::Fault, Engine::Random],
    },
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            match context.table().get_eventually(&given.row).await {
                Reply::Item(Some(_)) => return RecordAnswer::said(Report::Duplicate),
                Reply::Item(None) => {}
                _ => return RecordAnswer::FAILED,
            }
            let row = item([("status", Value::from("processed"))]);
            let put = context.table().put(&given.row, row, Condition::Always);
            match put.await {
                Reply::Written => RecordAnswer::said(Report::Inserted),
                _ => RecordAnswer::FAILED,
            }
        })
    }),
};
