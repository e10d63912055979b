//! Events out of a seed: objects whose names, versions and uploads go wrong in the
//! field.

use chrono::{DateTime, SecondsFormat};
use hyper::body::Bytes;
use redeliver_handler::object_key::encode;
use serde_json::json;

use super::Generation;
use super::identifier::{digits, md5_of, uuid};
use super::renaming::{MAX_KEY_BYTES, Renaming};

/// Stands in a name for the mark of a renaming.
const MARK: &str = "{mark}";

/// Stands in a key for as many letters as make it as long as S3 permits.
const FILL: &str = "{fill}";

/// An object that things happen to: bucket, key, and version id if its bucket has
/// versions.
type Named = (&'static str, &'static str, Version);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// The bucket has no versions.
    None,
    /// A version id as S3 makes them.
    Fresh,
    /// This one.
    Is(&'static str),
}

use Version::{Fresh, Is, None as Unversioned};

/// What comes first, whatever the seed: an object as everybody names them, then one
/// whose key is another text when it is not decoded.
const FIRST: [Named; 2] = [
    ("redeliver-demo", "invoice{mark}.txt", Unversioned),
    (
        "redeliver-demo",
        "uploads/red flower & 100% é+1{mark}.jpg",
        Unversioned,
    ),
];

/// What comes then, in the order that the seed gives. What is easily taken for one
/// another stands together.
const THEN: [&[Named]; 14] = [
    // The same object again, and the same name elsewhere.
    &[("redeliver-demo", "invoice{mark}.txt", Unversioned)],
    &[("redeliver-archive", "invoice{mark}.txt", Unversioned)],
    &[
        ("redeliver-versions", "reports/2026 Q3{mark}.pdf", Fresh),
        ("redeliver-versions", "reports/2026 Q3{mark}.pdf", Fresh),
    ],
    // A bucket whose versioning is suspended has the version id "null".
    &[("redeliver-versions", "invoice{mark}.txt", Is("null"))],
    // Fields joined by what may stand in a key.
    &[
        ("redeliver-versions", "report{mark}", Is("v1{mark}")),
        ("redeliver-versions", "report{mark}#v1{mark}", Unversioned),
    ],
    &[
        ("redeliver-demo", "a/b{mark}", Unversioned),
        ("redeliver-demo", "a#b{mark}", Unversioned),
    ],
    // Decoders that leave + alone, or decode twice.
    &[
        ("redeliver-demo", "two words{mark}", Unversioned),
        ("redeliver-demo", "two+words{mark}", Unversioned),
    ],
    &[
        ("redeliver-demo", "100%25{mark}.txt", Unversioned),
        ("redeliver-demo", "100%{mark}.txt", Unversioned),
    ],
    // The same letters for a reader, other ones for S3.
    &[
        ("redeliver-demo", "日本語/😀 caf\u{e9}{mark}", Unversioned),
        ("redeliver-demo", "日本語/😀 cafe\u{301}{mark}", Unversioned),
    ],
    &[("redeliver-demo", "Invoice{mark}.TXT", Unversioned)],
    // Separators of forms, of shells and of markup.
    &[("redeliver-demo", "k=v&a=1;b=2?x{mark}", Unversioned)],
    &[(
        "redeliver-demo",
        "<b>\"it's\"</b> \\ $(x) `y`{mark}",
        Unversioned,
    )],
    &[("redeliver-demo", " padded {mark} ", Unversioned)],
    &[("redeliver-demo", "long/{fill}{mark}.bin", Unversioned)],
];

/// 2026-01-01T00:00:00Z.
const BEGINNING: i64 = 1_767_225_600;

/// The events of a seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Generated {
    /// What follows from it.
    pub(super) seed: u64,
    events: Vec<Generatable>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Generatable {
    named: Named,
    /// How many times all names were used before.
    round: usize,
    is_removal: bool,
}

/// A generated event under the names of a renaming.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Occurrence {
    pub(super) bucket: &'static str,
    pub(super) key: String,
    pub(super) version_id: Option<String>,
    pub(super) sequencer: String,
    time: i64,
    is_removal: bool,
    content: String,
    request_id: String,
}

impl Generated {
    pub(super) fn new(generation: Generation) -> Self {
        let Generation {
            count,
            seed,
            removals,
        } = generation;
        let mut events: Vec<Generatable> = Vec::new();
        let mut round = 0;
        while events.len() < count {
            let first = match round {
                0 => &FIRST[..],
                _ => &[],
            };
            for named in first.iter().chain(then(seed, round)) {
                if removals && events.len() % 3 == 2 {
                    let removed = events[events.len() - 1].clone();
                    events.push(Generatable {
                        is_removal: true,
                        ..removed
                    });
                }
                events.push(Generatable {
                    named: *named,
                    round,
                    is_removal: false,
                });
            }
            round += 1;
        }
        events.truncate(count);
        Self { seed, events }
    }

    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    /// An event under the names of a renaming.
    ///
    /// # Panics
    ///
    /// If there is no event of this number.
    pub(super) fn occurrence(&self, number: usize, renaming: Renaming) -> Occurrence {
        let Generatable {
            named: (bucket, key, version),
            round,
            is_removal,
        } = self.events[number];
        let (seed, mark) = (self.seed.to_string(), renaming.mark());
        let unique = |what: &str| digits(&[what, &seed, &number.to_string(), &mark]);
        let line = format!("Event {} of seed {seed}{mark}.\n", number + 1);
        let hours = i64::from(renaming.0) * 3_600;
        let time = BEGINNING + hours + i64::try_from(number).unwrap_or(i64::MAX - BEGINNING);
        let mut sequencer = format!("00{time:08x}{}", &unique("sequencer")[..8]);
        // They differ in length: AWS compares them padded with zeros on the right.
        sequencer.truncate(18 - number % 2 * 2);
        Occurrence {
            bucket,
            key: marked_key(key, round, &mark),
            version_id: match version {
                Version::None => None,
                Fresh => Some(unique("version")),
                Is(id) => Some(id.replace(MARK, &mark)),
            },
            sequencer: sequencer.to_ascii_uppercase(),
            time,
            is_removal,
            content: line.repeat(1 + number % 4),
            request_id: unique("request")[..16].to_ascii_uppercase(),
        }
    }
}

/// What comes after the first, in the order that the seed gives in this round.
fn then(seed: u64, round: usize) -> impl Iterator<Item = &'static Named> {
    let rank = |group: &&[Named]| {
        let (_, key, _) = group[0];
        digits(&[&seed.to_string(), &round.to_string(), group[0].0, key])
    };
    let mut groups = THEN;
    groups.sort_by_cached_key(rank);
    groups.into_iter().flatten()
}

fn marked_key(key: &str, round: usize, mark: &str) -> String {
    let round = match round {
        0 => String::new(),
        _ => format!("{}/", round + 1),
    };
    let key = format!("{round}{}", key.replace(MARK, mark));
    let room = MAX_KEY_BYTES - (key.len() - FILL.len() * key.matches(FILL).count());
    let (letters, left) = (room / "é".len(), room % "é".len());
    key.replace(
        FILL,
        &format!("{}{}", "é".repeat(letters), "e".repeat(left)),
    )
}

impl Occurrence {
    /// The record that S3 sends.
    pub(super) fn record(&self) -> String {
        let mut object = json!({ "key": encode(&self.key), "sequencer": self.sequencer });
        if let Some(id) = &self.version_id {
            object["versionId"] = json!(id);
        }
        if !self.is_removal {
            object["size"] = json!(self.content.len());
            object["eTag"] = json!(self.e_tag());
        }
        json!({
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "us-east-1",
            "eventTime": self.time(SecondsFormat::Millis),
            "eventName": match (self.is_removal, &self.version_id) {
                (false, _) => "ObjectCreated:Put",
                (true, None) => "ObjectRemoved:Delete",
                (true, Some(_)) => "ObjectRemoved:DeleteMarkerCreated",
            },
            "userIdentity": { "principalId": "AWS:AIDAREDELIVEREXAMPLE" },
            "requestParameters": { "sourceIPAddress": "192.0.2.1" },
            "responseElements": {
                "x-amz-request-id": self.request_id,
                "x-amz-id-2": digits(&[&self.request_id]),
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "redeliver",
                "bucket": {
                    "name": self.bucket,
                    "ownerIdentity": { "principalId": "A3REDELIVEREXAMPLE" },
                    "arn": self.arn(),
                },
                "object": object,
            },
        })
        .to_string()
    }

    /// The event that EventBridge sends: its key is not encoded, and its sequencer is
    /// of another form.
    pub(super) fn event_bridge(&self, sending: u64) -> String {
        let mut object = json!({
            "key": self.key,
            "sequencer": self.sequencer[2..].to_ascii_lowercase(),
        });
        if let Some(id) = &self.version_id {
            object["version-id"] = json!(id);
        }
        if !self.is_removal {
            object["size"] = json!(self.content.len());
            object["etag"] = json!(self.e_tag());
        }
        let mut detail = json!({
            "version": "0",
            "bucket": { "name": self.bucket },
            "object": object,
            "request-id": self.request_id,
            "requester": "123456789012",
            "source-ip-address": "192.0.2.1",
            "reason": if self.is_removal { "DeleteObject" } else { "PutObject" },
        });
        if self.is_removal {
            detail["deletion-type"] = match self.version_id {
                None => json!("Permanently Deleted"),
                Some(_) => json!("Delete Marker Created"),
            };
        }
        json!({
            "version": "0",
            "id": uuid(&["event", &self.request_id, &sending.to_string()]),
            "detail-type": if self.is_removal { "Object Deleted" } else { "Object Created" },
            "source": "aws.s3",
            "account": "123456789012",
            "time": self.time(SecondsFormat::Secs),
            "region": "us-east-1",
            "resources": [self.arn()],
            "detail": detail,
        })
        .to_string()
    }

    /// What the object holds.
    pub(super) fn content(&self) -> Bytes {
        Bytes::from(self.content.clone())
    }

    fn e_tag(&self) -> String {
        md5_of(self.content.as_bytes())
    }

    fn arn(&self) -> String {
        format!("arn:aws:s3:::{}", self.bucket)
    }

    fn time(&self, format: SecondsFormat) -> String {
        let time = DateTime::from_timestamp(self.time, 0).unwrap_or_default();
        time.to_rfc3339_opts(format, true)
    }
}
