//! Other names for the same events, so that a warm environment never meets an identity
//! twice.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use redeliver_handler::object_key::{decode, encode};

use super::identifier::{digits, uuid};
use super::json::with_string;

/// Which names the events go by. In two renamings every field that can identify an
/// event differs: under any handler they are different events. Renaming 0 is the
/// original.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Renaming(pub u32);

/// The longest key that S3 takes, in bytes.
pub(super) const MAX_KEY_BYTES: usize = 1_024;

/// S3's fields that can identify an event, and how each gets another value.
const S3: [(&[&str], Rename); 8] = [
    (&["eventTime"], Renaming::time),
    (&["responseElements", "x-amz-request-id"], Renaming::digits),
    (&["responseElements", "x-amz-id-2"], Renaming::digits),
    (&["s3", "object", "eTag"], Renaming::e_tag),
    (&["s3", "object", "key"], Renaming::encoded_key),
    (&["s3", "object", "sequencer"], Renaming::sequencer),
    (&["s3", "object", "urlDecodedKey"], Renaming::key),
    (&["s3", "object", "versionId"], Renaming::version_id),
];

/// The same in EventBridge's form.
const EVENT_BRIDGE: [(&[&str], Rename); 7] = [
    (&["detail", "object", "etag"], Renaming::e_tag),
    (&["detail", "object", "key"], Renaming::key),
    (&["detail", "object", "sequencer"], Renaming::sequencer),
    (&["detail", "object", "version-id"], Renaming::version_id),
    (&["detail", "request-id"], Renaming::digits),
    (&["id"], Renaming::uuid),
    (&["time"], Renaming::time),
];

type Rename = fn(Renaming, &str) -> String;

impl Renaming {
    /// What the names of this renaming have in them.
    pub(super) fn mark(self) -> String {
        match self.0 {
            0 => String::new(),
            number => format!("-renamed-{number}"),
        }
    }

    /// A record of S3's under other names.
    pub(super) fn of_record(self, record: &str) -> String {
        self.all(&S3, record)
    }

    /// An EventBridge event of S3's under other names.
    pub(super) fn of_event_bridge(self, event: &str) -> String {
        self.all(&EVENT_BRIDGE, event)
    }

    fn all(self, fields: &[(&[&str], Rename)], text: &str) -> String {
        if self.0 == 0 {
            return text.to_owned();
        }
        let renamed = |text: String, (path, rename): &(&[&str], Rename)| {
            with_string(&text, path, |old| rename(self, old))
        };
        fields.iter().fold(text.to_owned(), renamed)
    }

    /// A key, marked before its extension. Where that would make it too long it gives
    /// way at its end, and its digest stands for what it lost.
    pub(super) fn key(self, key: &str) -> String {
        let mark = self.mark();
        if key.len() + mark.len() <= MAX_KEY_BYTES {
            return inserted(key, &mark);
        }
        let mark = format!("{mark}-{}", &digits(&[key])[..8]);
        let room = MAX_KEY_BYTES - mark.len();
        format!("{}{mark}", &key[..key.floor_char_boundary(room)])
    }

    /// A key as S3 encodes it. What is not touched stays encoded as it was.
    fn encoded_key(self, encoded: &str) -> String {
        match decode(encoded) {
            Ok(key) if key.len() + self.mark().len() > MAX_KEY_BYTES => encode(&self.key(&key)),
            _ => inserted(encoded, &self.mark()),
        }
    }

    /// Sequencers of one renaming keep their order.
    fn sequencer(self, sequencer: &str) -> String {
        format!("{:04}{sequencer}", self.0)
    }

    /// A bucket whose versioning is suspended has the version id "null", always.
    fn version_id(self, id: &str) -> String {
        match id {
            "null" => id.to_owned(),
            _ => format!("{id}{}", self.mark()),
        }
    }

    /// Another MD5 sum; the number of parts of a multipart upload stays.
    fn e_tag(self, e_tag: &str) -> String {
        let parts = e_tag.find('-').map_or("", |at| &e_tag[at..]);
        format!("{}{parts}", digits(&[e_tag, &self.mark()]))
    }

    /// Some hours earlier.
    fn time(self, time: &str) -> String {
        let Ok(parsed) = time.parse::<DateTime<Utc>>() else {
            return time.to_owned();
        };
        let earlier = parsed - TimeDelta::hours(i64::from(self.0));
        let format = match time.contains('.') {
            true => SecondsFormat::Millis,
            false => SecondsFormat::Secs,
        };
        earlier.to_rfc3339_opts(format, true)
    }

    fn digits(self, text: &str) -> String {
        let renamed = digits(&[text, &self.mark()]);
        renamed[..16].to_ascii_uppercase()
    }

    fn uuid(self, id: &str) -> String {
        uuid(&[id, &self.mark()])
    }
}

/// A key with a mark before its extension, or at its end if it has none.
fn inserted(key: &str, mark: &str) -> String {
    let separators = key.rfind('/').map(|at| at + 1);
    // Some that speak S3's language encode the separator as well.
    let encoded = [key.rfind("%2F"), key.rfind("%2f")].into_iter().flatten();
    let name = separators.into_iter().chain(encoded.map(|at| at + 3));
    let name = name.max().unwrap_or(0);
    let at = match key[name..].rfind('.') {
        None | Some(0) => key.len(),
        Some(dot) => name + dot,
    };
    [&key[..at], mark, &key[at..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_marked_before_its_extension() {
        let once = Renaming(1);
        for (key, renamed) in [
            ("invoice.txt", "invoice-renamed-1.txt"),
            ("a.b/c", "a.b/c-renamed-1"),
            ("a/.hidden", "a/.hidden-renamed-1"),
            ("a/", "a/-renamed-1"),
            ("é.tar.gz", "é.tar-renamed-1.gz"),
        ] {
            assert_eq!(once.key(key), renamed);
        }
        assert_eq!(
            once.encoded_key("x.y%2Ftwo+words%2B"),
            "x.y%2Ftwo+words%2B-renamed-1"
        );
        assert_eq!(once.encoded_key("100%.txt"), "100%-renamed-1.txt");
    }

    #[test]
    fn a_key_that_would_become_too_long_gives_way_and_stays_distinct() {
        let long = |end: &str| format!("{}{end}", "é".repeat(511));
        let (one, other) = (Renaming(7).key(&long("a")), Renaming(7).key(&long("b")));
        assert!(one.len() <= MAX_KEY_BYTES && other.len() <= MAX_KEY_BYTES);
        assert_ne!(one, other);
        let encoded = Renaming(7).encoded_key(&encode(&long("a")));
        assert_eq!(decode(&encoded).unwrap(), one);
    }

    #[test]
    fn the_original_is_left_as_it_is_to_the_byte() {
        let record = "{ \"s3\" :{\"object\":{\"key\":\"a\\/b\"}} }";
        assert_eq!(Renaming(0).of_record(record), record);
    }

    #[test]
    fn a_record_is_changed_where_it_identifies_and_nowhere_else() {
        let record = r#"{ "eventTime":"2026-07-16T10:00:00.123Z", "odd": 1.0e2,
            "s3":{"bucket":{"name":"b"},"object":{"key":"a+b.txt","size":7,"versionId":"null",
            "eTag":"9b2cf535f27731c974343645a3985328-3","sequencer":"0A"}}}"#;
        let renamed = Renaming(2).of_record(record);
        let expected = r#"{ "eventTime":"2026-07-16T08:00:00.123Z", "odd": 1.0e2,
            "s3":{"bucket":{"name":"b"},"object":{"key":"a+b-renamed-2.txt","size":7,"versionId":"null",
            "eTag":"#;
        assert!(renamed.starts_with(expected), "{renamed}");
        assert!(
            renamed.ends_with(r#"-3","sequencer":"00020A"}}}"#),
            "{renamed}"
        );
    }
}
