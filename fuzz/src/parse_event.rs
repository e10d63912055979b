//! Any bytes as a document for the parser (RD-9, RD-10).

use std::borrow::Cow;

use redeliver_handler::keyed::Selection;
use redeliver_handler::notification::{MAX_DOCUMENT_BYTES, MAX_ENVELOPES, MAX_RECORDS, Record};
use redeliver_handler::{
    IdentityPolicy, KeyedNotification, Notification, ObjectEvent, Parsed, Rejected, object_key,
    parse_event,
};

use super::{agreement, written};

/// Checks whatever must hold of any document.
///
/// # Panics
///
/// If anything of it does not.
pub fn check(document: &[u8]) {
    let notification = parse_event(document);
    assert_eq!(
        notification,
        parse_event(document),
        "parsed again, the document is another"
    );
    is_bounded(document, &notification);
    agrees_with_the_crate(document, &notification);
    if let Ok(text) = str::from_utf8(document) {
        is_the_same_in_every_envelope(text, &notification);
        is_not_opened_without_end(text);
        is_decoded_as_stated(text);
    }
    for record in &notification.records {
        match &record.parsed {
            Parsed::Event(event) => is_read_as_it_is_written(event),
            Parsed::Ignored(reason) => assert!(!reason.to_string().is_empty()),
            Parsed::Rejected(reason) => assert!(!reason.to_string().is_empty()),
        }
    }
    for policy in IdentityPolicy::ALL {
        let keyed = KeyedNotification::new(notification.clone(), policy, Selection::Every);
        let keys = keyed.records.iter().filter_map(|record| record.key());
        for key in keys {
            assert!(key.to_string().len() <= 2048, "{key} under {policy}");
        }
    }
}

/// The longest step of a path: `Records[20000].Sns.Message.`.
const LONGEST_STEP: usize = 27;

/// The longest id of an SQS message that is kept.
const LONGEST_MESSAGE_ID: usize = 100;

/// What may be added to a text of the document: why it is rejected, or what S3 calls
/// what EventBridge describes.
const LONGEST_ADDITION: usize = 256;

/// Time and memory are bounded by the document's size. How much time it is, the
/// fuzzer's own limits see to.
fn is_bounded(document: &[u8], notification: &Notification) {
    let records = &notification.records;
    assert!(!records.is_empty(), "not even a reason");
    // An element of an array takes two bytes at least, its comma included.
    let most = 1 + document.len() / 2;
    assert!(
        records.len() <= most.min(MAX_RECORDS),
        "{} records",
        records.len()
    );
    let mut texts = 0;
    for record in records {
        let path = &record.path;
        let unopened = match record.parsed {
            Parsed::Rejected(Rejected::TooManyEnvelopes { .. }) => 1,
            _ => 0,
        };
        assert!(envelopes(path) <= MAX_ENVELOPES + unopened, "{path}");
        assert!(path.len() <= LONGEST_STEP * (MAX_ENVELOPES + 1), "{path}");
        let id = record.message_id.as_deref().unwrap_or_default();
        assert!(id.len() <= LONGEST_MESSAGE_ID, "{id}");
        texts += match &record.parsed {
            Parsed::Event(event) => size(event),
            Parsed::Ignored(reason) => format!("{reason:?}").len(),
            // Quotes and escapes make what is rejected longer, up to sixfold.
            Parsed::Rejected(reason) => format!("{reason:?}").len() / 6,
        };
    }
    let bound = document.len() + LONGEST_ADDITION * records.len();
    assert!(
        texts <= bound,
        "{texts} bytes from {} bytes",
        document.len()
    );
}

/// How many envelopes lie around what stands there.
fn envelopes(path: &str) -> usize {
    let contents = path.split('.');
    contents
        .filter(|step| matches!(*step, "body" | "Message"))
        .count()
}

/// How long the texts of an event are together.
fn size(event: &ObjectEvent) -> usize {
    let ObjectEvent {
        bucket,
        key,
        version_id,
        sequencer,
        name,
        e_tag,
        time: _,
        size: _,
    } = event;
    let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    bucket.len()
        + key.len()
        + optional(version_id)
        + optional(e_tag)
        + sequencer.as_ref().map_or(0, |it| it.as_str().len())
        + name.as_ref().map_or(0, |it| it.as_str().len())
}

fn agrees_with_the_crate(document: &[u8], notification: &Notification) {
    let Some(theirs) = agreement::theirs(document) else {
        return;
    };
    let records = notification.records.iter();
    let ours: Vec<Parsed> = records.map(|record| record.parsed.clone()).collect();
    let deliberate = agreement::deliberate_difference(document, &ours, &theirs);
    assert!(
        ours == theirs || deliberate.is_some(),
        "aws_lambda_events makes something else of it.\n  ours: {ours:?}\ntheirs: {theirs:?}"
    );
}

/// Through SNS, SQS and SQS-of-SNS comes the same, one or two envelopes further in.
fn is_the_same_in_every_envelope(document: &str, notification: &Notification) {
    let published = || written::sns_message(document);
    let routes = [
        (1, "Records[0].Sns.Message", written::sns(document)),
        (1, "Records[0].body", written::sqs(&[document])),
        (2, "Records[0].body.Message", written::sqs(&[published()])),
    ];
    let deepest = notification.records.iter().map(|it| envelopes(&it.path));
    let deepest = deepest.max().unwrap_or_default();
    for (more, place, wrapped) in routes {
        if deepest + more > MAX_ENVELOPES || wrapped.len() > MAX_DOCUMENT_BYTES {
            continue;
        }
        let by_route = parse_event(wrapped.as_bytes());
        assert_eq!(by_route.is_sqs_batch, place.starts_with("Records[0].body"));
        let inside = |record: &Record| {
            let path = match record.path.as_str() {
                "" => place.to_owned(),
                path => format!("{place}.{path}"),
            };
            (path, record.parsed.clone())
        };
        let direct: Vec<_> = notification.records.iter().map(inside).collect();
        let by_route = by_route.records.into_iter();
        let by_route: Vec<_> = by_route.map(|it| (it.path, it.parsed)).collect();
        assert_eq!(direct, by_route, "{wrapped}");
    }
}

/// The longest document around which so many envelopes are laid: each doubles the
/// escapes of what is in it.
const LONGEST_WRAPPED: usize = 256;

/// Whatever is in one envelope more than are opened, is not looked at.
fn is_not_opened_without_end(document: &str) {
    if document.len() > LONGEST_WRAPPED {
        return;
    }
    let mut wrapped = document.to_owned();
    for _ in 0..=MAX_ENVELOPES {
        wrapped = written::sns_message(&wrapped);
    }
    let records = parse_event(wrapped.as_bytes()).records;
    let unopened = |record: &Record| {
        matches!(
            record.parsed,
            Parsed::Rejected(Rejected::TooManyEnvelopes { .. })
        )
    };
    assert!(records.iter().all(unopened), "{records:?}");
}

/// The document for once taken for the key of an object.
fn is_decoded_as_stated(key: &str) {
    let decoded = object_key::decode(key).ok().map(Cow::into_owned);
    assert_eq!(decoded, agreement::url_decoded(key), "{key}");
    let encoded = object_key::encode(key);
    assert_eq!(object_key::decode(&encoded).as_deref(), Ok(key));
}

/// An event that is written as S3 writes it is read as the same event.
fn is_read_as_it_is_written(event: &ObjectEvent) {
    assert!(!event.bucket.is_empty() && !event.key.is_empty());
    let document = written::s3(event);
    let read = parse_event(document.as_bytes());
    match &read.records[..] {
        [
            Record {
                parsed: Parsed::Event(read),
                ..
            },
        ] => assert_eq!(read, event, "{document}"),
        records => panic!("{document} is read as {records:?}"),
    }
}
