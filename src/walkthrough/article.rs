//! The article's handlers, as they are written there, in Rust.

use serde_json::{Value, json};

use super::Delivery;
use crate::dynamodb::{Client, Failure};

/// What the article starts from: the id is the object's key, and the row is the
/// same whatever delivery writes it.
pub(super) const FIRST: Handler = Handler {
    name: "the article's first handler",
    stamps: false,
    condition: None,
};

/// The first handler with one attribute more, as such rows tend to get.
pub(super) const STAMPED: Handler = Handler {
    name: "the same with a processed_at",
    stamps: true,
    condition: None,
};

/// What the article ends with.
pub(super) const FINAL: Handler = Handler {
    name: "the article's final handler",
    stamps: false,
    condition: Some("attribute_not_exists(id)"),
};

/// A handler that puts one item for the first record of a notification.
#[derive(Clone, Copy)]
pub(super) struct Handler {
    pub(super) name: &'static str,
    stamps: bool,
    condition: Option<&'static str>,
}

impl Handler {
    /// Handles a delivery, and returns what the handler logs.
    pub(super) async fn handle(
        self,
        client: &Client,
        table: &str,
        delivery: Delivery,
    ) -> Result<String, Failure> {
        // An article's handler trusts its event; so does this one.
        let event: Value = serde_json::from_str(delivery.document).unwrap_or_default();
        let key = &event["Records"][0]["s3"]["object"]["key"];
        let mut put = json!({
            "TableName": table,
            "Item": { "id": { "S": key }, "status": { "S": "processed" } },
        });
        if self.stamps {
            put["Item"]["processed_at"] = json!({ "S": format!("by {}", delivery.request_id) });
        }
        if let Some(condition) = self.condition {
            put["ConditionExpression"] = json!(condition);
        }
        if delivery.reply_lost {
            client.call("PutItem", &put).await?;
        }
        let key = key.as_str().unwrap_or_default();
        match client.call("PutItem", &put).await {
            Ok(_) => Ok(format!("Inserted {key}")),
            Err(failure) if failure.is_failed_condition() => {
                Ok(format!("Duplicate skipped for {key}"))
            }
            Err(failure) => Err(failure),
        }
    }
}
