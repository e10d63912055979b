//! What the tests of the parser share: documents from the folder, and documents
//! and envelopes written from events.

// Each test crate compiles this module for itself and uses its own part of it.
#![allow(dead_code)]

pub(crate) mod random_document;

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;
use redeliver_handler::object_key::encode;
use redeliver_handler::{Notification, ObjectEvent, Parsed};
use serde_json::{Value, json};

/// The shortest event that there is, without its surroundings.
pub(crate) const MINIMAL: &str =
    r#"{"Records":[{"s3":{"bucket":{"name":"lambda-idempotency-demo"},"object":{"key":"a"}}}]}"#;

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/documents")
}

/// Every document of the folder, under its name without `.json`, in order.
pub(crate) fn documents() -> Vec<(String, Vec<u8>)> {
    names_ending_in(".json")
        .into_iter()
        .map(|name| {
            let document = fs::read(folder().join(format!("{name}.json"))).unwrap();
            (name, document)
        })
        .collect()
}

pub(crate) fn names_ending_in(extension: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(extension)?.to_owned()))
        .collect();
    names.sort();
    names
}

/// Counterexamples are not saved: a failure worth keeping becomes a document of
/// the folder, with a name and an expectation, where every test and the fuzzer
/// find it.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(cases),
    };
    eprintln!("PROPTEST_RNG_SEED={seed} repeats this run");
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..config
    }
}

/// The one event that a document holds.
pub(crate) fn only_event(notification: &Notification) -> &ObjectEvent {
    match notification.records.as_slice() {
        [record] => match &record.parsed {
            Parsed::Event(event) => event,
            other => panic!("no event: {other:?}"),
        },
        records => panic!("{} records", records.len()),
    }
}

/// An event as S3 itself sends it.
pub(crate) fn s3(event: &ObjectEvent) -> String {
    let text = |value: Option<String>| value.map_or(Value::Null, Value::String);
    json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": text(event.time.map(|time| time.to_string())),
        "eventName": text(event.name.as_ref().map(ToString::to_string)),
        "s3": {
            "bucket": {"name": event.bucket},
            "object": {
                "key": encode(&event.key),
                "size": event.size,
                "eTag": event.e_tag,
                "versionId": event.version_id,
                "sequencer": text(event.sequencer.as_ref().map(ToString::to_string)),
            },
        },
    }]})
    .to_string()
}

/// An event as EventBridge sends it: the key as it is, another sequencer, another
/// time.
pub(crate) fn event_bridge(event: &ObjectEvent) -> String {
    json!({
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2026-07-16T10:00:07Z",
        "detail": {
            "reason": "PutObject",
            "bucket": {"name": event.bucket},
            "object": {
                "key": event.key,
                "size": event.size,
                "etag": event.e_tag,
                "version-id": event.version_id,
                "sequencer": "617f08299329d189",
            },
        },
    })
    .to_string()
}

/// A message as SNS publishes it to a queue.
pub(crate) fn sns_message(content: &str) -> String {
    json!({"Type": "Notification", "Message": content}).to_string()
}

/// A message as SNS invokes a function with it.
pub(crate) fn sns(content: &str) -> String {
    json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": content}}]}).to_string()
}

/// A batch of SQS messages, with the ids `message-0`, `message-1` ….
pub(crate) fn sqs(contents: &[impl AsRef<str>]) -> String {
    let message = |(index, content): (usize, &_)| {
        let body: &str = AsRef::<str>::as_ref(content);
        json!({"messageId": format!("message-{index}"), "eventSource": "aws:sqs", "body": body})
    };
    let messages: Vec<Value> = contents.iter().enumerate().map(message).collect();
    json!({ "Records": messages }).to_string()
}
