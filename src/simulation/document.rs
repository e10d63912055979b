//! The documents that carry a scene's events to a handler, as AWS writes them.

use chrono::{DateTime, SecondsFormat};
use redeliver_model::delivery::{Flaw, Form, Notification, Positions, Record, Route};
use redeliver_model::event::{Happening, ObjectEvent};
use redeliver_model::property::Sighting;
use redeliver_model::table::Seconds;
use serde_json::{Value, json};

/// The document of a delivery: these records of a notification, in this form.
///
/// ```
/// use redeliver::simulation::document;
/// use redeliver_model::delivery::{Flaw, Form, Positions, Record};
/// use redeliver_model::scene::Scene;
///
/// let scene = Scene::of(&[&[Record::Unreadable(Flaw::NoBucket)]], 1);
/// let document = document(&scene.notifications[0], Form::Original, Positions::first(1));
/// assert_eq!(document["Records"][0]["s3"]["bucket"]["name"], serde_json::Value::Null);
/// ```
pub fn document(notification: &Notification, form: Form, records: Positions) -> Value {
    let route = notification.route;
    let all = notification.records.iter().enumerate();
    let handed = |position: usize| records.iter().any(|it| it == position);
    let records = all.filter(|(position, _)| handed(*position));
    let records = records.map(|(number, record)| (number, native(record, route, form)));
    match route {
        Route::Direct => together(records.map(|(_, record)| record)),
        Route::EventBridge => bridged(&notification.records, form),
        Route::Sns => {
            let message = together(records.map(|(_, record)| record));
            json!({ "Records": [{
                "EventVersion": "1.0",
                "EventSource": "aws:sns",
                "EventSubscriptionArn": "arn:aws:sns:us-east-1:123456789012:uploads:1",
                "Sns": published(0, &message),
            }] })
        }
        Route::Sqs(_) => batch(records.map(|(number, record)| (number, together([record])))),
        Route::SqsOfSns(_) => {
            batch(records.map(|(number, record)| (number, published(number, &together([record])))))
        }
    }
}

fn together(records: impl IntoIterator<Item = Value>) -> Value {
    json!({ "Records": records.into_iter().collect::<Vec<_>>() })
}

fn native(record: &Record, route: Route, form: Form) -> Value {
    let event = match record {
        Record::Event(event) => event,
        Record::Unreadable(Flaw::BadEscape) => {
            return json!({ "s3": { "bucket": { "name": "b" }, "object": { "key": "%ZZ" } } });
        }
        Record::Unreadable(Flaw::NoBucket) => {
            return json!({ "s3": { "bucket": {}, "object": { "key": "invoice.txt" } } });
        }
    };
    let sighting = Sighting { event, route, form };
    let mut object = json!({ "key": sighting.key_as_sent() });
    let optional = [
        ("eTag", &event.e_tag),
        ("versionId", &event.version_id),
        ("sequencer", &event.sequencer),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            object[name] = json!(value);
        }
    }
    let mut bucket = json!({ "name": event.bucket });
    if form == Form::Revised {
        bucket["awsGeneratedTags"] = json!({ "aws:createdBy": "redeliver" });
    }
    let mut record = json!({ "s3": { "bucket": bucket, "object": object } });
    // The test events of tutorials have no more than that.
    if let Some(time) = event.time {
        let version = match form {
            Form::Original => "2.1",
            Form::Revised => "2.5",
        };
        record["eventVersion"] = json!(version);
        record["eventSource"] = json!("aws:s3");
        record["awsRegion"] = json!("us-east-1");
        record["eventTime"] = json!(rfc3339(time));
        record["userIdentity"] = json!({ "principalId": "AWS:REDELIVER" });
        record["requestParameters"] = json!({ "sourceIPAddress": "192.0.2.1" });
    }
    if event.time.is_some() || event.happening == Happening::Removed {
        record["eventName"] = json!(event_name(event));
    }
    record
}

fn event_name(event: &ObjectEvent) -> &'static str {
    match event.happening {
        Happening::Created => "ObjectCreated:Put",
        Happening::Removed => "ObjectRemoved:Delete",
    }
}

/// An event as EventBridge writes it: one record, its fields by other names.
fn bridged(records: &[Record], form: Form) -> Value {
    let Some(Record::Event(event)) = records.first() else {
        return json!({ "source": "aws.s3", "detail-type": "Object Created", "detail": {} });
    };
    let mut object = json!({ "key": event.key });
    let optional = [
        ("etag", &event.e_tag),
        ("version-id", &event.version_id),
        ("sequencer", &event.sequencer),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            object[name] = json!(value);
        }
    }
    let mut detail =
        json!({ "version": "0", "bucket": { "name": event.bucket }, "object": object });
    if form == Form::Revised {
        detail["event-version"] = json!("1.1");
        detail["bucket"]["aws-generated-tags"] = json!({ "aws:createdBy": "redeliver" });
    }
    let kind = match event.happening {
        Happening::Created => "Object Created",
        Happening::Removed => "Object Deleted",
    };
    json!({
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": kind,
        "source": "aws.s3",
        "account": "123456789012",
        "time": rfc3339(event.time.unwrap_or_default()),
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    })
}

/// A batch of SQS messages with these bodies.
fn batch(messages: impl Iterator<Item = (usize, Value)>) -> Value {
    together(messages.map(|(number, body)| {
        json!({
            "messageId": format!("message-{}", number + 1),
            "receiptHandle": "handle",
            "body": body.to_string(),
            "attributes": {},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:uploads",
            "awsRegion": "us-east-1",
        })
    }))
}

/// A message as SNS publishes it.
fn published(number: usize, message: &Value) -> Value {
    json!({
        "Type": "Notification",
        "MessageId": format!("notification-{}", number + 1),
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:uploads",
        "Subject": "Amazon S3 Notification",
        "Message": message.to_string(),
    })
}

fn rfc3339(time: Seconds) -> String {
    let seconds = i64::try_from(time).unwrap_or_default();
    DateTime::from_timestamp(seconds, 0)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}
