//! The key of a table that nobody has described, from the way it is used.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::call::TableCall;
use super::expression::resolved;
use super::part::{Part, parts};
use crate::check::backend::{KeyAttribute, KeySchema, KeyType};

/// What a call tells of a table's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstUse {
    /// The key.
    pub key: KeySchema,
    /// Whether the table can have no other key. If not, the key is the one attribute
    /// that a put's `attribute_not_exists` asks for, and the table may have a sort
    /// key as well: then different rows would be taken for one.
    pub certain: bool,
}

/// The key of a table, told from a call; none if the call does not tell it. A `Key`
/// of two attributes does not say which is the partition key.
pub fn key_on_first_use(call: &TableCall, table: &str) -> Option<FirstUse> {
    let input = call.input();
    let parts = parts(&call.operation, &input);
    let about = || parts.iter().filter(|part| part.table == table);
    let certain = about().find_map(only_attribute);
    let (partition, certain) = match certain {
        Some(partition) => (partition, true),
        None => (about().find_map(asked_for)?, false),
    };
    let sort = None;
    let key = KeySchema { partition, sort };
    Some(FirstUse { key, certain })
}

/// A key has no other attributes, and an item not fewer than its key.
fn only_attribute(part: &Part<'_>) -> Option<KeyAttribute> {
    let attributes = part.attributes.as_object()?;
    let (name, value) = attributes.iter().next()?;
    match attributes.len() {
        1 => attribute(name, value),
        _ => None,
    }
}

/// The one attribute of an item whose absence a put makes its condition.
fn asked_for(part: &Part<'_>) -> Option<KeyAttribute> {
    let condition = part.expressions["ConditionExpression"].as_str()?;
    let condition = resolved(condition, part.expressions);
    let asked = condition.split("attribute_not_exists").skip(1);
    let names = asked.filter_map(|it| it.trim_start().strip_prefix('(')?.split_once(')'));
    let names: BTreeSet<_> = names.map(|(name, _)| name.trim()).collect();
    match names.first() {
        Some(name) if names.len() == 1 && part.is_item => {
            attribute(name, part.attributes.get(name)?)
        }
        _ => None,
    }
}

fn attribute(name: &str, value: &Json) -> Option<KeyAttribute> {
    let (letter, _) = value.as_object()?.iter().next()?;
    Some(KeyAttribute {
        name: name.to_owned(),
        kind: KeyType::of_letter(letter)?,
    })
}
