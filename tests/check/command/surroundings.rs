//! With what a handler is tried: events, objects, another version, shards.

use serde_json::json;

use super::{RIGHT, RUNTIME, check, folder};

#[test]
fn a_handler_that_takes_messages_only_is_given_messages() {
    let messages = r#"
def handle(event, request_id):
    for message in event["Records"]:
        for record in json.loads(message["body"])["Records"]:
            put({"id": {"S": record["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
"#;
    let checked = check(&folder("messages"), messages, &[]);
    assert_eq!(checked.status(), Some(0), "{}", checked.said());
    let notes = checked.told["notes"].to_string();
    assert!(notes.contains("they come through SQS"), "{notes}");
}

#[test]
fn each_of_the_user_s_own_events_plays() {
    let folder = folder("own-events");
    std::fs::create_dir(folder.join("events")).unwrap();
    for key in ["a", "b", "c", "d", "e"] {
        let event = json!({ "Records": [{
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": "b" }, "object": { "key": key, "sequencer": "01" } },
        }]});
        let path = folder.join(format!("events/{key}.json"));
        std::fs::write(path, event.to_string()).unwrap();
    }
    let stamps_the_last = r#"
def handle(event, request_id):
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        if key == "e":
            put({"id": {"S": key}, "by": {"S": request_id}}, None)
        else:
            put({"id": {"S": key}}, "attribute_not_exists(id)")
"#;
    let options = ["--events", "events", "--schedules", "40", "--faults", "0"];
    let checked = check(&folder, stamps_the_last, &options);
    assert_eq!(checked.status(), Some(1), "{}", checked.told);
    assert_eq!(checked.violations(), [("RD-3", 0, 6)]);
}

#[test]
fn objects_in_a_folder_are_what_the_handler_reads() {
    let folder = folder("objects");
    std::fs::create_dir_all(folder.join("objects/b")).unwrap();
    std::fs::write(folder.join("objects/b/a.json"), "7").unwrap();
    let event = json!({ "Records": [{
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "bucket": { "name": "b" },
            "object": { "key": "a.json", "sequencer": "01", "size": 1024 },
        },
    }]});
    std::fs::write(folder.join("event.json"), event.to_string()).unwrap();
    let reads = r#"
def handle(event, request_id):
    host = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    signed = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        status, _, body = call(host, "GET", "/b/" + key, None, {"authorization": signed})
        put({"id": {"S": key}, "number": {"N": body.decode()}}, "attribute_not_exists(id)")
"#;
    let options = "--events event.json --objects objects --rename --faults 0";
    let options: Vec<_> = options.split(' ').collect();
    let checked = check(&folder, reads, &options);
    assert_eq!(
        checked.status(),
        Some(0),
        "{} {}",
        checked.said(),
        checked.told
    );
}

/// One row for each object, by another key than [`RIGHT`]'s.
const OTHER_KEY: &str = r#"
def handle(event, request_id):
    for record in event["Records"]:
        put({"id": {"S": "2/" + record["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
"#;

#[test]
fn two_versions_that_do_not_agree_on_the_row_are_found_though_each_is_right() {
    let folder = folder("two-versions");
    std::fs::write(
        folder.join("other.py"),
        RUNTIME.replace("# HANDLE", OTHER_KEY),
    )
    .unwrap();
    let other = ["--and", "python3 -S other.py", "--faults", "0"];
    let checked = check(&folder, RIGHT, &other);
    assert_eq!(checked.status(), Some(1), "{}", checked.told);
    let violations = checked.violations();
    assert!(violations.contains(&("RD-1", 0, 6)), "{violations:?}");

    std::fs::write(folder.join("other.py"), RUNTIME.replace("# HANDLE", RIGHT)).unwrap();
    let checked = check(&folder, RIGHT, &other);
    assert_eq!(checked.status(), Some(0), "{}", checked.told);
}

#[test]
fn shards_are_the_whole_together() {
    let folder = folder("shards");
    let schedules = |options: &[&str]| {
        let calmly = [&["--faults", "0", "--schedules", "20"], options].concat();
        let checked = check(&folder, RIGHT, &calmly);
        assert_eq!(checked.status(), Some(0), "{}", checked.told);
        let stages = &checked.told["stages"];
        assert_eq!(stages["exhaustive"]["complete"], true);
        let of = |stage: &str| stages[stage]["schedules"].as_u64().unwrap();
        (of("exhaustive"), of("random"))
    };
    let whole = schedules(&[]);
    let (first, second) = (
        schedules(&["--shard", "1/2"]),
        schedules(&["--shard", "2/2"]),
    );
    assert_eq!(first.1 + second.1, whole.1);
    // Each shard begins every plan by itself.
    let plans = first.0 + second.0 - whole.0;
    assert!((1..20).contains(&plans), "{whole:?} {first:?} {second:?}");
}
