//! Takes the object's key for the event's identity. Another bucket has an object of the
//! same name, and the same object is uploaded again.

use redeliver_model::property::{Keeps, Property};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::Key;

use super::exhibit::{Exhibit, Handle, Verdict};
use super::insert_unless_present::insert_unless_present;
use super::scenes::{invoice, upload};
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "object-key-only",
    summary: "keys the row by the object's key alone, whatever its bucket and version",
    source: "the final handler of the article that this kit grew out of",
    code: include_str!("object_key_only.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::FaithfulKeys,
        remedy: "Key by every field of the identity: the bucket, the key, and the version where \
                 that counts.",
        smallest: Size {
            faults: 0,
            steps: 4,
        },
        scene: || Scene::of(&[&[invoice(), upload("another-bucket", "invoice.txt")]], 1),
        schedule: &["start 1"],
        caught_by: &[
            Engine::Sequence,
            Engine::Interleaving,
            Engine::Fault,
            Engine::Random,
        ],
    },
    row: |_policy, sighting| Key::clone(&sighting.event.key),
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(insert_unless_present),
};
