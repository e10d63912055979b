//! What a DynamoDB table does with a call: the reference semantics.
//!
//! Only what idempotent handlers use is modelled, and that exactly: conditional
//! writes, `ALL_OLD` on a failed condition, transactions with their request
//! tokens, and reads that may be stale. The model is the kit's
//! only mock, and is itself compared, call by call, with a real DynamoDB API.

mod condition;
mod operation;

pub use condition::{Comparison, Condition};
pub use operation::{Change, Operation, Write};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Value {
    /// DynamoDB's type `N`, as far as whole numbers go.
    Number(i64),
    /// DynamoDB's type `S`.
    Text(String),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// An item without its key.
pub type Item = BTreeMap<String, Value>;

/// The partition key of an item, a text.
pub type Key = String;

/// Seconds since the start of a run.
pub type Seconds = u64;

/// What a call was answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// A transaction was cancelled: for each of its writes, whether its condition
    /// failed, and the item that made it fail if that was asked for.
    Cancelled(Vec<Option<FailedCondition>>),
    /// A write whose condition was not met.
    ConditionFailed(FailedCondition),
    /// An error. Whether the write happened is another question.
    Failed(Failure),
    /// The item that was read, if there is one.
    Item(Option<Item>),
    /// A request token was used again for another request.
    TokenReused,
    /// Of a batch, the writes that were not done, by their positions.
    Unprocessed(Vec<usize>),
    /// A write that was done.
    Written,
}

/// What a failed condition tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedCondition {
    /// The item that is there, if the call asked for it and there is one.
    pub item: Option<Item>,
}

/// How a call fails, as its caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Failure {
    /// Another transaction is at work on the item; nothing was written.
    Conflict,
    /// No answer came. The write may have happened, or may yet.
    NoReply,
    /// HTTP 500. The write may have happened.
    ServerError,
    /// Too many calls; nothing was written.
    Throttled,
}

/// A table: its items, what they were before, and the tokens of transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    items: BTreeMap<Key, Item>,
    /// The state of each item before its last write.
    earlier: BTreeMap<Key, Option<Item>>,
    tokens: BTreeMap<String, UsedToken>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct UsedToken {
    writes: Vec<Write>,
    valid_until: Seconds,
}

/// How long a transaction's request token is remembered
/// ([TransactWriteItems](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)).
const TOKEN_LIFETIME: Seconds = 10 * 60;

impl Table {
    /// The items, by key.
    pub fn items(&self) -> &BTreeMap<Key, Item> {
        &self.items
    }

    /// Carries out `operation` at `now`, in one atomic step.
    pub fn execute(&mut self, operation: &Operation, now: Seconds) -> Reply {
        match operation {
            Operation::Batch { writes } => {
                for write in writes {
                    self.apply(write);
                }
                Reply::Unprocessed(Vec::new())
            }
            Operation::Read { key, .. } => Reply::Item(self.items.get(key).cloned()),
            Operation::Transact { writes, token } => self.transact(writes, token.as_deref(), now),
            Operation::Write { write, return_item } => match self.refusal(write, *return_item) {
                Some(failed) => Reply::ConditionFailed(failed),
                None => {
                    self.apply(write);
                    Reply::Written
                }
            },
        }
    }

    /// Answers a read from the state before the item's last write, as a read
    /// without `ConsistentRead` may be.
    pub fn read_stale(&self, key: &str) -> Reply {
        match self.earlier.get(key) {
            Some(item) => Reply::Item(item.clone()),
            None => Reply::Item(self.items.get(key).cloned()),
        }
    }

    fn transact(&mut self, writes: &[Write], token: Option<&str>, now: Seconds) -> Reply {
        if let Some(token) = token {
            match self.tokens.get(token) {
                Some(used) if now >= used.valid_until => {}
                Some(used) if used.writes == writes => return Reply::Written,
                Some(_) => return Reply::TokenReused,
                None => {}
            }
        }
        let refusals: Vec<_> = writes
            .iter()
            .map(|write| self.refusal(write, true))
            .collect();
        if refusals.iter().any(Option::is_some) {
            return Reply::Cancelled(refusals);
        }
        for write in writes {
            self.apply(write);
        }
        if let Some(token) = token {
            let used = UsedToken {
                writes: writes.to_vec(),
                valid_until: now + TOKEN_LIFETIME,
            };
            self.tokens.insert(token.to_owned(), used);
        }
        Reply::Written
    }

    /// Why a write is refused, if its condition is not met.
    fn refusal(&self, write: &Write, return_item: bool) -> Option<FailedCondition> {
        let item = self.items.get(write.key());
        if write.condition().is_met_by(item) {
            return None;
        }
        Some(FailedCondition {
            item: item.filter(|_| return_item).cloned(),
        })
    }

    fn apply(&mut self, write: &Write) {
        let key = write.key();
        let before = self.items.get(key).cloned();
        let after = write.applied_to(before.clone());
        match after {
            Some(item) => self.items.insert(key.to_owned(), item),
            None => self.items.remove(key),
        };
        if !matches!(write, Write::Check { .. }) {
            self.earlier.insert(key.to_owned(), before);
        }
    }
}
