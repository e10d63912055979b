//! Keys by the whole event but for what is known to differ between copies: a list of
//! what to leave out, where one of what to take is needed. AWS adds fields, and another
//! route writes all of them in another way; then a duplicate has another key.

use redeliver_model::delivery::{Form, Route};
use redeliver_model::event::IdentityPolicy;
use redeliver_model::property::{Keeps, Property, Sighting};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Size;
use redeliver_model::table::Key;

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::insert_unless_present::insert_unless_present;
use super::scenes::invoice;
use super::trial::Engine;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "whole-event-key",
    summary: "keys the row by a hash of the whole event but for some fields, so eventVersion counts",
    source: "Powertools for AWS Lambda (Python) #638: the key changed with the order of the \
             event's fields; S3's eventVersion is 2.5 since July 2026",
    code: include_str!("whole_event_key.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Wrong {
        breaks: Property::FaithfulKeys,
        remedy: "Key by the fields of the identity, and by no other.",
        smallest: Size {
            faults: 0,
            steps: 6,
        },
        scene: || {
            let mut scene = Scene::of(&[&[invoice()]], 2);
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
    row: identity_and_form,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(insert_unless_present),
};

/// What is hashed stands for its hash.
fn identity_and_form(policy: IdentityPolicy, sighting: Sighting<'_>) -> Key {
    let identity = identity_key(policy, sighting);
    match (sighting.route, sighting.form) {
        (Route::EventBridge, _) => format!("{identity} detail").into(),
        (_, Form::Original) => format!("{identity} 2.4").into(),
        (_, Form::Revised) => format!("{identity} 2.5").into(),
    }
}
