//! The Lambda binary, end to end: invoked through a Runtime API on a loopback
//! port, recording in the embedded DynamoDB.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/dynamodb.rs"]
mod dynamodb;
#[path = "support/runtime_api.rs"]
mod runtime_api;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use aws_sdk_dynamodb::Client;
use redeliver_handler::dynamodb::create_table;
use runtime_api::{Function, binary, log_lines};
use serde_json::json;

const TABLE: &str = "recorded";

const INVOICE: &str = r#"{"Records":[{"s3":{"bucket":{"name":"lambda-idempotency-demo"},
    "object":{"key":"invoice.txt"}}}]}"#;

#[tokio::test]
async fn a_duplicate_is_answered_with_success_and_leaves_one_row() {
    let dynamodb = DynamoDb::start().await;
    let mut function = dynamodb.function(&[INVOICE, INVOICE], &[]).await;

    let first = function.answer().await;
    assert_eq!(
        (first.request_id.as_str(), first.kind.as_str()),
        ("r-1", "response")
    );
    assert_eq!(
        first.body,
        json!({ "inserted": 1, "duplicate": 0, "confirmed": 0, "ignored": 0 })
    );
    let second = function.answer().await;
    assert_eq!(second.body["duplicate"], 1);
    assert_eq!(dynamodb.rows().await, 1);

    let log = function.log().await;
    let line = |number: usize| {
        let line = &log[number];
        [&line["message"], &line["outcome"], &line["request_id"]].map(|it| it.as_str().unwrap())
    };
    assert_eq!(line(0), ["Inserted invoice.txt", "inserted", "r-1"]);
    assert_eq!(
        line(1),
        ["Duplicate skipped for invoice.txt", "duplicate", "r-2"]
    );
}

#[tokio::test]
async fn a_rejected_record_fails_the_invocation_and_says_why() {
    let dynamodb = DynamoDb::start().await;
    let document = r#"{"Records":[{"s3":{"bucket":{"name":"b"},"object":{"key":"%ZZ"}}},
        {"s3":{"bucket":{"name":"b"},"object":{"key":"good.txt"}}}]}"#;
    let mut function = dynamodb.function(&[document], &[]).await;

    let answer = function.answer().await;
    assert_eq!(answer.kind, "error");
    assert_eq!(answer.body["errorType"], "InvocationFailed");
    let message = answer.body["errorMessage"].as_str().unwrap();
    assert!(
        message.starts_with("1 of 2 records not recorded: Records[0]:"),
        "{message}"
    );
    assert_eq!(dynamodb.rows().await, 1);

    let log = function.log().await;
    assert_eq!([&log[0]["level"], &log[1]["level"]], ["ERROR", "INFO"]);
}

#[tokio::test]
async fn a_batch_of_sqs_is_answered_message_by_message_where_the_mapping_allows_it() {
    let dynamodb = DynamoDb::start().await;
    let batch = json!({ "Records": [
        { "messageId": "m-1", "eventSource": "aws:sqs", "body": "no JSON" },
        { "messageId": "m-2", "eventSource": "aws:sqs", "body": INVOICE },
    ]})
    .to_string();
    let partial = [("REDELIVER_SQS_PARTIAL_BATCHES", "true")];

    let answer = dynamodb.function(&[&batch], &partial).await.answer().await;
    let failures = json!({ "batchItemFailures": [{ "itemIdentifier": "m-1" }] });
    assert_eq!((answer.kind.as_str(), answer.body), ("response", failures));

    let answer = dynamodb.function(&[&batch], &[]).await.answer().await;
    assert_eq!(answer.kind, "error");
}

/// Managed Instances: one environment, several invocations at once.
#[tokio::test]
async fn one_of_many_concurrent_invocations_inserts() {
    const INVOCATIONS: usize = 24;
    let dynamodb = DynamoDb::start().await;
    let variables = [
        ("AWS_LAMBDA_MAX_CONCURRENCY", "8"),
        ("REDELIVER_CACHE", "100"),
    ];
    let mut function = dynamodb.function(&[INVOICE; INVOCATIONS], &variables).await;

    let mut outcomes = BTreeMap::new();
    for _ in 0..INVOCATIONS {
        let answer = function.answer().await;
        assert_eq!(answer.kind, "response");
        for outcome in ["inserted", "duplicate", "confirmed"] {
            *outcomes.entry(outcome).or_insert(0) += answer.body[outcome].as_u64().unwrap();
        }
    }
    assert_eq!(outcomes["inserted"], 1);
    assert_eq!(outcomes["duplicate"], INVOCATIONS as u64 - 1);
    assert_eq!(dynamodb.rows().await, 1);
}

#[tokio::test]
async fn it_refuses_to_start_with_a_sentence_that_names_the_variable() {
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    for (variables, sentence) in [
        (vec![], "REDELIVER_TABLE is not set"),
        (
            vec![
                ("REDELIVER_TABLE", "t"),
                ("REDELIVER_IDENTITY_POLICY", "etag"),
            ],
            "REDELIVER_IDENTITY_POLICY is \"etag\"",
        ),
        (
            vec![("REDELIVER_TABLE", "t"), ("AWS_REGION", "")],
            "AWS_REGION is not set",
        ),
        (
            vec![("REDELIVER_TABLE", "t"), ("AWS_LAMBDA_RUNTIME_API", "")],
            "AWS_LAMBDA_RUNTIME_API is not set",
        ),
    ] {
        let output = binary(nowhere, &variables).output().await.unwrap();
        assert_eq!(output.status.code(), Some(1), "{sentence}");
        let log = log_lines(&output.stdout);
        let message = log[0]["message"].as_str().unwrap();
        assert!(message.contains(sentence), "{message}");
    }
}

/// The embedded DynamoDB, with the table.
struct DynamoDb {
    endpoint: String,
    client: Client,
}

impl DynamoDb {
    async fn start() -> Self {
        let (endpoint, client) = dynamodb::start().await;
        create_table(&client, TABLE, None).await.unwrap();
        Self { endpoint, client }
    }

    async fn function(&self, events: &[&str], variables: &[(&str, &str)]) -> Function {
        let ours = [
            ("REDELIVER_TABLE", TABLE),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.endpoint.as_str()),
        ];
        Function::start(events, &[&ours, variables].concat()).await
    }

    async fn rows(&self) -> i32 {
        let scan = self.client.scan().table_name(TABLE).consistent_read(true);
        scan.send().await.unwrap().count()
    }
}
