//! Calls and what is in rows, in words.

use redeliver_model::schedule::Fate;

use crate::check::backend::Item;
use crate::check::gate::Kind;
use crate::check::history::{Call, Told};
use crate::check::outside::PerformedEffect;
use crate::report::diagram::{Attributes, CallFate};
use crate::report::printable;

/// How long what is shown of a value is at most.
const LONGEST: usize = 160;

/// What becomes of a call, where this is what its caller was told.
pub(super) fn fate(fate: Fate, call: Option<&Call>, told: Option<&Told>) -> CallFate {
    match fate {
        Fate::Conflict | Fate::ServerError | Fate::Throttled => CallFate::Refused,
        Fate::Late => CallFate::Late,
        Fate::ReplyLost | Fate::Resent | Fate::ServerErrorAfterWrite => CallFate::ReplyLost,
        Fate::Stale => CallFate::Stale,
        Fate::Answered | Fate::Unprocessed => match told {
            Some(Told::Error(_) | Told::Nothing) => CallFate::Refused,
            Some(Told::FailedCondition) => CallFate::ConditionFailed,
            Some(Told::Done) | None => match call.map(|it| it.asked.kind) {
                Some(Kind::Read { .. }) => CallFate::Read,
                _ => CallFate::Done,
            },
        },
    }
}

pub(super) fn effect(it: &PerformedEffect) -> String {
    let (service, operation) = (cut(&it.asked.service), cut(&it.asked.operation));
    format!("{service} {operation}")
}

/// What befell a call.
pub(super) fn outcome(fate: Fate, told: &Told, own_retries: u32) -> String {
    let befell = match fate {
        Fate::Answered | Fate::Stale => told_in_words(told),
        Fate::Conflict => "refused, a transaction is at work".to_owned(),
        Fate::Late => "not applied now, and no reply".to_owned(),
        Fate::ReplyLost => "applied, reply lost".to_owned(),
        Fate::Resent => "applied, reply lost".to_owned(),
        Fate::ServerError => "not applied, answered with a 500".to_owned(),
        Fate::ServerErrorAfterWrite => "applied, answered with a 500".to_owned(),
        Fate::Throttled => "throttled".to_owned(),
        Fate::Unprocessed => "applied but for its last write".to_owned(),
    };
    match (fate, own_retries) {
        (Fate::Answered, _) | (_, 0) => befell,
        (_, retries) => {
            let times = match retries {
                1 => "once more".to_owned(),
                _ => format!("{retries} times more"),
            };
            let told = told_in_words(told);
            format!("{befell}; the client sends it {times} by itself: {told}")
        }
    }
}

fn told_in_words(told: &Told) -> String {
    match told {
        Told::Done => "done".to_owned(),
        Told::Error(name) => format!("refused, {}", cut(name)),
        Told::FailedCondition => "condition failed".to_owned(),
        Told::Nothing => "no reply".to_owned(),
    }
}

pub(super) fn attributes(item: &Item) -> Attributes {
    let all = item.iter();
    all.map(|(name, value)| (cut(name), scalar(value)))
        .collect()
}

/// A typed value without its type, where that is plain.
fn scalar(value: &serde_json::Value) -> String {
    let text = match (value["S"].as_str(), value["N"].as_str()) {
        (Some(text), _) => format!("\"{text}\""),
        (_, Some(number)) => number.to_owned(),
        _ => value.to_string(),
    };
    cut(&text)
}

pub(super) fn cut(text: &str) -> String {
    let shown = printable(text);
    match shown.chars().count() {
        0..=LONGEST => shown,
        _ => shown.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}
