//! Compares sequencers as they were sent: a capital letter comes before a small one.

use redeliver_model::history::RecordAnswer;
use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;
use redeliver_model::table::Value;

use super::exhibit::{Exhibit, Handle, Verdict};
use super::latest_state::{kept, newer_than_row, object_key, orderable, state};
use super::scenes::newer_upload_first;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "sequencer-as-sent",
    summary: "puts the object's state if its sequencer, as it was sent, is a text that comes \
              after the row's",
    source: "a common mistake; no public source at hand. S3's samples write sequencers in both \
             cases",
    code: include_str!("sequencer_as_sent.rs"),
    keeps: Keeps::LatestState,
    verdict: Verdict::Wrong {
        breaks: Property::NoStaleOverwrite,
        remedy: "Bring sequencers into normal form before they are stored or compared: one case, \
                 no trailing zeros.",
        smallest: Size {
            faults: 0,
            steps: 4,
        },
        scene: || newer_upload_first("0B", "0a01"),
        schedule: &[],
        caught_by: &[Engine::Random],
    },
    row: object_key,
    tally: None,
    shares_memory: false,
    handle: Handle::Each(|context, given| {
        Box::pin(async move {
            let Some((event, sequencer)) = orderable(&given) else {
                return RecordAnswer::FAILED;
            };
            let sequencer = Value::Text(sequencer);
            let newer = newer_than_row(&sequencer);
            let state = state(&event, sequencer);
            kept(&context.table().put(&given.row, state, newer).await)
        })
    }),
};
