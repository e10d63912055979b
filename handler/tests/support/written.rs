//! Documents and envelopes, written from events.

use redeliver_handler::ObjectEvent;
use redeliver_handler::object_key::encode;
use serde_json::{Value, json};

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
