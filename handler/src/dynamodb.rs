//! The port on aws-sdk-dynamodb: a conditional `PutItem`.

mod client;
mod create;
mod error;

pub use client::{configured, http_client};
pub use create::{TableNotCreated, create_table};

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use crate::table::{
    EpochSeconds, Existing, ID, Insertion, RECORD, REQUEST_ID, Row, Table, TableError, Value,
    Writer,
};

/// A DynamoDB table whose partition key is the text `id`.
#[derive(Clone, Debug)]
pub struct DynamoDbTable {
    client: Client,
    name: String,
    ttl_attribute: Option<String>,
}

impl DynamoDbTable {
    /// The table of that name. Rows that expire carry the moment in the TTL
    /// attribute, if the table has one.
    pub fn new(client: Client, name: impl Into<String>, ttl_attribute: Option<String>) -> Self {
        Self {
            client,
            name: name.into(),
            ttl_attribute,
        }
    }

    fn item(&self, row: &Row) -> HashMap<String, AttributeValue> {
        let expiry = self.ttl_attribute.as_ref().zip(row.expires_at);
        let expiry = expiry.map(|(attribute, EpochSeconds(end))| {
            (attribute.clone(), AttributeValue::N(end.to_string()))
        });
        row.attributes()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), attribute_value(value)))
            .chain(expiry)
            .collect()
    }

    /// What the item that a failed condition returns tells of the row. Backends
    /// that do not know `ALL_OLD` return none.
    fn existing(&self, item: Option<&HashMap<String, AttributeValue>>) -> Existing {
        let text = |name: &str| item?.get(name)?.as_s().ok();
        let number = |name: &str| item?.get(name)?.as_n().ok();
        let writer = text(REQUEST_ID).zip(number(RECORD));
        Existing {
            writer: writer.and_then(|(request_id, record)| {
                Some(Writer {
                    request_id: request_id.as_str().into(),
                    record: record.parse().ok()?,
                })
            }),
            expires_at: self
                .ttl_attribute
                .as_deref()
                .and_then(number)
                .and_then(|end| end.parse().ok())
                .map(EpochSeconds),
        }
    }
}

impl Table for DynamoDbTable {
    async fn insert(&self, row: Row) -> Result<Insertion, TableError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(self.item(&row)))
            .condition_expression("attribute_not_exists(#id)")
            .expression_attribute_names("#id", ID)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        // Boxed, because the SDK's future is nested so deeply that a program around
        // it would meet the compiler's recursion limit.
        match Box::pin(put.send()).await {
            Ok(_) => Ok(Insertion::Inserted),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(Insertion::Present(self.existing(failed.item())))
                }
                _ => Err(error::table_error(&error)),
            },
        }
    }
}

fn attribute_value(value: Value) -> AttributeValue {
    match value {
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::Text(text) => AttributeValue::S(text.to_string()),
    }
}
