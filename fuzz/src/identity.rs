//! Two events that are easily taken for one another (RD-9).

use std::fmt::Write as _;

use arbitrary::{Result, Unstructured};
use redeliver_handler::object_event::{EventName, EventTime, Sequencer};
use redeliver_handler::{IdempotencyKey, IdentityPolicy, ObjectEvent, Parsed, parse_event};

use super::{stated, written};

/// The longest partition key that DynamoDB takes, in bytes.
const LONGEST_KEY: usize = 2048;

/// Makes two events of the bytes, and checks that they have the same keys exactly if
/// they have the same identities; and that none is too long.
///
/// # Panics
///
/// If not.
pub fn check(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let Ok(&route) = bytes.choose(&ROUTES) else {
        return;
    };
    let Ok(one) = event(&mut bytes) else { return };
    let Ok(other) = confusable(&mut bytes, &one) else {
        return;
    };
    for policy in IdentityPolicy::ALL {
        let [left, right] = [&one, &other].map(|event| policy.identify(event));
        let same = stated::identity(policy, &one) == stated::identity(policy, &other);
        assert_eq!(left == right, same, "{policy}: {one:#?} and {other:#?}");
        let keys = [key(policy, &one), key(policy, &other)];
        assert_eq!(
            keys[0] == keys[1],
            same,
            "{keys:?} under {policy} for {one:#?} and {other:#?}"
        );
        for key in keys.into_iter().flatten() {
            assert!(key.to_string().len() <= LONGEST_KEY, "{key}");
        }
    }
    has_its_keys_by(route, &one);
}

fn key(policy: IdentityPolicy, event: &ObjectEvent) -> Option<IdempotencyKey> {
    Some(policy.identify(event).ok()?.idempotency_key())
}

/// A way for an event to come.
type Route = fn(&ObjectEvent) -> String;

/// Every way, and under how many policies the keys are the same by it: EventBridge has
/// another sequencer and another time, and so other keys under `occurrence`.
const ROUTES: [(Route, usize); 6] = [
    (written::s3, 3),
    (|event| written::sns(&written::s3(event)), 3),
    (|event| written::sqs(&[written::s3(event)]), 3),
    (
        |event| written::sqs(&[written::sns_message(&written::s3(event))]),
        3,
    ),
    (written::event_bridge, 2),
    (|event| written::sqs(&[written::event_bridge(event)]), 2),
];

fn has_its_keys_by((write, policies): (Route, usize), event: &ObjectEvent) {
    let document = write(event);
    let read = parse_event(document.as_bytes());
    let [record] = &read.records[..] else {
        panic!("{document} is read as {:?}", read.records);
    };
    let Parsed::Event(read) = &record.parsed else {
        panic!("{document} is read as {record:?}");
    };
    for &policy in &IdentityPolicy::ALL[..policies] {
        assert_eq!(
            key(policy, read),
            key(policy, event),
            "{policy}: {document}"
        );
    }
}

fn event(bytes: &mut Unstructured<'_>) -> Result<ObjectEvent> {
    Ok(ObjectEvent {
        bucket: text(bytes)?,
        key: text(bytes)?,
        version_id: optional(bytes, text)?,
        sequencer: optional(bytes, sequencer)?,
        name: optional(bytes, text)?.map(|name| EventName::new(&name)),
        time: optional(bytes, time)?,
        size: bytes.arbitrary()?,
        e_tag: optional(bytes, text)?,
    })
}

/// An event that differs from another in little, or in nothing.
fn confusable(bytes: &mut Unstructured<'_>, event: &ObjectEvent) -> Result<ObjectEvent> {
    let mut other = event.clone();
    for _ in 0..bytes.int_in_range(0..=2)? {
        match bytes.int_in_range(0..=10)? {
            0 => other.bucket = text(bytes)?,
            1 => other.key = text(bytes)?,
            2 => other.version_id = optional(bytes, text)?,
            3 => other.sequencer = optional(bytes, sequencer)?,
            4 => other.time = optional(bytes, time)?,
            5 => {
                // What no policy looks at.
                other.name = None;
                other.size = bytes.arbitrary()?;
                other.e_tag = optional(bytes, text)?;
            }
            6 => std::mem::swap(&mut other.bucket, &mut other.key),
            7 => {
                let written = other.sequencer.as_ref().map(Sequencer::as_str);
                let written = written.map(|it| it.to_ascii_uppercase() + "000");
                other.sequencer = written.map(|it| Sequencer::new(&it));
            }
            8 => {
                // What is not there, and what only looks like it.
                other.version_id = match other.version_id {
                    Some(_) => None,
                    None => Some((*bytes.choose(&LOOKALIKES)?).to_owned()),
                };
            }
            _ => cut_elsewhere(bytes, &mut other)?,
        }
    }
    Ok(other)
}

/// Joins bucket, key and version id with a delimiter, and cuts them apart at another.
fn cut_elsewhere(bytes: &mut Unstructured<'_>, event: &mut ObjectEvent) -> Result<()> {
    let delimiter = bytes.choose(&DELIMITERS)?;
    let mut joined = format!("{}{delimiter}{}", event.bucket, event.key);
    if let Some(version_id) = &event.version_id {
        let _ = write!(joined, "{delimiter}{version_id}");
    }
    // An empty delimiter is everywhere.
    let cuts: Vec<usize> = joined
        .match_indices(delimiter)
        .map(|(at, _)| at)
        .filter(|at| (1..joined.len() - delimiter.len()).contains(at))
        .collect();
    if cuts.is_empty() {
        return Ok(());
    }
    let first = *bytes.choose(&cuts)?;
    let rest = first + delimiter.len();
    event.bucket = joined[..first].to_owned();
    let later: Vec<usize> = cuts.into_iter().filter(|&at| at > rest).collect();
    (event.key, event.version_id) = match later.is_empty() || bytes.ratio(1, 2)? {
        true => (joined[rest..].to_owned(), None),
        false => {
            let second = *bytes.choose(&later)?;
            let version_id = &joined[second + delimiter.len()..];
            (joined[rest..second].to_owned(), Some(version_id.to_owned()))
        }
    };
    Ok(())
}

/// What people join fields with, and what the handler's own encoding puts between
/// them.
const DELIMITERS: [&str; 10] = ["", "/", ":", "|", "#", "-", "_", "\n", "\0", "K\u{1}"];

/// What passes for something else: as a number, as nothing, or once it is decoded.
const LOOKALIKES: [&str; 10] = [
    "a", "b", "é", " ", "+", "%2B", "null", "None", "absent", "\u{1}",
];

/// A text that is not empty, since a document cannot say one.
fn text(bytes: &mut Unstructured<'_>) -> Result<String> {
    let mut text = String::new();
    for _ in 0..bytes.int_in_range(1..=4)? {
        match bytes.int_in_range(0..=2)? {
            0 => text.push_str(bytes.choose(&LOOKALIKES)?),
            1 => text.push_str(bytes.choose(&DELIMITERS)?),
            _ => text.push(bytes.arbitrary()?),
        }
    }
    if text.is_empty() {
        text.push('a');
    }
    // S3 allows a key of 1024 bytes, DynamoDB one of 2048.
    if bytes.ratio(1, 16)? {
        text = text.repeat(bytes.int_in_range(1..=400)?);
    }
    Ok(text)
}

fn sequencer(bytes: &mut Unstructured<'_>) -> Result<Sequencer> {
    let text = match bytes.ratio(1, 4)? {
        true => text(bytes)?,
        false => format!("{:0>4X}", bytes.arbitrary::<u16>()?),
    };
    Ok(Sequencer::new(&text))
}

fn time(bytes: &mut Unstructured<'_>) -> Result<EventTime> {
    let [second, millis] = [bytes.int_in_range(0..=60)?, bytes.int_in_range(0..=999)?];
    let zone = bytes.choose(&["Z", "+02:00", "-11:30"])?;
    let text = format!("2026-07-16T10:59:{second:02}.{millis:03}{zone}");
    EventTime::parse(&text).ok_or(arbitrary::Error::IncorrectFormat)
}

fn optional<T>(
    bytes: &mut Unstructured<'_>,
    value: fn(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Option<T>> {
    match bytes.ratio(2, 3)? {
        true => value(bytes).map(Some),
        false => Ok(None),
    }
}
