//! The parts of a request: what it does with each of its items.

use std::collections::BTreeSet;

use serde_json::Value as Json;

/// What a request does with one item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    /// The item's table.
    pub(super) table: &'a str,
    /// The item's key, or for a put the whole item.
    pub(super) attributes: &'a Json,
    /// Whether that is the whole item.
    pub(super) is_item: bool,
    /// Where its expressions stand.
    pub(super) expressions: &'a Json,
}

/// The parts of a request that name items; none for other requests. What is malformed
/// is left out: the API refuses it.
pub(super) fn parts<'a>(operation: &str, input: &'a Json) -> Vec<Part<'a>> {
    match operation {
        "BatchGetItem" => {
            let tables = entries(&input["RequestItems"]);
            let keys = tables.flat_map(|(table, request)| {
                let keys = elements(&request["Keys"]);
                keys.map(move |key| part(table, key, false, &Json::Null))
            });
            keys.collect()
        }
        "BatchWriteItem" => {
            let tables = entries(&input["RequestItems"]);
            let writes = tables.flat_map(|(table, writes)| {
                let writes = elements(writes);
                writes.filter_map(move |write| {
                    let put = &write["PutRequest"]["Item"];
                    let deleted = &write["DeleteRequest"]["Key"];
                    match (put, deleted) {
                        (Json::Object(_), _) => Some(part(table, put, true, &Json::Null)),
                        (_, Json::Object(_)) => Some(part(table, deleted, false, &Json::Null)),
                        _ => None,
                    }
                })
            });
            writes.collect()
        }
        "DeleteItem" | "GetItem" | "PutItem" | "UpdateItem" => single(input).into_iter().collect(),
        "TransactGetItems" | "TransactWriteItems" => {
            let items = elements(&input["TransactItems"]);
            let actions = items.flat_map(|item| entries(item).map(|(_, action)| action));
            actions.filter_map(single).collect()
        }
        _ => Vec::new(),
    }
}

/// A part that stands alone, or in a transaction.
fn single(action: &Json) -> Option<Part<'_>> {
    let table = table_name(action["TableName"].as_str()?);
    match (&action["Item"], &action["Key"]) {
        (item @ Json::Object(_), _) => Some(part(table, item, true, action)),
        (_, key @ Json::Object(_)) => Some(part(table, key, false, action)),
        _ => None,
    }
}

fn part<'a>(
    table: &'a str,
    attributes: &'a Json,
    is_item: bool,
    expressions: &'a Json,
) -> Part<'a> {
    Part {
        table: table_name(table),
        attributes,
        is_item,
        expressions,
    }
}

/// Every table that a request is about.
pub(super) fn tables(input: &Json) -> BTreeSet<String> {
    let alone = input["TableName"].as_str();
    let batch = entries(&input["RequestItems"]).map(|(table, _)| table);
    let transaction = elements(&input["TransactItems"])
        .flat_map(entries)
        .filter_map(|(_, action)| action["TableName"].as_str());
    let named = alone.into_iter().chain(batch).chain(transaction);
    named.map(|it| table_name(it).to_owned()).collect()
}

/// A table may be named by its ARN: `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME`.
pub(super) fn table_name(table: &str) -> &str {
    let resource = match table.strip_prefix("arn:") {
        Some(arn) => arn.split_once(":table/").map(|(_, resource)| resource),
        None => None,
    };
    let name = resource.and_then(|it| it.split('/').next());
    name.unwrap_or(table)
}

fn entries(object: &Json) -> impl Iterator<Item = (&str, &Json)> {
    let entries = object.as_object().into_iter().flatten();
    entries.map(|(name, value)| (name.as_str(), value))
}

fn elements(array: &Json) -> impl Iterator<Item = &Json> {
    array.as_array().into_iter().flatten()
}
