//! The reference handler's port on the kit's own client: what an adapter for a
//! table of your own looks like.

use redeliver_handler::table::{
    Existing, Insertion, RECORD, REQUEST_ID, Row, Table, TableError, TableErrorKind, Value, Writer,
};
use serde_json::{Map, json};

use super::{Client, Failure};

/// The table that the reference handler records in. Rows do not expire.
#[derive(Clone, Debug)]
pub struct RecordedTable {
    client: Client,
    name: String,
}

impl RecordedTable {
    /// The table of that name, with the partition key `id`.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self {
            client,
            name: name.into(),
        }
    }
}

impl Table for RecordedTable {
    async fn insert(&self, row: Row) -> Result<Insertion, TableError> {
        let item: Map<_, _> = row
            .attributes()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), attribute_value(value)))
            .collect();
        let put = json!({
            "TableName": self.name,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(id)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        });
        match self.client.call("PutItem", &put).await {
            Ok(_) => Ok(Insertion::Inserted),
            Err(failure) if failure.is_failed_condition() => {
                Ok(Insertion::Present(existing(&failure)))
            }
            Err(failure) => Err(table_error(failure)),
        }
    }
}

fn attribute_value(value: Value) -> serde_json::Value {
    match value {
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::Text(text) => json!({ "S": &*text }),
    }
}

fn existing(failure: &Failure) -> Existing {
    let writer = |item: &serde_json::Value| {
        Some(Writer {
            request_id: item[REQUEST_ID]["S"].as_str()?.into(),
            record: item[RECORD]["N"].as_str()?.parse().ok()?,
        })
    };
    Existing {
        writer: match failure {
            Failure::Refused { item, .. } => item.as_ref().and_then(writer),
            Failure::NoAnswer { .. } => None,
        },
        expires_at: None,
    }
}

fn table_error(failure: Failure) -> TableError {
    match failure {
        Failure::NoAnswer { reason } => TableError {
            kind: TableErrorKind::Ambiguous,
            code: "NoAnswer".to_owned(),
            message: reason,
        },
        Failure::Refused {
            status,
            code,
            message,
            ..
        } => TableError {
            kind: TableErrorKind::of_answer(&code, status),
            code,
            message,
        },
    }
}
