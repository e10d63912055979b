//! Wherever `aws_lambda_events` accepts a document, the parser makes the same of
//! it, record by record, but for a list of deliberate differences; and a list of
//! what the parser accepts beyond that crate.

#![allow(clippy::unwrap_used)]

mod support;

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use redeliver_handler::notification::{MAX_DOCUMENT_BYTES, MAX_RECORDS};
use redeliver_handler::{Ignored, Parsed, parse_event};
use support::agreement::{deliberate_difference, theirs};
use support::{cases, documents, random_document};

/// The fewest fields that the crate insists on, and a few more.
const ACCEPTED: &str = r#"{"Records":[{"eventVersion":"2.1","eventTime":"2026-07-16T10:00:00Z","userIdentity":{},"requestParameters":{},"s3":{"bucket":{"name":"b"},"object":{"key":"k","size":1}}}]}"#;

fn ours(document: &str) -> Vec<Parsed> {
    parsed(document.as_bytes())
}

fn parsed(document: &[u8]) -> Vec<Parsed> {
    let records = parse_event(document).records;
    records.into_iter().map(|record| record.parsed).collect()
}

#[test]
fn every_document_that_the_crate_accepts_is_parsed_as_the_crate_does() {
    let mut accepted = 0;
    for (name, document) in documents() {
        let (ours, theirs) = (parsed(&document), theirs(&document));
        if let Some(theirs) = theirs.filter(|theirs| !theirs.is_empty()) {
            assert_eq!(ours, theirs, "{name}.json");
            accepted += 1;
        }
    }
    assert!(
        accepted >= 30,
        "the crate accepts no more than {accepted} documents"
    );
}

#[test]
fn the_parser_differs_from_the_crate_where_it_is_meant_to() {
    let lone_surrogate = r#"{"source":"\ud83e","Records""#;
    let record = &ACCEPTED[r#"{"Records":["#.len()..ACCEPTED.len() - 2];
    let differences: [(&str, String); 10] = [
        ("the document is an array", format!("[[{record}]]")),
        (
            "the record is an array",
            r#"{"Records":[["2.1","aws:s3","eu-central-1","2026-07-16T10:00:00Z","ObjectCreated:Put",
               {},{},{},{"bucket":{"name":"b"},"object":{"key":"k"}}]]}"#.to_owned(),
        ),
        (
            "s3 is an array",
            but(r#"{"bucket":{"name":"b"},"object":{"key":"k","size":1}}"#, r#"["1.0","c",{"name":"b"},{"key":"k"}]"#),
        ),
        ("s3.bucket is an array", but(r#"{"name":"b"}"#, r#"["b",null,null]"#)),
        ("s3.object is an array", but(r#"{"key":"k","size":1}"#, r#"["k",1,null,null,null,null]"#)),
        ("holds no records", but(record, "")),
        ("more than 20000 records", but(record, &vec![record; MAX_RECORDS + 1].join(","))),
        ("bytes, more than", format!("{ACCEPTED}{}", " ".repeat(MAX_DOCUMENT_BYTES))),
        ("not JSON", but(r#"{"Records""#, lone_surrogate)),
        ("not JSON", but(r#"{"Records""#, r#"{"detail":1e999,"Records""#)),
    ];
    for (sentence, document) in differences {
        let theirs = theirs(document.as_bytes()).unwrap_or_else(|| panic!("refused: {sentence}"));
        let ours = ours(&document);
        assert_ne!(ours, theirs, "{sentence}");
        assert!(
            reason(&ours).contains(sentence),
            "{sentence}: {}",
            reason(&ours)
        );
        assert!(
            deliberate_difference(document.as_bytes(), &ours, &theirs).is_some(),
            "{sentence}"
        );
    }
}

/// No identity can be made of these: the crate hands them to the handler, the
/// parser and the conversion reject them alike.
#[test]
fn what_has_no_identity_is_rejected_though_the_crate_accepts_it() {
    for (sentence, document) in [
        ("s3.bucket.name is missing", but(r#"{"name":"b"}"#, "{}")),
        (
            "s3.bucket.name is missing",
            but(r#"{"name":"b"}"#, r#"{"name":null}"#),
        ),
        (
            "s3.bucket.name is missing",
            but(r#"{"name":"b"}"#, r#"{"name":""}"#),
        ),
        ("s3.object.key is missing", but(r#""key":"k","#, "")),
        (
            "s3.object.key is missing",
            but(r#""key":"k""#, r#""key":"""#),
        ),
        (
            "cannot be URL-decoded",
            but(r#""key":"k""#, r#""key":"%ZZ""#),
        ),
        ("not UTF-8", but(r#""key":"k""#, r#""key":"%FF""#)),
        ("only major version 2 is known", but("2.1", "3.0")),
        ("only major version 2 is known", but("2.1", "two")),
    ] {
        let ours = ours(&document);
        assert_eq!(
            Some(&ours),
            theirs(document.as_bytes()).as_ref(),
            "{document}"
        );
        assert!(
            reason(&ours).contains(sentence),
            "{sentence}: {}",
            reason(&ours)
        );
    }
}

#[test]
fn the_parser_accepts_what_the_crate_refuses() {
    let folder = [
        "batch-time-bad",
        "batch-wrong-types",
        "eventbridge-created",
        "eventbridge-in-sns-in-sqs",
        "eventbridge-in-sqs",
        "minimal",
        "sns",
        "sqs",
        "sqs-of-raw-sns",
        "sqs-of-sns",
        "test-event",
        "test-event-in-sqs",
    ];
    let of_the_folder = documents()
        .into_iter()
        .filter(|(name, _)| folder.contains(&name.as_str()))
        .map(|(name, document)| (name, String::from_utf8(document).unwrap()));
    let time = r#""eventTime":"2026-07-16T10:00:00Z","#;
    let user = r#""userIdentity":{},"#;
    let variations = [
        ("no eventTime", but(time, "")),
        ("eventTime null", but(time, r#""eventTime":null,"#)),
        ("eventTime empty", but(time, r#""eventTime":"","#)),
        ("no userIdentity", but(user, "")),
        (
            "userIdentity of another type",
            but(user, r#""userIdentity":"root","#),
        ),
        (
            "a field twice that nobody reads",
            but(user, &user.repeat(2)),
        ),
        (
            "no requestParameters",
            but(r#""requestParameters":{},"#, ""),
        ),
        (
            "responseElements nested",
            but(user, &format!(r#"{user}"responseElements":{{"a":{{}}}},"#)),
        ),
        (
            "awsRegion not Unicode",
            but(user, &format!(r#"{user}"awsRegion":"\ud83e","#)),
        ),
        (
            "a record that is none, beside one",
            but(r#"{"Records":["#, r#"{"Records":[7,"#),
        ),
    ];
    let variations = variations.map(|(name, document)| (name.to_owned(), document));
    let mut tested = 0;
    for (name, document) in of_the_folder.chain(variations) {
        assert_eq!(theirs(document.as_bytes()), None, "{name}");
        let accepted = |parsed: &Parsed| {
            matches!(
                parsed,
                Parsed::Event(_) | Parsed::Ignored(Ignored::TestEvent)
            )
        };
        assert!(ours(&document).iter().any(accepted), "{name}");
        tested += 1;
    }
    assert_eq!(tested, folder.len() + 10);
}

/// The accepted document with one part replaced.
fn but(part: &str, replacement: &str) -> String {
    assert!(ACCEPTED.contains(part), "{part}");
    ACCEPTED.replacen(part, replacement, 1)
}

fn reason(parsed: &[Parsed]) -> String {
    match parsed {
        [Parsed::Rejected(reason)] => reason.to_string(),
        [Parsed::Ignored(reason)] => reason.to_string(),
        other => panic!("neither ignored nor rejected: {} records", other.len()),
    }
}

#[test]
fn random_documents_are_parsed_as_the_crate_does_wherever_it_accepts_them() {
    const CASES: u32 = 2_000;
    let accepted = Cell::new(0);
    let agrees = |document: String| {
        let ours = ours(&document);
        let Some(theirs) = theirs(document.as_bytes()) else {
            return Ok(());
        };
        accepted.set(accepted.get() + 1);
        let deliberate = deliberate_difference(document.as_bytes(), &ours, &theirs).is_some();
        prop_assert!(
            ours == theirs || deliberate,
            "ours: {:?}\ntheirs: {:?}",
            ours,
            theirs
        );
        Ok(())
    };
    TestRunner::new(cases(CASES))
        .run(&random_document::document(), agrees)
        .unwrap();
    assert!(
        accepted.get() > CASES / 5,
        "the crate accepts only {} of {CASES}",
        accepted.get()
    );
}
