//! The objects that events speak of: most handlers read theirs.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use redeliver_handler::ObjectEvent;

use super::identifier::md5_of;

/// The longest body that is made up, in bytes.
const MAX_BODY_BYTES: u64 = 1 << 20;

/// An object in S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its bucket.
    pub bucket: String,
    /// Its key, decoded.
    pub key: String,
    /// Its version, if its bucket has versions.
    pub version_id: Option<String>,
    /// Its ETag, as its event says; where that says nothing, the MD5 sum of the body.
    pub e_tag: String,
    /// Its size in bytes: as its event says, unless its content is known.
    pub size: u64,
    /// Its content; no more than the first megabyte of a larger object.
    pub body: Bytes,
}

/// The objects that are there after all these events, each with its content if that is
/// known. Of the versions of an object the last one is the latest.
pub(super) fn after(events: impl IntoIterator<Item = (ObjectEvent, Option<Bytes>)>) -> Vec<Object> {
    let mut events: Vec<_> = events.into_iter().collect();
    // An event without a sequencer is taken to be as early as it is.
    let sequencer = |event: &ObjectEvent| event.sequencer.clone();
    events.sort_by_key(|(event, _)| (event.bucket.clone(), event.key.clone(), sequencer(event)));
    let mut there: BTreeMap<(String, String), Vec<Object>> = BTreeMap::new();
    for (event, content) in events {
        let versions = there.entry((event.bucket.clone(), event.key.clone()));
        let versions = versions.or_default();
        versions.retain(|it| it.version_id != event.version_id);
        if !is_removal(&event) {
            versions.push(object(event, content));
        }
    }
    there.into_values().flatten().collect()
}

fn is_removal(event: &ObjectEvent) -> bool {
    let name = event.name.as_ref().map_or("", |it| it.as_str());
    name.starts_with("ObjectRemoved:") || name.starts_with("LifecycleExpiration:")
}

fn object(event: ObjectEvent, content: Option<Bytes>) -> Object {
    let stated = match &content {
        Some(content) => Some(content.len() as u64),
        None => event.size.and_then(|it| u64::try_from(it).ok()),
    };
    let body = content.unwrap_or_else(|| {
        let line = format!("The object {}/{}.\n", event.bucket, event.key);
        let length = stated.unwrap_or(line.len() as u64).min(MAX_BODY_BYTES);
        line.bytes().cycle().take(length as usize).collect()
    });
    Object {
        size: stated.unwrap_or(body.len() as u64),
        e_tag: event.e_tag.unwrap_or_else(|| md5_of(&body)),
        bucket: event.bucket,
        key: event.key,
        version_id: event.version_id,
        body,
    }
}

#[cfg(test)]
mod tests {
    use redeliver_handler::object_event::{EventName, Sequencer};

    use super::*;

    fn event(name: &str, sequencer: &str, size: Option<i64>) -> (ObjectEvent, Option<Bytes>) {
        let event = ObjectEvent {
            bucket: "b".to_owned(),
            key: "k".to_owned(),
            version_id: None,
            sequencer: Some(Sequencer::new(sequencer)),
            name: Some(EventName::new(name)),
            time: None,
            size,
            e_tag: Some(format!("tag-{sequencer}")),
        };
        (event, None)
    }

    #[test]
    fn an_object_is_as_large_as_its_event_says_and_its_body_within_bounds() {
        let objects = after([event("ObjectCreated:Put", "1", Some(100))]);
        assert_eq!((objects[0].size, objects[0].body.len()), (100, 100));
        let objects = after([event("ObjectCreated:Put", "1", Some(1 << 40))]);
        assert_eq!((objects[0].size, objects[0].body.len()), (1 << 40, 1 << 20));
        assert!(after([event("ObjectCreated:Put", "1", Some(-1))])[0].size > 0);
    }

    #[test]
    fn of_two_uploads_to_a_bucket_without_versions_the_later_one_is_there() {
        let uploads = [
            event("ObjectCreated:Put", "9", None),
            event("ObjectCreated:Put", "10", None),
        ];
        assert_eq!(after(uploads)[0].e_tag, "tag-9");
    }

    #[test]
    fn what_was_removed_last_is_not_there() {
        let (put, removal) = (
            event("ObjectCreated:Put", "1", None),
            event("ObjectRemoved:Delete", "2", None),
        );
        assert_eq!(after([removal, put]), []);
    }
}
