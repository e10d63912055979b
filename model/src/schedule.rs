//! What happens next: the one language that every engine speaks.

mod chooser;

pub use chooser::{Chooser, Odometer, Replay};

use serde::{Deserialize, Serialize};

use crate::delivery::InvocationId;

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Choice {
    /// A write that had not been applied when its caller gave up is applied now.
    ApplyLate(InvocationId),
    /// An invocation's pending call is carried out, or not, and answered.
    Call(InvocationId, Fate),
    /// An invocation ends without a word to anybody.
    Crash(InvocationId, InFlight),
    /// A write that had not been applied when its caller gave up never will be.
    DropLate(InvocationId),
    /// Lambda hears that an invocation has returned.
    Return(InvocationId),
    /// The next attempt of a delivery starts.
    Start(usize),
    /// An invocation times out on Managed Instances: Lambda takes it for failed,
    /// and it runs on beside its retry.
    TimeOut(InvocationId),
}

impl Choice {
    /// Whether this is one of the things that go wrong, and counts as a fault.
    pub fn is_fault(self) -> bool {
        match self {
            Self::Call(_, fate) => fate != Fate::Answered,
            Self::Crash(..) | Self::TimeOut(_) => true,
            Self::ApplyLate(_) | Self::DropLate(_) | Self::Return(_) | Self::Start(_) => false,
        }
    }
}

/// What befalls a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fate {
    /// It is applied and answered.
    Answered,
    /// It is not applied: a transaction is at work on the item.
    Conflict,
    /// It is not applied now, but may be later; no reply comes.
    Late,
    /// It is applied, but its reply is lost.
    ReplyLost,
    /// It is applied, its reply is lost, and the SDK sends it again: the caller
    /// gets the answer to the second.
    Resent,
    /// It is not applied, and answered with a 500.
    ServerError,
    /// It is applied, and answered with a 500. AWS documents that this happens
    /// ([error handling](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html)).
    ServerErrorAfterWrite,
    /// A read that is answered from an earlier state.
    Stale,
    /// It is not applied: too many calls.
    Throttled,
}

/// What becomes of the call that an invocation was waiting for when it crashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum InFlight {
    /// It is applied at once.
    Applied,
    /// It may be applied later.
    Late,
    /// It is never applied; or there was none.
    Never,
}
