//! Puts the object's state as it comes, and takes what comes last for the latest.

use redeliver_model::history::RecordAnswer;
use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;
use redeliver_model::table::{Condition, Value};

use super::exhibit::{Exhibit, Handle, Verdict};
use super::latest_state::{kept, object_key, orderable, state};
use super::scenes::newer_upload_first;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "unguarded-latest",
    summary: "puts the object's state without a condition: what comes last stays",
    source: "a common mistake; no public source at hand",
    code: include_str!("unguarded_latest.rs"),
    keeps: Keeps::LatestState,
    verdict: Verdict::Wrong {
        breaks: Property::NoStaleOverwrite,
        remedy: "Put on condition that the row's sequencer is less, both in normal form.",
        smallest: Size {
            faults: 0,
            steps: 4,
        },
        scene: || newer_upload_first("90A", "9"),
        schedule: &[],
        caught_by: &Engine::ALL,
    },
    row: object_key,
    tally: None,
    shares_memory: false,
    handle: Handle::Each(|context, given| {
        Box::pin(async move {
            let Some((event, sequencer)) = orderable(&given) else {
                return RecordAnswer::FAILED;
            };
            let state = state(&event, Value::Text(sequencer));
            let put = context.table().put(&given.row, state, Condition::Always);
            kept(&put.await)
        })
    }),
};
