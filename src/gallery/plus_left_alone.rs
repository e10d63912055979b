//! Decodes `%XX` and leaves `+` alone, as the percent decoders of most languages do:
//! an object with a space in its name, and one with a plus there, become one.

use redeliver_model::delivery::Route;
use redeliver_model::event::{IdentityPolicy, ObjectEvent};
use redeliver_model::property::{Keeps, Property, Sighting};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::Key;

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::insert_unless_present::insert_unless_present;
use super::scenes::upload;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "plus-left-alone",
    summary: "decodes %XX in the object's key, but not + for a space",
    source: "matano PR #57, iii-hq/workers PR #91; the Rust crates percent_encoding and \
             urlencoding",
    code: include_str!("plus_left_alone.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::FaithfulKeys,
        remedy: "Keys are form-urlencoded: turn + into a space first, and decode %XX then.",
        smallest: Size {
            faults: 0,
            steps: 4,
        },
        scene: || Scene::of(&[&[upload("b", "two words"), upload("b", "two+words")]], 1),
        schedule: &["start 1"],
        caught_by: &[
            Engine::Sequence,
            Engine::Interleaving,
            Engine::Fault,
            Engine::Random,
        ],
    },
    row: identity_with_pluses,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(insert_unless_present),
};

fn identity_with_pluses(policy: IdentityPolicy, sighting: Sighting<'_>) -> Key {
    let key = match sighting.route {
        // Which does not escape keys.
        Route::EventBridge => Key::clone(&sighting.event.key),
        // All that S3 escapes comes back, but for the spaces.
        _ => sighting.event.key.replace(' ', "+").into(),
    };
    let decoded = ObjectEvent {
        key,
        ..sighting.event.clone()
    };
    let event = &decoded;
    identity_key(policy, Sighting { event, ..sighting })
}
