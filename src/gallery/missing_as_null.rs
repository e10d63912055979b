//! Takes a version id that is missing for the text "null". That is the version id of
//! objects in a bucket whose versioning is suspended.

use redeliver_model::event::{IdentityPolicy, ObjectEvent};
use redeliver_model::property::{Keeps, Property, Sighting};
use redeliver_model::scene::Scene;
use redeliver_model::scene::{created, sequenced};
use redeliver_model::schedule::Size;
use redeliver_model::table::Key;

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::insert_unless_present::insert_unless_present;
use super::scenes::invoice;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "missing-as-null",
    summary: "keys an event that has no version id as if its version id were the text null",
    source: "Powertools for AWS Lambda (TypeScript) #1501 and (Python) #2465: unrelated events \
             without the key's field share a key",
    code: include_str!("missing_as_null.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::FaithfulKeys,
        remedy: "Keep what is missing apart from every text: give it a tag of its own.",
        smallest: Size {
            faults: 0,
            steps: 4,
        },
        scene: || {
            let suspended = ObjectEvent {
                version_id: Some("null".into()),
                ..created("lambda-idempotency-demo", "invoice.txt")
            };
            Scene {
                policy: IdentityPolicy::Version,
                ..Scene::of(&[&[invoice(), sequenced(suspended, "90A", "etag-2")]], 1)
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
    row: identity_with_null,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(insert_unless_present),
};

fn identity_with_null(policy: IdentityPolicy, sighting: Sighting<'_>) -> Key {
    let version_id = sighting.event.version_id.clone();
    let defaulted = ObjectEvent {
        version_id: Some(version_id.unwrap_or_else(|| "null".into())),
        ..sighting.event.clone()
    };
    let event = &defaulted;
    identity_key(policy, Sighting { event, ..sighting })
}
