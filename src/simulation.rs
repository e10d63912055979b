//! Real handlers under a schedule.
//!
//! Any number of invocations of a real `async` handler run in one thread. Each
//! table call suspends its invocation; the schedule says which one goes on, and
//! what befalls its call; the model's table carries it out. A crash is a future
//! that is dropped. The same choices give the same history, to the byte.

mod executor;
mod options;
mod reference;
mod run;

pub use reference::Reference;
pub use run::{Hang, Run};

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use redeliver_model::delivery::Notification;
use redeliver_model::history::Answer;
use redeliver_model::table::{Key, Seconds};

pub use executor::SimulatedTable;

/// A handler, as the simulation runs it.
pub trait Subject: Send + Sync {
    /// A fresh, warm environment of the handler: what its invocations share.
    fn environment(&self, table: SimulatedTable) -> Arc<dyn Environment>;

    /// The key of each identity's row, by the identity's number.
    fn keys(&self) -> Vec<Key>;

    /// Whether invocations share memory besides the table. If they do, no two of
    /// their steps commute.
    fn shares_memory(&self) -> bool;
}

/// The memory that the invocations of a handler share, and how one starts.
pub trait Environment: Send + Sync {
    /// Starts an invocation. Whatever it needs of the delivery it is handed here.
    fn invoke(self: Arc<Self>, delivery: Delivery) -> Pin<Box<dyn Future<Output = Answer> + Send>>;
}

/// What an invocation is handed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The number of the notification in the scene.
    pub notification: usize,
    /// The request id.
    pub request_id: String,
    /// The time.
    pub now: Seconds,
}

/// What is played to a handler: the notifications, and how much may go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// The notifications, each with its number of deliveries.
    pub notifications: Vec<Notification>,
    /// How many things may go wrong in one run.
    pub faults: u32,
    /// Whether several invocations run in one environment, so that one that times
    /// out runs on beside its retry (Managed Instances).
    pub zombies: bool,
}
