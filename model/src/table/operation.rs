//! The calls that handlers make.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Condition, Item, Key, Value};

/// One atomic operation on the table: the unit of interleaving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// `BatchWriteItem`: unconditional writes, of which some may be left undone.
    Batch {
        /// The writes.
        writes: Vec<Write>,
    },
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
        /// The `ClientRequestToken`.
        token: Option<String>,
    },
    /// `PutItem`, `UpdateItem` or `DeleteItem`.
    Write {
        /// The write.
        write: Write,
        /// Whether a failed condition returns the item (`ALL_OLD`).
        return_item: bool,
    },
}

impl Operation {
    /// The items that the operation is about.
    pub fn keys(&self) -> BTreeSet<&str> {
        match self {
            Self::Batch { writes } | Self::Transact { writes, .. } => {
                writes.iter().map(Write::key).collect()
            }
            Self::Read { key, .. } => BTreeSet::from([key.as_str()]),
            Self::Write { write, .. } => BTreeSet::from([write.key()]),
        }
    }

    /// Whether the operation may change the table.
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
    /// Adds to a number; to 0 if there is none. (DynamoDB refuses to add to a text;
    /// here it is replaced.)
    Add(String, i64),
    /// Takes the attribute away.
    Remove(String),
    /// Gives the attribute a value.
    Set(String, Value),
}

impl Write {
    /// The item that is written.
    pub fn key(&self) -> &str {
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

    /// What the item is after the write.
    pub(super) fn applied_to(&self, item: Option<Item>) -> Option<Item> {
        match self {
            Self::Check { .. } => item,
            Self::Delete { .. } => None,
            Self::Put { item, .. } => Some(item.clone()),
            Self::Update { changes, .. } => {
                let mut item = item.unwrap_or_default();
                changes.iter().for_each(|change| change.apply_to(&mut item));
                Some(item)
            }
        }
    }
}

impl Change {
    fn apply_to(&self, item: &mut Item) {
        match self {
            Self::Add(attribute, amount) => {
                let sum = match item.get(attribute) {
                    Some(Value::Number(number)) => number + amount,
                    _ => *amount,
                };
                item.insert(attribute.clone(), Value::Number(sum));
            }
            Self::Remove(attribute) => {
                item.remove(attribute);
            }
            Self::Set(attribute, value) => {
                item.insert(attribute.clone(), value.clone());
            }
        }
    }
}
