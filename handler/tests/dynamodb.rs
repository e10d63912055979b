//! The port on aws-sdk-dynamodb and its table, on the embedded DynamoDB. What the
//! handler makes of a real API's faults is tested in the kit.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/dynamodb.rs"]
mod dynamodb;

use redeliver_handler::dynamodb::{DynamoDbTable, create_table};
use redeliver_handler::keyed::Decision;
use redeliver_handler::parse_event;
use redeliver_handler::record::Settings;
use redeliver_handler::table::{EpochSeconds, Existing, Insertion, Row, Table, Writer};

#[tokio::test]
async fn a_row_that_is_there_says_who_wrote_it_and_when_it_expires() {
    let (_, client) = dynamodb::start().await;
    create_table(&client, "recorded", Some("expires_at"))
        .await
        .unwrap();
    let table = DynamoDbTable::new(client, "recorded", Some("expires_at".to_owned()));

    let row = row("r-1", EpochSeconds(1_795_000_000));
    assert_eq!(table.insert(row.clone()).await, Ok(Insertion::Inserted));
    let existing = Existing {
        writer: Some(row.writer),
        expires_at: row.expires_at,
    };
    let later = self::row("r-2", EpochSeconds(1_796_000_000));
    assert_eq!(table.insert(later).await, Ok(Insertion::Present(existing)));
}

#[tokio::test]
async fn a_table_that_exists_is_left_as_it_is() {
    let (_, client) = dynamodb::start().await;
    create_table(&client, "recorded", None).await.unwrap();
    create_table(&client, "recorded", Some("expires_at"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_table_that_dynamodb_refuses_is_named_with_the_step_and_the_reason() {
    let (_, client) = dynamodb::start().await;
    let refused = create_table(&client, "no name", None).await.unwrap_err();
    let sentence = refused.to_string();
    let beginning = "table no name could not be created: CreateTable: ";
    assert!(sentence.starts_with(beginning), "{sentence}");
    assert!(sentence.contains("ValidationException"), "{sentence}");
}

fn row(request_id: &str, expires_at: EpochSeconds) -> Row {
    let document = br#"{"Records":[{"s3":{"bucket":{"name":"b"},"object":{"key":"a"}}}]}"#;
    let notification = Settings::default().key(parse_event(document));
    let Decision::Insert(id, event) = notification.records[0].decision.clone() else {
        panic!("an event is to be inserted");
    };
    Row {
        id,
        event,
        writer: Writer {
            request_id: request_id.into(),
            record: 0,
        },
        expires_at: Some(expires_at),
    }
}
