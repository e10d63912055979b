//! The small scenes that every handler is played, right or wrong.

use std::sync::Arc;

use super::Scene;
use crate::delivery::{Flaw, Form, Record, Route};
use crate::event::{Happening, IdentityPolicy, ObjectEvent};

/// An object that was created, as the test events of tutorials have it.
pub fn created(bucket: &str, key: &str) -> ObjectEvent {
    ObjectEvent {
        bucket: bucket.into(),
        key: key.into(),
        version_id: None,
        sequencer: None,
        time: None,
        happening: Happening::Created,
        e_tag: None,
    }
}

/// The event as a record, with a sequencer, a time and an ETag as S3 sends them.
pub fn sequenced(event: ObjectEvent, sequencer: &str, e_tag: &str) -> Record {
    Record::Event(Arc::new(ObjectEvent {
        sequencer: Some(sequencer.into()),
        time: Some(1_795_000_000),
        e_tag: (event.happening == Happening::Created).then(|| e_tag.into()),
        ..event
    }))
}

/// The small scenes, with their names; without faults and waits.
pub fn standard() -> Vec<(&'static str, Scene)> {
    let invoice = || created("lambda-idempotency-demo", "invoice.txt");
    let first = || sequenced(invoice(), "9", "etag-1");
    let removed = ObjectEvent {
        happening: Happening::Removed,
        ..invoice()
    };
    let other = |bucket, key| sequenced(created(bucket, key), "9", "etag-2");
    let version = |id: &str, sequencer, e_tag| {
        let version_id = Some(id.into());
        let event = ObjectEvent {
            version_id,
            ..invoice()
        };
        sequenced(event, sequencer, e_tag)
    };
    let unreadable = Record::Unreadable(Flaw::NoBucket);
    let report = ObjectEvent {
        version_id: Some("v1".into()),
        ..created("b", "report")
    };
    let under = |policy, scene: Scene| Scene { policy, ..scene };
    let [object, by_version, occurrence] = IdentityPolicy::ALL;
    vec![
        ("one event", Scene::of(&[&[first()]], 1)),
        ("one event, twice", Scene::of(&[&[first()]], 2)),
        (
            "two events together",
            Scene::of(
                &[&[first(), other("lambda-idempotency-demo", "receipt.txt")]],
                1,
            ),
        ),
        (
            "an event behind one that nobody can read",
            Scene::of(&[&[unreadable, first()]], 1),
        ),
        (
            "one key in two buckets",
            Scene::of(&[&[first()], &[other("another-bucket", "invoice.txt")]], 1),
        ),
        (
            "a space and a plus",
            Scene::of(&[&[other("b", "two words")], &[other("b", "two+words")]], 1),
        ),
        (
            "a key that looks like a key and a version",
            under(
                by_version,
                Scene::of(
                    &[
                        &[sequenced(report, "9", "etag-1")],
                        &[other("b", "report#v1")],
                    ],
                    1,
                ),
            ),
        ),
        (
            "an object without a version, and one of the version null",
            under(
                by_version,
                Scene::of(&[&[first()], &[version("null", "90A", "etag-2")]], 1),
            ),
        ),
        (
            "two versions",
            under(
                by_version,
                Scene::of(
                    &[
                        &[version("v1", "10", "etag-1")],
                        &[version("v2", "9", "etag-2")],
                    ],
                    1,
                ),
            ),
        ),
        (
            "two uploads",
            under(
                occurrence,
                Scene::of(&[&[sequenced(invoice(), "10", "etag-0")], &[first()]], 1),
            ),
        ),
        (
            "two uploads of one object",
            under(
                object,
                Scene::of(&[&[sequenced(invoice(), "10", "etag-0")], &[first()]], 1),
            ),
        ),
        (
            "an upload and a removal",
            Scene::of(&[&[first()], &[sequenced(removed, "90A", "etag-2")]], 1),
        ),
        (
            "one event in two forms",
            two_forms(Scene::of(&[&[other("b", "dir/é.txt")]], 2)),
        ),
        (
            "one event by two routes",
            two_routes(Scene::of(
                &[&[other("b", "two words")], &[other("b", "two words")]],
                1,
            )),
        ),
    ]
}

fn two_forms(mut scene: Scene) -> Scene {
    scene.notifications[0].deliveries = vec![Form::Original, Form::Revised];
    scene
}

fn two_routes(mut scene: Scene) -> Scene {
    scene.notifications[1].route = Route::EventBridge;
    scene
}
