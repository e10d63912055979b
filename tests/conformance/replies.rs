//! The API's answers as replies of the model.

use std::collections::BTreeMap;

use redeliver::dynamodb::Failure;
use redeliver_model::table::{FailedCondition, Item, Key, Operation, Reply, Value};
use serde_json::Value as Json;

/// The answer to `operation` as the model would give it, or what it is that the
/// model never gives.
pub(crate) fn reply(operation: &Operation, answer: Result<Json, Failure>) -> Result<Reply, String> {
    match answer {
        Ok(answer) => Ok(match operation {
            Operation::Batch { .. } if answer["UnprocessedItems"] == serde_json::json!({}) => {
                Reply::Unprocessed(Vec::new())
            }
            Operation::Batch { .. } => return Err(format!("a batch not done: {answer}")),
            Operation::Read { .. } => Reply::Item(answer.get("Item").map(|it| without_key(it).1)),
            Operation::Transact { .. } | Operation::Write { .. } => Reply::Written,
        }),
        Err(failure) => refusal(&failure).ok_or_else(|| failure.to_string()),
    }
}

fn refusal(failure: &Failure) -> Option<Reply> {
    let Failure::Refused {
        status: 400,
        code,
        message,
        item,
    } = failure
    else {
        return None;
    };
    match code.as_str() {
        "ConditionalCheckFailedException" => Some(Reply::ConditionFailed(FailedCondition {
            item: item.as_ref().map(|it| without_key(it).1),
        })),
        "IdempotentParameterMismatchException" => Some(Reply::TokenReused),
        "TransactionCanceledException" => reasons(message).map(Reply::Cancelled),
        _ => None,
    }
}

/// The reasons at the end of the message of a cancelled transaction, such as
/// `[None, ConditionalCheckFailed]`.
fn reasons(message: &str) -> Option<Vec<Option<FailedCondition>>> {
    let (_, reasons) = message.strip_suffix(']')?.rsplit_once('[')?;
    let reason = |reason| match reason {
        "ConditionalCheckFailed" => Some(Some(FailedCondition::default())),
        "None" => Some(None),
        _ => None,
    };
    reasons.split(", ").map(reason).collect()
}

/// What a scan found.
///
/// # Panics
///
/// If it is more than a page.
pub(crate) fn items(scanned: &Json) -> BTreeMap<Key, Item> {
    assert_eq!(scanned.get("LastEvaluatedKey"), None);
    let items = scanned["Items"].as_array().unwrap();
    items.iter().map(without_key).collect()
}

fn without_key(item: &Json) -> (Key, Item) {
    let attributes = item.as_object().unwrap().iter();
    let mut item: Item = attributes
        .map(|(attribute, typed)| (attribute.clone(), value(typed)))
        .collect();
    match item.remove("id") {
        Some(Value::Text(key)) => (key, item),
        other => panic!("{other:?} is no key"),
    }
}

fn value(typed: &Json) -> Value {
    match (typed["N"].as_str(), typed["S"].as_str()) {
        (Some(number), None) => Value::Number(number.parse().unwrap()),
        (None, Some(text)) => Value::from(text),
        _ => panic!("{typed} is neither a number nor a text"),
    }
}

pub(crate) fn kind(reply: &Reply) -> &'static str {
    match reply {
        Reply::Cancelled(_) => "Cancelled",
        Reply::ConditionFailed(_) => "ConditionFailed",
        Reply::Failed(_) => "Failed",
        Reply::Item(_) => "Item",
        Reply::TokenReused => "TokenReused",
        Reply::Unprocessed(_) => "Unprocessed",
        Reply::Written => "Written",
    }
}
