//! The parser's properties over generated input: faithful keys (RD-9) and total
//! parsing (RD-10).

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use redeliver_handler::identity::Unidentifiable;
use redeliver_handler::object_event::{EventName, EventTime, Sequencer};
use redeliver_handler::object_key::{decode, encode};
use redeliver_handler::{IdempotencyKey, IdentityPolicy, ObjectEvent, Parsed, parse_event};
use support::identity::identity;
use support::written::{event_bridge, s3, sns, sns_message, sqs};
use support::{cases, documents, only_event};

fn text() -> impl Strategy<Value = String> {
    "(?s).{1,20}"
}

fn time() -> impl Strategy<Value = EventTime> {
    (0..253_402_300_800_000_i64)
        .prop_map(|millis| DateTime::from_timestamp_millis(millis).unwrap().into())
}

/// Any event that a document can carry.
fn event() -> impl Strategy<Value = ObjectEvent> {
    let option = prop::option::of::<BoxedStrategy<String>>;
    (
        (
            text(),
            text(),
            option(text().boxed()),
            option("[0-9A-Fa-f]{0,23}[1-9A-Fa-f]".boxed()),
        ),
        (
            option("[A-Z][A-Za-z:]{0,20}".boxed()),
            prop::option::of(time()),
        ),
        (any::<Option<i64>>(), option(text().boxed())),
    )
        .prop_map(
            |((bucket, key, version_id, sequencer), (name, time), (size, e_tag))| ObjectEvent {
                bucket,
                key,
                version_id,
                sequencer: sequencer.map(|text| Sequencer::new(&text)),
                name: name.map(|name| EventName::new(&name)),
                time,
                size,
                e_tag,
            },
        )
}

fn key(policy: IdentityPolicy, event: &ObjectEvent) -> Result<IdempotencyKey, Unidentifiable> {
    Ok(policy.identify(event)?.idempotency_key())
}

fn keys(event: &ObjectEvent) -> [Result<IdempotencyKey, Unidentifiable>; 3] {
    IdentityPolicy::ALL.map(|policy| key(policy, event))
}

/// An object event of which only the identity matters.
fn object(bucket: &str, key: &str, version_id: Option<&str>) -> ObjectEvent {
    ObjectEvent {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        version_id: version_id.map(str::to_owned),
        sequencer: Some(Sequencer::new("1")),
        name: None,
        time: None,
        size: None,
        e_tag: None,
    }
}

proptest! {
    #![proptest_config(cases(512))]

    /// RD-9.
    #[test]
    fn a_key_survives_its_encoding(key in any::<String>()) {
        prop_assert_eq!(&decode(&encode(&key)).unwrap().into_owned(), &key);
    }

    /// RD-9.
    #[test]
    fn distinct_keys_stay_distinct(left in "[+ %2Bb/é]{0,4}", right in "[+ %2Bb/é]{0,4}") {
        let (one, other) = (encode(&left), encode(&right));
        prop_assert_eq!(left == right, one == other);
        prop_assert_eq!(left == right, decode(&one).unwrap() == decode(&other).unwrap());
    }

    /// RD-10.
    #[test]
    fn any_text_is_decoded_or_refused_and_what_is_decoded_encodes_to_the_same_key(
        encoded in prop_oneof!["[%+0-9A-Fa-fZé]{0,12}", "(%[0-9A-Fa-f]{2}|[a+]){0,6}", any::<String>()],
    ) {
        let escapes = encoded.match_indices('%').all(|(at, _)| {
            let digits = encoded.as_bytes().get(at + 1..at + 3);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        });
        match decode(&encoded) {
            Ok(key) => {
                prop_assert!(escapes);
                prop_assert!(!encoded.contains('+') || key.contains(' '));
                prop_assert_eq!(&decode(&encode(&key)).unwrap().into_owned(), &key);
            }
            Err(reason) => prop_assert!(!escapes || reason.to_string().contains("UTF-8")),
        }
    }

    /// RD-10.
    #[test]
    fn any_bytes_are_parsed_ignored_or_rejected(document in prop::collection::vec(any::<u8>(), 0..300)) {
        exercise(&document);
    }

    /// RD-9, on every route that sends S3's own record.
    #[test]
    fn an_event_has_the_same_keys_directly_and_through_sns_sqs_and_sqs_of_sns(event in event()) {
        let direct = s3(&event);
        let routes = [
            sns(&direct),
            sqs(&[&direct]),
            sqs(&[sns_message(&direct)]),
            direct,
        ];
        for document in routes {
            let parsed = parse_event(document.as_bytes());
            prop_assert_eq!(only_event(&parsed), &event, "{}", document);
            prop_assert_eq!(keys(only_event(&parsed)), keys(&event), "{}", document);
        }
    }

    /// RD-9, on the route with another sequencer and another time.
    #[test]
    fn an_event_has_the_same_object_and_version_keys_through_event_bridge(event in event()) {
        let bridged = event_bridge(&event);
        for document in [sqs(&[&bridged]), sqs(&[sns_message(&bridged)]), sns(&bridged), bridged] {
            let parsed = parse_event(document.as_bytes());
            for policy in [IdentityPolicy::Object, IdentityPolicy::Version] {
                prop_assert_eq!(key(policy, only_event(&parsed)), key(policy, &event));
            }
        }
    }

    /// RD-9, and the form that most times have is read by a way of its own.
    #[test]
    fn a_time_is_read_as_chrono_reads_it(
        text in "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\\.[0-9]{3}Z",
    ) {
        let chrono = text.parse::<DateTime<Utc>>().ok().map(EventTime::from);
        prop_assert_eq!(EventTime::parse(&text), chrono);
    }

    /// RD-9, for one text cut into bucket, key and version id at different places.
    #[test]
    fn no_field_passes_for_the_end_of_its_neighbour(
        text in "[ -~]{3,12}",
        cuts in any::<[(Index, Index); 2]>(),
    ) {
        let [one, other] = cuts.map(|(first, second)| {
            let first = 1 + first.index(text.len() - 2);
            let second = first + 1 + second.index(text.len() - first);
            let version = Some(&text[second..]).filter(|version| !version.is_empty());
            object(&text[..first], &text[first..second], version)
        });
        for policy in IdentityPolicy::ALL {
            let same = identity(policy, &one) == identity(policy, &other);
            prop_assert_eq!(key(policy, &one) == key(policy, &other), same, "{}", policy);
        }
    }

    /// RD-9.
    #[test]
    fn sequencers_that_aws_orders_equal_give_equal_keys(event in event(), zeros in 0..6_usize) {
        let sequencer = event.sequencer.as_ref().map_or("0a", Sequencer::as_str);
        let lower = Sequencer::new(sequencer);
        let upper = Sequencer::new(&(sequencer.to_ascii_uppercase() + &"0".repeat(zeros)));
        let [lower, upper] = [lower, upper].map(|sequencer| ObjectEvent {
            sequencer: Some(sequencer),
            ..event.clone()
        });
        prop_assert_eq!(keys(&lower), keys(&upper));
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// RD-10.
    #[test]
    fn a_damaged_document_is_parsed_ignored_or_rejected(
        which in any::<Index>(),
        damage in prop::collection::vec((any::<Index>(), any::<Index>(), token()), 1..4),
    ) {
        thread_local!(static DOCUMENTS: Vec<(String, Vec<u8>)> = documents());
        let mut document = DOCUMENTS.with(|documents| which.get(documents).1.clone());
        for (from, length, token) in damage {
            let from = from.index(document.len() + 1);
            let length = length.index(20).min(document.len() - from);
            document.splice(from..from + length, token);
        }
        exercise(&document);
    }
}

/// What takes the place of a few bytes: bytes, or a piece of JSON.
fn token() -> impl Strategy<Value = Vec<u8>> {
    let json = [
        "",
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "1e999",
        "\\",
        "\\ud83e",
        "%",
        "+",
        "\"body\":",
    ];
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..3),
        select(json.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
    ]
}

/// Does with a document whatever the handler does with one, and checks what holds
/// of every document.
fn exercise(document: &[u8]) {
    let notification = parse_event(document);
    assert!(!notification.records.is_empty());
    for record in notification.records {
        let said = match record.parsed {
            Parsed::Event(event) => {
                assert!(!event.bucket.is_empty() && !event.key.is_empty());
                format!("{:?}", keys(&event))
            }
            Parsed::Ignored(reason) => reason.to_string(),
            Parsed::Rejected(reason) => reason.to_string(),
        };
        assert!(!said.is_empty());
    }
}

/// RD-9, for every pair of a thousand events that differ in little.
#[test]
fn two_events_have_one_key_if_and_only_if_they_have_one_identity() {
    let mut events = Vec::new();
    for bucket in ["a", "ab", "a/b", "null"] {
        for key in ["b", "bb", "b/b", "b null", "a"] {
            for version_id in [None, Some("null"), Some("absent"), Some("None"), Some("b")] {
                for sequencer in [None, Some("0A"), Some("0a0"), Some("1")] {
                    for time in [
                        None,
                        Some("2026-07-16T10:00:00Z"),
                        Some("2026-07-16T10:00:00.001Z"),
                    ] {
                        events.push(ObjectEvent {
                            sequencer: sequencer.map(Sequencer::new),
                            time: time.map(|time| EventTime::parse(time).unwrap()),
                            ..object(bucket, key, version_id)
                        });
                    }
                }
            }
        }
    }
    for policy in IdentityPolicy::ALL {
        let (mut by_key, mut by_identity) = (HashMap::new(), HashMap::new());
        for event in &events {
            let (key, identity) = (key(policy, event).ok(), identity(policy, event));
            assert_eq!(
                by_key.entry(key).or_insert_with(|| identity.clone()),
                &identity,
                "{policy}"
            );
            assert_eq!(by_identity.entry(identity).or_insert(key), &key, "{policy}");
        }
        assert!(by_key.len() > 10, "{policy}");
    }
}

/// RD-9, for fields that imitate what the encoding puts between fields.
#[test]
fn no_field_passes_for_two_by_holding_a_tag_and_a_delimiter() {
    for delimiter in ["", "/", ":", "|", "#", "\n", "\0"] {
        let (key, version) = (format!("{delimiter}K\u{1}"), format!("{delimiter}V\u{1}"));
        let pairs = [
            (
                object(&format!("a{key}b"), "c", None),
                object("a", &format!("b{key}c"), None),
            ),
            (
                object("a", &format!("b{version}c"), Some("d")),
                object("a", "b", Some(&format!("c{version}d"))),
            ),
        ];
        for (one, other) in &pairs {
            let policy = IdentityPolicy::Version;
            assert_ne!(self::key(policy, one), self::key(policy, other), "{one:?}");
        }
    }
}

/// RD-9. A document cannot say that a version id is the empty text: that is absent.
#[test]
fn an_absent_version_id_is_no_text() {
    let version = |written| key(IdentityPolicy::Version, &object("b", "k", written));
    for text in [
        "null",
        "absent",
        "None",
        "none",
        "undefined",
        "\0",
        "-",
        " ",
    ] {
        assert_ne!(version(None), version(Some(text)), "{text:?}");
    }
    let empty = s3(&object("b", "k", Some("")));
    assert_eq!(only_event(&parse_event(empty.as_bytes())).version_id, None);
}

/// RD-9.
#[test]
fn a_key_has_64_characters_however_long_the_identity_is() {
    let long = object(&"b".repeat(63), &"é".repeat(512), Some(&"v".repeat(1024)));
    for key in keys(&long) {
        let key = key.unwrap().to_string();
        assert_eq!(key.len(), 64);
        assert!(
            key.bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        );
    }
}

/// RD-9.
#[test]
fn without_sequencer_and_time_an_occurrence_cannot_be_identified() {
    let mut event = ObjectEvent {
        sequencer: None,
        ..object("b", "k", None)
    };
    assert_eq!(key(IdentityPolicy::Occurrence, &event), Err(Unidentifiable));
    assert!(key(IdentityPolicy::Object, &event).is_ok());
    assert!(key(IdentityPolicy::Version, &event).is_ok());

    event.time = EventTime::parse("2026-07-16T10:00:00Z");
    assert!(key(IdentityPolicy::Occurrence, &event).is_ok());
}

/// RD-9, from release to release: with other keys everything would be recorded anew.
/// (Computed in another language, from the description of `idempotency_key`.)
#[test]
fn keys_stay_what_they_have_always_been() {
    let keys = keys(&object("lambda-idempotency-demo", "invoice.txt", None));
    let keys = keys.map(|key| key.unwrap().to_string());
    assert_eq!(
        keys,
        [
            "80383629e290f5c4e5965ec882bf6ed776a108d04b59d1ca24425e3a45e2cd16",
            "2605b5f3457444ec64b0f7b3b95b98ce6db8735cf108c8b8aa162bb627519144",
            "ca77bde0025cc0a5c95b13a85d8dd0513cb20eacf65e91beb8d0ede0c86fa027",
        ]
    );
}
