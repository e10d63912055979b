//! What the parser makes of each document in `documents/`, compared with the text
//! beside it; and the parser's bounds.
//!
//! `REDELIVER_BLESS=1 cargo test -p redeliver-handler --test documents` writes the
//! texts anew, to be read before they are believed.

#![allow(clippy::unwrap_used)]

mod support;

use std::fmt::Write as _;
use std::fs;

use redeliver_handler::notification::{MAX_DOCUMENT_BYTES, MAX_ENVELOPES, MAX_RECORDS, Record};
use redeliver_handler::{Notification, ObjectEvent, Parsed, Rejected, parse_event};
use support::written::{sns_message, sqs};
use support::{MINIMAL, documents, folder, names_ending_in, only_event};

/// How many documents there must be, so that none is lost unnoticed.
const DOCUMENTS: usize = 83;

#[test]
fn every_document_is_parsed_as_expected() {
    let mut differences = String::new();
    for (name, document) in documents() {
        let parsed = render(&parse_event(&document));
        let path = folder().join(format!("{name}.expected"));
        if std::env::var_os("REDELIVER_BLESS").is_some() {
            fs::write(&path, &parsed).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_else(|error| format!("({error})\n"));
        if parsed != expected {
            let _ = write!(
                differences,
                "\n{name}.json, expected:\n{expected}parsed:\n{parsed}"
            );
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn every_expectation_has_its_document_and_none_is_lost() {
    let documents = names_ending_in(".json");
    assert_eq!(names_ending_in(".expected"), documents);
    assert!(
        documents.len() >= DOCUMENTS,
        "only {} documents",
        documents.len()
    );
}

/// One line for each record.
fn render(notification: &Notification) -> String {
    let batch = if notification.is_sqs_batch {
        "sqs batch\n"
    } else {
        ""
    };
    notification
        .records
        .iter()
        .fold(batch.to_owned(), |mut text, record| {
            let _ = writeln!(text, "{}: {}", place(record), parsed(&record.parsed));
            text
        })
}

fn place(record: &Record) -> String {
    let path = match record.path.as_str() {
        "" => "the document",
        path => path,
    };
    match &record.message_id {
        Some(id) => format!("{path} (message {id})"),
        None => path.to_owned(),
    }
}

fn parsed(parsed: &Parsed) -> String {
    match parsed {
        Parsed::Event(event) => describe(event),
        Parsed::Ignored(reason) => format!("ignored, {reason}"),
        Parsed::Rejected(reason) => format!("rejected, {reason}"),
    }
}

fn describe(event: &ObjectEvent) -> String {
    let mut text = format!("event {:?}", format!("{}/{}", event.bucket, event.key));
    let mut field = |name, value: Option<String>| {
        if let Some(value) = value {
            let _ = write!(text, " {name}={value}");
        }
    };
    let quoted = |value: &Option<String>| value.as_ref().map(|value| format!("{value:?}"));
    field("version", quoted(&event.version_id));
    field(
        "sequencer",
        event.sequencer.as_ref().map(ToString::to_string),
    );
    field("name", event.name.as_ref().map(ToString::to_string));
    field("time", event.time.map(|time| time.to_string()));
    field("size", event.size.map(|size| size.to_string()));
    field("etag", quoted(&event.e_tag));
    text
}

#[test]
fn a_document_of_the_greatest_size_is_read_and_a_byte_more_is_not() {
    let mut document = MINIMAL.to_owned();
    document.push_str(&" ".repeat(MAX_DOCUMENT_BYTES - document.len()));
    assert_eq!(only_event(&parse_event(document.as_bytes())).key, "a");

    document.push(' ');
    let too_large = Rejected::TooLarge {
        bytes: MAX_DOCUMENT_BYTES + 1,
        limit: MAX_DOCUMENT_BYTES,
    };
    assert_eq!(only_rejection(&document), too_large);
}

#[test]
fn the_largest_batch_of_sqs_is_read_to_its_last_message() {
    let notification = parse_event(sqs(&vec![MINIMAL; 10_000]).as_bytes());
    assert!(notification.is_sqs_batch);
    assert_eq!(notification.records.len(), 10_000);
    let last = &notification.records[9_999];
    assert_eq!(last.path, "Records[9999].body.Records[0]");
    assert_eq!(last.message_id.as_deref(), Some("message-9999"));
    assert!(matches!(last.parsed, Parsed::Event(_)));
}

#[test]
fn as_many_records_as_are_allowed_are_read_and_one_more_is_too_many() {
    let in_one_array = |count| format!(r#"{{"Records":[{}]}}"#, vec!["7"; count].join(","));
    let in_two_envelopes = |count| sqs(&[in_one_array(1), in_one_array(count - 1)]);
    let shapes: [&dyn Fn(usize) -> String; 2] = [&in_one_array, &in_two_envelopes];
    for document in shapes {
        let allowed = parse_event(document(MAX_RECORDS).as_bytes());
        assert_eq!(allowed.records.len(), MAX_RECORDS);
        let limit = MAX_RECORDS;
        let too_many = Rejected::TooManyRecords { limit };
        assert_eq!(only_rejection(&document(MAX_RECORDS + 1)), too_many);
    }
}

#[test]
fn as_many_envelopes_as_are_allowed_are_opened_and_no_more() {
    let mut document = MINIMAL.to_owned();
    for _ in 0..MAX_ENVELOPES {
        document = sns_message(&document);
        assert_eq!(only_event(&parse_event(document.as_bytes())).key, "a");
    }
    let limit = MAX_ENVELOPES;
    let too_many = Rejected::TooManyEnvelopes { limit };
    assert_eq!(only_rejection(&sns_message(&document)), too_many);
}

#[test]
fn what_is_not_utf8_is_refused_where_it_is_read_and_nowhere_else() {
    let not_utf8 = |document: &str| {
        let bytes = document.bytes();
        let bytes: Vec<u8> = bytes.map(|it| if it == b'?' { 0xff } else { it }).collect();
        parse_event(&bytes)
    };
    let beside = MINIMAL.replace("\"s3\"", "\"junk\":\"?\",\"s3\"");
    assert_eq!(only_event(&not_utf8(&beside)).key, "a");

    let in_place = not_utf8(&MINIMAL.replace("\"a\"", "\"?\""));
    assert!(matches!(
        in_place.records.as_slice(),
        [Record {
            parsed: Parsed::Rejected(Rejected::NotJson { .. }),
            ..
        }]
    ));
}

/// serde_json skips a value without recursion, so no depth of nesting is too much
/// for the stack: what is skipped is skipped, and what is read is of another type.
#[test]
fn nesting_as_deep_as_a_document_can_hold_neither_overflows_the_stack_nor_hides_an_event() {
    let (open, close) = ("[".repeat(1_000_000), "]".repeat(1_000_000));
    let beside = MINIMAL.replace("\"s3\"", &format!("\"junk\":{open}{close},\"s3\""));
    assert_eq!(only_event(&parse_event(beside.as_bytes())).key, "a");

    let in_place = MINIMAL.replace("\"a\"", &format!("{open}{close}"));
    assert!(matches!(
        only_rejection(&in_place),
        Rejected::WrongType { .. }
    ));
    assert!(matches!(only_rejection(&open), Rejected::NotJson { .. }));
    assert!(matches!(
        only_rejection(&format!("{open}{close}")),
        Rejected::WrongType { .. }
    ));
}

/// RD-10. Millions of tiny records, and one long message id over many records,
/// each of which would carry it.
#[test]
fn no_document_of_the_greatest_size_fills_the_memory() {
    let many = format!(
        r#"{{"Records":[{}0]}}"#,
        "0,".repeat(MAX_DOCUMENT_BYTES / 2 - 20)
    );
    assert!(matches!(
        only_rejection(&many),
        Rejected::TooManyRecords { .. }
    ));

    let batch = sqs(&[format!(r#"{{"Records":[{}0]}}"#, "0,".repeat(15_000))]);
    let long_id = batch.replace("message-0", &"7".repeat(100_000));
    assert_eq!(parse_event(long_id.as_bytes()).records.len(), 15_001);

    if let Some(peak) = peak_memory() {
        assert!(peak < 512 << 20, "{} MB at the peak", peak >> 20);
    }
}

/// The most memory that this process has had, in bytes, where Linux tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes << 10)
}

fn only_rejection(document: &str) -> Rejected {
    match parse_event(document.as_bytes()).records.as_slice() {
        [
            Record {
                parsed: Parsed::Rejected(rejected),
                ..
            },
        ] => rejected.clone(),
        records => panic!("{} records", records.len()),
    }
}
