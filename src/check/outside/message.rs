//! Messages that a handler sends: to queues, topics and event buses.

use serde_json::{Value as Json, json};

use super::asked::Asked;
use super::attributes;
use super::effect::{Effect, EffectKind, content, sum};
use super::queue;

/// A message in a request, and what its receipt says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// The client's name for it, if it is one of a batch.
    pub(super) entry: Option<String>,
    pub(super) effect: Effect,
    pub(super) body_sum: String,
    pub(super) attributes_sum: Option<String>,
    /// Queues and topics with an order number what they accept.
    pub(super) is_ordered: bool,
}

/// The messages that a request sends; none if it sends none.
pub(super) fn messages(asked: &Asked) -> Option<Vec<Message>> {
    let input = &asked.input;
    let of_sqs = |it: &Json| queued(it, input["QueueUrl"].as_str().unwrap_or(&asked.path));
    let of_sns = |it: &Json| published(it, input);
    let messages = match (asked.service.as_str(), asked.operation.as_str()) {
        ("sqs", "SendMessage") => vec![of_sqs(input)],
        ("sqs", "SendMessageBatch") => {
            let entries = ["Entries", "SendMessageBatchRequestEntry"];
            batch(input, &entries).map(of_sqs).collect()
        }
        ("sns", "Publish") => vec![of_sns(input)],
        ("sns", "PublishBatch") => batch(input, &["PublishBatchRequestEntries"])
            .map(of_sns)
            .collect(),
        ("events", "PutEvents") => batch(input, &["Entries"]).map(put).collect(),
        _ => return None,
    };
    Some(messages)
}

fn batch<'a>(input: &'a Json, names: &'a [&str]) -> impl Iterator<Item = &'a Json> {
    let lists = names.iter().filter_map(|name| input[*name].as_array());
    lists.flatten()
}

/// A message to a queue, alone or of a batch. The query protocol repeats
/// `MessageAttribute`, JSON has a map.
fn queued(message: &Json, queue_url: &str) -> Message {
    let body = text(message, "MessageBody");
    let attributes = attributes::named(match &message["MessageAttributes"] {
        Json::Null => &message["MessageAttribute"],
        attributes => attributes,
    });
    let said = json!({
        "body": body,
        "attributes": attributes,
        "group": message["MessageGroupId"],
    });
    let place = queue::name(queue_url);
    let is_ordered = place.ends_with(".fifo");
    Message {
        entry: message["Id"].as_str().map(str::to_owned),
        effect: effect("sqs", "SendMessage", place, &said)
            .known_by(deduplication(message, is_ordered, &body)),
        body_sum: sum(body.as_bytes()),
        attributes_sum: attributes::sum_of_all(&attributes),
        is_ordered,
    }
}

/// A message to a topic, alone or of a batch.
fn published(message: &Json, input: &Json) -> Message {
    let body = text(message, "Message");
    let said = json!({
        "body": body,
        "subject": message["Subject"],
        "structure": message["MessageStructure"],
        "attributes": attributes::named(&message["MessageAttributes"]),
        "group": message["MessageGroupId"],
    });
    let places = ["TopicArn", "TargetArn", "PhoneNumber"];
    let place = places.iter().find_map(|it| input[*it].as_str());
    let place = place.unwrap_or_default().to_owned();
    let is_ordered = place.ends_with(".fifo");
    Message {
        entry: message["Id"].as_str().map(str::to_owned),
        effect: effect("sns", "Publish", place, &said)
            .known_by(deduplication(message, is_ordered, &body)),
        body_sum: sum(body.as_bytes()),
        attributes_sum: None,
        is_ordered,
    }
}

/// An event to a bus. EventBridge does not know that it had one before.
fn put(entry: &Json) -> Message {
    let said = json!({
        "body": entry["Detail"],
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "resources": entry["Resources"],
        "time": entry["Time"],
    });
    let bus = entry["EventBusName"].as_str().unwrap_or("default");
    // A bus may be named by its ARN: arn:aws:events:REGION:ACCOUNT:event-bus/NAME.
    let name = bus.rsplit_once(":event-bus/").map_or(bus, |(_, name)| name);
    Message {
        entry: None,
        effect: effect("events", "PutEvents", name.to_owned(), &said),
        body_sum: String::new(),
        attributes_sum: None,
        is_ordered: false,
    }
}

/// Only destinations with an order know messages again: by the id that is sent, or by
/// the body. Those that know them by neither refuse them
/// ([SendMessage](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html)).
fn deduplication(message: &Json, is_ordered: bool, body: &str) -> Option<String> {
    let sent = message["MessageDeduplicationId"].as_str();
    let by_body = || format!("MD5 {}", sum(body.as_bytes()));
    is_ordered.then(|| sent.map_or_else(by_body, str::to_owned))
}

fn effect(service: &str, operation: &str, place: String, said: &Json) -> Effect {
    let mut content = content(said);
    content.retain(|_, value| value != "null");
    Effect {
        kind: EffectKind {
            service: service.to_owned(),
            operation: operation.to_owned(),
            place,
        },
        content,
        token: None,
        overwrites: false,
    }
}

impl Effect {
    fn known_by(self, token: Option<String>) -> Self {
        Self { token, ..self }
    }
}

fn text(value: &Json, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
