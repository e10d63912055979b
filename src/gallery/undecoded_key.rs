//! Leaves the object's key as it is sent: form-urlencoded, which can be done in more
//! than one way, and not at all by EventBridge.

use redeliver_model::delivery::Form;
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
    name: "undecoded-key",
    summary: "keys the row by the object's key as the notification has it, without decoding it",
    source: "aws-lambda-rust-runtime examples/basic-s3-thumbnail uses the raw key; so does the \
             final handler of the article that this kit grew out of",
    code: include_str!("undecoded_key.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::FaithfulKeys,
        remedy: "Decode the key: + is a space, then %XX, then UTF-8.",
        smallest: Size {
            faults: 0,
            steps: 6,
        },
        scene: || {
            let mut scene = Scene::of(&[&[upload("b", "dir/report")]], 2);
            scene.notifications[0].deliveries = vec![Form::Original, Form::Revised];
            scene
        },
        schedule: &["start 1"],
        caught_by: &[
            Engine::Sequence,
            Engine::Interleaving,
            Engine::Fault,
            Engine::Random,
        ],
    },
    row: identity_with_key_as_sent,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(insert_unless_present),
};

fn identity_with_key_as_sent(policy: IdentityPolicy, sighting: Sighting<'_>) -> Key {
    let as_sent = ObjectEvent {
        key: sighting.key_as_sent().into(),
        ..sighting.event.clone()
    };
    let event = &as_sent;
    identity_key(policy, Sighting { event, ..sighting })
}
