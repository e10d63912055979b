//! Joins the fields of the identity with a delimiter. An object's key may hold any
//! character, the delimiter too.

use redeliver_model::event::{IdentityPolicy, ObjectEvent};
use redeliver_model::property::{Keeps, Property, Sighting};
use redeliver_model::scene::Scene;
use redeliver_model::scene::{created, sequenced};
use redeliver_model::schedule::Size;
use redeliver_model::table::Key;

use super::exhibit::{Exhibit, Handle, Verdict};
use super::insert_unless_present::insert_unless_present;
use super::scenes::upload;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "delimiter-joined",
    summary: "joins the fields of the identity with #, which a key may hold as well",
    source: "paveg/hono-idempotency issue 22: a path with a colon, in a key joined by colons; \
             vm0-ai/vm0 issue 16747",
    code: include_str!("delimiter_joined.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::FaithfulKeys,
        remedy: "Write each field with its length in front, or hash them so.",
        smallest: Size {
            faults: 0,
            steps: 4,
        },
        scene: || {
            let version = ObjectEvent {
                version_id: Some("v1".into()),
                ..created("b", "report")
            };
            let records = [sequenced(version, "9", "etag-1"), upload("b", "report#v1")];
            Scene {
                policy: IdentityPolicy::Version,
                ..Scene::of(&[&records], 1)
            }
        },
        schedule: &["start 1"],
        caught_by: &[
            Engine::Sequence,
            Engine::Interleaving,
            Engine::Fault,
            Engine::Random,
        ],
    },
    row: joined,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(insert_unless_present),
};

fn joined(policy: IdentityPolicy, sighting: Sighting<'_>) -> Key {
    let event = sighting.event;
    let mut fields = vec![&*event.bucket, &*event.key];
    let time = event.time.map(|time| time.to_string());
    let sequencer = event.sequencer.as_ref();
    let sequencer = sequencer.map(|it| it.trim_end_matches('0').to_ascii_lowercase());
    if policy != IdentityPolicy::Object {
        fields.extend(event.version_id.as_deref());
    }
    if policy == IdentityPolicy::Occurrence {
        fields.extend(sequencer.as_deref().or(time.as_deref()));
    }
    fields.join("#").into()
}
