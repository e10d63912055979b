//! What `aws_lambda_events` makes of a document, and where the parser deliberately
//! makes something else of it.

use aws_lambda_events::event::s3::{S3Event, S3EventRecord};
use redeliver_handler::notification::{Kind, MAX_DOCUMENT_BYTES, MAX_RECORDS};
use redeliver_handler::object_event::{EventName, EventTime, Sequencer};
use redeliver_handler::{Ignored, ObjectEvent, Parsed, Rejected};
use serde_json::Value;

/// What the crate makes of a document, unless it refuses it.
pub(crate) fn theirs(document: &[u8]) -> Option<Vec<Parsed>> {
    let event: S3Event = serde_json::from_slice(document).ok()?;
    Some(event.records.iter().map(converted).collect())
}

/// A record of the crate's, through the conversion; checked against its fields,
/// because the conversion and the parser share their code.
fn converted(record: &S3EventRecord) -> Parsed {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let object = &record.s3.object;
    let key = given(&object.key);
    let decoded = key.as_deref().and_then(url_decoded);
    let event = match ObjectEvent::try_from(record) {
        Ok(event) => event,
        Err(rejected) => {
            let undecodable = matches!(rejected, Rejected::UndecodableKey { .. });
            assert!(!undecodable || decoded.is_none(), "{key:?} can be decoded");
            return Parsed::Rejected(rejected);
        }
    };
    let same = ObjectEvent {
        bucket: given(&record.s3.bucket.name).unwrap_or_default(),
        key: decoded.unwrap_or_else(|| panic!("{key:?} cannot be decoded")),
        version_id: given(&object.version_id),
        sequencer: given(&object.sequencer).map(|text| Sequencer::new(&text)),
        name: given(&record.event_name).map(|text| EventName::new(&text)),
        time: Some(EventTime::from(record.event_time)),
        size: object.size,
        e_tag: given(&object.e_tag),
    };
    assert_eq!(event, same);
    Parsed::Event(event)
}

/// What URL decoding is, said once more and in other words.
pub(crate) fn url_decoded(encoded: &str) -> Option<String> {
    let encoded = encoded.replace('+', " ");
    let mut pieces = encoded.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        // No sign can stand before the number: every `+` is a space by now.
        bytes.push(u8::from_str_radix(piece.get(..2)?, 16).ok()?);
        bytes.extend(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}

/// Why the parser rightly makes something else of a document than the crate.
pub(crate) fn deliberate_difference(
    document: &[u8],
    ours: &[Parsed],
    theirs: &[Parsed],
) -> Option<&'static str> {
    match ours {
        [Parsed::Ignored(Ignored::NoRecords)] if theirs.is_empty() => {
            Some("no records: nothing at all to the crate, a reason to ignore here")
        }
        [Parsed::Rejected(Rejected::TooLarge { .. })] if document.len() > MAX_DOCUMENT_BYTES => {
            Some("larger than anything that Lambda hands over")
        }
        [Parsed::Rejected(Rejected::TooManyRecords { .. })] if theirs.len() > MAX_RECORDS => {
            Some("more records than any batch has")
        }
        [Parsed::Rejected(Rejected::NotJson { .. })]
            if serde_json::from_slice::<Value>(document).is_err() =>
        {
            Some("a lone surrogate or a number out of range, in a field that the crate skips")
        }
        [
            Parsed::Rejected(Rejected::WrongType {
                field: "the document",
                found: Kind::Array,
                ..
            }),
        ] => Some("an array in place of an object, which a derived Deserialize takes by position"),
        _ if ours.len() == theirs.len() => {
            let mut pairs = ours.iter().zip(theirs);
            let by_position = |ours: &Parsed| match ours {
                Parsed::Rejected(Rejected::WrongType {
                    expected, found, ..
                }) => (*expected, *found) == ("an object", Kind::Array),
                _ => false,
            };
            pairs
                .all(|(ours, theirs)| ours == theirs || by_position(ours))
                .then_some("an array in place of an object, within a record")
        }
        _ => None,
    }
}
