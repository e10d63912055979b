//! What is in the tables, and how they are emptied.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::{Backend, BackendError, KeySchema, RowId};

/// An item: its attributes as DynamoDB's JSON, the key's among them. Sets are sorted.
pub type Item = BTreeMap<String, Json>;

/// The rows of some tables, with their items.
pub type Contents = BTreeMap<RowId, Item>;

/// DynamoDB's limit
/// ([API_BatchWriteItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html)).
const LARGEST_BATCH: usize = 25;

/// How often a batch is sent again for what was left undone.
const BATCH_ATTEMPTS: u32 = 10;

impl Backend {
    /// Everything in these tables, read consistently, page by page.
    ///
    /// # Errors
    ///
    /// If a table's key is not known, or the API fails.
    pub async fn contents(&self, tables: &BTreeSet<String>) -> Result<Contents, BackendError> {
        let mut contents = Contents::new();
        for table in tables {
            let key = self.key_of(table)?;
            let mut scan = json!({ "TableName": table, "ConsistentRead": true });
            loop {
                let mut page = self.call("Scan", &scan).await?;
                let items = match page["Items"].take() {
                    Json::Array(items) => items,
                    _ => Vec::new(),
                };
                for item in items {
                    let (row, item) = named(table, &key, item)?;
                    contents.insert(row, item);
                }
                match page["LastEvaluatedKey"].take() {
                    Json::Null => break,
                    last => scan["ExclusiveStartKey"] = last,
                }
            }
        }
        Ok(contents)
    }

    /// Empties these tables, whoever filled them. What earlier states were remembered
    /// for stale reads is forgotten.
    ///
    /// # Errors
    ///
    /// If a table's key is not known, or the API fails.
    pub async fn clear(&self, tables: &BTreeSet<String>) -> Result<(), BackendError> {
        let contents = self.contents(tables).await?;
        self.delete(contents.keys()).await
    }

    /// Deletes these rows: what [`clear`](Self::clear) does when it is known already
    /// what is there.
    ///
    /// # Errors
    ///
    /// If the API fails.
    pub async fn delete(&self, rows: impl IntoIterator<Item = &RowId>) -> Result<(), BackendError> {
        self.earlier.forget();
        let mut batch: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
        let mut size = 0;
        for row in rows {
            let strange = || BackendError::StrangeItem {
                table: row.table.clone(),
                item: row.key.clone(),
            };
            let key: Json = serde_json::from_str(&row.key).map_err(|_| strange())?;
            let deletion = json!({ "DeleteRequest": { "Key": key } });
            batch.entry(&row.table).or_default().push(deletion);
            size += 1;
            if size == LARGEST_BATCH {
                self.write_batch(json!(std::mem::take(&mut batch))).await?;
                size = 0;
            }
        }
        match size {
            0 => Ok(()),
            _ => self.write_batch(json!(batch)).await,
        }
    }

    async fn write_batch(&self, mut requests: Json) -> Result<(), BackendError> {
        for _ in 0..BATCH_ATTEMPTS {
            let mut answer = self
                .call("BatchWriteItem", &json!({ "RequestItems": requests }))
                .await?;
            requests = answer["UnprocessedItems"].take();
            if requests.as_object().is_none_or(|tables| tables.is_empty()) {
                return Ok(());
            }
        }
        let left = requests.as_object();
        let table = left.and_then(|it| it.keys().next().cloned());
        Err(BackendError::Unprocessed {
            table: table.unwrap_or_default(),
        })
    }

    fn key_of(&self, table: &str) -> Result<KeySchema, BackendError> {
        let key = self.schemas().get(table).cloned();
        key.ok_or_else(|| BackendError::UnknownTable {
            table: table.to_owned(),
        })
    }
}

fn named(table: &str, key: &KeySchema, item: Json) -> Result<(RowId, Item), BackendError> {
    let strange = |item: &Json| BackendError::StrangeItem {
        table: table.to_owned(),
        item: item.to_string(),
    };
    let row = RowId::of(table, key, &item).ok_or_else(|| strange(&item))?;
    let Json::Object(attributes) = item else {
        return Err(strange(&item));
    };
    let mut item: Item = attributes.into_iter().collect();
    item.values_mut().for_each(sort_sets);
    Ok((row, item))
}

/// Sets have no order, but the JSON has one.
fn sort_sets(value: &mut Json) {
    let Some((letter, value)) = value.as_object_mut().and_then(|it| it.iter_mut().next()) else {
        return;
    };
    match (letter.as_str(), value) {
        ("BS" | "NS" | "SS", Json::Array(members)) => {
            members.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
        }
        ("L", Json::Array(elements)) => elements.iter_mut().for_each(sort_sets),
        ("M", Json::Object(entries)) => entries.values_mut().for_each(sort_sets),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_sorted_wherever_they_are() {
        let mut value = json!({ "M": { "a": { "L": [{ "SS": ["b", "a"] }] }, "b": { "S": "x" } } });
        sort_sets(&mut value);
        let sorted = json!({ "M": { "a": { "L": [{ "SS": ["a", "b"] }] }, "b": { "S": "x" } } });
        assert_eq!(value, sorted);
        let mut list = json!({ "L": [{ "S": "b" }, { "S": "a" }] });
        sort_sets(&mut list);
        assert_eq!(list, json!({ "L": [{ "S": "b" }, { "S": "a" }] }));
    }
}
