//! What is played to a handler: the notifications, and how much may go wrong.

mod generator;
mod standard;

pub use generator::scene as generate;
pub use standard::{created, sequenced, standard};

use serde::{Deserialize, Serialize};

use crate::delivery::{Form, Notification, Record, Route};
use crate::event::IdentityPolicy;
use crate::table::Seconds;

/// The function's timeout: every invocation has its deadline so long after its
/// start. It is no longer than the delay before Lambda's first retry: a lease that
/// ends with the deadline keeps one retry away at most.
pub const TIMEOUT: Seconds = 60;

/// The notifications, and what bounds the schedules that lead through them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// What makes two events the same one.
    pub policy: IdentityPolicy,
    /// What is delivered.
    pub notifications: Vec<Notification>,
    /// Where the handler runs.
    pub hosting: Hosting,
    /// How many things may go wrong in one run.
    pub faults: u32,
    /// How many times time may pass in one run for no other reason.
    pub waits: u32,
}

/// Where a handler runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hosting {
    /// Each environment runs one invocation at a time, and one that crashes or
    /// times out takes its environment along. A warm environment is used again
    /// before a new one is made.
    #[default]
    Default,
    /// Lambda Managed Instances: one environment runs all invocations, and one that
    /// times out runs on beside its retry.
    Managed,
}

impl Scene {
    /// The notifications, delivered directly, each so often in the same form;
    /// nothing goes wrong, and nobody waits.
    pub fn of(notifications: &[&[Record]], deliveries: usize) -> Self {
        let notification = |records: &&[Record]| Notification {
            route: Route::Direct,
            deliveries: vec![Form::Original; deliveries],
            records: records.to_vec(),
        };
        Self {
            policy: IdentityPolicy::Object,
            notifications: notifications.iter().map(notification).collect(),
            hosting: Hosting::Default,
            faults: 0,
            waits: 0,
        }
    }

    /// The same scene with so many faults at most.
    pub fn with_faults(self, faults: u32) -> Self {
        Self { faults, ..self }
    }

    /// The same scene with so many waits at most.
    pub fn with_waits(self, waits: u32) -> Self {
        Self { waits, ..self }
    }

    /// The same scene on Managed Instances.
    pub fn managed(self) -> Self {
        Self {
            hosting: Hosting::Managed,
            ..self
        }
    }

    /// How many deliveries there are.
    pub fn deliveries(&self) -> usize {
        let each = self.notifications.iter().map(|it| it.deliveries.len());
        each.sum()
    }
}
