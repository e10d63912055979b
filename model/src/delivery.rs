//! At-least-once delivery, as a state machine.
//!
//! A scene says which notifications there are, by which route they come, and how
//! often each is handed over. What happens is a sequence of two transitions: an
//! attempt of a delivery starts, and an attempt ends. In between and around them
//! anything may happen to other deliveries: so duplicates, reordering and overlap
//! need no rules of their own.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::ObjectEvent;
use crate::table::Seconds;

/// What is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// How it comes to the handler.
    pub route: Route,
    /// How often it is handed over, and how each of these copies is written. Every
    /// delivery has its own attempts.
    pub deliveries: Vec<Form>,
    /// What is in it; at most 32 records.
    pub records: Vec<Record>,
}

/// A record of a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// An object event.
    Event(Arc<ObjectEvent>),
    /// A record that nobody can read, and why.
    Unreadable(Flaw),
}

/// What is wrong with a record that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Flaw {
    /// The key holds `%ZZ`.
    BadEscape,
    /// There is no bucket.
    NoBucket,
}

/// How one copy of a notification is written. S3 promises the same sequencer for
/// duplicates, and nothing of the rest: what an event's identity does not name may
/// differ from copy to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Form {
    /// As AWS wrote events up to 2.4: `/` in keys stands as it is.
    Original,
    /// As of event version 2.5, with fields that came later, and with everything in
    /// keys escaped that may be.
    Revised,
}

/// How a notification comes to the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Route {
    /// From S3, by Lambda's own queue.
    Direct,
    /// From EventBridge, by Lambda's own queue: one record, its key not escaped.
    EventBridge,
    /// From SNS, by Lambda's own queue.
    Sns,
    /// From an SQS queue: each record in a message of its own.
    Sqs(Queue),
    /// From SNS through an SQS queue: each record in a message of its own.
    SqsOfSns(Queue),
}

/// An SQS queue and its event source mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// The queue's `maxReceiveCount`.
    pub receives: u32,
    /// Whether the mapping has `ReportBatchItemFailures`.
    pub partial_batches: bool,
}

impl Route {
    /// The queue that messages come from, if they do.
    pub fn queue(self) -> Option<Queue> {
        match self {
            Self::Direct | Self::EventBridge | Self::Sns => None,
            Self::Sqs(queue) | Self::SqsOfSns(queue) => Some(queue),
        }
    }

    /// How many attempts a delivery has. Lambda's own queue makes two more after a
    /// function error
    /// ([error handling](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html)).
    pub fn attempts(self) -> u32 {
        self.queue().map_or(3, |queue| queue.receives)
    }

    /// How long after the failure of the n-th attempt, counted from 1, the next
    /// one may start: one and then two minutes with Lambda's own queue, the
    /// visibility timeout with SQS, here three times the function's timeout.
    pub fn delay_after(self, attempt: u32) -> Seconds {
        match self.queue() {
            None => 60 * Seconds::from(attempt),
            Some(_) => 180,
        }
    }
}

/// An attempt of a delivery: the name of an invocation, whenever it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InvocationId {
    /// The delivery's number in the scene, from 0.
    pub delivery: usize,
    /// The attempt's number, from 1.
    pub attempt: u32,
}

impl fmt::Display for InvocationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { delivery, attempt } = self;
        write!(f, "attempt {attempt} of delivery {}", delivery + 1)
    }
}

/// Some of the records of a notification, by their positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Positions(u32);

impl Positions {
    /// The first so many.
    pub fn first(count: usize) -> Self {
        Self((0..count).map(|position| 1 << position).sum())
    }

    /// These positions, in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..32).filter(move |position| self.0 >> position & 1 == 1)
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those of them for which `keep` says so, by their place among them.
    pub fn filter(self, mut keep: impl FnMut(usize) -> bool) -> Self {
        let kept = self.iter().enumerate().filter(|&(place, _)| keep(place));
        Self(kept.map(|(_, position)| 1 << position).sum())
    }
}

/// How an attempt ended, as Lambda sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The function returned success.
    Acknowledged,
    /// The function returned an error, crashed or timed out.
    Failed,
    /// The function named these messages as failed.
    FailedPartly(Positions),
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// All of it has been acknowledged.
    Acknowledged,
    /// Its attempts are used up: what is left of it is in the dead-letter queue,
    /// visibly.
    Dead,
    /// An attempt may start, from this moment on.
    Due(Seconds),
    /// An attempt is under way.
    Running,
}

/// The deliveries of a scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliveries<'a> {
    notifications: &'a [Notification],
    deliveries: Vec<Delivery>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Delivery {
    notification: usize,
    form: Form,
    attempts: u32,
    remaining: Positions,
    standing: Standing,
}

impl Delivery {
    fn new(number: usize, notification: &Notification, form: Form) -> Self {
        Self {
            notification: number,
            form,
            attempts: 0,
            remaining: Positions::first(notification.records.len()),
            standing: Standing::Due(0),
        }
    }
}

impl<'a> Deliveries<'a> {
    /// Every delivery is due at once.
    pub fn new(notifications: &'a [Notification]) -> Self {
        let deliveries = notifications.iter().enumerate();
        let deliveries = deliveries.flat_map(|(number, notification)| {
            let forms = notification.deliveries.iter();
            forms.map(move |&form| Delivery::new(number, notification, form))
        });
        Self {
            notifications,
            deliveries: deliveries.collect(),
        }
    }

    /// Every delivery is due at once again.
    pub fn begin_again(&mut self) {
        for it in &mut self.deliveries {
            let notification = &self.notifications[it.notification];
            *it = Delivery::new(it.notification, notification, it.form);
        }
    }

    /// How many deliveries there are.
    pub fn count(&self) -> usize {
        self.deliveries.len()
    }

    /// The deliveries of which an attempt may start until `deadline`. Of several that
    /// nothing tells apart yet, the first stands for all.
    pub fn due(&self, deadline: Seconds) -> impl Iterator<Item = usize> {
        let untouched = |it: &Delivery| it.attempts == 0;
        (0..self.deliveries.len()).filter(move |&number| {
            let it = &self.deliveries[number];
            let is_due = matches!(it.standing, Standing::Due(from) if from <= deadline);
            let twin_before = self.deliveries[..number].iter().any(|earlier| {
                untouched(earlier)
                    && earlier.notification == it.notification
                    && earlier.form == it.form
            });
            is_due && !(untouched(it) && twin_before)
        })
    }

    /// Starts the next attempt of a delivery. The moment is the one from which it
    /// may start.
    ///
    /// # Panics
    ///
    /// If the delivery is not due.
    pub fn start(&mut self, delivery: usize) -> (InvocationId, Seconds) {
        let state = &mut self.deliveries[delivery];
        let Standing::Due(from) = state.standing else {
            panic!("delivery {delivery} is not due");
        };
        state.standing = Standing::Running;
        state.attempts += 1;
        let attempt = state.attempts;
        (InvocationId { delivery, attempt }, from)
    }

    /// Ends an attempt at `now`: the delivery is acknowledged, due again, or dead.
    pub fn end(&mut self, invocation: InvocationId, ending: Ending, now: Seconds) {
        let route = self.notification(invocation.delivery).route;
        let state = &mut self.deliveries[invocation.delivery];
        match ending {
            Ending::Acknowledged => state.remaining = Positions::first(0),
            Ending::Failed => {}
            Ending::FailedPartly(messages) => state.remaining = messages,
        }
        state.standing = if state.remaining.is_empty() {
            Standing::Acknowledged
        } else if invocation.attempt < route.attempts() {
            Standing::Due(now + route.delay_after(invocation.attempt))
        } else {
            Standing::Dead
        };
    }

    /// The notification that a delivery delivers.
    pub fn notification(&self, delivery: usize) -> &'a Notification {
        &self.notifications[self.notification_number(delivery)]
    }

    /// The number of the notification that a delivery delivers.
    pub fn notification_number(&self, delivery: usize) -> usize {
        self.deliveries[delivery].notification
    }

    /// How a delivery's copy of the notification is written.
    pub fn form(&self, delivery: usize) -> Form {
        self.deliveries[delivery].form
    }

    /// The records that a delivery still has to deliver.
    pub fn remaining(&self, delivery: usize) -> Positions {
        self.deliveries[delivery].remaining
    }

    /// How many attempts of a delivery have started.
    pub fn attempts(&self, delivery: usize) -> u32 {
        self.deliveries[delivery].attempts
    }

    /// Where a delivery stands.
    pub fn standing(&self, delivery: usize) -> Standing {
        self.deliveries[delivery].standing
    }
}
