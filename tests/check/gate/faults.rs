//! Each fate as aws-sdk-dynamodb sees it.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, KeysAndAttributes, Put, PutRequest, TransactWriteItem, WriteRequest,
};
use redeliver::check::gate::Reply;
use redeliver_model::schedule::Fate;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{PATIENCE, Played, SdkClient, Stage};

#[tokio::test]
async fn a_lost_reply_is_sent_again_by_the_sdk_which_meets_its_own_write() {
    for fate in [Fate::ReplyLost, Fate::Resent] {
        let (sdk, played) = played(&[fate]).await;
        let error = put(&sdk, "a").await.unwrap_err();
        assert!(error.is_conditional_check_failed_exception(), "{error:?}");
        let [(first, lost), (second, answered)] = &played.calls()[..] else {
            panic!("the SDK sends it twice");
        };
        assert_eq!(lost.carried_out.as_ref().unwrap().status, 200);
        assert_eq!(lost.answered, None);
        let answered = answered.answered.as_ref().unwrap();
        assert_eq!(
            answered.code().as_deref(),
            Some("ConditionalCheckFailedException")
        );
        assert_eq!((first.attempt, second.attempt), (Some(1), Some(2)));
        assert!(first.sdk_call.is_some());
        assert_eq!(first.sdk_call, second.sdk_call);
        assert_eq!(first.rows, second.rows);
        assert_eq!(first.conditions, ["attribute_not_exists(id)"]);
        assert_eq!(played.rows().await.len(), 1);
    }
}

#[tokio::test]
async fn an_applied_write_answered_with_a_500_is_sent_again() {
    let (sdk, played) = played(&[Fate::ServerErrorAfterWrite]).await;
    let error = put(&sdk, "a").await.unwrap_err();
    assert!(error.is_conditional_check_failed_exception(), "{error:?}");
    let calls = played.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].1.carried_out.as_ref().unwrap().status, 200);
    assert_eq!(calls[0].1.answered.as_ref().unwrap().status, 500);
}

#[tokio::test]
async fn a_500_is_tried_again_and_given_up_in_the_end() {
    let (sdk, stage) = played(&[Fate::ServerError]).await;
    put(&sdk, "a").await.unwrap();
    assert_eq!(stage.calls().len(), 2);
    assert_eq!(stage.rows().await.len(), 1);

    let (sdk, stage) = played(&[Fate::ServerError; 3]).await;
    let error = put(&sdk, "a").await.unwrap_err();
    assert!(error.is_internal_server_error(), "{error:?}");
    assert_eq!(error.message(), Some("Internal server error"));
    assert_eq!(stage.calls().len(), 3);
    assert_eq!(stage.rows().await.len(), 0);
}

#[tokio::test]
async fn a_throttled_call_is_tried_again_and_given_up_in_the_end() {
    let (sdk, stage) = played(&[Fate::Throttled]).await;
    put(&sdk, "a").await.unwrap();
    assert_eq!(stage.calls().len(), 2);

    let (sdk, stage) = played(&[Fate::Throttled; 3]).await;
    let error = put(&sdk, "a").await.unwrap_err();
    let PutItemError::ProvisionedThroughputExceededException(throttled) = &error else {
        panic!("{error:?}");
    };
    let reasons = throttled.throttling_reasons();
    let reason = reasons[0].reason();
    assert_eq!(reason, Some("TableWriteKeyRangeThroughputExceeded"));
    assert_eq!(stage.calls().len(), 3);
    assert_eq!(stage.rows().await.len(), 0);
}

#[tokio::test]
async fn a_write_that_meets_a_transaction_is_not_tried_again() {
    let (sdk, stage) = played(&[Fate::Conflict]).await;
    let error = put(&sdk, "a").await.unwrap_err();
    assert!(error.is_transaction_conflict_exception(), "{error:?}");
    assert_eq!(stage.calls().len(), 1);
    assert_eq!(stage.rows().await.len(), 0);
}

#[tokio::test]
async fn a_transaction_that_meets_another_is_cancelled_and_says_for_which_item() {
    let (sdk, stage) = played(&[Fate::Conflict]).await;
    let error = transact(&sdk).await.unwrap_err();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = &error else {
        panic!("{error:?}");
    };
    let codes: Vec<_> = cancelled
        .cancellation_reasons()
        .iter()
        .map(|reason| reason.code().unwrap())
        .collect();
    assert_eq!(codes, ["TransactionConflict", "None"]);
    assert!(
        cancelled
            .message()
            .unwrap()
            .contains("[TransactionConflict, None]")
    );
    assert_eq!(stage.calls().len(), 1);
    assert_eq!(stage.rows().await.len(), 0);
}

/// The SDK gives the transaction a request token, and sends the same one again.
#[tokio::test]
async fn a_transaction_that_is_sent_again_succeeds_again() {
    let (sdk, stage) = played(&[Fate::Resent]).await;
    transact(&sdk).await.unwrap();
    assert_eq!(stage.calls().len(), 2);
    assert_eq!(stage.rows().await.len(), 1);
}

#[tokio::test]
async fn a_late_write_is_applied_when_its_time_has_come() {
    let (sdk, stage) = played(&[Fate::Late; 3]).await;
    let error = put(&sdk, "a").await.unwrap_err();
    assert!(error.meta().code().is_none(), "nobody answered: {error:?}");
    assert_eq!(stage.rows().await.len(), 0);
    let calls = stage.calls();
    assert_eq!(calls.len(), 3);
    let reply = stage.backend.carry_out(&calls[0].0).await.unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(stage.rows().await.len(), 1);
}

#[tokio::test]
async fn a_batch_is_done_but_for_its_last_write() {
    let (sdk, stage) = played(&[Fate::Unprocessed, Fate::Unprocessed]).await;
    let all = ["a", "b", "c"].map(put_request).to_vec();
    let batch = sdk.batch_write_item().request_items("rows", all);
    let output = batch.send().await.unwrap();
    let left = output.unprocessed_items().unwrap()["rows"].clone();
    assert_eq!(left, [put_request("c")]);
    assert_eq!(stage.rows().await.len(), 2);

    let again = sdk.batch_write_item().request_items("rows", left);
    let output = again.send().await.unwrap();
    assert_eq!(
        output.unprocessed_items().unwrap()["rows"],
        [put_request("c")]
    );
    assert_eq!(
        stage.calls()[1].1.carried_out,
        None,
        "nothing else is in it"
    );
    assert_eq!(stage.rows().await.len(), 2);
}

#[tokio::test]
async fn a_batch_of_reads_is_done_but_for_its_last_key() {
    let (sdk, stage) = played(&[Fate::Answered, Fate::Unprocessed]).await;
    put(&sdk, "a").await.unwrap();
    let keys = KeysAndAttributes::builder()
        .keys(key("a"))
        .keys(key("b"))
        .build()
        .unwrap();
    let batch = sdk.batch_get_item().request_items("rows", keys);
    let output = batch.send().await.unwrap();
    assert_eq!(output.responses().unwrap()["rows"].len(), 1);
    assert_eq!(
        output.unprocessed_keys().unwrap()["rows"].keys(),
        [key("b")]
    );
    drop(stage);
}

#[tokio::test]
async fn a_stale_read_is_answered_from_before_the_last_write() {
    let stage = Stage::set().await;
    stage.backend.remember_earlier_items();
    let fates = [
        Fate::Stale,
        Fate::Answered,
        Fate::Stale,
        Fate::Answered,
        Fate::Answered,
        Fate::Stale,
        Fate::Stale,
    ];
    let (sdk, stage) = (stage.sdk(), stage.play(&fates));
    let read = async || {
        let get = sdk.get_item().table_name("rows").set_key(Some(key("a")));
        get.send().await.unwrap().item
    };
    assert_eq!(read().await, None, "nothing was ever written");
    put(&sdk, "a").await.unwrap();
    assert_eq!(read().await, None, "as it was before");
    assert!(read().await.is_some());
    let update = sdk
        .update_item()
        .table_name("rows")
        .set_key(Some(key("a")))
        .update_expression("SET #t = :t")
        .expression_attribute_names("#t", "text")
        .expression_attribute_values(":t", text("changed"));
    update.send().await.unwrap();
    assert_eq!(read().await.unwrap()["text"], text("hello"));
    let projected = sdk
        .get_item()
        .table_name("rows")
        .set_key(Some(key("a")))
        .projection_expression("#t, missing")
        .expression_attribute_names("#t", "text");
    let item = projected.send().await.unwrap().item.unwrap();
    assert_eq!(item, HashMap::from([("text".to_owned(), text("hello"))]));
    assert_eq!(read().await.unwrap()["text"], text("changed"));

    let rows = super::tables(&["rows"]);
    stage.backend.clear(&rows).await.unwrap();
    assert_eq!(read().await, None);
}

#[tokio::test]
async fn consistent_reads_are_never_stale() {
    let stage = Stage::set().await;
    stage.backend.remember_earlier_items();
    let (sdk, stage) = (stage.sdk(), stage.play(&[Fate::Answered, Fate::Stale]));
    put(&sdk, "a").await.unwrap();
    let get = sdk.get_item().table_name("rows").set_key(Some(key("a")));
    let read = get.consistent_read(true).send().await.unwrap();
    assert!(read.item.is_some());
    drop(stage);
}

#[tokio::test]
async fn reads_are_throttled_and_fail_like_writes() {
    let (sdk, stage) = played(&[Fate::Throttled, Fate::ServerError]).await;
    let get = sdk.get_item().table_name("rows").set_key(Some(key("a")));
    assert!(get.send().await.unwrap().item.is_none());
    assert_eq!(stage.calls().len(), 3);
}

/// botocore takes a wrong one for a broken answer; aws-sdk-dynamodb does not look.
#[tokio::test]
async fn every_answer_carries_the_crc_of_its_body() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    let mut stage = Stage::set().await;
    for fate in [
        Fate::Answered,
        Fate::Conflict,
        Fate::ServerError,
        Fate::ServerErrorAfterWrite,
        Fate::Throttled,
    ] {
        let put = json!({ "TableName": "rows", "Item": { "id": { "S": "ä" } } });
        let mut stream = request(&stage, "PutItem", &put.to_string()).await;
        let held = stage.next_call().await;
        let number = held.number;
        let met = held.meet(fate, &stage.backend).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let header = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            lines.find(|(it, _)| *it == name).unwrap().1.to_owned()
        };
        assert_eq!(header("x-amz-crc32"), crc32(body.as_bytes()).to_string());
        assert_eq!(header("content-type"), "application/x-amz-json-1.0");
        let request_id = header("x-amzn-requestid");
        let answered: Reply = met.answered.unwrap();
        match answered.request_id {
            Some(from_the_api) => assert_eq!(request_id, from_the_api),
            None => assert_eq!(request_id, format!("REDELIVER{number:043}")),
        }
        assert_eq!(body.as_bytes(), &answered.body[..]);
    }
}

async fn played(fates: &[Fate]) -> (SdkClient, Played) {
    let stage = Stage::set().await;
    (stage.sdk(), stage.play(fates))
}

async fn put(sdk: &SdkClient, id: &str) -> Result<(), PutItemError> {
    let put = sdk
        .put_item()
        .table_name("rows")
        .item("id", text(id))
        .item("text", text("hello"))
        .condition_expression("attribute_not_exists(id)");
    let done = put.send().await;
    done.map(|_| ()).map_err(SdkError::into_service_error)
}

async fn transact(sdk: &SdkClient) -> Result<(), TransactWriteItemsError> {
    let put = Put::builder()
        .table_name("rows")
        .set_item(Some(key("a")))
        .condition_expression("attribute_not_exists(id)")
        .build()
        .unwrap();
    let delete = Delete::builder()
        .table_name("rows")
        .set_key(Some(key("b")))
        .build()
        .unwrap();
    let transaction = sdk
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put).build())
        .transact_items(TransactWriteItem::builder().delete(delete).build());
    let done = transaction.send().await;
    done.map(|_| ()).map_err(SdkError::into_service_error)
}

fn put_request(id: &str) -> WriteRequest {
    let put = PutRequest::builder().set_item(Some(key(id))).build();
    WriteRequest::builder().put_request(put.unwrap()).build()
}

fn key(id: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([("id".to_owned(), text(id))])
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

async fn request(stage: &Stage, operation: &str, body: &str) -> TcpStream {
    let address = stage.gate.endpoint()["http://".len()..].to_owned();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST / HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n\
         content-type: application/x-amz-json-1.0\r\n\
         x-amz-target: DynamoDB_20120810.{operation}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = String::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer));
    read.await.unwrap().unwrap();
    answer
}

/// Bit by bit, as the polynomial says.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let odd = crc & 1 == 1;
            crc >>= 1;
            if odd {
                crc ^= 0xedb8_8320;
            }
        }
    }
    !crc
}
