//! The problem and its solution in six steps, on a real DynamoDB API.
//!
//! It follows the article [When Lambda Writes Twice], which this kit grew out of,
//! with the article's two handlers and the reference handler. After each step it
//! shows what a Scan of the table returns, and says where that differs from what
//! the article expects.
//!
//! [When Lambda Writes Twice]: https://www.tech-reader.blog/2025/10/when-lambda-writes-twice-idempotency.html

mod article;
mod reference;
mod story;

use serde_json::{Value, json};

pub use story::{Scene, Step};

use crate::dynamodb::{Client, Failure};
use article::{FINAL, FIRST, STAMPED};

/// The notification that S3 sends when `invoice.txt` is uploaded.
const INVOICE: &str = include_str!("walkthrough/invoice.json");

/// Somebody else's `invoice.txt`, as a test event of the Lambda console's kind.
const INVOICE_IN_ANOTHER_BUCKET: &str =
    r#"{"Records":[{"s3":{"bucket":{"name":"another-bucket"},"object":{"key":"invoice.txt"}}}]}"#;

/// `red flower.jpg`, whose name S3 encodes.
const RED_FLOWER: &str = r#"{"Records":[{"s3":{"bucket":{"name":"lambda-idempotency-demo"},
    "object":{"key":"red+flower.jpg"}}}]}"#;

/// One hand-over of a notification to a handler.
#[derive(Clone, Copy, Debug)]
struct Delivery {
    document: &'static str,
    request_id: &'static str,
    /// Whether the reply to the handler's first write is lost on its way back, so
    /// that the SDK, which knows no better, sends the write again.
    reply_lost: bool,
}

const fn delivery(document: &'static str, request_id: &'static str) -> Delivery {
    Delivery {
        document,
        request_id,
        reply_lost: false,
    }
}

/// Walks through all six steps on the API behind `client`, in tables whose names
/// begin with `walkthrough-`.
///
/// # Errors
///
/// If the API refuses a call, or does not answer.
pub async fn walk(client: &Client) -> Result<Vec<Step>, Failure> {
    let once = [delivery(INVOICE, "request-1")];
    let again = [delivery(INVOICE, "request-2")];
    let twice = [once[0], again[0]];
    let reply_lost = [Delivery {
        reply_lost: true,
        ..once[0]
    }];
    let names = [
        delivery(INVOICE, "request-1"),
        delivery(INVOICE_IN_ANOTHER_BUCKET, "request-2"),
        delivery(RED_FLOWER, "request-3"),
    ];

    let first = Table::create(client, "walkthrough-first").await?;
    let stamped = Table::create(client, "walkthrough-stamped").await?;
    let guarded = Table::create(client, "walkthrough-guarded").await?;
    let lost = Table::create(client, "walkthrough-lost-reply").await?;
    let lost_reference = Table::create(client, "walkthrough-lost-reply-reference").await?;
    let names_final = Table::create(client, "walkthrough-names").await?;
    let names_reference = Table::create(client, "walkthrough-names-reference").await?;

    Ok(vec![
        Step {
            title: "A table with the partition key `id`",
            scenes: vec![first.scene("nobody yet", Vec::new()).await?],
            remark: "",
        },
        Step {
            title: "The upload of invoice.txt is delivered to the article's first handler",
            scenes: vec![first.article(FIRST, &once).await?],
            remark: "",
        },
        Step {
            title: "The same notification is delivered once more",
            scenes: vec![
                first.article(FIRST, &again).await?,
                stamped.article(STAMPED, &twice).await?,
            ],
            remark: "The article expects \"Count\": 2, two items with the id invoice.txt. \
                     DynamoDB cannot hold two items with one partition key: PutItem replaces the \
                     item, by itself, since both are the same to the byte. This handler is \
                     idempotent by accident. One attribute of the delivery's own, such as \
                     processed_at, and a redelivery changes the row (RD-3): the first time of \
                     processing is lost.",
        },
        Step {
            title: "The article's final handler has a condition: attribute_not_exists(id)",
            scenes: vec![guarded.article(FINAL, &twice).await?],
            remark: "As the article says: the second delivery changes nothing.",
        },
        Step {
            title: "One single delivery, but the reply to its write is lost",
            scenes: vec![
                lost.article(FINAL, &reply_lost).await?,
                lost_reference.reference(&reply_lost).await?,
            ],
            remark: "The SDK sends the write again and meets its own row. The article does not \
                     come to this. Its handler reports a duplicate where there was none (RD-4): \
                     harmless here, an effect lost where one was to follow the insertion. The \
                     reference handler finds its own request id in the row and confirms it.",
        },
        Step {
            title: "Three different objects: two of one name, and one whose name S3 encodes",
            scenes: vec![
                names_final.article(FINAL, &names).await?,
                names_reference.reference(&names).await?,
            ],
            remark: "The article's id is the key as S3 sends it. So the invoice in the other \
                     bucket is dropped as a duplicate, and red flower.jpg is recorded under a \
                     name that it does not have (RD-9).",
        },
    ])
}

/// A table for one handler.
struct Table<'a> {
    client: &'a Client,
    name: &'static str,
}

impl<'a> Table<'a> {
    async fn create(client: &'a Client, name: &'static str) -> Result<Self, Failure> {
        let create = json!({
            "TableName": name,
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            "BillingMode": "PAY_PER_REQUEST",
        });
        client.call("CreateTable", &create).await?;
        Ok(Self { client, name })
    }

    async fn article(
        &self,
        handler: article::Handler,
        deliveries: &[Delivery],
    ) -> Result<Scene, Failure> {
        let mut log = Vec::new();
        for delivery in deliveries {
            log.push(handler.handle(self.client, self.name, *delivery).await?);
        }
        self.scene(handler.name, log).await
    }

    async fn reference(&self, deliveries: &[Delivery]) -> Result<Scene, Failure> {
        let mut log = Vec::new();
        for delivery in deliveries {
            log.extend(reference::handle(self.client, self.name, *delivery).await);
        }
        self.scene("the reference handler", log).await
    }

    /// What the deliveries have left behind. Items are ordered by their keys, since
    /// a Scan has no order of its own.
    async fn scene(&self, handler: &'static str, log: Vec<String>) -> Result<Scene, Failure> {
        let mut scan = self
            .client
            .call("Scan", &json!({ "TableName": self.name }))
            .await?;
        let mut items: Vec<Value> = match scan["Items"].take() {
            Value::Array(items) => items,
            _ => Vec::new(),
        };
        items.sort_by_key(|item| item.to_string());
        Ok(Scene {
            handler,
            log,
            items,
        })
    }
}
