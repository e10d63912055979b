//! When two object events are the same one, and the key that stands for it.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::object_event::{EventTime, ObjectEvent, Sequencer};

/// Which fields make two object events the same one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentityPolicy {
    /// Bucket and key: one row for each object, whatever is uploaded to it later.
    #[default]
    Object,
    /// Bucket, key and version id: one row for each version of an object.
    Version,
    /// Bucket, key, version id and sequencer (or the event's time, where S3 sends
    /// no sequencer): one row for each thing that happened.
    Occurrence,
}

impl IdentityPolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Object, Self::Version, Self::Occurrence];

    /// The fields of `event` that make it what it is under this policy.
    ///
    /// # Errors
    ///
    /// Under [`Occurrence`](Self::Occurrence), an event with neither sequencer nor
    /// time: nothing would tell it from the next upload of the same object.
    pub fn identify(self, event: &ObjectEvent) -> Result<Identity<'_>, Unidentifiable> {
        Ok(Identity {
            policy: self,
            bucket: &event.bucket,
            key: &event.key,
            version_id: match self {
                Self::Object => None,
                Self::Version | Self::Occurrence => event.version_id.as_deref(),
            },
            moment: match (self, &event.sequencer, event.time) {
                (Self::Object | Self::Version, ..) => None,
                (Self::Occurrence, Some(sequencer), _) => Some(Moment::Sequencer(sequencer)),
                (Self::Occurrence, None, Some(time)) => Some(Moment::Time(time)),
                (Self::Occurrence, None, None) => return Err(Unidentifiable),
            },
        })
    }
}

impl fmt::Display for IdentityPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "object",
            Self::Version => "version",
            Self::Occurrence => "occurrence",
        })
    }
}

impl FromStr for IdentityPolicy {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|policy| policy.to_string() == name)
            .ok_or_else(|| UnknownPolicy(name.to_owned()))
    }
}

/// What makes an object event the same as another, under a policy. Two events
/// have the same identity if and only if their identities are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    policy: IdentityPolicy,
    bucket: &'a str,
    key: &'a str,
    version_id: Option<&'a str>,
    moment: Option<Moment<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Moment<'a> {
    Sequencer(&'a Sequencer),
    Time(EventTime),
}

impl Identity<'_> {
    /// The identity, hashed into a key of constant length.
    ///
    /// The fields go into SHA-256 one after the other, each with a tag for what it
    /// is and its length before it, so that different identities are different
    /// byte strings: no field can pass for the end of its neighbour, and an absent
    /// one is a tag of its own, never a text such as `null`. The hash is needed
    /// because bucket, key and version id together may exceed the 2048 bytes of a
    /// DynamoDB partition key ([limits]).
    ///
    /// [limits]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    pub fn idempotency_key(&self) -> IdempotencyKey {
        let mut hash = Sha256::new();
        field(&mut hash, b'P', Some(&self.policy.to_string()));
        field(&mut hash, b'B', Some(self.bucket));
        field(&mut hash, b'K', Some(self.key));
        field(&mut hash, b'V', self.version_id);
        match &self.moment {
            None => field(&mut hash, b'M', None),
            Some(Moment::Sequencer(sequencer)) => field(&mut hash, b'S', Some(sequencer.as_str())),
            Some(Moment::Time(time)) => field(&mut hash, b'T', Some(&time.to_string())),
        }
        IdempotencyKey(hash.finalize().into())
    }
}

fn field(hash: &mut Sha256, tag: u8, value: Option<&str>) {
    hash.update([tag, u8::from(value.is_some())]);
    if let Some(value) = value {
        hash.update((value.len() as u64).to_be_bytes());
        hash.update(value);
    }
}

/// The key under which an identity is recorded: 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey([u8; 32]);

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 0xf)];
        }
        f.write_str(str::from_utf8(&digits).expect("hexadecimal digits are ASCII"))
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdempotencyKey({self})")
    }
}

/// An event with neither sequencer nor time, under [`IdentityPolicy::Occurrence`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unidentifiable;

impl fmt::Display for Unidentifiable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the record has neither a sequencer nor an eventTime, so the policy `occurrence` \
             cannot tell it from the next event of the same object: send one, or use the \
             policy `object` or `version`",
        )
    }
}

impl std::error::Error for Unidentifiable {}

/// A name that is no identity policy's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPolicy(String);

impl fmt::Display for UnknownPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no identity policy: use object, version or occurrence",
            self.0
        )
    }
}

impl std::error::Error for UnknownPolicy {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_to_programmers_as_its_digits() {
        let key = IdempotencyKey([0xa5; 32]);
        assert_eq!(
            format!("{key:?}"),
            format!("IdempotencyKey({})", "a5".repeat(32))
        );
    }

    #[test]
    fn a_name_that_is_no_policys_is_refused_with_the_names_that_are() {
        let refused = "etag"
            .parse::<IdentityPolicy>()
            .map_err(|error| error.to_string());
        let sentence = r#""etag" is no identity policy: use object, version or occurrence"#;
        assert_eq!(refused, Err(sentence.to_owned()));
    }
}
