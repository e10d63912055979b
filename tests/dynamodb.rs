//! The reference handler through aws-sdk-dynamodb on a real DynamoDB API: the
//! embedded one always, DynamoDB Local in a container where Docker runs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Builder, Credentials, Region};
use redeliver_handler::dynamodb::{DynamoDbTable, configured, create_table};
use redeliver_handler::record::{Handler, Invocation, Report, Response, Settings};
use redeliver_handler::recorded_keys::RecordedKeys;
use redeliver_handler::table::{EpochSeconds, TableErrorKind};
use redeliver_handler::{IdentityPolicy, Outcome, parse_event};
use support::backend::Backend;
use support::gate::{Fate, Gate};

/// One suite, run on every backend.
macro_rules! on_every_backend {
    ($($test:ident,)*) => {
        mod embedded {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&super::Backend::embedded().await.endpoint()).await;
            })*
        }

        mod dynamodb_local {
            $(#[tokio::test]
            #[ignore = "needs Docker and an image: ci/docker && ci/dynamodb-local-image, then cargo test --test dynamodb -- --ignored"]
            async fn $test() {
                let backend = super::Backend::dynamodb_local().await;
                super::$test(&backend.endpoint()).await;
            })*
        }
    };
}

on_every_backend! {
    a_duplicate_leaves_the_row_as_it_was,
    one_of_sixteen_concurrent_invocations_inserts,
    a_bad_record_does_not_spoil_its_neighbours,
    the_longest_object_fits_the_partition_key_under_every_policy,
    two_records_of_one_identity_in_one_notification_are_one_row,
    a_lost_reply_is_confirmed_by_the_sdks_own_retry,
    an_applied_write_answered_with_a_500_is_confirmed,
    a_retry_with_the_same_request_id_confirms_what_its_first_attempt_wrote,
    a_throttled_write_is_tried_again,
    a_write_that_is_throttled_for_good_fails_the_invocation_and_leaves_no_row,
    a_500_for_good_is_ambiguous,
    a_transaction_conflict_goes_back_to_lambda,
    a_table_that_never_answers_is_ambiguous,
    a_table_that_is_not_there_is_a_permanent_error,
    a_row_carries_its_expiry_if_rows_expire,
    a_warm_environment_spares_the_write_it_knows_to_be_superfluous,
    the_failed_messages_of_an_sqs_batch_are_named,
}

const TABLE: &str = "recorded";

/// RD-1, RD-3
async fn a_duplicate_leaves_the_row_as_it_was(endpoint: &str) {
    let table = table(endpoint).await;
    let handler = Handler::new(table, Settings::default());
    assert_eq!(
        outcomes(&record(&handler, INVOICE, "r-1").await),
        ["inserted"]
    );
    let before = rows(endpoint).await;
    assert_eq!(
        outcomes(&record(&handler, INVOICE, "r-2").await),
        ["duplicate"]
    );
    assert_eq!(rows(endpoint).await, before);
    assert_eq!(before.len(), 1);
    assert_eq!(before[0]["filename"].as_s().unwrap(), "invoice.txt");
    assert_eq!(before[0]["request_id"].as_s().unwrap(), "r-1");
}

/// RD-1, RD-4
async fn one_of_sixteen_concurrent_invocations_inserts(endpoint: &str) {
    let handler = Arc::new(Handler::new(table(endpoint).await, Settings::default()));
    let mut invocations = tokio::task::JoinSet::new();
    for number in 0..16 {
        let handler = Arc::clone(&handler);
        invocations.spawn(async move {
            let report = record(&handler, INVOICE, &format!("r-{number}")).await;
            outcomes(&report)[0]
        });
    }
    let mut outcomes = invocations.join_all().await;
    outcomes.sort_unstable();
    let mut expected = vec!["duplicate"; 15];
    expected.push("inserted");
    assert_eq!(outcomes, expected);
    assert_eq!(rows(endpoint).await.len(), 1);
}

/// RD-8
async fn a_bad_record_does_not_spoil_its_neighbours(endpoint: &str) {
    let handler = Handler::new(table(endpoint).await, Settings::default());
    let document = notification(&[("b", "first.txt"), ("b", "%ZZ"), ("b", "third.txt")]);
    let failed = handler
        .handle(document.as_bytes(), &invocation("r-1"))
        .await
        .unwrap_err();
    let sentence = failed.to_string();
    assert!(
        sentence.starts_with("1 of 3 records not recorded: Records[1]:"),
        "{sentence}"
    );
    let names: Vec<_> = rows(endpoint)
        .await
        .iter()
        .map(|row| row["filename"].clone())
        .collect();
    assert_eq!(names.len(), 2);
    for name in ["first.txt", "third.txt"] {
        assert!(
            names.iter().any(|found| found.as_s().unwrap() == name),
            "{name} has no row"
        );
    }
}

/// RD-9
async fn the_longest_object_fits_the_partition_key_under_every_policy(endpoint: &str) {
    let table = table(endpoint).await;
    let document = format!(
        r#"{{"Records":[{{"s3":{{"bucket":{{"name":"{}"}},"object":{{"key":"{}",
            "versionId":"{}","sequencer":"0068F0A1C2D3E4F506"}}}}}}]}}"#,
        "b".repeat(63),
        "%C3%A9".repeat(512),
        "v".repeat(1024),
    );
    for (number, policy) in IdentityPolicy::ALL.into_iter().enumerate() {
        let settings = Settings {
            policy,
            ..Settings::default()
        };
        let handler = Handler::new(&table, settings);
        assert_eq!(
            outcomes(&record(&handler, &document, "r-1").await),
            ["inserted"],
            "{policy}"
        );
        assert_eq!(rows(endpoint).await.len(), number + 1);
    }
}

/// RD-4
async fn two_records_of_one_identity_in_one_notification_are_one_row(endpoint: &str) {
    let handler = Handler::new(table(endpoint).await, Settings::default());
    let document = notification(&[("b", "a b.txt"), ("b", "a+b.txt"), ("c", "a+b.txt")]);
    let report = record(&handler, &document, "r-1").await;
    assert_eq!(outcomes(&report), ["inserted", "duplicate", "inserted"]);
    assert_eq!(rows(endpoint).await.len(), 2);
}

/// RD-4
async fn a_lost_reply_is_confirmed_by_the_sdks_own_retry(endpoint: &str) {
    let (report, gate) = record_through_gate(endpoint, |put| match put {
        0 => Fate::LoseReply,
        _ => Fate::Pass,
    })
    .await;
    assert_eq!(outcomes(&report), [own_row(endpoint).await]);
    assert_eq!(gate.puts(), 2);
    assert_eq!(rows(endpoint).await.len(), 1);
}

/// RD-4
async fn an_applied_write_answered_with_a_500_is_confirmed(endpoint: &str) {
    let (report, gate) = record_through_gate(endpoint, |put| match put {
        0 => Fate::ApplyAndAnswer(500, "InternalServerError"),
        _ => Fate::Pass,
    })
    .await;
    assert_eq!(outcomes(&report), [own_row(endpoint).await]);
    assert_eq!(gate.puts(), 2);
}

/// RD-4
async fn a_retry_with_the_same_request_id_confirms_what_its_first_attempt_wrote(endpoint: &str) {
    let table = table(endpoint).await;
    let handler = Handler::new(&table, Settings::default());
    assert_eq!(
        outcomes(&record(&handler, INVOICE, "r-1").await),
        ["inserted"]
    );
    let after_a_crash = Handler::new(&table, Settings::default());
    let report = record(&after_a_crash, INVOICE, "r-1").await;
    assert_eq!(outcomes(&report), [own_row(endpoint).await]);
}

/// RD-6
async fn a_throttled_write_is_tried_again(endpoint: &str) {
    let (report, gate) = record_through_gate(endpoint, |put| match put {
        0 => Fate::Refuse(400, "ProvisionedThroughputExceededException"),
        1 => Fate::Refuse(400, "ThrottlingException"),
        _ => Fate::Pass,
    })
    .await;
    assert_eq!(outcomes(&report), ["inserted"]);
    assert_eq!(gate.puts(), 3);
}

/// RD-2, RD-7
async fn a_write_that_is_throttled_for_good_fails_the_invocation_and_leaves_no_row(endpoint: &str) {
    let refusal = Fate::Refuse(400, "ProvisionedThroughputExceededException");
    let (report, gate) = record_through_gate(endpoint, move |_| refusal).await;
    assert_eq!(failure(&report), TableErrorKind::Retriable);
    assert!(report.into_response(false).is_err());
    assert_eq!(gate.puts(), 4, "the client makes four attempts");
    assert!(rows(endpoint).await.is_empty());
}

/// RD-7
async fn a_500_for_good_is_ambiguous(endpoint: &str) {
    let refusal = Fate::Refuse(500, "InternalServerError");
    let (report, _gate) = record_through_gate(endpoint, move |_| refusal).await;
    assert_eq!(failure(&report), TableErrorKind::Ambiguous);
}

/// RD-7
async fn a_transaction_conflict_goes_back_to_lambda(endpoint: &str) {
    let refusal = Fate::Refuse(400, "TransactionConflictException");
    let (report, gate) = record_through_gate(endpoint, move |_| refusal).await;
    assert_eq!(failure(&report), TableErrorKind::Retriable);
    assert_eq!(gate.puts(), 1, "the SDK does not retry it by itself");
}

/// RD-7
async fn a_table_that_never_answers_is_ambiguous(endpoint: &str) {
    table(endpoint).await;
    let gate = Gate::open(endpoint, |_| Fate::Hang).await;
    let impatient = TimeoutConfig::builder()
        .operation_timeout(Duration::from_millis(300))
        .build();
    let config = config(&gate.endpoint()).timeout_config(impatient).build();
    let table = DynamoDbTable::new(Client::from_conf(config), TABLE, None);
    let report = record(&Handler::new(table, Settings::default()), INVOICE, "r-1").await;
    assert_eq!(failure(&report), TableErrorKind::Ambiguous);
}

/// RD-7
async fn a_table_that_is_not_there_is_a_permanent_error(endpoint: &str) {
    let table = DynamoDbTable::new(client(endpoint), "nowhere", None);
    let report = record(&Handler::new(table, Settings::default()), INVOICE, "r-1").await;
    assert_eq!(failure(&report), TableErrorKind::Permanent);
}

async fn a_row_carries_its_expiry_if_rows_expire(endpoint: &str) {
    let client = client(endpoint);
    create_table(&client, TABLE, Some("expires_at"))
        .await
        .unwrap();
    let table = DynamoDbTable::new(client.clone(), TABLE, Some("expires_at".to_owned()));
    let settings = Settings {
        expire_after_days: Some(30),
        ..Settings::default()
    };
    let report = record(&Handler::new(table, settings), INVOICE, "r-1").await;
    assert_eq!(outcomes(&report), ["inserted"]);
    let thirty_days_later = NOW.plus_days(30).0.to_string();
    assert_eq!(
        rows(endpoint).await[0]["expires_at"].as_n().unwrap(),
        &thirty_days_later
    );
    let ttl = client
        .describe_time_to_live()
        .table_name(TABLE)
        .send()
        .await
        .unwrap();
    let ttl = ttl.time_to_live_description().unwrap();
    assert_eq!(ttl.attribute_name(), Some("expires_at"));
}

/// RD-4
async fn a_warm_environment_spares_the_write_it_knows_to_be_superfluous(endpoint: &str) {
    table(endpoint).await;
    let gate = Gate::open(endpoint, |_| Fate::Pass).await;
    let table = DynamoDbTable::new(client(&gate.endpoint()), TABLE, None);
    let handler = Handler::new(table, Settings::default());
    let handler = handler.with_recorded_keys::<std::sync::Mutex<_>>(RecordedKeys::new(10));
    assert_eq!(
        outcomes(&record(&handler, INVOICE, "r-1").await),
        ["inserted"]
    );
    assert_eq!(
        outcomes(&record(&handler, INVOICE, "r-2").await),
        ["duplicate"]
    );
    assert_eq!(
        outcomes(&record(&handler, INVOICE, "r-1").await),
        ["confirmed"]
    );
    assert_eq!(gate.puts(), 1);
}

/// RD-8
async fn the_failed_messages_of_an_sqs_batch_are_named(endpoint: &str) {
    let handler = Handler::new(table(endpoint).await, Settings::default());
    let message = |id: &str, body: &str| {
        let body = serde_json::to_string(body).unwrap();
        format!(r#"{{"messageId":"{id}","eventSource":"aws:sqs","body":{body}}}"#)
    };
    let good = notification(&[("b", "good.txt")]);
    let batch = format!(
        r#"{{"Records":[{},{},{}]}}"#,
        message("m-1", "no JSON"),
        message("m-2", &good),
        message(
            "m-3",
            &notification(&[("b", "%"), ("b", "also-good.txt"), ("", "x")])
        ),
    );
    let report = record(&handler, &batch, "r-1").await;
    let rejected = ["rejected", "inserted", "rejected", "inserted", "rejected"];
    assert_eq!(outcomes(&report), rejected);
    let Response::SqsBatch {
        batch_item_failures,
    } = report.clone().into_response(true).unwrap()
    else {
        panic!("an SQS batch is answered message by message");
    };
    let failed: Vec<_> = batch_item_failures
        .iter()
        .map(|it| &it.item_identifier)
        .collect();
    assert_eq!(failed, ["m-1", "m-3"]);
    assert!(
        report.into_response(false).is_err(),
        "SQS would delete the failed messages"
    );
    assert_eq!(rows(endpoint).await.len(), 2);
}

const NOW: EpochSeconds = EpochSeconds(1_795_000_000);

const INVOICE: &str = r#"{"Records":[{"s3":{"bucket":{"name":"lambda-idempotency-demo"},
    "object":{"key":"invoice.txt"}}}]}"#;

fn notification(objects: &[(&str, &str)]) -> String {
    let record = |(bucket, key): &(&str, &str)| {
        format!(r#"{{"s3":{{"bucket":{{"name":"{bucket}"}},"object":{{"key":"{key}"}}}}}}"#)
    };
    let records: Vec<_> = objects.iter().map(record).collect();
    format!(r#"{{"Records":[{}]}}"#, records.join(","))
}

fn invocation(request_id: &str) -> Invocation {
    Invocation {
        request_id: request_id.into(),
        now: NOW,
    }
}

async fn record<T: redeliver_handler::table::Table>(
    handler: &Handler<T>,
    document: &str,
    request_id: &str,
) -> Report {
    let notification = handler.key(parse_event(document.as_bytes()));
    handler.record(&notification, &invocation(request_id)).await
}

/// Records the invoice in a fresh table behind a gate.
async fn record_through_gate(
    endpoint: &str,
    fate: impl Fn(usize) -> Fate + Clone + Send + 'static,
) -> (Report, Gate) {
    table(endpoint).await;
    let gate = Gate::open(endpoint, fate).await;
    let table = DynamoDbTable::new(client(&gate.endpoint()), TABLE, None);
    let report = record(&Handler::new(table, Settings::default()), INVOICE, "r-1").await;
    (report, gate)
}

fn outcomes(report: &Report) -> Vec<&'static str> {
    report
        .outcomes
        .iter()
        .map(|record| record.outcome.name())
        .collect()
}

fn failure(report: &Report) -> TableErrorKind {
    match &report.outcomes[0].outcome {
        Outcome::Failed(error) => error.kind,
        outcome => panic!("{outcome:?} is no failure"),
    }
}

/// What a handler can report of a row that it wrote itself: Confirmed, or, on a
/// backend that does not return the item of a failed condition, Duplicate.
async fn own_row(endpoint: &str) -> &'static str {
    use redeliver::backend::{Check, Effort, Verdict, examine};
    let client = redeliver::dynamodb::Client::new(endpoint).unwrap();
    let little = Effort {
        keys: 1,
        writers: 2,
    };
    let findings = examine(&client, little).await.unwrap();
    let returned = findings
        .iter()
        .find(|finding| finding.check == Check::ItemReturned);
    match returned.unwrap().verdict {
        Verdict::Holds(_) => "confirmed",
        _ => "duplicate",
    }
}

async fn table(endpoint: &str) -> DynamoDbTable {
    let client = client(endpoint);
    create_table(&client, TABLE, None).await.unwrap();
    DynamoDbTable::new(client, TABLE, None)
}

fn client(endpoint: &str) -> Client {
    Client::from_conf(config(endpoint).build())
}

fn config(endpoint: &str) -> Builder {
    configured(Builder::default())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
}

async fn rows(
    endpoint: &str,
) -> Vec<std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>> {
    let scan = client(endpoint)
        .scan()
        .table_name(TABLE)
        .consistent_read(true);
    scan.send().await.unwrap().items().to_vec()
}
