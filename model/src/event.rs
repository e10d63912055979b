//! What happened to objects, and when two of these happenings are the same one.
//!
//! This is the ground truth that handlers are judged by, so it knows nothing of
//! any handler's keys: two events are the same one if the fields that the identity
//! policy names are equal.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::table::Seconds;

/// A text that is shared rather than copied.
pub type Text = Arc<str>;

/// One thing that happened to one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectEvent {
    /// The bucket's name.
    pub bucket: Text,
    /// The object's key, decoded.
    pub key: Text,
    /// The object's version, where the bucket has versions.
    pub version_id: Option<Text>,
    /// Orders the puts and deletes of one key, where S3 sends it.
    pub sequencer: Option<Text>,
    /// When it happened, where the event says so.
    pub time: Option<Seconds>,
    /// What happened.
    pub happening: Happening,
    /// The object's ETag; absent for a removal.
    pub e_tag: Option<Text>,
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Happening {
    /// `ObjectCreated:Put`
    Created,
    /// `ObjectRemoved:Delete`
    Removed,
}

/// Which fields make two object events the same one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum IdentityPolicy {
    /// Bucket and key.
    #[default]
    Object,
    /// Bucket, key and version id.
    Version,
    /// Bucket, key, version id and sequencer, or the time where there is no
    /// sequencer.
    Occurrence,
}

impl IdentityPolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Object, Self::Version, Self::Occurrence];

    /// The policy's name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Version => "version",
            Self::Occurrence => "occurrence",
        }
    }

    /// The fields of `event` that make it what it is; nothing if it has neither
    /// sequencer nor time, and the policy needs one of them.
    pub fn identify(self, event: &ObjectEvent) -> Option<Identity> {
        let versioned = self != Self::Object;
        Some(Identity {
            bucket: event.bucket.clone(),
            key: event.key.clone(),
            version_id: event.version_id.clone().filter(|_| versioned),
            moment: match (self, &event.sequencer, event.time) {
                (Self::Object | Self::Version, ..) => None,
                (Self::Occurrence, Some(sequencer), _) => {
                    Some(Moment::Sequencer(normal_form(sequencer)))
                }
                (Self::Occurrence, None, Some(time)) => Some(Moment::Time(time)),
                (Self::Occurrence, None, None) => return None,
            },
        })
    }
}

/// What makes an object event the same as another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    bucket: Text,
    key: Text,
    version_id: Option<Text>,
    moment: Option<Moment>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Sequencer(String),
    Time(Seconds),
}

impl ObjectEvent {
    /// Which of two events of one object happened later, by their sequencers;
    /// nothing if they are not comparable.
    ///
    /// AWS's rule, word for word: "right pad the shorter value with zeros, and then
    /// do a lexicographical comparison"
    /// ([event message structure](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html)).
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        let (left, right) = (self.sequencer.as_ref()?, other.sequencer.as_ref()?);
        if (&self.bucket, &self.key) != (&other.bucket, &other.key) {
            return None;
        }
        let width = left.len().max(right.len());
        let padded = |text: &str| format!("{text:0<width$}").to_ascii_lowercase();
        Some(padded(left).cmp(&padded(right)))
    }
}

/// One case and no trailing zeros: equal exactly if AWS's comparison says so.
fn normal_form(sequencer: &str) -> String {
    sequencer.trim_end_matches('0').to_ascii_lowercase()
}
