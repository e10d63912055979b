//! What can happen to a handler: how it is invoked, and with what.

use std::sync::Arc;

use redeliver_model::delivery::{Record, Route};
use redeliver_model::event::{Happening, IdentityPolicy, ObjectEvent};
use redeliver_model::scene::{Hosting, Scene, created, sequenced};

/// How a handler is invoked, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trigger {
    pub(super) policy: IdentityPolicy,
    pub(super) routes: Vec<Route>,
    pub(super) managed: bool,
    pub(super) removals: bool,
    pub(super) unreadable: bool,
}

impl Default for Trigger {
    fn default() -> Self {
        Self {
            policy: IdentityPolicy::Object,
            routes: vec![Route::Direct],
            managed: false,
            removals: false,
            unreadable: false,
        }
    }
}

impl Trigger {
    /// The scene as it can happen, as like the given one as may be.
    pub(super) fn confine(&self, mut scene: Scene) -> Scene {
        scene.policy = self.policy;
        if !self.managed {
            scene.hosting = Hosting::Default;
        }
        for (number, notification) in scene.notifications.iter_mut().enumerate() {
            if !self.routes.contains(&notification.route) {
                notification.route = self.routes[number % self.routes.len()];
            }
            for record in &mut notification.records {
                self.confine_record(record);
            }
            // It brings one event at a time, and always a readable one.
            if notification.route == Route::EventBridge {
                notification.records.truncate(1);
                if let Some(record @ Record::Unreadable(_)) = notification.records.first_mut() {
                    make_readable(record);
                }
            }
        }
        scene
    }

    fn confine_record(&self, record: &mut Record) {
        if let Record::Event(event) = record
            && event.happening == Happening::Removed
            && !self.removals
        {
            *record = Record::Event(Arc::new(ObjectEvent {
                happening: Happening::Created,
                e_tag: Some("etag-of-another-upload".into()),
                ..ObjectEvent::clone(event)
            }));
        }
        let unidentified = match record {
            Record::Event(event) => self.policy.identify(event).is_none(),
            Record::Unreadable(_) => true,
        };
        if unidentified && !self.unreadable {
            make_readable(record);
        }
    }
}

fn make_readable(record: &mut Record) {
    match record {
        Record::Event(event) if event.time.is_some() || event.sequencer.is_some() => {}
        Record::Event(event) => *record = sequenced(ObjectEvent::clone(event), "9", "etag-1"),
        Record::Unreadable(_) => {
            *record = sequenced(created("another-bucket", "receipt.txt"), "9", "etag-1");
        }
    }
}

#[cfg(test)]
mod tests {
    use redeliver_model::delivery::Queue;
    use redeliver_model::scene;

    use super::*;
    use crate::engine::Seeded;

    /// Some thousand scenes, as they are drawn.
    fn drawn() -> impl Iterator<Item = Scene> {
        (0..1_000).map(|number| {
            let policy = IdentityPolicy::ALL[number as usize % 3];
            scene::generate(&mut Seeded::case(1, number), policy)
        })
    }

    #[test]
    fn nothing_happens_that_cannot() {
        let policy = IdentityPolicy::Occurrence;
        let trigger = Trigger {
            policy,
            ..Trigger::default()
        };
        for scene in drawn().map(|it| trigger.confine(it)) {
            assert_eq!((scene.policy, scene.hosting), (policy, Hosting::Default));
            for notification in &scene.notifications {
                assert_eq!(notification.route, Route::Direct);
                for record in &notification.records {
                    let Record::Event(event) = record else {
                        panic!("nobody can read a record of {scene:?}");
                    };
                    assert_eq!(event.happening, Happening::Created);
                    assert!(policy.identify(event).is_some());
                }
            }
        }
    }

    #[test]
    fn what_can_happen_happens_as_it_was_drawn() {
        let queue = |receives, partial_batches| Queue {
            receives,
            partial_batches,
        };
        let queues = [
            queue(2, false),
            queue(2, true),
            queue(3, false),
            queue(3, true),
        ];
        let through = queues.map(|it| [Route::Sqs(it), Route::SqsOfSns(it)]);
        let routes = [Route::Direct, Route::Sns, Route::EventBridge];
        for scene in drawn() {
            let everything = Trigger {
                policy: scene.policy,
                routes: routes
                    .into_iter()
                    .chain(through.into_iter().flatten())
                    .collect(),
                managed: true,
                removals: true,
                unreadable: true,
            };
            assert_eq!(everything.confine(scene.clone()), scene);
        }
    }

    #[test]
    fn what_is_confined_stays_what_it_is() {
        let trigger = Trigger {
            routes: vec![Route::EventBridge, Route::Sns],
            ..Trigger::default()
        };
        for scene in drawn() {
            let once = trigger.confine(scene);
            assert_eq!(trigger.confine(once.clone()), once);
        }
    }
}
