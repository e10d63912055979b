//! The envelopes in which AWS's services hand records on.

use serde_json::{Value, json};

use redeliver_model::delivery::Route;

use super::identifier::{md5_of, uuid};
use super::{Delivered, Document, Message};

/// A document that carries these records of S3's, each with the number of its event,
/// by a route other than EventBridge.
pub(super) fn carrying(
    records: &[(usize, String)],
    delivered: &Delivered<'_>,
    seed: u64,
) -> Document {
    let envelope = Envelope { delivered, seed };
    let texts = || records.iter().map(|(_, text)| text.as_str());
    match delivered.route {
        Route::Direct | Route::EventBridge => Document::new(list(texts())),
        Route::Sns => {
            let mut published = envelope.published(&list(texts()), "Url");
            published["MessageAttributes"] = json!({});
            Document::new(list([json!({
                "EventVersion": "1.0",
                "EventSubscriptionArn": format!("{TOPIC}:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55"),
                "EventSource": "aws:sns",
                "Sns": published,
            })
            .to_string()
            .as_str()]))
        }
        Route::Sqs(_) => envelope.batch(records, |it| list(it)),
        Route::SqsOfSns(_) => envelope.batch(records, |it| {
            envelope.published(&list(it), "URL").to_string()
        }),
    }
}

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:redeliver-uploads";

/// When messages are sent.
const SENT: &str = "2026-01-02T00:00:00.000Z";

/// The same in milliseconds, as SQS writes it.
const SENT_MILLIS: &str = "1767312000000";

struct Envelope<'a> {
    delivered: &'a Delivered<'a>,
    seed: u64,
}

impl Envelope<'_> {
    /// A batch of SQS messages, one for each record.
    fn batch(&self, records: &[(usize, String)], body: impl Fn([&str; 1]) -> String) -> Document {
        let messages = records.iter().map(|(event, record)| {
            let body = body([record]);
            let id = self.id("message", &body);
            let receive = self.delivered.receive.to_string();
            let message = json!({
                "messageId": id,
                "receiptHandle": uuid(&["receipt", &id, &receive]),
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": receive,
                    "SentTimestamp": SENT_MILLIS,
                    "SenderId": "AIDAREDELIVEREXAMPLE",
                    "ApproximateFirstReceiveTimestamp": SENT_MILLIS,
                },
                "messageAttributes": {},
                "md5OfBody": md5_of(body.as_bytes()),
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:redeliver-uploads",
                "awsRegion": "us-east-1",
            });
            let events = vec![*event];
            (message.to_string(), Message { id, events })
        });
        let (texts, messages): (Vec<String>, Vec<Message>) = messages.unzip();
        Document {
            body: list(texts.iter().map(String::as_str)).into(),
            messages,
        }
    }

    /// A message as SNS publishes it. To functions it writes `Url`, to queues `URL`.
    fn published(&self, message: &str, url: &str) -> Value {
        json!({
            "Type": "Notification",
            "MessageId": self.id("notification", message),
            "TopicArn": TOPIC,
            "Subject": "Amazon S3 Notification",
            "Message": message,
            "Timestamp": SENT,
            "SignatureVersion": "1",
            "Signature": "RXhhbXBsZQ==",
            (format!("SigningCert{url}")): "https://sns.us-east-1.amazonaws.com/SimpleNotificationService.pem",
            (format!("Unsubscribe{url}")): "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
        })
    }

    /// The id of something that was sent, once or more often.
    fn id(&self, what: &str, content: &str) -> String {
        let (seed, sending) = (self.seed.to_string(), self.delivered.sending.to_string());
        uuid(&[what, &seed, &sending, content])
    }
}

fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<_> = texts.into_iter().collect();
    format!(r#"{{"Records":[{}]}}"#, texts.join(","))
}
