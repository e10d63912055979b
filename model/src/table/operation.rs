//! The calls that handlers make.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Condition, Item, Key, Name, Value};
use crate::event::Text;

/// One atomic operation: the unit of interleaving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// `BatchWriteItem`: unconditional writes, of which some may be left undone.
    Batch {
        /// The writes.
        writes: Vec<Write>,
    },
    /// A call to something other than the table: an email, a charge, a message.
    Effect(Effect),
    /// `GetItem`.
    Read {
        /// Which item.
        key: Key,
        /// Whether with `ConsistentRead`.
        consistent: bool,
    },
    /// `TransactWriteItems`: all of the writes or none.
    Transact {
        /// The writes.
        writes: Vec<Write>,
        /// The `ClientRequestToken`, if the caller gives one. If not, the SDK makes
        /// one up for each call.
        token: Option<Text>,
    },
    /// `PutItem`, `UpdateItem` or `DeleteItem`.
    Write {
        /// The write.
        write: Write,
        /// Whether a failed condition returns the item (`ALL_OLD`).
        return_item: bool,
    },
}

/// What is done for an event beyond its row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Effect {
    /// The key of the row of the event that it is done for.
    pub of: Key,
    /// The idempotency token that is sent along, if one is.
    pub token: Option<Text>,
    /// What is done.
    pub content: Text,
}

impl Operation {
    /// The keys of the items that the operation is about.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        let (one, many) = match self {
            Self::Batch { writes } | Self::Transact { writes, .. } => (None, writes.as_slice()),
            Self::Effect(effect) => (Some(&effect.of), &[][..]),
            Self::Read { key, .. } => (Some(key), &[][..]),
            Self::Write { write, .. } => (Some(write.key()), &[][..]),
        };
        one.into_iter().chain(many.iter().map(Write::key))
    }

    /// Whether the operation and another are about no item in common.
    pub fn is_apart_from(&self, other: &Self) -> bool {
        self.keys().all(|key| other.keys().all(|it| it != key))
    }

    /// Whether the operation may change anything.
    pub fn is_write(&self) -> bool {
        !matches!(self, Self::Read { .. })
    }
}

/// A write of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Write {
    /// Changes nothing: a condition within a transaction.
    Check {
        /// Which item.
        key: Key,
        /// What must be true of it.
        condition: Condition,
    },
    /// Removes the item.
    Delete {
        /// Which item.
        key: Key,
        /// What must be true of it.
        condition: Condition,
    },
    /// Replaces the item.
    Put {
        /// Which item.
        key: Key,
        /// What it is to be.
        item: Item,
        /// What must be true of the one that is there.
        condition: Condition,
    },
    /// Changes some attributes, of a new item if there is none.
    Update {
        /// Which item.
        key: Key,
        /// What changes, one after another.
        changes: Vec<Change>,
        /// What must be true of it.
        condition: Condition,
    },
}

/// A change of one attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Adds to a number; to 0 if there is none. To a text nothing can be added.
    Add(Name, i64),
    /// Takes the attribute away.
    Remove(Name),
    /// Gives the attribute a value.
    Set(Name, Value),
}

impl Write {
    /// The item that is written.
    pub fn key(&self) -> &Key {
        match self {
            Self::Check { key, .. }
            | Self::Delete { key, .. }
            | Self::Put { key, .. }
            | Self::Update { key, .. } => key,
        }
    }

    /// What must be true for the write to be done.
    pub fn condition(&self) -> &Condition {
        match self {
            Self::Check { condition, .. }
            | Self::Delete { condition, .. }
            | Self::Put { condition, .. }
            | Self::Update { condition, .. } => condition,
        }
    }

    /// Whether the write can be done to the item.
    pub(super) fn fits(&self, item: Option<&Item>) -> bool {
        let adds_to_text = |change: &Change| match (change, item) {
            (Change::Add(attribute, _), Some(item)) => {
                matches!(item.get(attribute), Some(Value::Text(_)))
            }
            _ => false,
        };
        match self {
            Self::Update { changes, .. } => !changes.iter().any(adds_to_text),
            Self::Check { .. } | Self::Delete { .. } | Self::Put { .. } => true,
        }
    }

    /// What the item is after the write.
    pub(super) fn applied_to(&self, item: Option<&Item>) -> Option<Item> {
        match self {
            Self::Check { .. } => item.cloned(),
            Self::Delete { .. } => None,
            Self::Put { item, .. } => Some(Item::clone(item)),
            Self::Update { changes, .. } => {
                let mut item = item.cloned().unwrap_or_default();
                changes.iter().for_each(|change| change.apply_to(&mut item));
                Some(item)
            }
        }
    }
}

impl Change {
    fn apply_to(&self, item: &mut Item) {
        let attributes = Arc::make_mut(item);
        match self {
            Self::Add(attribute, amount) => {
                let sum = match attributes.get(attribute) {
                    Some(Value::Number(number)) => number.saturating_add(*amount),
                    _ => *amount,
                };
                attributes.insert(attribute.clone(), Value::Number(sum));
            }
            Self::Remove(attribute) => {
                attributes.remove(attribute);
            }
            Self::Set(attribute, value) => {
                attributes.insert(attribute.clone(), value.clone());
            }
        }
    }
}
