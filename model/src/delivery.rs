//! At-least-once delivery, as a state machine.
//!
//! A scene says which notifications there are, by which source they come, and how
//! often each is handed over. What happens is a sequence of two transitions: an
//! attempt of a delivery starts, and an attempt ends. In between and around them
//! anything may happen to other deliveries: so duplicates, reordering and overlap
//! need no rules of their own.

use serde::{Deserialize, Serialize};

use crate::table::Seconds;

/// What is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// How it comes to the handler.
    pub source: Source,
    /// How often it is handed over. Each of these deliveries has its own attempts.
    pub deliveries: u32,
    /// What is in it.
    pub records: Vec<Record>,
}

/// A record of a notification, as far as delivery and judgement go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// An object event, of the identity with this number.
    Recordable(usize),
    /// A record that cannot be understood.
    Rejected,
}

/// How a notification comes to the handler, and what becomes of a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// Lambda's own queue, as S3, SNS and EventBridge use it: after an error two
    /// more attempts with the same request id, one and then two minutes later
    /// ([error handling](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html)).
    Asynchronous,
    /// An SQS queue: up to so many attempts, each with a request id of its own,
    /// after the visibility timeout.
    Queue {
        /// The queue's `maxReceiveCount`.
        receives: u32,
    },
}

impl Source {
    /// How many attempts a delivery has.
    pub fn attempts(self) -> u32 {
        match self {
            Self::Asynchronous => 3,
            Self::Queue { receives } => receives,
        }
    }

    /// How long after the failure of the n-th attempt, counted from 1, the next
    /// one may start.
    pub fn delay_after(self, attempt: u32) -> Seconds {
        match self {
            Self::Asynchronous => 60 * Seconds::from(attempt),
            Self::Queue { .. } => 180,
        }
    }
}

/// An attempt of a delivery: the name of an invocation, whenever it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InvocationId {
    /// The delivery's number in the scene.
    pub delivery: usize,
    /// The attempt's number, from 1.
    pub attempt: u32,
}

/// How an attempt ended, as Lambda sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// The function returned success.
    Acknowledged,
    /// The function returned an error, crashed or timed out.
    Failed,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has been acknowledged.
    Acknowledged,
    /// Its attempts are used up: it is in the dead-letter queue, visibly.
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
    now: Seconds,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Delivery {
    notification: usize,
    attempts: u32,
    standing: Standing,
}

impl<'a> Deliveries<'a> {
    /// Every delivery is due at once.
    pub fn new(notifications: &'a [Notification]) -> Self {
        let deliveries = notifications.iter().enumerate();
        let deliveries = deliveries.flat_map(|(notification, it)| {
            (0..it.deliveries).map(move |_| Delivery {
                notification,
                attempts: 0,
                standing: Standing::Due(0),
            })
        });
        Self {
            notifications,
            deliveries: deliveries.collect(),
            now: 0,
        }
    }

    /// The time: it has passed as far as the attempts that started needed.
    pub fn now(&self) -> Seconds {
        self.now
    }

    /// The deliveries of which an attempt may start. Of several that nothing tells
    /// apart yet, the first stands for all.
    pub fn due(&self) -> impl Iterator<Item = usize> {
        let untouched =
            |delivery: &Delivery| delivery.attempts == 0 && delivery.standing == Standing::Due(0);
        (0..self.deliveries.len()).filter(move |&number| {
            let delivery = &self.deliveries[number];
            let is_due = matches!(delivery.standing, Standing::Due(_));
            let stands_for_itself = !untouched(delivery)
                || number == 0
                || self.deliveries[number - 1].notification != delivery.notification
                || !untouched(&self.deliveries[number - 1]);
            is_due && stands_for_itself
        })
    }

    /// Starts the next attempt of a delivery that is due. If its time has not come,
    /// it comes now.
    ///
    /// # Panics
    ///
    /// If the delivery is not due.
    pub fn start(&mut self, delivery: usize) -> InvocationId {
        let state = &mut self.deliveries[delivery];
        let Standing::Due(from) = state.standing else {
            panic!("delivery {delivery} is not due");
        };
        self.now = self.now.max(from);
        state.standing = Standing::Running;
        state.attempts += 1;
        InvocationId {
            delivery,
            attempt: state.attempts,
        }
    }

    /// Ends an attempt: the delivery is acknowledged, due again, or dead.
    pub fn end(&mut self, invocation: InvocationId, ending: Ending) {
        let source = self.notification(invocation.delivery).source;
        let state = &mut self.deliveries[invocation.delivery];
        state.standing = match ending {
            Ending::Acknowledged => Standing::Acknowledged,
            Ending::Failed if invocation.attempt < source.attempts() => {
                Standing::Due(self.now + source.delay_after(invocation.attempt))
            }
            Ending::Failed => Standing::Dead,
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

    /// Where a delivery stands.
    pub fn standing(&self, delivery: usize) -> Standing {
        self.deliveries[delivery].standing
    }

    /// The request id of an attempt. Asynchronous invocations keep theirs over
    /// their retries.
    pub fn request_id(&self, invocation: InvocationId) -> String {
        let InvocationId { delivery, attempt } = invocation;
        match self.notification(delivery).source {
            Source::Asynchronous => format!("request-{delivery}"),
            Source::Queue { .. } => format!("request-{delivery}.{attempt}"),
        }
    }
}
