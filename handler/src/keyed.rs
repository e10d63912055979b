//! From records to what is to be done with each, as far as no invocation changes it.
//!
//! Whether an event is recorded, and under which key, follows from the settings
//! alone. Deciding it here, once, leaves only the table's part to every delivery: a
//! notification that is played to the handler a million times is hashed once.

use std::sync::Arc;

use crate::identity::{IdempotencyKey, IdentityPolicy};
use crate::notification::{Ignored, Notification, Parsed, Record, Rejected};
use crate::object_event::ObjectEvent;

/// Which events are recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// `ObjectCreated:*`, and events without a name, as tutorials write them.
    #[default]
    Created,
    /// Every event of an object.
    Every,
}

/// A notification, ready to be recorded any number of times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedNotification {
    /// Whether the notification was a batch of SQS messages.
    pub is_sqs_batch: bool,
    /// Its records in order. They are shared with the reports on them.
    pub records: Vec<Arc<KeyedRecord>>,
}

/// A record, and what is to be done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRecord {
    /// Where the record stands in the document.
    pub path: String,
    /// The id of the SQS message that it came in, if it came in one.
    pub message_id: Option<String>,
    /// What happened, if the record could be understood, recorded or not.
    pub event: Option<Arc<ObjectEvent>>,
    /// What is to be done with it.
    pub decision: Decision,
}

/// What is to be done with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// There is nothing to record.
    Ignore(Ignored),
    /// Insert its row, unless one with this key is there.
    Insert(IdempotencyKey, Arc<ObjectEvent>),
    /// It could not be understood.
    Reject(Rejected),
}

impl KeyedNotification {
    /// Decides what is to be done with each record, under a policy and a selection.
    pub fn new(notification: Notification, policy: IdentityPolicy, selection: Selection) -> Self {
        let records = notification.records.into_iter();
        Self {
            is_sqs_batch: notification.is_sqs_batch,
            records: records
                .map(|record| Arc::new(KeyedRecord::new(record, policy, selection)))
                .collect(),
        }
    }
}

impl KeyedRecord {
    fn new(record: Record, policy: IdentityPolicy, selection: Selection) -> Self {
        let (event, decision) = match record.parsed {
            Parsed::Event(event) => {
                let event = Arc::new(event);
                let decision = Decision::on(&event, policy, selection);
                (Some(event), decision)
            }
            Parsed::Ignored(reason) => (None, Decision::Ignore(reason)),
            Parsed::Rejected(reason) => (None, Decision::Reject(reason)),
        };
        Self {
            path: record.path,
            message_id: record.message_id,
            event,
            decision,
        }
    }

    /// The key of the record's row, if the record is to be inserted.
    pub fn key(&self) -> Option<IdempotencyKey> {
        match self.decision {
            Decision::Insert(key, _) => Some(key),
            Decision::Ignore(_) | Decision::Reject(_) => None,
        }
    }
}

impl Decision {
    fn on(event: &Arc<ObjectEvent>, policy: IdentityPolicy, selection: Selection) -> Self {
        if let Some(name) = &event.name
            && selection == Selection::Created
            && !name.is_object_created()
        {
            return Self::Ignore(Ignored::NotCreated {
                name: name.to_string(),
            });
        }
        match policy.identify(event) {
            Ok(identity) => Self::Insert(identity.idempotency_key(), Arc::clone(event)),
            Err(reason) => Self::Reject(Rejected::Unidentifiable(reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_event;

    fn keyed(record: &str, policy: IdentityPolicy, selection: Selection) -> Arc<KeyedRecord> {
        let document = format!(r#"{{"Records":[{record}]}}"#);
        let notification = parse_event(document.as_bytes());
        let keyed = KeyedNotification::new(notification, policy, selection);
        Arc::clone(&keyed.records[0])
    }

    #[test]
    fn an_event_that_is_no_creation_has_a_key_only_where_every_event_is_selected() {
        for (name, in_created) in [
            ("ObjectCreated:Put", true),
            ("", true),
            ("ObjectRemoved:Delete", false),
        ] {
            let record = format!(
                r#"{{"eventName":"{name}","s3":{{"bucket":{{"name":"b"}},"object":{{"key":"a"}}}}}}"#
            );
            let key = |selection| keyed(&record, IdentityPolicy::Object, selection).key();
            assert!(key(Selection::Every).is_some(), "{name}");
            let expected = key(Selection::Every).filter(|_| in_created);
            assert_eq!(key(Selection::Created), expected, "{name}");
        }
    }

    #[test]
    fn the_key_is_that_of_the_events_identity_under_the_policy() {
        let record = r#"{"s3":{"bucket":{"name":"b"},"object":{"key":"a","sequencer":"1"}}}"#;
        for policy in IdentityPolicy::ALL {
            let keyed = keyed(record, policy, Selection::Created);
            let event = keyed.event.as_ref().unwrap();
            let identity = policy.identify(event).unwrap();
            assert_eq!(keyed.key(), Some(identity.idempotency_key()), "{policy}");
        }
    }

    #[test]
    fn an_event_without_identity_is_rejected_with_advice() {
        let record = r#"{"s3":{"bucket":{"name":"b"},"object":{"key":"a"}}}"#;
        let keyed = keyed(record, IdentityPolicy::Occurrence, Selection::Created);
        assert!(keyed.event.is_some());
        let Decision::Reject(reason) = &keyed.decision else {
            panic!("{keyed:?}");
        };
        assert!(
            reason
                .to_string()
                .contains("use the policy `object` or `version`")
        );
    }
}
