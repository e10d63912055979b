//! What the handler's environments do, in the order in which it comes to be known.

use hyper::body::Bytes;
use tokio::sync::mpsc;

use super::gate::HeldCall;
use super::outside::{HeldEffect, Refusal};

/// An environment of the handler. A new one never has the id of one that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvironmentId(pub u64);

/// An environment did something.
#[derive(Debug)]
pub struct News {
    /// Which one.
    pub from: EnvironmentId,
    /// What it did.
    pub what: Happened,
}

/// What an environment did.
#[derive(Debug)]
#[non_exhaustive]
pub enum Happened {
    /// It answered an invocation with success.
    Answered {
        /// Which invocation, as the Runtime API names it.
        request_id: String,
        /// What it answered.
        body: Bytes,
    },
    /// It made a table call, which is held.
    Called(HeldCall),
    /// It does something to the world beyond its tables, which is held.
    Effect(HeldEffect),
    /// An effect is not waited for any more: its connection was closed.
    EffectGivenUp {
        /// Which effect, as [`HeldEffect::number`] says.
        effect: u64,
    },
    /// Its process has ended.
    Exited {
        /// How, in words: `exit status: 1`.
        how: String,
    },
    /// It answered an invocation with an error.
    Failed {
        /// Which invocation.
        request_id: String,
        /// The error, as the Runtime API's clients write it.
        error: Bytes,
    },
    /// A table call is not waited for any more: its connection was closed.
    GaveUp {
        /// Which call, as [`HeldCall::number`] says.
        call: u64,
    },
    /// It could not be initialised.
    InitFailed {
        /// The error, as the Runtime API's clients write it.
        error: Bytes,
    },
    /// It used the Runtime API as nobody may.
    Misused {
        /// What it did.
        how: String,
    },
    /// It asked for something that nobody serves. Of each environment, each such thing
    /// is told once.
    Refused(Refusal),
    /// It waits for its next invocation.
    Waits,
}

/// Where environments, their Runtime APIs and their gates tell their news.
pub type Sender = mpsc::UnboundedSender<News>;
