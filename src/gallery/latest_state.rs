//! Keeps the latest state of each object: what is newer replaces what is older, and a
//! removal leaves a tombstone, lest an older upload come after it.

use std::sync::Arc;

use redeliver_model::delivery::Route;
use redeliver_model::event::{IdentityPolicy, ObjectEvent, Text};
use redeliver_model::history::RecordAnswer;
use redeliver_model::property::{E_TAG, Keeps, Sighting};
use redeliver_model::table::{Comparison, Condition, Item, Key, Name, Reply, Value, item};

use super::exhibit::{Exhibit, Given, Handle, Verdict, identity_key};

const SEQUENCER: &str = "sequencer";

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "latest-state",
    summary: "puts the object's state if its sequencer, in normal form, is greater than the \
              row's; a removal leaves a row without an ETag",
    source: "Amazon S3's guide, event message structure: right pad the shorter sequencer with \
             zeros, and compare",
    code: include_str!("latest_state.rs"),
    keeps: Keeps::LatestState,
    verdict: Verdict::Right,
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
            let put = context
                .table()
                .put(&given.row, state(&event, sequencer), newer);
            kept(&put.await)
        })
    }),
};

/// One row for each object, whatever the policy.
pub(super) fn object_key(_: IdentityPolicy, sighting: Sighting<'_>) -> Key {
    identity_key(IdentityPolicy::Object, sighting)
}

/// The event and its sequencer, if it can be ordered: sequencers by way of
/// EventBridge have another form.
pub(super) fn orderable(given: &Given) -> Option<(Arc<ObjectEvent>, Text)> {
    let event = given.event.as_ref().ok()?;
    let sequencer = event.sequencer.clone()?;
    (given.route != Route::EventBridge).then(|| (Arc::clone(event), sequencer))
}

/// One case and no trailing zeros: then comparing bytes is S3's comparison.
pub(super) fn normal_form(sequencer: &str) -> String {
    sequencer.trim_end_matches('0').to_ascii_lowercase()
}

/// The row that shows what the event left of the object.
pub(super) fn state(event: &ObjectEvent, sequencer: Value) -> Item {
    match &event.e_tag {
        Some(e_tag) => item([(SEQUENCER, sequencer), (E_TAG, e_tag.clone().into())]),
        None => item([(SEQUENCER, sequencer)]),
    }
}

/// There is no row, or it shows an older state.
pub(super) fn newer_than_row(sequencer: &Value) -> Condition {
    Condition::Any(vec![
        Condition::NoItem,
        Condition::Compare {
            attribute: Name::Borrowed(SEQUENCER),
            comparison: Comparison::Less,
            value: sequencer.clone(),
        },
    ])
}

/// What is older than the row is done with, too.
pub(super) fn kept(reply: &Reply) -> RecordAnswer {
    match reply {
        Reply::Written | Reply::ConditionFailed(_) => RecordAnswer::SILENT,
        _ => RecordAnswer::FAILED,
    }
}
