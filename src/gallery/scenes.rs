//! What several witnesses play.

use redeliver_model::delivery::{Queue, Record, Route};
use redeliver_model::event::{Happening, ObjectEvent};
use redeliver_model::scene::{Scene, created, sequenced};

/// The upload of `invoice.txt`.
pub(super) fn invoice() -> Record {
    let event = created("lambda-idempotency-demo", "invoice.txt");
    sequenced(event, "9", "etag-1")
}

/// The upload of some other object.
pub(super) fn upload(bucket: &str, key: &str) -> Record {
    sequenced(created(bucket, key), "9", "etag-2")
}

/// One upload, delivered so often.
pub(super) fn one_upload(deliveries: usize) -> Scene {
    Scene::of(&[&[invoice()]], deliveries)
}

/// Two uploads of one object in one notification, the newer one first.
pub(super) fn newer_upload_first(newer: &str, older: &str) -> Scene {
    let upload = |sequencer, e_tag| {
        let event = created("lambda-idempotency-demo", "invoice.txt");
        sequenced(event, sequencer, e_tag)
    };
    let records = [upload(newer, "etag-2"), upload(older, "etag-1")];
    Scene::of(&[&records], 1)
}

/// The removal of an object and an earlier upload in one notification.
pub(super) fn removal_first() -> Scene {
    let removed = ObjectEvent {
        happening: Happening::Removed,
        ..created("lambda-idempotency-demo", "invoice.txt")
    };
    let removed = sequenced(removed, "90A", "none");
    Scene::of(&[&[removed, invoice()]], 1)
}

/// The scene behind an SQS queue, which hands each message over twice at most.
pub(super) fn behind_a_queue(mut scene: Scene) -> Scene {
    let queue = Queue {
        receives: 2,
        partial_batches: false,
    };
    for notification in &mut scene.notifications {
        notification.route = Route::Sqs(queue);
    }
    scene
}
