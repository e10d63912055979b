//! Whether a scene from a file can be played at all.

use redeliver_model::delivery::{Notification, Record, Route};
use redeliver_model::scene::Scene;

/// The most records of a notification, and deliveries and notifications of a scene.
const MOST: usize = 32;

/// The most that an SQS queue takes as its `maxReceiveCount`
/// ([SetQueueAttributes](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html)).
const MOST_RECEIVES: u32 = 1_000;

/// The most waits: all of them together are some decades.
const MOST_WAITS: u32 = 1_000;

/// What is wrong with a scene, if anything is.
pub(super) fn check(scene: &Scene) -> Result<(), String> {
    if scene.notifications.is_empty() || scene.notifications.len() > MOST {
        return Err(format!("a scene has 1 to {MOST} notifications"));
    }
    if scene.deliveries() > MOST {
        return Err(format!("a scene has at most {MOST} deliveries"));
    }
    if scene.waits > MOST_WAITS {
        return Err(format!("a scene has at most {MOST_WAITS} waits"));
    }
    let mut notifications = (1..).zip(&scene.notifications);
    notifications.try_for_each(|(number, it)| {
        let wrong = wrong_with(it);
        wrong.map_or(Ok(()), |wrong| {
            Err(format!("notification {number} {wrong}"))
        })
    })
}

fn wrong_with(notification: &Notification) -> Option<String> {
    let Notification {
        route,
        deliveries,
        records,
    } = notification;
    if deliveries.is_empty() {
        return Some("is never delivered".to_owned());
    }
    if records.is_empty() || records.len() > MOST {
        return Some(format!("has not 1 to {MOST} records"));
    }
    if *route == Route::EventBridge && !matches!(records[..], [Record::Event(_)]) {
        return Some("comes by EventBridge, which brings one event at a time".to_owned());
    }
    let receives = route.queue().map_or(1, |queue| queue.receives);
    (receives == 0 || receives > MOST_RECEIVES)
        .then(|| format!("comes from a queue without 1 to {MOST_RECEIVES} receives"))
}
