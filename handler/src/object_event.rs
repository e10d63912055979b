//! One thing that happened to one object.

use std::fmt;
use std::ops::Range;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// One thing that happened to one object, whichever route it came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectEvent {
    /// The bucket's name; never empty.
    pub bucket: String,
    /// The object's key, decoded; never empty.
    pub key: String,
    /// The object's version, where the bucket has versions. A bucket whose
    /// versioning is suspended has the version id `"null"`, a text like any other.
    pub version_id: Option<String>,
    /// Orders the puts and deletes of one key. S3 sends it with no other event.
    pub sequencer: Option<Sequencer>,
    /// What happened; absent in hand-written test events.
    pub name: Option<EventName>,
    /// When S3 finished the request.
    pub time: Option<EventTime>,
    /// The object's size in bytes, where S3 sends one.
    pub size: Option<i64>,
    /// The object's ETag, where S3 sends one.
    pub e_tag: Option<String>,
}

/// What happened, without the prefix `s3:` that S3 leaves out and some of its
/// imitators send: `ObjectCreated:Put`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventName(String);

impl EventName {
    /// Reads an event's name, with or without `s3:`.
    pub fn new(name: &str) -> Self {
        Self(match name.trim_start_matches("s3:") {
            // An empty name would say that there is none.
            "" => name.to_owned(),
            bare => bare.to_owned(),
        })
    }

    /// The name, without `s3:`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `ObjectCreated` or one of its kinds.
    pub fn is_object_created(&self) -> bool {
        self.0.split(':').next() == Some("ObjectCreated")
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A sequencer in normal form: comparing two of one key with `<` tells their
/// order.
///
/// AWS says to "right pad the shorter value with zeros, and then do a
/// lexicographical comparison" ([event message structure]). Dropping trailing
/// zeros (of zeros alone, all but one) and folding case gives the same order by plain
/// comparison of bytes, and therefore in a DynamoDB ConditionExpression as well. A text that is not
/// hexadecimal, which S3 never sends, stays as it is.
///
/// ```
/// use redeliver_handler::object_event::Sequencer;
///
/// assert_eq!(Sequencer::new("0055AED6DCD90281E50"), Sequencer::new("0055aed6dcd90281e5"));
/// assert!(Sequencer::new("9") > Sequencer::new("10"));
/// ```
///
/// [event message structure]: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sequencer(String);

impl Sequencer {
    /// Brings a sequencer into normal form.
    pub fn new(text: &str) -> Self {
        if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Self(text.to_owned());
        }
        // Of zeros alone one stays: an empty text would say that there is none.
        let digits = match text.trim_end_matches('0') {
            "" => "0",
            digits => digits,
        };
        Self(digits.to_ascii_lowercase())
    }

    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sequencer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An instant, written in RFC 3339 and UTC whatever zone it was sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventTime(DateTime<Utc>);

impl EventTime {
    /// Reads an RFC 3339 time, as leniently as `aws_lambda_events` does: both go
    /// through chrono's `DateTime<Utc>`.
    ///
    /// # Errors
    ///
    /// `None` if the text is no such time.
    pub fn parse(text: &str) -> Option<Self> {
        let time = written_by_s3(text).or_else(|| text.parse().ok());
        time.map(Self)
    }
}

/// Reads a time in the form that S3 itself writes, `2026-07-16T10:00:00.000Z`: chrono
/// tries so many forms that it would take a tenth of the time of reading a notification.
fn written_by_s3(text: &str) -> Option<DateTime<Utc>> {
    let text: &[u8; 24] = text.as_bytes().try_into().ok()?;
    let form = b"0000-00-00T00:00:00.000Z";
    let fits = |(byte, form): (&u8, &u8)| byte == form || *form == b'0' && byte.is_ascii_digit();
    if !text.iter().zip(form).all(fits) {
        return None;
    }
    let number = |digits: Range<usize>| {
        let digit = |byte: &u8| u32::from(byte - b'0');
        text[digits]
            .iter()
            .fold(0, |number, byte| number * 10 + digit(byte))
    };
    let year = i32::try_from(number(0..4)).ok()?;
    NaiveDate::from_ymd_opt(year, number(5..7), number(8..10))?
        .and_hms_milli_opt(
            number(11..13),
            number(14..16),
            number(17..19),
            number(20..23),
        )
        .map(|time| time.and_utc())
}

impl From<DateTime<Utc>> for EventTime {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time)
    }
}

impl fmt::Display for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS's rule, word for word: the shorter value right-padded with zeros.
    fn aws_order(left: &str, right: &str) -> std::cmp::Ordering {
        let width = left.len().max(right.len());
        let pad = |text: &str| format!("{text:0<width$}").to_ascii_lowercase();
        pad(left).cmp(&pad(right))
    }

    #[test]
    fn normal_forms_are_ordered_as_aws_orders_sequencers() {
        let sequencers = [
            "",
            "0",
            "00",
            "1",
            "10",
            "9",
            "a",
            "A0",
            "0A",
            "0055AED6DCD90281E5",
            "0055AED6DCD90281E500",
            "0055AED6DCD90281E50001",
            "617f08299329d189",
        ];
        for left in sequencers {
            for right in sequencers {
                assert_eq!(
                    Sequencer::new(left).cmp(&Sequencer::new(right)),
                    aws_order(left, right),
                    "{left:?} against {right:?}"
                );
            }
        }
    }

    #[test]
    fn a_sequencer_of_zeros_is_one_in_normal_form_too() {
        assert_eq!(Sequencer::new("000").as_str(), "0");
        assert_eq!(Sequencer::new("0"), Sequencer::new("000"));
        assert!(Sequencer::new("0") < Sequencer::new("00001"));
    }

    #[test]
    fn a_sequencer_that_is_not_hexadecimal_stays_as_it_is() {
        assert_eq!(
            Sequencer::new("Happy Sequencer 00").as_str(),
            "Happy Sequencer 00"
        );
    }

    #[test]
    fn an_event_name_is_the_same_with_and_without_its_prefix() {
        assert_eq!(
            EventName::new("s3:ObjectCreated:Put"),
            EventName::new("ObjectCreated:Put")
        );
    }

    #[test]
    fn an_event_name_is_the_same_when_it_is_read_again() {
        for (written, read) in [
            ("s3:s3:ObjectCreated:Put", "ObjectCreated:Put"),
            ("s3:", "s3:"),
            ("s3:s3:", "s3:s3:"),
        ] {
            assert_eq!(EventName::new(written).as_str(), read);
            assert_eq!(EventName::new(read).as_str(), read);
        }
    }

    #[test]
    fn only_object_created_and_its_kinds_are_creations() {
        for (name, created) in [
            ("ObjectCreated", true),
            ("ObjectCreated:Copy", true),
            ("ObjectCreatedLater:Put", false),
            ("ObjectRemoved:Delete", false),
        ] {
            assert_eq!(EventName::new(name).is_object_created(), created, "{name}");
        }
    }

    #[test]
    fn a_time_in_the_form_of_s3_is_what_chrono_reads_in_it() {
        for text in [
            "2026-07-16T10:00:00.123Z",
            "2024-02-29T23:59:59.999Z",
            "2023-02-29T00:00:00.000Z",
            "0000-01-01T00:00:00.000Z",
            "9999-12-31T23:59:59.999Z",
            "2026-07-16T24:00:00.000Z",
            "2026-07-16T10:00:60.500Z",
            "2026-07-16T10:00:61.000Z",
            "2026-00-16T10:00:00.000Z",
            "2026-07-16t10:00:00.000z",
            "2026-07-16 10:00:00.000Z",
            "2026-07-16T10:00:00,000Z",
            "2026-07-16T10:00:00.12+Z",
            "+026-07-16T10:00:00.000Z",
            "2026/07/16 10.00.00:000+",
            "2026107116110100100.000Z",
        ] {
            let chrono = text.parse().ok().map(EventTime);
            assert_eq!(EventTime::parse(text), chrono, "{text}");
        }
    }

    #[test]
    fn a_time_is_one_instant_in_whatever_zone_it_was_sent() {
        let zulu = EventTime::parse("2026-07-16T10:00:00.120Z");
        assert_eq!(zulu, EventTime::parse("2026-07-16T12:00:00.12+02:00"));
        assert_eq!(
            zulu.map(|time| time.to_string()).as_deref(),
            Some("2026-07-16T10:00:00.120Z")
        );
    }
}
