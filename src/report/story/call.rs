//! A call, and what befell it, in words.

use redeliver_model::schedule::Fate;
use redeliver_model::table::{
    Change, Comparison, Condition, Failure, Item, Operation, Reason, Reply, Write,
};

use super::{Teller, scalar};
use crate::report::diagram::CallFate;

impl Teller<'_> {
    pub(super) fn operation(&self, operation: &Operation) -> String {
        match operation {
            Operation::Batch { writes } => format!("a batch ({})", self.writes(writes)),
            Operation::Effect(effect) => {
                let token = effect.token.as_ref();
                let token = token.map(|it| format!(", with the token \"{it}\""));
                format!(
                    "performs \"{}\" for {}{}",
                    effect.content,
                    self.name(&effect.of),
                    token.unwrap_or_default()
                )
            }
            Operation::Read { key, consistent } => {
                let how = if *consistent {
                    ""
                } else {
                    ", eventually consistent"
                };
                format!("reads {}{how}", self.name(key))
            }
            Operation::Transact { writes, .. } => {
                format!("a transaction ({})", self.writes(writes))
            }
            Operation::Write { write, .. } => self.write(write),
        }
    }

    fn writes(&self, writes: &[Write]) -> String {
        let writes: Vec<_> = writes.iter().map(|it| self.write(it)).collect();
        writes.join("; ")
    }

    fn write(&self, write: &Write) -> String {
        let name = self.name(write.key());
        let (what, changes) = match write {
            Write::Check { .. } => ("checks", String::new()),
            Write::Delete { .. } => ("deletes", String::new()),
            Write::Put { .. } => ("puts", String::new()),
            Write::Update { changes, .. } => {
                let changes: Vec<_> = changes.iter().map(change).collect();
                ("updates", format!(", {}", changes.join(", ")))
            }
        };
        let condition = match write.condition() {
            Condition::Always => String::new(),
            condition => format!(" if {}", self::condition(condition)),
        };
        format!("{what} {name}{changes}{condition}")
    }

    /// What befell a call, and what its caller was told.
    pub(super) fn outcome(&self, fate: Fate, reply: Option<&Reply>) -> String {
        let told = || reply.map_or_else(|| "nobody waits".to_owned(), told);
        match fate {
            Fate::Answered => told(),
            Fate::Conflict => {
                format!(
                    "NOT APPLIED, a transaction is at work on the item: {}",
                    told()
                )
            }
            Fate::Late => "NO REPLY, and it may be applied later".to_owned(),
            Fate::ReplyLost => "carried out, but the REPLY IS LOST".to_owned(),
            Fate::Resent => {
                format!(
                    "carried out, the reply is lost, SENT AGAIN by the SDK: {}",
                    told()
                )
            }
            Fate::ServerError => "NOT APPLIED, answered with a 500".to_owned(),
            Fate::ServerErrorAfterWrite => "carried out, but ANSWERED WITH A 500".to_owned(),
            Fate::Stale => format!("STALE, from before the last write: {}", told()),
            Fate::Throttled => "NOT APPLIED, throttled".to_owned(),
            Fate::Unprocessed => format!("carried out BUT FOR ITS LAST WRITE: {}", told()),
        }
    }
}

/// What becomes of a call, where this is what its caller was told.
pub(super) fn fate(fate: Fate, reply: Option<&Reply>) -> CallFate {
    match (fate, reply) {
        (Fate::Conflict | Fate::ServerError | Fate::Throttled, _) => CallFate::Refused,
        (Fate::Late, _) => CallFate::Late,
        (Fate::ReplyLost | Fate::Resent | Fate::ServerErrorAfterWrite, _) => CallFate::ReplyLost,
        (Fate::Stale, _) => CallFate::Stale,
        (Fate::Answered | Fate::Unprocessed, reply) => match reply {
            Some(Reply::Item(_)) => CallFate::Read,
            Some(Reply::ConditionFailed(_)) => CallFate::ConditionFailed,
            Some(reply @ Reply::Cancelled(_)) if !reply.is_error() => CallFate::ConditionFailed,
            Some(Reply::Cancelled(_) | Reply::Failed(_) | Reply::TokenReused) => CallFate::Refused,
            Some(Reply::Unprocessed(_) | Reply::Written) | None => CallFate::Done,
        },
    }
}

fn told(reply: &Reply) -> String {
    match reply {
        Reply::Cancelled(reasons) => {
            let reasons = reasons.iter().map(|reason| match reason {
                Reason::ConditionFailed(_) => "condition failed",
                Reason::Conflict => "conflict",
                Reason::Invalid => "invalid",
                Reason::None => "none",
            });
            format!("cancelled ({})", reasons.collect::<Vec<_>>().join(", "))
        }
        Reply::ConditionFailed(failed) => match &failed.item {
            None => "condition failed".to_owned(),
            Some(item) => format!("condition failed, there is {}", listed(item)),
        },
        Reply::Failed(failure) => match failure {
            Failure::Conflict => "an error, TransactionConflict".to_owned(),
            Failure::Invalid => "an error, ValidationException".to_owned(),
            Failure::NoReply => "no reply".to_owned(),
            Failure::ServerError => "an error, 500".to_owned(),
            Failure::Throttled => "an error, throttled".to_owned(),
        },
        Reply::Item(None) => "there is none".to_owned(),
        Reply::Item(Some(item)) => format!("there is {}", listed(item)),
        Reply::TokenReused => "refused, its token was used for another request".to_owned(),
        Reply::Unprocessed(positions) if positions.is_empty() => "done".to_owned(),
        Reply::Unprocessed(positions) => {
            let numbers: Vec<_> = positions.iter().map(|it| (it + 1).to_string()).collect();
            format!("all but write {} done", numbers.join(", "))
        }
        Reply::Written => "done".to_owned(),
    }
}

fn listed(item: &Item) -> String {
    super::super::diagram::listed(&super::attributes(item))
}

fn change(change: &Change) -> String {
    match change {
        Change::Add(name, amount) => format!("adding {amount} to {}", name),
        Change::Remove(name) => format!("removing {}", name),
        Change::Set(name, value) => format!("setting {} to {}", name, scalar(value)),
    }
}

fn condition(condition: &Condition) -> String {
    let joined = |conditions: &[Condition], word: &str| {
        let terms: Vec<_> = conditions.iter().map(self::condition).collect();
        format!("({})", terms.join(word))
    };
    match condition {
        Condition::All(conditions) => joined(conditions, " and "),
        Condition::Always => "anything".to_owned(),
        Condition::Any(conditions) => joined(conditions, " or "),
        Condition::Compare {
            attribute,
            comparison,
            value,
        } => {
            let operator = match comparison {
                Comparison::Equal => "=",
                Comparison::Less => "<",
            };
            format!("{} {operator} {}", attribute, scalar(value))
        }
        Condition::ItemExists => "it exists".to_owned(),
        Condition::NoItem => "it does not exist".to_owned(),
        Condition::NoAttribute(name) => format!("it has no {}", name),
    }
}
