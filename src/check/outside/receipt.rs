//! What the sender of messages is answered: what became of each of them.

use serde_json::{Value as Json, json};

use super::asked::{Asked, Protocol};
use super::effect::sum;
use super::message::Message;
use super::reply::Reply;
use super::xml;

const SQS: &str = "http://queue.amazonaws.com/doc/2012-11-05/";
const SNS: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

/// Why a message of a batch was not accepted.
const NOT_ACCEPTED: &str = "Internal error: try again.";

/// The receipt for messages of which the last `refused` were not accepted. `request`
/// is another one for each request.
pub(super) fn receipt(asked: &Asked, request: &str, messages: &[Message], refused: usize) -> Reply {
    let accepted = messages.len().saturating_sub(refused);
    let (accepted, refused) = messages.split_at(accepted);
    let accepted: Vec<Accepted<'_>> = accepted
        .iter()
        .enumerate()
        .map(|(place, message)| Accepted {
            message,
            id: id(message, request, place),
        })
        .collect();
    match (asked.service.as_str(), asked.protocol) {
        ("events", _) => of_events(asked, &accepted, refused),
        ("sns", _) => of_sns(asked, &accepted, refused),
        (_, Protocol::Query) => of_sqs_in_xml(asked, &accepted, refused),
        _ => of_sqs(asked, &accepted, refused),
    }
}

struct Accepted<'a> {
    message: &'a Message,
    id: String,
}

/// What is known again has the id that it had before.
fn id(message: &Message, request: &str, place: usize) -> String {
    let origin = match &message.effect.token {
        Some(token) => format!("{} {token}", message.effect.kind.place),
        None => format!("{request} {place}"),
    };
    let digits = sum(origin.as_bytes());
    let parts = [&digits[..8], &digits[8..12], "4000", "8000", &digits[20..]];
    parts.join("-")
}

impl Accepted<'_> {
    fn sequence_number(&self) -> Option<String> {
        let digits = u64::from_str_radix(&self.id[..8], 16).unwrap_or_default();
        self.message.is_ordered.then(|| format!("188{digits:017}"))
    }

    /// What SQS says of a message that it has accepted, in the order of its names.
    fn fields(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("Id", self.message.entry.clone()),
            ("MessageId", Some(self.id.clone())),
            ("MD5OfMessageBody", Some(self.message.body_sum.clone())),
            (
                "MD5OfMessageAttributes",
                self.message.attributes_sum.clone(),
            ),
            ("SequenceNumber", self.sequence_number()),
        ];
        let present = fields.into_iter();
        present
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

fn refusal(message: &Message) -> [(&'static str, String); 4] {
    [
        ("Id", message.entry.clone().unwrap_or_default()),
        ("SenderFault", "false".to_owned()),
        ("Code", "InternalError".to_owned()),
        ("Message", NOT_ACCEPTED.to_owned()),
    ]
}

fn of_sqs(asked: &Asked, accepted: &[Accepted<'_>], refused: &[Message]) -> Reply {
    let object = |fields: Vec<(&str, String)>| -> Json {
        let fields = fields.into_iter();
        fields
            .map(|(name, it)| (name.to_owned(), Json::from(it)))
            .collect()
    };
    let mut receipts: Vec<Json> = accepted.iter().map(|it| object(it.fields())).collect();
    if asked.operation == "SendMessage" {
        return Reply::output(asked, &receipts.pop().unwrap_or_default());
    }
    let failed = refused.iter().map(|it| {
        let mut failed = object(refusal(it).into());
        failed["SenderFault"] = json!(false);
        failed
    });
    let failed: Vec<Json> = failed.collect();
    Reply::output(asked, &json!({ "Successful": receipts, "Failed": failed }))
}

fn of_sqs_in_xml(asked: &Asked, accepted: &[Accepted<'_>], refused: &[Message]) -> Reply {
    let is_batch = asked.operation == "SendMessageBatch";
    let accepted = accepted.iter().flat_map(|it| {
        let fields = texts(&it.fields());
        match is_batch {
            true => vec![xml::element("SendMessageBatchResultEntry", fields)],
            false => fields,
        }
    });
    let refused = refused
        .iter()
        .map(|it| xml::element("BatchResultErrorEntry", texts(&refusal(it))));
    result(asked, SQS, accepted.chain(refused))
}

fn of_sns(asked: &Asked, accepted: &[Accepted<'_>], refused: &[Message]) -> Reply {
    let accepted = accepted.iter().map(|it| {
        let mut fields = it.fields();
        fields.retain(|(name, _)| !name.starts_with("MD5"));
        texts(&fields)
    });
    if asked.operation == "Publish" {
        return result(asked, SNS, accepted.flatten());
    }
    let members = |texts: Vec<String>| xml::element("member", texts);
    let refused = refused.iter().map(|it| members(texts(&refusal(it))));
    let inside = [
        xml::element("Successful", accepted.map(members)),
        xml::element("Failed", refused),
    ];
    result(asked, SNS, inside)
}

/// The answer to `GetQueueUrl`.
pub(super) fn queue_url(asked: &Asked, url: &str) -> Reply {
    match asked.protocol {
        Protocol::Query => result(asked, SQS, [xml::text("QueueUrl", url)]),
        _ => Reply::output(asked, &json!({ "QueueUrl": url })),
    }
}

fn texts(fields: &[(&'static str, String)]) -> Vec<String> {
    let fields = fields.iter();
    fields.map(|(name, value)| xml::text(name, value)).collect()
}

/// The query protocol's answer to an operation.
fn result(asked: &Asked, namespace: &str, inside: impl IntoIterator<Item = String>) -> Reply {
    let operation = &asked.operation;
    let inside = [
        xml::element(&format!("{operation}Result"), inside),
        xml::element("ResponseMetadata", [xml::text("RequestId", "redeliver")]),
    ];
    let document = xml::document(&format!("{operation}Response"), namespace, &inside);
    Reply::new(200, "text/xml", document)
}

fn of_events(asked: &Asked, accepted: &[Accepted<'_>], refused: &[Message]) -> Reply {
    let accepted = accepted.iter().map(|it| json!({ "EventId": it.id }));
    let failed = json!({ "ErrorCode": "InternalFailure", "ErrorMessage": NOT_ACCEPTED });
    let entries = accepted.chain(refused.iter().map(|_| failed.clone()));
    let entries: Vec<Json> = entries.collect();
    let output = json!({ "FailedEntryCount": refused.len(), "Entries": entries });
    Reply::output(asked, &output)
}
