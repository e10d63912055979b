//! From what a record says to an object event, field by field.

use std::borrow::Cow;

use super::document::{self, Bucket, Detail, DetailObject, Document, Object, S3};
use super::field::Field;
#[cfg(feature = "aws_lambda_events")]
use super::json::Given;
use super::rejected::Quoted;
use super::{EventBridgeKeys, Ignored, Parsed, Rejected};
use crate::object_event::{EventName, EventTime, ObjectEvent, Sequencer};
use crate::object_key;

const WHOLE_NUMBER: &str = "a whole number below 2^63";

/// Reads an element of S3's own `Records`.
pub(super) fn from_record(record: document::Record<'_>) -> Result<ObjectEvent, Rejected> {
    if let Some(version) = Field("eventVersion", record.event_version).text()? {
        check_version(&version)?;
    }
    let S3 { bucket, object } = Field("s3", record.s3).required("an object")?;
    let Bucket { name } = Field("s3.bucket", bucket).required("an object")?;
    let Object {
        key,
        size,
        e_tag,
        version_id,
        sequencer,
    } = Field("s3.object", object).required("an object")?;
    Ok(ObjectEvent {
        bucket: Field("s3.bucket.name", name).required_text()?.into_owned(),
        key: decode(Field("s3.object.key", key))?,
        version_id: owned(Field("s3.object.versionId", version_id))?,
        sequencer: self::sequencer(Field("s3.object.sequencer", sequencer))?,
        name: Field("eventName", record.event_name)
            .text()?
            .map(|name| EventName::new(&name)),
        time: time(Field("eventTime", record.event_time))?,
        size: Field("s3.object.size", size).optional(WHOLE_NUMBER)?,
        e_tag: owned(Field("s3.object.eTag", e_tag))?,
    })
}

/// Reads an EventBridge event.
pub(super) fn from_event_bridge(
    document: Document<'_>,
    keys: EventBridgeKeys,
) -> Result<Parsed, Rejected> {
    let source = Field("source", document.source).required_text()?;
    if source != "aws.s3" {
        return Err(Rejected::NotAnS3Notification {
            found: format!("an EventBridge event of {}", Quoted(&source)),
        });
    }
    let detail_type = Field("detail-type", document.detail_type).required_text()?;
    let Detail {
        bucket,
        object,
        reason,
        deletion_type,
    } = Field("detail", document.detail).required("an object")?;
    let reason = Field("detail.reason", reason).text()?;
    let deletion_type = Field("detail.deletion-type", deletion_type).text()?;
    let Some(name) = event_name(&detail_type, reason.as_deref(), deletion_type.as_deref()) else {
        return Ok(Parsed::Ignored(Ignored::UnknownDetailType {
            detail_type: detail_type.into_owned(),
        }));
    };
    let Bucket { name: bucket } = Field("detail.bucket", bucket).required("an object")?;
    let DetailObject {
        key,
        size,
        e_tag,
        version_id,
        sequencer,
    } = Field("detail.object", object).required("an object")?;
    let key = Field("detail.object.key", key);
    Ok(Parsed::Event(ObjectEvent {
        bucket: Field("detail.bucket.name", bucket)
            .required_text()?
            .into_owned(),
        key: match keys {
            EventBridgeKeys::Verbatim => key.required_text()?.into_owned(),
            EventBridgeKeys::UrlEncoded => decode(key)?,
        },
        version_id: owned(Field("detail.object.version-id", version_id))?,
        sequencer: self::sequencer(Field("detail.object.sequencer", sequencer))?,
        name: Some(name),
        time: time(Field("time", document.time))?,
        size: Field("detail.object.size", size).optional(WHOLE_NUMBER)?,
        e_tag: owned(Field("detail.object.etag", e_tag))?,
    }))
}

/// The name that S3 itself gives to what EventBridge describes by a detail type,
/// a reason and a deletion type
/// ([mapping](https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-mapping-troubleshooting.html)).
fn event_name(
    detail_type: &str,
    reason: Option<&str>,
    deletion_type: Option<&str>,
) -> Option<EventName> {
    Some(EventName::new(match (detail_type, reason, deletion_type) {
        ("Object Created", Some("PutObject"), _) => "ObjectCreated:Put",
        ("Object Created", Some("POST Object"), _) => "ObjectCreated:Post",
        ("Object Created", Some("CopyObject"), _) => "ObjectCreated:Copy",
        ("Object Created", Some("CompleteMultipartUpload"), _) => {
            "ObjectCreated:CompleteMultipartUpload"
        }
        ("Object Created", ..) => "ObjectCreated",
        ("Object Deleted", Some("Lifecycle Expiration"), Some("Delete Marker Created")) => {
            "LifecycleExpiration:DeleteMarkerCreated"
        }
        ("Object Deleted", Some("Lifecycle Expiration"), _) => "LifecycleExpiration:Delete",
        ("Object Deleted", _, Some("Delete Marker Created")) => "ObjectRemoved:DeleteMarkerCreated",
        ("Object Deleted", ..) => "ObjectRemoved:Delete",
        ("Object Restore Initiated", ..) => "ObjectRestore:Post",
        ("Object Restore Completed", ..) => "ObjectRestore:Completed",
        ("Object Restore Expired", ..) => "ObjectRestore:Delete",
        ("Object Storage Class Changed", ..) => "LifecycleTransition",
        ("Object Access Tier Changed", ..) => "IntelligentTiering",
        ("Object ACL Updated", ..) => "ObjectAcl:Put",
        ("Object Tags Added", ..) => "ObjectTagging:Put",
        ("Object Tags Deleted", ..) => "ObjectTagging:Delete",
        _ => return None,
    }))
}

/// Reads a record that `aws_lambda_events` has parsed already.
///
/// # Errors
///
/// As [`parse_event`](super::parse_event) rejects the record that it came from.
#[cfg(feature = "aws_lambda_events")]
impl TryFrom<&aws_lambda_events::event::s3::S3EventRecord> for ObjectEvent {
    type Error = Rejected;

    fn try_from(record: &aws_lambda_events::event::s3::S3EventRecord) -> Result<Self, Self::Error> {
        fn given(text: &Option<String>) -> Given<Cow<'_, str>> {
            text.as_deref()
                .map_or(Given::Absent, |text| Given::Expected(Cow::Borrowed(text)))
        }
        let object = &record.s3.object;
        let event = from_record(document::Record {
            event_version: given(&record.event_version),
            event_name: given(&record.event_name),
            s3: Given::Expected(S3 {
                bucket: Given::Expected(Bucket {
                    name: given(&record.s3.bucket.name),
                }),
                object: Given::Expected(Object {
                    key: given(&object.key),
                    size: object.size.map_or(Given::Absent, Given::Expected),
                    e_tag: given(&object.e_tag),
                    version_id: given(&object.version_id),
                    sequencer: given(&object.sequencer),
                }),
            }),
            ..document::Record::default()
        })?;
        Ok(Self {
            time: Some(record.event_time.into()),
            ..event
        })
    }
}

fn check_version(version: &str) -> Result<(), Rejected> {
    let known = version
        .split_once('.')
        .is_some_and(|(major, minor)| major == "2" && is_number(minor));
    match known {
        true => Ok(()),
        false => Err(Rejected::UnsupportedVersion {
            version: version.to_owned(),
        }),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn decode(key: Field<Cow<'_, str>>) -> Result<String, Rejected> {
    let field = key.0;
    let key = key.required_text()?;
    match object_key::decode(&key) {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(reason) => Err(Rejected::UndecodableKey {
            field,
            key: key.into_owned(),
            reason,
        }),
    }
}

fn owned(field: Field<Cow<'_, str>>) -> Result<Option<String>, Rejected> {
    Ok(field.text()?.map(Cow::into_owned))
}

fn sequencer(field: Field<Cow<'_, str>>) -> Result<Option<Sequencer>, Rejected> {
    Ok(field.text()?.map(|text| Sequencer::new(&text)))
}

fn time(field: Field<Cow<'_, str>>) -> Result<Option<EventTime>, Rejected> {
    let name = field.0;
    let Some(text) = field.text()? else {
        return Ok(None);
    };
    match EventTime::parse(&text) {
        Some(time) => Ok(Some(time)),
        None => Err(Rejected::InvalidTime {
            field: name,
            value: text.into_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_event_bridge_describes_has_the_name_that_s3_gives_it() {
        let (created, deleted) = ("Object Created", "Object Deleted");
        let (expired, marked) = (Some("Lifecycle Expiration"), Some("Delete Marker Created"));
        for (detail_type, reason, deletion_type, name) in [
            (created, Some("PutObject"), None, "ObjectCreated:Put"),
            (created, Some("POST Object"), None, "ObjectCreated:Post"),
            (created, Some("CopyObject"), None, "ObjectCreated:Copy"),
            (
                created,
                Some("CompleteMultipartUpload"),
                None,
                "ObjectCreated:CompleteMultipartUpload",
            ),
            (created, Some("AnApiOfTheFuture"), None, "ObjectCreated"),
            (
                deleted,
                expired,
                marked,
                "LifecycleExpiration:DeleteMarkerCreated",
            ),
            (deleted, expired, None, "LifecycleExpiration:Delete"),
            (deleted, None, marked, "ObjectRemoved:DeleteMarkerCreated"),
            (deleted, None, None, "ObjectRemoved:Delete"),
            ("Object Restore Initiated", None, None, "ObjectRestore:Post"),
            (
                "Object Restore Completed",
                None,
                None,
                "ObjectRestore:Completed",
            ),
            ("Object Restore Expired", None, None, "ObjectRestore:Delete"),
            (
                "Object Storage Class Changed",
                None,
                None,
                "LifecycleTransition",
            ),
            (
                "Object Access Tier Changed",
                None,
                None,
                "IntelligentTiering",
            ),
            ("Object ACL Updated", None, None, "ObjectAcl:Put"),
            ("Object Tags Added", None, None, "ObjectTagging:Put"),
            ("Object Tags Deleted", None, None, "ObjectTagging:Delete"),
        ] {
            let named = event_name(detail_type, reason, deletion_type);
            assert_eq!(
                named,
                Some(EventName::new(name)),
                "{detail_type}, {reason:?}"
            );
        }
    }
}
