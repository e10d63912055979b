//! Deletes the row of an object that was removed, and with it the sequencer that an
//! older upload would have been compared with.

use redeliver_model::event::Happening;
use redeliver_model::history::RecordAnswer;
use redeliver_model::property::{Keeps, Property};
use redeliver_model::schedule::Size;
use redeliver_model::table::Value;

use super::exhibit::{Exhibit, Handle, Verdict};
use super::latest_state::{kept, newer_than_row, normal_form, object_key, orderable, state};
use super::scenes::removal_first;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "delete-without-tombstone",
    summary: "puts the object's state if it is newer than the row's, and deletes the row when the \
              object is removed",
    source: "AWS-South-Wales-User-Group/qldb-simple-demo issue 17: an update that comes again \
             after the deletion restores the record",
    code: include_str!("delete_without_tombstone.rs"),
    keeps: Keeps::LatestState,
    verdict: Verdict::Wrong {
        breaks: Property::NoStaleOverwrite,
        remedy: "Put a tombstone with the removal's sequencer, and let it expire when nothing \
                 older can come any more.",
        smallest: Size {
            faults: 0,
            steps: 4,
        },
        scene: removal_first,
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
            let sequencer = Value::from(&*normal_form(&sequencer));
            let newer = newer_than_row(&sequencer);
            let reply = match event.happening {
                Happening::Created => {
                    let state = state(&event, sequencer);
                    context.table().put(&given.row, state, newer).await
                }
                Happening::Removed => context.table().delete(&given.row, newer).await,
            };
            kept(&reply)
        })
    }),
};
