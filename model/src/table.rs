//! What a DynamoDB table does with a call: the reference semantics.
//!
//! Only what idempotent handlers use is modelled, and that exactly: conditional
//! writes, `ALL_OLD` on a failed condition, transactions with their request
//! tokens, reads that may be stale, and expiry. The model is the kit's only mock,
//! and is itself compared, call by call, with a real DynamoDB API.

mod condition;
mod operation;

pub use condition::{Comparison, Condition};
pub use operation::{Change, Effect, Operation, Write};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::Text;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Value {
    /// DynamoDB's type `N`, as far as whole numbers go.
    Number(i64),
    /// DynamoDB's type `S`.
    Text(Text),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

/// The name of an attribute.
pub type Name = Cow<'static, str>;

/// An item without its key. Items are replaced as a whole, and shared until then.
pub type Item = Arc<BTreeMap<Name, Value>>;

/// An item of these attributes.
///
/// ```
/// use redeliver_model::table::{Value, item};
///
/// let row = item([("status", Value::from("processed"))]);
/// assert_eq!(row["status"], Value::from("processed"));
/// ```
pub fn item<const N: usize>(attributes: [(&'static str, Value); N]) -> Item {
    let named = attributes.map(|(name, value)| (Cow::Borrowed(name), value));
    Arc::new(BTreeMap::from(named))
}

/// The partition key of an item, a text.
pub type Key = Text;

/// Seconds since the start of a run.
pub type Seconds = u64;

/// The attribute that the table's time to live is set to: a number of seconds.
pub const EXPIRES_AT: &str = "expires_at";

/// What a call was answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// A transaction was cancelled: for each of its writes, the reason.
    Cancelled(Vec<Reason>),
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

impl Reply {
    /// Whether the caller cannot tell from this what became of the item: an error
    /// other than a failed condition.
    pub fn is_error(&self) -> bool {
        match self {
            Self::Cancelled(reasons) => {
                let failed = |reason: &Reason| matches!(reason, Reason::ConditionFailed(_));
                !reasons.iter().any(failed)
            }
            Self::Failed(_) | Self::TokenReused => true,
            Self::Unprocessed(positions) => !positions.is_empty(),
            Self::ConditionFailed(_) | Self::Item(_) | Self::Written => false,
        }
    }
}

/// Why a write of a cancelled transaction was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// Its condition failed.
    ConditionFailed(FailedCondition),
    /// Another transaction is at work on its item.
    Conflict,
    /// It does not fit its item: it adds to a text (`ValidationError`).
    Invalid,
    /// For no reason of its own.
    None,
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
    /// The write does not fit the item: it adds to a text (`ValidationException`);
    /// nothing was written.
    Invalid,
    /// No answer came. The write may have happened, or may yet.
    NoReply,
    /// HTTP 500. The write may have happened.
    ServerError,
    /// Too many calls; nothing was written.
    Throttled,
}

/// An item before and after a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemChange {
    /// The item's key.
    pub key: Key,
    /// What it was.
    pub before: Option<Item>,
    /// What it is.
    pub after: Option<Item>,
}

/// A table: its items, what they were before, and the tokens of transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    items: BTreeMap<Key, Item>,
    /// What each write found, the last write last.
    earlier: Vec<(Key, Option<Item>)>,
    tokens: BTreeMap<Text, UsedToken>,
    /// Whether any item was ever written that expires.
    expires: bool,
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

    /// Takes the items out.
    pub(crate) fn take_items(&mut self) -> BTreeMap<Key, Item> {
        std::mem::take(&mut self.items)
    }

    /// Makes the table empty and new.
    pub(crate) fn clear(&mut self) {
        let Self {
            items,
            earlier,
            tokens,
            expires,
        } = self;
        items.clear();
        earlier.clear();
        tokens.clear();
        *expires = false;
    }

    /// Carries out `operation` at `now`, in one atomic step, and notes in `changes`
    /// what it changed.
    pub fn execute(
        &mut self,
        operation: &Operation,
        now: Seconds,
        changes: &mut Vec<ItemChange>,
    ) -> Reply {
        match operation {
            Operation::Batch { writes } => {
                writes.iter().for_each(|write| self.apply(write, changes));
                Reply::Unprocessed(Vec::new())
            }
            Operation::Effect(_) => Reply::Written,
            Operation::Read { key, .. } => Reply::Item(self.items.get(key).cloned()),
            Operation::Transact { writes, token } => {
                self.transact(writes, token.as_ref(), now, changes)
            }
            Operation::Write { write, return_item } => match self.reason(write, *return_item) {
                Reason::ConditionFailed(failed) => Reply::ConditionFailed(failed),
                Reason::Conflict => Reply::Failed(Failure::Conflict),
                Reason::Invalid => Reply::Failed(Failure::Invalid),
                Reason::None => {
                    self.apply(write, changes);
                    Reply::Written
                }
            },
        }
    }

    /// Carries out a batch but for its last write, which is left unprocessed.
    pub fn execute_in_part(&mut self, writes: &[Write], changes: &mut Vec<ItemChange>) -> Reply {
        let Some((_, done)) = writes.split_last() else {
            return Reply::Unprocessed(Vec::new());
        };
        done.iter().for_each(|write| self.apply(write, changes));
        Reply::Unprocessed(vec![done.len()])
    }

    /// Answers a read from the state before the item's last write, as a read
    /// without `ConsistentRead` may be.
    pub fn read_stale(&self, key: &str) -> Reply {
        let mut earlier = self.earlier.iter().rev();
        match earlier.find(|(written, _)| **written == *key) {
            Some((_, item)) => Reply::Item(item.clone()),
            None => Reply::Item(self.items.get(key).cloned()),
        }
    }

    /// Whether any item has expired.
    pub fn has_expired(&self, now: Seconds) -> bool {
        self.expires && self.items.values().any(|item| is_expired(item, now))
    }

    /// Deletes the items that have expired, as DynamoDB does within some days
    /// ([time to live](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html)).
    /// Until then they are there like any other.
    pub fn sweep(&mut self, now: Seconds, changes: &mut Vec<ItemChange>) {
        let expired = self.items.iter().filter(|(_, item)| is_expired(item, now));
        let expired: Vec<Key> = expired.map(|(key, _)| Key::clone(key)).collect();
        for key in expired {
            let before = self.items.remove(&key);
            self.earlier.push((key.clone(), before.clone()));
            let after = None;
            changes.push(ItemChange { key, before, after });
        }
    }

    fn transact(
        &mut self,
        writes: &[Write],
        token: Option<&Text>,
        now: Seconds,
        changes: &mut Vec<ItemChange>,
    ) -> Reply {
        if let Some(used) = token.and_then(|token| self.tokens.get(token))
            && now < used.valid_until
        {
            return match used.writes == writes {
                true => Reply::Written,
                false => Reply::TokenReused,
            };
        }
        let reasons = writes.iter().map(|write| self.reason(write, true));
        let reasons: Vec<_> = reasons.collect();
        if reasons.iter().any(|reason| *reason != Reason::None) {
            return Reply::Cancelled(reasons);
        }
        writes.iter().for_each(|write| self.apply(write, changes));
        if let Some(token) = token {
            let used = UsedToken {
                writes: writes.to_vec(),
                valid_until: now + TOKEN_LIFETIME,
            };
            self.tokens.insert(token.clone(), used);
        }
        Reply::Written
    }

    /// Why a write cannot be done as things are.
    fn reason(&self, write: &Write, return_item: bool) -> Reason {
        let item = self.items.get(write.key());
        if !write.condition().is_met_by(item) {
            let item = item.filter(|_| return_item).cloned();
            return Reason::ConditionFailed(FailedCondition { item });
        }
        match write.fits(item) {
            true => Reason::None,
            false => Reason::Invalid,
        }
    }

    fn apply(&mut self, write: &Write, changes: &mut Vec<ItemChange>) {
        if matches!(write, Write::Check { .. }) {
            return;
        }
        let key = write.key();
        let before = self.items.get(key).cloned();
        let after = write.applied_to(before.as_ref());
        self.expires |= after.as_ref().is_some_and(|it| it.contains_key(EXPIRES_AT));
        match &after {
            Some(item) => self.items.insert(key.clone(), Item::clone(item)),
            None => self.items.remove(key),
        };
        self.earlier.push((key.clone(), before.clone()));
        if before != after {
            let key = key.clone();
            changes.push(ItemChange { key, before, after });
        }
    }
}

/// An item expires when its time lies in the past.
fn is_expired(item: &Item, now: Seconds) -> bool {
    match item.get(EXPIRES_AT) {
        Some(Value::Number(end)) => u64::try_from(*end).is_ok_and(|end| end < now),
        Some(Value::Text(_)) | None => false,
    }
}
