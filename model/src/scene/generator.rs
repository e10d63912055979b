//! Scenes at random: one generator for every handler, right or wrong.
//!
//! What it draws from is what goes wrong in the field: objects that are easily taken
//! for one another, batches with a record that nobody can read, copies that are
//! written in another way, and several routes.

use std::sync::Arc;

use super::{Hosting, Scene};
use crate::delivery::{Flaw, Form, Notification, Queue, Record, Route};
use crate::event::{Happening, IdentityPolicy, ObjectEvent};
use crate::schedule::Entropy;

/// A random scene under an identity policy.
pub fn scene<E: Entropy>(entropy: &mut E, policy: IdentityPolicy) -> Scene {
    let notifications = notifications(entropy, policy);
    Scene {
        policy,
        notifications,
        hosting: entropy.one_of(&[Hosting::Default, Hosting::Managed]),
        faults: entropy.one_of(&[0, 1, 1, 1, 2, 3]),
        waits: entropy.one_of(&[0, 0, 1, 2, 2]),
    }
}

fn notifications<E: Entropy>(entropy: &mut E, policy: IdentityPolicy) -> Vec<Notification> {
    let mut batches: Vec<Vec<Record>> = Vec::new();
    for event in confusable_events(entropy, policy) {
        let record = Record::Event(Arc::new(event));
        match batches.last_mut() {
            Some(batch) if entropy.once_in(2) => batch.push(record),
            _ => batches.push(vec![record]),
        }
    }
    for batch in &mut batches {
        if entropy.once_in(6) {
            let flaw = entropy.one_of(&[Flaw::BadEscape, Flaw::NoBucket]);
            let position = entropy.below(batch.len() + 1);
            batch.insert(position, Record::Unreadable(flaw));
        }
    }
    // Rarely more than three deliveries: bugs need few.
    let several = batches.len() > 1;
    batches
        .into_iter()
        .map(|records| {
            let deliveries = match several {
                true => entropy.one_of(&[1, 1, 2]),
                false => entropy.one_of(&[1, 2, 2, 3]),
            };
            let form = |_| entropy.one_of(&[Form::Original, Form::Original, Form::Revised]);
            let deliveries = (0..deliveries).map(form).collect();
            let route = route(entropy, policy, &records);
            Notification {
                route,
                deliveries,
                records,
            }
        })
        .collect()
}

fn route<E: Entropy>(entropy: &mut E, policy: IdentityPolicy, records: &[Record]) -> Route {
    let queue = Queue {
        receives: entropy.one_of(&[2, 3]),
        partial_batches: entropy.once_in(2),
    };
    let routes = [
        Route::Direct,
        Route::Direct,
        Route::Direct,
        Route::Sns,
        Route::Sqs(queue),
        Route::SqsOfSns(queue),
        Route::EventBridge,
    ];
    // Its sequencers and times have another form, so events that come by it and by
    // another route are not the same under a policy that looks at them; and it has
    // one record at a time, which it can always write.
    let bridges = policy != IdentityPolicy::Occurrence && matches!(records, [Record::Event(_)]);
    let choices = match bridges {
        true => &routes[..],
        false => &routes[..routes.len() - 1],
    };
    entropy.one_of(choices)
}

/// Objects that are easily taken for one another.
#[derive(Clone, Copy)]
enum Objects {
    One,
    /// Fields joined by a delimiter that may stand in a key.
    Delimiter,
    /// A key that can be escaped in more than one way.
    Escaped,
    /// A decoder that leaves `+` alone, and one that does not decode at all.
    SpaceAndPlus,
    TwoBuckets,
    TwoKeys,
    TwoUploads,
    TwoVersions,
    /// A bucket whose versioning is suspended has the version id "null".
    VersionNull,
}

impl Objects {
    /// What is worth telling apart under a policy; what only this policy can get
    /// wrong, twice.
    fn worth_drawing(policy: IdentityPolicy) -> &'static [Self] {
        match policy {
            IdentityPolicy::Object => &[
                Self::One,
                Self::Escaped,
                Self::SpaceAndPlus,
                Self::TwoBuckets,
                Self::TwoKeys,
                Self::TwoUploads,
            ],
            IdentityPolicy::Version => &[
                Self::One,
                Self::Delimiter,
                Self::Delimiter,
                Self::Escaped,
                Self::SpaceAndPlus,
                Self::TwoBuckets,
                Self::TwoKeys,
                Self::TwoUploads,
                Self::TwoVersions,
                Self::VersionNull,
                Self::VersionNull,
            ],
            IdentityPolicy::Occurrence => &[
                Self::One,
                Self::Escaped,
                Self::SpaceAndPlus,
                Self::TwoBuckets,
                Self::TwoKeys,
                Self::TwoUploads,
                Self::TwoVersions,
            ],
        }
    }

    fn events(self) -> Vec<ObjectEvent> {
        let invoice = || event("lambda-idempotency-demo", "invoice.txt");
        let version = |id: &str, event| ObjectEvent {
            version_id: Some(id.into()),
            ..event
        };
        match self {
            Self::One => vec![invoice()],
            Self::Delimiter => vec![version("v1", event("b", "report")), event("b", "report#v1")],
            Self::Escaped => vec![event("b", "dir/100% sure é.txt")],
            Self::SpaceAndPlus => vec![event("b", "two words"), event("b", "two+words")],
            Self::TwoBuckets => vec![invoice(), event("another-bucket", "invoice.txt")],
            Self::TwoKeys => vec![invoice(), event("lambda-idempotency-demo", "receipt.txt")],
            Self::TwoUploads => vec![invoice(), invoice()],
            Self::TwoVersions => vec![version("v1", invoice()), version("v2", invoice())],
            Self::VersionNull => vec![invoice(), version("null", invoice())],
        }
    }
}

/// One to three events of objects that are easily taken for one another.
fn confusable_events<E: Entropy>(entropy: &mut E, policy: IdentityPolicy) -> Vec<ObjectEvent> {
    let objects = entropy.one_of(Objects::worth_drawing(policy));
    let mut events = objects.events();
    sequence(entropy, &mut events);
    if entropy.once_in(4) {
        events.truncate(1);
    }
    // An event is delivered twice within one notification, too.
    if entropy.once_in(8) {
        let again = entropy.below(events.len());
        events.push(events[again].clone());
    }
    events
}

fn event(bucket: &str, key: &str) -> ObjectEvent {
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

/// Sequencers, each earlier than the next. Compared as numbers, or as texts in which
/// capital letters come before small ones, some pairs come out the other way round.
const SEQUENCERS: [[&str; 3]; 3] = [
    [
        "0055AED6DCD90281E5",
        "0055AED6DCD90281E6",
        "0055AED6DCD90281E7",
    ],
    ["10", "9", "90A"],
    ["0a", "0B", "0b01"],
];

/// Gives events their sequencers, times and contents; some are removals, and some
/// are as tutorials write them, with none of these.
fn sequence<E: Entropy>(entropy: &mut E, events: &mut [ObjectEvent]) {
    let sequencers = entropy.one_of(&SEQUENCERS);
    let removal = entropy.below(6);
    let bare = entropy.once_in(8);
    for (number, event) in events.iter_mut().enumerate() {
        event.e_tag = Some(format!("etag-{}", number + 1).into());
        if !bare {
            event.sequencer = Some(sequencers[number].into());
            event.time = Some(1_795_000_000 + number as u64);
        }
        if number == removal {
            event.happening = Happening::Removed;
            event.e_tag = None;
        }
    }
    if entropy.once_in(2) {
        events.reverse();
    }
}
