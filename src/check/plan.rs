//! What a run delivers to the handler.

use redeliver_model::delivery::Route;
use serde::{Deserialize, Serialize};

/// What is delivered in a run, and how much may go wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The notifications.
    pub notifications: Vec<Notification>,
    /// How many things may go wrong in the run.
    pub faults: u32,
}

/// A notification, and how often it is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// The events in it, by their numbers among the distinct events of the check. Each
    /// is a record; with a queue, a message.
    pub events: Vec<usize>,
    /// How it comes to the handler.
    pub route: Route,
    /// How often it is delivered. Every delivery has its own attempts.
    pub deliveries: usize,
}

/// The most notifications, events of one, and deliveries of one.
const MOST: usize = 32;

impl Plan {
    /// Whether the plan, which may come from a file, can be played at all.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub fn check(&self) -> Result<(), String> {
        if self.notifications.is_empty() || self.notifications.len() > MOST {
            return Err(format!("a plan has 1 to {MOST} notifications"));
        }
        for (number, it) in (1..).zip(&self.notifications) {
            if it.events.is_empty() || it.events.len() > MOST {
                return Err(format!("notification {number} has not 1 to {MOST} events"));
            }
            if it.deliveries == 0 || it.deliveries > MOST {
                return Err(format!(
                    "notification {number} has not 1 to {MOST} deliveries"
                ));
            }
        }
        Ok(())
    }

    /// The number of the notification that a delivery delivers; deliveries are numbered
    /// through all notifications.
    pub fn notification_of(&self, delivery: usize) -> Option<usize> {
        let mut first = 0;
        self.notifications.iter().position(|it| {
            first += it.deliveries;
            delivery < first
        })
    }

    /// Which copy of its notification a delivery delivers, from 0.
    pub fn copy_of(&self, delivery: usize) -> usize {
        let notification = self.notification_of(delivery).unwrap_or_default();
        let before = self.notifications[..notification].iter();
        delivery - before.map(|it| it.deliveries).sum::<usize>()
    }

    /// How many deliveries there are.
    pub fn deliveries(&self) -> usize {
        self.notifications.iter().map(|it| it.deliveries).sum()
    }
}
