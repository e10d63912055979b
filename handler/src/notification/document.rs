//! The shapes that S3 events come in, as far as the handler reads them. Whatever
//! else AWS sends or will send is skipped.

use std::borrow::Cow;

use serde::de::{IgnoredAny, MapAccess};

use super::json::{Array, Given, Name, Shape, object};

type Text<'de> = Cow<'de, str>;

object! {
    /// Whatever the function may be invoked with, or find in an envelope: `Records`
    /// (S3, SNS, SQS), a test event, an SNS message or an EventBridge event.
    struct Document<'de> {
        records: Array<Record<'de>> = "Records",
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
        event: Text<'de> = "Event",
        // https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
        sns_type: Text<'de> = "Type",
        sns_message: Text<'de> = "Message",
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
        detail_type: Text<'de> = "detail-type",
        source: Text<'de> = "source",
        time: Text<'de> = "time",
        detail: Detail<'de> = "detail",
    }
}

object! {
    /// An element of `Records`: of S3's, of SNS's or of SQS's.
    struct Record<'de> {
        event_version: Text<'de> = "eventVersion",
        event_source: Text<'de> = "eventSource",
        event_name: Text<'de> = "eventName",
        event_time: Text<'de> = "eventTime",
        s3: S3<'de> = "s3",
        // https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
        sns: Sns<'de> = "Sns",
        // https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
        message_id: Text<'de> = "messageId",
        body: Text<'de> = "body",
    }
}

object! {
    struct S3<'de> {
        bucket: Bucket<'de> = "bucket",
        object: Object<'de> = "object",
    }
}

object! {
    struct Bucket<'de> {
        name: Text<'de> = "name",
    }
}

object! {
    struct Object<'de> {
        key: Text<'de> = "key",
        size: i64 = "size",
        e_tag: Text<'de> = "eTag",
        version_id: Text<'de> = "versionId",
        sequencer: Text<'de> = "sequencer",
    }
}

object! {
    struct Sns<'de> {
        message: Text<'de> = "Message",
    }
}

object! {
    /// What EventBridge has in place of a record.
    struct Detail<'de> {
        bucket: Bucket<'de> = "bucket",
        object: DetailObject<'de> = "object",
        reason: Text<'de> = "reason",
        deletion_type: Text<'de> = "deletion-type",
    }
}

object! {
    struct DetailObject<'de> {
        key: Text<'de> = "key",
        size: i64 = "size",
        e_tag: Text<'de> = "etag",
        version_id: Text<'de> = "version-id",
        sequencer: Text<'de> = "sequencer",
    }
}
