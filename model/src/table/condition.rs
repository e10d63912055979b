//! Condition expressions.

use serde::{Deserialize, Serialize};

use super::{Item, Name, Value};

/// What must be true of the item that is there, or of its absence, for a write to
/// be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// Each of them is met.
    All(Vec<Condition>),
    /// There is no condition.
    #[default]
    Always,
    /// At least one of them is met.
    Any(Vec<Condition>),
    /// The item has the attribute, and the comparison is true of it. Values of
    /// different types are never equal nor in any order.
    Compare {
        /// The attribute.
        attribute: Name,
        /// How it compares with the value.
        comparison: Comparison,
        /// What it is compared with.
        value: Value,
    },
    /// There is an item.
    ItemExists,
    /// There is no item.
    NoItem,
    /// `attribute_not_exists`, of an attribute other than the key.
    NoAttribute(Name),
}

/// How an attribute compares with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<`; texts by their bytes.
    Less,
}

impl Condition {
    /// Whether the condition is met by `item`.
    pub fn is_met_by(&self, item: Option<&Item>) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|it| it.is_met_by(item)),
            Self::Always => true,
            Self::Any(conditions) => conditions.iter().any(|it| it.is_met_by(item)),
            Self::Compare {
                attribute,
                comparison,
                value,
            } => match (item.and_then(|item| item.get(attribute)), value) {
                (Some(Value::Number(left)), Value::Number(right)) => comparison.holds(left, right),
                (Some(Value::Text(left)), Value::Text(right)) => comparison.holds(left, right),
                _ => false,
            },
            Self::ItemExists => item.is_some(),
            Self::NoItem => item.is_none(),
            Self::NoAttribute(attribute) => item.is_none_or(|item| !item.contains_key(attribute)),
        }
    }
}

impl Comparison {
    fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
        }
    }
}
