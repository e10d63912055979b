//! Real handlers under a schedule.
//!
//! Any number of invocations of a real `async` handler run in one thread. Each
//! table call suspends its invocation; the schedule says which one goes on, and
//! what befalls its call; the model's table carries it out. A crash is a future
//! that is dropped. The same choices give the same history, to the byte.

mod document;
mod executor;
mod judging;
mod polling;
mod reference;
mod run;

pub use document::document;
pub use executor::Host;
pub use judging::{judge, judge_of};
pub use polling::leave_out_panics_of_handlers;
pub use reference::Reference;
pub use run::{Hang, OtherTable, Player, play, play_on};

use std::sync::Arc;

use redeliver_model::delivery::{Form, Positions};
use redeliver_model::event::Text;
use redeliver_model::history::Answer;
use redeliver_model::property::{Bookkeeping, Keeps};
use redeliver_model::scene::Scene;
use redeliver_model::table::Seconds;

use crate::table::Boxed;

/// A handler, as the simulation knows it before there is anything to play.
pub trait Subject: Send + Sync {
    /// What it is called.
    fn name(&self) -> &str;

    /// What it keeps, and so what it is judged by.
    fn keeps(&self) -> Keeps {
        Keeps::Rows
    }

    /// The scene as it can happen to the handler, which may not be invoked by every
    /// route nor with everything. It is as like the given one as may be, and what has
    /// been confined once stays what it is.
    fn confine(&self, scene: Scene) -> Scene {
        scene
    }

    /// The handler, with what this scene delivers to it made ready: whatever does not
    /// change from run to run is done here.
    fn stage(&self, scene: &Scene) -> Box<dyn Staged>;
}

/// A handler with what a scene delivers to it.
pub trait Staged: Bookkeeping + Send + Sync {
    /// A fresh environment of the handler: what the invocations in it share.
    fn environment(&self, host: Host) -> Arc<dyn Environment>;

    /// Whether the invocations in an environment share memory. If they do, and run
    /// at once, no two of their steps commute.
    fn shares_memory(&self) -> bool {
        false
    }

    /// The attributes of a row that tell who wrote it: what may differ from order to
    /// order (RD-5).
    fn writer_attributes(&self) -> &'static [&'static str] {
        &[]
    }
}

/// An environment of a handler: the memory that its invocations share, and how one
/// starts.
pub trait Environment: Send + Sync {
    /// Starts an invocation. Whatever it needs of the delivery it is handed here.
    fn invoke(self: Arc<Self>, delivery: Delivery) -> Boxed<'static, Answer>;
}

/// What an invocation is handed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The number of the notification in the scene.
    pub notification: usize,
    /// How the copy of the notification is written.
    pub form: Form,
    /// The records that are delivered: all of the notification's, or those of a
    /// queue's messages that have failed before.
    pub records: Positions,
    /// The request id.
    pub request_id: Text,
    /// The time.
    pub now: Seconds,
    /// When the invocation will have timed out.
    pub deadline: Seconds,
}
