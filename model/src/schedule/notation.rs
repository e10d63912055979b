//! Choices as text: `start 2`, `call 1.1#2 reply-lost`, `wait six-hours`.
//!
//! Deliveries, attempts and calls are counted from 1: `1.2#3` is the third call of
//! the second attempt of the first delivery.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{CallId, Choice, Fate, InFlight, Wait};
use crate::delivery::InvocationId;

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ApplyLate(id) => write!(f, "apply-late {}", call(*id)),
            Self::Call(id, fate) => write!(f, "call {} {}", call(*id), fate.name()),
            Self::Crash(id, in_flight) => {
                write!(f, "crash {} {}", invocation(*id), in_flight.name())
            }
            Self::DropLate(id) => write!(f, "drop-late {}", call(*id)),
            Self::Return(id) => write!(f, "return {}", invocation(*id)),
            Self::Start(delivery) => write!(f, "start {}", delivery + 1),
            Self::Sweep => f.write_str("sweep"),
            Self::TimeOut(id) => write!(f, "time-out {}", invocation(*id)),
            Self::Wait(wait) => write!(f, "wait {}", wait.name()),
        }
    }
}

fn invocation(id: InvocationId) -> String {
    format!("{}.{}", id.delivery + 1, id.attempt)
}

fn call(id: CallId) -> String {
    format!("{}#{}", invocation(id.invocation), id.number)
}

impl FromStr for Choice {
    type Err = NoChoice;

    fn from_str(text: &str) -> Result<Self, NoChoice> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let choice = match words[..] {
            ["apply-late", id] => parse_call(id).map(Self::ApplyLate),
            ["call", id, fate] => parse_call(id)
                .zip(named(&Fate::ALL, Fate::name, fate))
                .map(|(id, fate)| Self::Call(id, fate)),
            ["crash", id, in_flight] => parse_invocation(id)
                .zip(named(&InFlight::ALL, InFlight::name, in_flight))
                .map(|(id, in_flight)| Self::Crash(id, in_flight)),
            ["drop-late", id] => parse_call(id).map(Self::DropLate),
            ["return", id] => parse_invocation(id).map(Self::Return),
            ["start", delivery] => counted(delivery).map(Self::Start),
            ["sweep"] => Some(Self::Sweep),
            ["time-out", id] => parse_invocation(id).map(Self::TimeOut),
            ["wait", wait] => named(&Wait::ALL, Wait::name, wait).map(Self::Wait),
            _ => None,
        };
        choice.ok_or_else(|| NoChoice(text.to_owned()))
    }
}

fn named<T: Copy>(all: &[T], name: fn(T) -> &'static str, wanted: &str) -> Option<T> {
    all.iter().copied().find(|&it| name(it) == wanted)
}

/// A number that people count from 1, counted from 0.
fn counted(text: &str) -> Option<usize> {
    text.parse::<usize>().ok()?.checked_sub(1)
}

fn parse_invocation(text: &str) -> Option<InvocationId> {
    let (delivery, attempt) = text.split_once('.')?;
    Some(InvocationId {
        delivery: counted(delivery)?,
        attempt: attempt.parse().ok().filter(|&attempt| attempt > 0)?,
    })
}

fn parse_call(text: &str) -> Option<CallId> {
    let (invocation, number) = text.split_once('#')?;
    Some(CallId {
        invocation: parse_invocation(invocation)?,
        number: number.parse().ok().filter(|&number| number > 0)?,
    })
}

impl Fate {
    /// The fate in a schedule's text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Conflict => "conflict",
            Self::Late => "late",
            Self::ReplyLost => "reply-lost",
            Self::Resent => "resent",
            Self::ServerError => "server-error",
            Self::ServerErrorAfterWrite => "server-error-after-write",
            Self::Stale => "stale",
            Self::Throttled => "throttled",
            Self::Unprocessed => "unprocessed",
        }
    }
}

impl InFlight {
    const ALL: [Self; 3] = [Self::Applied, Self::Late, Self::Never];

    /// What becomes of the calls, in a schedule's text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Late => "late",
            Self::Never => "never",
        }
    }
}

impl Wait {
    /// The wait in a schedule's text.
    pub fn name(self) -> &'static str {
        match self {
            Self::HalfMinute => "half-minute",
            Self::SixHours => "six-hours",
            Self::SixteenDays => "sixteen-days",
        }
    }
}

impl Serialize for Choice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A text that says no choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoChoice(String);

impl fmt::Display for NoChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no choice: write `start 1`, `call 1.1#1 reply-lost`, `crash 1.1 never`, \
             `return 1.1`, `time-out 1.1`, `apply-late 1.1#1`, `drop-late 1.1#1`, \
             `wait half-minute` or `sweep`",
            self.0
        )
    }
}

impl std::error::Error for NoChoice {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_read_as_it_is_written() {
        let invocation = InvocationId {
            delivery: 0,
            attempt: 2,
        };
        let call = CallId {
            invocation,
            number: 3,
        };
        let mut choices = vec![
            Choice::ApplyLate(call),
            Choice::DropLate(call),
            Choice::Return(invocation),
            Choice::Start(11),
            Choice::Sweep,
            Choice::TimeOut(invocation),
        ];
        choices.extend(Fate::ALL.map(|fate| Choice::Call(call, fate)));
        choices.extend(InFlight::ALL.map(|it| Choice::Crash(invocation, it)));
        choices.extend(Wait::ALL.map(Choice::Wait));
        for choice in choices {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        assert_eq!(
            Choice::Call(call, Fate::ReplyLost).to_string(),
            "call 1.2#3 reply-lost"
        );
    }

    #[test]
    fn what_is_no_choice_is_said_to_be_none() {
        for text in [
            "",
            "start",
            "start 0",
            "start one",
            "start 1 2",
            "call 1.1 answered",
            "call 1.0#1 answered",
            "call 1.1#0 answered",
            "call 1.1#1 lost",
            "crash 1 never",
            "wait a-while",
        ] {
            let refused = text.parse::<Choice>();
            assert_eq!(refused, Err(NoChoice(text.to_owned())), "{text}");
        }
    }
}
