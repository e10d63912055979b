//! The API's answers as replies of the model.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use redeliver_model::table::{
    self as model, FailedCondition, Item, Key, Operation, Reason, Reply, Value,
};
use serde_json::{Value as Json, json};

use super::Failure;

/// The answer to `operation` as the model would give it.
///
/// # Errors
///
/// If the model never gives such an answer.
pub fn reply(operation: &Operation, answer: Result<Json, Failure>) -> Result<Reply, Unforeseen> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => {
            return refusal(&failure)?.ok_or_else(|| Unforeseen(failure.to_string()));
        }
    };
    match operation {
        Operation::Batch { .. } if answer["UnprocessedItems"] == json!({}) => {
            Ok(Reply::Unprocessed(Vec::new()))
        }
        Operation::Batch { .. } => Err(Unforeseen(format!("a batch not done: {answer}"))),
        Operation::Read { .. } => {
            let item = answer.get("Item").map(without_key).transpose()?;
            Ok(Reply::Item(item.map(|(_, item)| item)))
        }
        Operation::Effect(_) | Operation::Transact { .. } | Operation::Write { .. } => {
            Ok(Reply::Written)
        }
    }
}

/// What the API says of a write that does not fit its item. Everything else that it
/// finds invalid is malformed whatever the table holds, and the model knows no
/// malformed calls.
const WRONG_TYPE: &str = "operand in the update expression has an incorrect data type";

fn refusal(failure: &Failure) -> Result<Option<Reply>, Unforeseen> {
    let Failure::Refused {
        status: 400,
        code,
        message,
        item,
        reasons,
    } = failure
    else {
        return Ok(None);
    };
    Ok(match code.as_str() {
        "ConditionalCheckFailedException" => Some(Reply::ConditionFailed(failed(item.as_ref())?)),
        "IdempotentParameterMismatchException" => Some(Reply::TokenReused),
        "TransactionCanceledException" => {
            let reasons: Result<_, _> = reasons.iter().map(reason).collect();
            Some(Reply::Cancelled(reasons?))
        }
        "ValidationException" if message.contains(WRONG_TYPE) => {
            Some(Reply::Failed(model::Failure::Invalid))
        }
        _ => None,
    })
}

fn reason(reason: &Json) -> Result<Reason, Unforeseen> {
    let message = reason["Message"].as_str().unwrap_or_default();
    match reason["Code"].as_str() {
        Some("ConditionalCheckFailed") => Ok(Reason::ConditionFailed(failed(reason.get("Item"))?)),
        Some("None") => Ok(Reason::None),
        Some("TransactionConflict") => Ok(Reason::Conflict),
        Some("ValidationError") if message.contains(WRONG_TYPE) => Ok(Reason::Invalid),
        _ => Err(Unforeseen(format!("a transaction cancelled by {reason}"))),
    }
}

fn failed(item: Option<&Json>) -> Result<FailedCondition, Unforeseen> {
    let item = item.map(without_key).transpose()?;
    let item = item.map(|(_, item)| item);
    Ok(FailedCondition { item })
}

/// The items that a scan found.
///
/// # Errors
///
/// If it is more than a page, or has what the model's items cannot have.
pub fn items(scanned: &Json) -> Result<BTreeMap<Key, Item>, Unforeseen> {
    let items = scanned["Items"].as_array();
    match (items, scanned.get("LastEvaluatedKey")) {
        (Some(items), None) => items.iter().map(without_key).collect(),
        _ => Err(Unforeseen(format!("not a whole table: {scanned}"))),
    }
}

fn without_key(item: &Json) -> Result<(Key, Item), Unforeseen> {
    let unforeseen = || Unforeseen(format!("an item that the model cannot have: {item}"));
    let attributes = item.as_object().ok_or_else(unforeseen)?.iter();
    let attributes =
        attributes.map(|(name, typed)| Some((Cow::Owned(name.clone()), value(typed)?)));
    let attributes: Option<BTreeMap<_, _>> = attributes.collect();
    let mut attributes = attributes.ok_or_else(unforeseen)?;
    match attributes.remove("id") {
        Some(Value::Text(key)) => Ok((key, Item::new(attributes))),
        Some(Value::Number(_)) | None => Err(unforeseen()),
    }
}

fn value(typed: &Json) -> Option<Value> {
    match (typed["N"].as_str(), typed["S"].as_str()) {
        (Some(number), None) => number.parse().ok().map(Value::Number),
        (None, Some(text)) => Some(Value::from(text)),
        _ => None,
    }
}

/// An answer that the model never gives, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unforeseen(String);

impl fmt::Display for Unforeseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unforeseen {}
