//! What happens next: the one language that every engine speaks.

mod chooser;
mod notation;
mod random;
mod reduction;
#[cfg(feature = "arbitrary")]
mod unstructured;
mod variation;

pub use chooser::{Chooser, NoShard, Odometer, Replay, Shard};
pub use notation::NoChoice;
pub use random::{Entropy, Random};
pub use reduction::{Case, Size, reduce};

use serde::{Deserialize, Serialize};

use crate::delivery::InvocationId;
use crate::table::Seconds;

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Choice {
    /// A write that had not been applied when its caller gave up is applied now.
    ApplyLate(CallId),
    /// A pending call is carried out, or not, and answered.
    Call(CallId, Fate),
    /// An invocation ends without a word to anybody, and so does its environment
    /// unless that runs others as well.
    Crash(InvocationId, InFlight),
    /// A write that had not been applied when its caller gave up never will be.
    DropLate(CallId),
    /// Lambda hears that an invocation has returned.
    Return(InvocationId),
    /// The next attempt of a delivery starts. If its time has not come, it comes now.
    Start(usize),
    /// DynamoDB deletes the items that have expired.
    Sweep,
    /// An invocation times out on Managed Instances: Lambda takes it for failed,
    /// and it runs on beside its retry.
    TimeOut(InvocationId),
    /// Time passes, for no other reason.
    Wait(Wait),
}

impl Choice {
    /// Whether this is one of the things that go wrong, and counts as a fault.
    pub fn is_fault(self) -> bool {
        match self {
            Self::Call(_, fate) => fate != Fate::Answered,
            Self::Crash(..) | Self::TimeOut(_) => true,
            Self::ApplyLate(_)
            | Self::DropLate(_)
            | Self::Return(_)
            | Self::Start(_)
            | Self::Sweep
            | Self::Wait(_) => false,
        }
    }

    /// Whether this is a fault after which an invocation, or a write of one, goes on
    /// when Lambda has taken the invocation for ended.
    pub(super) fn outlives_invocation(self) -> bool {
        matches!(
            self,
            Self::Call(_, Fate::Late) | Self::Crash(_, InFlight::Late) | Self::TimeOut(_)
        )
    }

    /// The invocation that this is about, if it is about one.
    pub fn invocation(self) -> Option<InvocationId> {
        match self {
            Self::ApplyLate(call) | Self::Call(call, _) | Self::DropLate(call) => {
                Some(call.invocation)
            }
            Self::Crash(invocation, _) | Self::Return(invocation) | Self::TimeOut(invocation) => {
                Some(invocation)
            }
            Self::Start(_) | Self::Sweep | Self::Wait(_) => None,
        }
    }
}

/// A call: the n-th of an invocation. This names it whatever happens around it, so
/// that a schedule that is shortened still means the same call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId {
    /// Who makes it.
    pub invocation: InvocationId,
    /// Which of its calls it is, from 1.
    pub number: u32,
}

/// What befalls a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// A read that is answered from the state before the item's last write.
    Stale,
    /// It is not applied: too many calls.
    Throttled,
    /// A batch that is applied but for its last write.
    Unprocessed,
}

impl Fate {
    /// Every fate.
    pub const ALL: [Self; 10] = [
        Self::Answered,
        Self::Conflict,
        Self::Late,
        Self::ReplyLost,
        Self::Resent,
        Self::ServerError,
        Self::ServerErrorAfterWrite,
        Self::Stale,
        Self::Throttled,
        Self::Unprocessed,
    ];
}

/// What becomes of the calls that an invocation was waiting for when it crashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum InFlight {
    /// They are applied at once.
    Applied,
    /// They may be applied later.
    Late,
    /// They are never applied; or there were none.
    Never,
}

/// How much time passes. All of it together stays within what AWS may take to
/// deliver an event once more, but for the days, which rows with a time to live
/// must outlast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Wait {
    /// Half of the function's timeout: an invocation may be under way meanwhile.
    HalfMinute,
    /// As long as Lambda keeps an event that it could not hand over.
    SixHours,
    /// Longer than any queue keeps an event.
    SixteenDays,
}

impl Wait {
    /// Every wait.
    pub const ALL: [Self; 3] = [Self::HalfMinute, Self::SixHours, Self::SixteenDays];

    /// How long it is.
    pub fn seconds(self) -> Seconds {
        match self {
            Self::HalfMinute => 30,
            Self::SixHours => 6 * 60 * 60,
            Self::SixteenDays => 16 * 24 * 60 * 60,
        }
    }
}
