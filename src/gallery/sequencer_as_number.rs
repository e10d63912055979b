//! Reads sequencers as hexadecimal numbers: of different length, they compare the
//! other way round.

use redeliver_model::history::RecordAnswer;
use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;

use super::exhibit::{Exhibit, Handle, Verdict};
use super::latest_state::{kept, newer_than_row, object_key, orderable, state};
use super::scenes::newer_upload_first;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "sequencer-as-number",
    summary: "puts the object's state if its sequencer, read as a number, is greater than the \
              row's",
    source: "a common mistake; no public source at hand. S3 pads on the right, numbers on the \
             left",
    code: include_str!("sequencer_as_number.rs"),
    keeps: Keeps::LatestState,
    verdict: Verdict::Wrong {
        breaks: Property::NoStaleOverwrite,
        remedy: "Compare sequencers as text, in one case and without trailing zeros.",
        smallest: Size {
            faults: 0,
            steps: 4,
        },
        scene: || newer_upload_first("9", "10"),
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
            let Ok(number) = i64::from_str_radix(&sequencer, 16) else {
                return RecordAnswer::FAILED;
            };
            let newer = newer_than_row(&number.into());
            let state = state(&event, number.into());
            kept(&context.table().put(&given.row, state, newer).await)
        })
    }),
};
