//! S3 notifications at random, as text: every field mostly there and right, but also
//! absent, null, of another type, or there twice.

use proptest::prelude::*;
use proptest::sample::select;

pub(crate) fn document() -> impl Strategy<Value = String> {
    let records =
        prop::collection::vec(record(), 0..4).prop_map(|all| format!("[{}]", all.join(",")));
    let only_ours = [
        "Event",
        "Type",
        "Message",
        "detail-type",
        "source",
        "time",
        "detail",
        "x",
    ];
    object(vec![member("Records", records, true), unknown(&only_ours)])
}

fn record() -> BoxedStrategy<String> {
    let bucket = object(vec![
        member(
            "name",
            select(vec![r#""b""#, r#""lambda-idempotency-demo""#, r#""""#]),
            false,
        ),
        member("ownerIdentity", Just(r#"{"principalId":"o"}"#), false),
        unknown(&["awsGeneratedTags", "key"]),
    ]);
    let keys = vec![
        r#""k""#,
        r#""a+b%2B%c3%a9""#,
        r#""\u00e9""#,
        r#""%ZZ""#,
        r#""%FF""#,
        r#""""#,
    ];
    let texts = || select(vec![r#""null""#, r#""0A00""#, r#""a""#, r#""""#]);
    let numbers = vec![
        "0",
        "1024",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "1.0",
    ];
    let object_ = object(vec![
        member("key", select(keys), false),
        member("size", select(numbers), false),
        member("versionId", texts(), false),
        member("sequencer", texts(), false),
        member("eTag", texts(), false),
        unknown(&["urlDecodedKey", "version-id", "etag"]),
    ]);
    let s3 = object(vec![
        member("bucket", bucket, true),
        member("object", object_, true),
        unknown(&["name"]),
    ]);
    let times = vec![
        r#""2026-07-16T10:00:00.123Z""#,
        r#""2026-07-16 12:00:60+02:00""#,
        r#""+10000-01-01T00:00:00Z""#,
    ];
    let names = vec![
        r#""ObjectCreated:Put""#,
        r#""s3:ObjectRemoved:Delete""#,
        r#""""#,
    ];
    let versions = vec![
        r#""2.0""#,
        r#""2.1""#,
        r#""2.99""#,
        r#""2.1""#,
        r#""3.0""#,
        r#""""#,
    ];
    object(vec![
        member("eventVersion", select(versions), false),
        member(
            "eventSource",
            select(vec![r#""aws:s3""#, r#""aws:sqs""#, r#""""#]),
            false,
        ),
        member("eventTime", select(times), true),
        member("eventName", select(names), false),
        member("userIdentity", Just("{}"), true),
        member("requestParameters", Just("{}"), true),
        member(
            "responseElements",
            Just(r#"{"x-amz-request-id":"1"}"#),
            false,
        ),
        member("s3", s3, true),
        unknown(&["body", "messageId", "Sns", "Records", "glacierEventData"]),
    ])
}

fn object(members: Vec<BoxedStrategy<String>>) -> BoxedStrategy<String> {
    let written = |members: Vec<String>| {
        let members: Vec<String> = members
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
        format!("{{{}}}", members.join(","))
    };
    members.prop_shuffle().prop_map(written).boxed()
}

/// A member of an object: mostly there and right, but also absent, null, of
/// another type, or there twice.
fn member<T: ToString + 'static>(
    name: &'static str,
    value: impl Strategy<Value = T> + 'static,
    required: bool,
) -> BoxedStrategy<String> {
    let seldom = if required { 1 } else { 8 };
    let value = value.prop_map(|value| value.to_string()).boxed();
    prop_oneof![
        80 => value.clone().prop_map(move |value| format!("{name:?}:{value}")),
        seldom => Just(String::new()),
        seldom => Just(format!("{name:?}:null")),
        1 => junk().prop_map(move |junk| format!("{name:?}:{junk}")),
        1 => value.prop_map(move |value| format!("{name:?}:{value},{name:?}:{value}")),
    ]
    .boxed()
}

/// A member that the crate does not know, though the parser may.
fn unknown(names: &[&'static str]) -> BoxedStrategy<String> {
    let member =
        (select(names.to_vec()), junk()).prop_map(|(name, junk)| format!("{name:?}:{junk}"));
    prop_oneof![2 => Just(String::new()), 1 => member].boxed()
}

fn junk() -> impl Strategy<Value = &'static str> {
    select(vec![
        "null",
        "true",
        "7",
        "1.5",
        "1e999",
        "[]",
        "{}",
        r#""text""#,
        r#"["a"]"#,
        r#"{"a":1}"#,
        r#""\ud83e""#,
        r#"{"\ud83e":1}"#,
        "[[[[]]]]",
        r#"["a",null,null]"#,
        r#"["k",1,null,null,null,null]"#,
        r#"["1.0","c",{"name":"b"},{"key":"k"}]"#,
    ])
}
