//! Looks whether the row is there, and writes it if not. Between the two another
//! invocation does the same.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::{Scene, created, sequenced};
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Reply, Value, item};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "check-then-put",
    summary: "looks whether the row is there, and puts it if not",
    source: "idempot-js packages/stores/dynamodb/src/index.js (048233b): Get and Query, then an \
             unconditional PutCommand",
    code: include_str!("check_then_put.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::OneInsertReported,
        remedy: "One conditional PutItem does both in one step: attribute_not_exists(id).",
        smallest: Size {
            faults: 0,
            steps: 8,
        },
        scene: || {
            let invoice = created("lambda-idempotency-demo", "invoice.txt");
            Scene::of(&[&[sequenced(invoice, "9", "etag-1")]], 2)
        },
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
            match context.table().get(&given.row).await {
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
