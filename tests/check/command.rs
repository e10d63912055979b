//! The whole command, on small handlers that need nothing but Python: a runtime client of
//! a few lines, and puts to the table over plain HTTP.

use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// What every handler here has: the Runtime API's loop, and calls to the table.
const RUNTIME: &str = include_str!("command/runtime.py");

struct Checked {
    output: Output,
    told: Value,
}

/// Checks a handler, whose `handle(event, request_id)` this is.
fn check(folder: &Path, handle: &str, options: &[&str]) -> Checked {
    std::fs::write(
        folder.join("handler.py"),
        RUNTIME.replace("# HANDLE", handle),
    )
    .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_redeliver"))
        .current_dir(folder)
        .args([
            "check",
            "--table",
            "rows:id",
            "--seed",
            "1",
            "--max-time",
            "60",
        ])
        .args(unless_said("--format", "json", options))
        .args(unless_said("--schedules", "5", options))
        .args(options)
        .args(["--", "python3", "-S", "handler.py"])
        .output()
        .unwrap();
    let told = serde_json::from_slice(&output.stdout).unwrap_or_default();
    Checked { output, told }
}

/// An option may be said once.
fn unless_said<'a>(name: &'a str, value: &'a str, options: &[&str]) -> Vec<&'a str> {
    match options.contains(&name) {
        true => Vec::new(),
        false => vec![name, value],
    }
}

impl Checked {
    fn status(&self) -> Option<i32> {
        self.output.status.code()
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// The properties that are violated, each with the faults and steps of its smallest
    /// counterexample.
    fn violations(&self) -> Vec<(&str, u64, u64)> {
        let violations = self.told["violations"].as_array().unwrap();
        let size = |it: &Value, name: &str| it[name].as_u64().unwrap();
        violations
            .iter()
            .map(|it| {
                let property = it["property"].as_str().unwrap();
                (property, size(it, "faults"), size(it, "steps"))
            })
            .collect()
    }
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("check")
        .join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// One row for each record, unless it is there.
const RIGHT: &str = r#"
def handle(event, request_id):
    for record in event["Records"]:
        put({"id": {"S": record["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
"#;

#[test]
fn a_handler_that_is_right_is_not_accused() {
    let checked = check(&folder("right"), RIGHT, &[]);
    assert_eq!(
        checked.status(),
        Some(0),
        "{}\n{}",
        checked.said(),
        checked.told
    );
    assert_eq!(checked.violations(), []);
    assert_eq!(checked.told["verdict"], "holds");
}

#[test]
fn a_row_that_a_duplicate_changes_is_found_with_its_smallest_counterexample() {
    let stamped = r#"
def handle(event, request_id):
    for record in event["Records"]:
        put({"id": {"S": record["s3"]["object"]["key"]}, "by": {"S": request_id}}, None)
"#;
    let folder = folder("stamped");
    let checked = check(&folder, stamped, &[]);
    assert_eq!(checked.status(), Some(1), "{}", checked.said());
    assert_eq!(checked.violations(), [("RD-3", 0, 6)]);

    // What was saved is violated when it is played again.
    let replay = checked.told["violations"][0]["saved"].as_str().unwrap();
    let replayed = Command::new(env!("CARGO_BIN_EXE_redeliver"))
        .current_dir(&folder)
        .args(["replay", replay])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&replayed.stdout);
    assert_eq!(replayed.status.code(), Some(1), "{told}");
    assert!(
        told.contains("RD-3 first write wins, VIOLATED in 6 steps with 0 faults."),
        "{told}"
    );
}

#[test]
fn an_error_that_is_swallowed_is_found_with_one_fault() {
    let swallows = r#"
def handle(event, request_id):
    for record in event["Records"]:
        try:
            put({"id": {"S": record["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
        except Exception:
            pass
"#;
    let checked = check(&folder("swallows"), swallows, &[]);
    assert_eq!(checked.status(), Some(1), "{}", checked.said());
    assert!(
        checked.violations().contains(&("RD-7", 1, 3)),
        "{}",
        checked.told
    );
}

/// What is silent for longer than calls usually take is neither crashed nor overtaken for
/// want of anything else to happen.
#[test]
fn a_handler_that_takes_its_time_is_found_out_by_the_same_schedules() {
    let slow = r#"
def handle(event, request_id):
    import time
    time.sleep(0.3)
    for record in event["Records"]:
        try:
            put({"id": {"S": record["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
        except Exception:
            pass
"#;
    let checked = check(&folder("slow"), slow, &[]);
    assert_eq!(checked.status(), Some(1), "{}", checked.said());
    let violations = checked.told["violations"].as_array().unwrap();
    let dishonest = violations.iter().find(|it| it["property"] == "RD-7");
    let dishonest = dishonest.unwrap();
    assert_eq!(
        (&dishonest["faults"], &dishonest["originally"]),
        (&json!(1), &json!(3))
    );
}

#[test]
fn records_after_the_first_are_not_to_be_forgotten() {
    let first_only = r#"
def handle(event, request_id):
    put({"id": {"S": event["Records"][0]["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
"#;
    let checked = check(&folder("first-only"), first_only, &[]);
    assert_eq!(checked.status(), Some(1), "{}", checked.said());
    assert_eq!(checked.violations(), [("RD-8", 0, 3)]);
}

#[test]
fn what_a_team_lives_with_is_no_violation() {
    let folder = folder("accepted");
    let first_only = r#"
def handle(event, request_id):
    put({"id": {"S": event["Records"][0]["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
"#;
    let accept = "accept = [{ property = \"RD-8\", reason = \"S3 sends one record at a time\" }]\n";
    std::fs::write(folder.join("redeliver.toml"), accept).unwrap();
    let checked = check(&folder, first_only, &[]);
    assert_eq!(checked.status(), Some(0), "{}", checked.told);
    assert_eq!(checked.told["accepted"][0]["property"], "RD-8");
}

#[test]
fn what_a_team_lives_with_hides_nothing_else() {
    let folder = folder("accepted-among-others");
    let first_only_and_swallows = r#"
def handle(event, request_id):
    try:
        put({"id": {"S": event["Records"][0]["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
    except Exception:
        pass
"#;
    let accept = "accept = [{ property = \"RD-8\", reason = \"S3 sends one record at a time\" }]\n";
    std::fs::write(folder.join("redeliver.toml"), accept).unwrap();
    let checked = check(&folder, first_only_and_swallows, &[]);
    assert_eq!(checked.status(), Some(1), "{}", checked.told);
    let violations = checked.violations();
    assert!(violations.contains(&("RD-7", 1, 3)), "{violations:?}");
    assert_eq!(checked.told["accepted"][0]["property"], "RD-8");
}

#[test]
fn an_acceptance_that_no_longer_applies_is_reported() {
    let folder = folder("accepted-in-vain");
    let accept = "accept = [{ property = \"RD-3\", reason = \"the last delivery wins\" }]\n";
    std::fs::write(folder.join("redeliver.toml"), accept).unwrap();
    let checked = check(&folder, RIGHT, &["--faults", "0"]);
    assert_eq!(checked.status(), Some(0), "{}", checked.told);
    let in_vain = json!([{ "property": "RD-3", "reason": "the last delivery wins" }]);
    assert_eq!(checked.told["acceptedInVain"], in_vain);
}

/// Stamps the row, and remembers in a file that it has.
const ONCE: &str = r#"
def handle(event, request_id):
    for record in event["Records"]:
        row = {"id": {"S": record["s3"]["object"]["key"]}}
        if not put(row, "attribute_not_exists(id)") and not os.path.exists(ONCE):
            open(ONCE, "w").close()
            put({**row, "by": {"S": request_id}}, None)
"#;

#[test]
fn what_shows_once_and_never_again_is_no_violation() {
    let folder = folder("once");
    let marker = format!("{:?}", folder.join("has-happened"));
    let checked = check(&folder, &ONCE.replace("ONCE", &marker), &["--faults", "0"]);
    assert_eq!(checked.status(), Some(3), "{}", checked.told);
    assert_eq!(checked.violations(), []);
    let seen = &checked.told["notReproduced"][0];
    assert_eq!(
        (&seen["property"], &seen["reproduced"]),
        (&json!("RD-3"), &json!(0))
    );
    let properties = checked.told["properties"].as_array().unwrap();
    let judged = properties.iter().find(|it| it["id"] == "RD-3").unwrap();
    assert_eq!(judged["verdict"], "inconclusive");
    let detail = judged["detail"].as_str().unwrap();
    assert!(detail.contains("not again in 3 repetitions"), "{detail}");
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

#[test]
fn a_build_server_is_told_of_each_property() {
    let folder = folder("junit");
    let stamped = r#"
def handle(event, request_id):
    for record in event["Records"]:
        put({"id": {"S": record["s3"]["object"]["key"]}, "by": {"S": request_id}}, None)
"#;
    let checked = check(&folder, stamped, &["--format", "junit", "--faults", "0"]);
    assert_eq!(checked.status(), Some(1), "{}", checked.said());
    let told = String::from_utf8(checked.output.stdout).unwrap();
    let document = roxmltree::Document::parse(&told).unwrap();
    let cases = document
        .descendants()
        .filter(|it| it.has_tag_name("testcase"));
    let failed = cases
        .clone()
        .filter(|it| it.children().any(|it| it.has_tag_name("failure")));
    let failed: Vec<_> = failed.filter_map(|it| it.attribute("name")).collect();
    assert_eq!(cases.count(), 7, "{told}");
    assert_eq!(failed, ["RD-3 first write wins"], "{told}");
}

#[test]
fn a_check_that_is_asked_to_end_leaves_no_process_behind() {
    let folder = folder("interrupted");
    let announces = RIGHT.replace(
        "def handle",
        "open(f\"process-{os.getpid()}\", \"w\").close()\ndef handle",
    );
    let handler = RUNTIME.replace("# HANDLE", &announces);
    std::fs::write(folder.join("handler.py"), handler).unwrap();
    // Ctrl-C; what timeout(1) and build servers send; and Ctrl-C by an impatient person.
    for signals in [&["INT"][..], &["TERM"], &["INT", "INT"]] {
        let ends = interrupted(&folder, signals);
        assert!(
            matches!(ends.code(), Some(0 | 3 | 130)),
            "{signals:?}: {ends:?}"
        );
        let left = processes(&folder).into_iter().filter(|id| {
            let command = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&command).contains("handler.py")
        });
        assert_eq!(
            left.collect::<Vec<_>>(),
            Vec::<String>::new(),
            "{signals:?}"
        );
    }
}

/// Begins a check, and sends it these signals while it plays schedules.
fn interrupted(folder: &Path, signals: &[&str]) -> ExitStatus {
    let known = processes(folder).len();
    let mut checking = Command::new(env!("CARGO_BIN_EXE_redeliver"))
        .current_dir(folder)
        .args(["check", "--table", "rows:id", "--seed", "1"])
        .args(["--schedules", "1000000", "--max-time", "10m"])
        .args(["--", "python3", "-S", "handler.py"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Those of the clean deliveries have ended, and others play schedules.
    while processes(folder).len() < known + 8 {
        assert_eq!(checking.try_wait().unwrap(), None, "it ended too soon");
        std::thread::sleep(Duration::from_millis(20));
    }
    for signal in signals {
        let id = checking.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        // Nobody is there any more to be asked twice if the first time was enough.
        assert!(sent.unwrap().success() || checking.try_wait().unwrap().is_some());
    }
    checking.wait().unwrap()
}

/// The processes that have said that they are there.
fn processes(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|it| it.unwrap().file_name().into_string().unwrap());
    let ids = names.filter_map(|it| Some(it.strip_prefix("process-")?.to_owned()));
    ids.collect()
}

#[test]
fn a_handler_that_fails_at_once_is_no_violation() {
    let fails = r#"
def handle(event, request_id):
    print("no such setting: BUCKET", flush=True)
    raise KeyError("BUCKET")
"#;
    let checked = check(&folder("fails"), fails, &[]);
    assert_eq!(checked.status(), Some(2));
    assert!(
        checked.said().contains("fails on its very first delivery"),
        "{}",
        checked.said()
    );
    assert!(
        checked.said().contains("no such setting: BUCKET"),
        "{}",
        checked.said()
    );
}

#[test]
fn a_handler_that_makes_no_call_proves_nothing() {
    let silent = r#"
def handle(event, request_id):
    pass
"#;
    let checked = check(&folder("silent"), silent, &[]);
    assert_eq!(checked.status(), Some(3));
    assert!(
        checked.said().contains("AWS_ENDPOINT_URL"),
        "{}",
        checked.said()
    );
}

#[test]
fn a_handler_that_hangs_is_ended() {
    let hangs = r#"
def handle(event, request_id):
    import time
    time.sleep(600)
"#;
    let checked = check(&folder("hangs"), hangs, &["--timeout", "1"]);
    assert_eq!(checked.status(), Some(2));
    assert!(checked.said().contains("timed out"), "{}", checked.said());
}

/// Claims an event for some seconds, and then records it. Whoever meets a claim fails.
const CLAIMS: &str = r##"
import time

def write(item, request):
    host = os.environ["AWS_ENDPOINT_URL_DYNAMODB"].removeprefix("http://")
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.PutItem"}
    request = {"TableName": "rows", "Item": item, **request}
    return call(host, "POST", "/", json.dumps(request), headers)

def handle(event, request_id):
    for record in event["Records"]:
        row = {"id": {"S": record["s3"]["object"]["key"]}}
        now = int(time.time())
        status, _, body = write({**row, "until": {"N": str(now + SECONDS)}}, {
            "ConditionExpression": "attribute_not_exists(id) OR #until < :now",
            "ExpressionAttributeNames": {"#until": "until"},
            "ExpressionAttributeValues": {":now": {"N": str(now)}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        })
        if status == 200:
            status, _, body = write(row, {})
        elif b"ConditionalCheckFailed" in body and b"until" not in body:
            continue
        if status != 200:
            raise RuntimeError(body.decode())
"##;

#[test]
fn a_claim_that_lapses_before_lambda_tries_again_is_right() {
    let claims = CLAIMS.replace("SECONDS", "30");
    let checked = check(&folder("claims"), &claims, &[]);
    assert_eq!(checked.status(), Some(0), "{}", checked.told);
}

#[test]
fn a_claim_that_outlives_lambdas_retries_makes_a_dead_letter_of_one_crash_rd_6() {
    let claims = CLAIMS.replace("SECONDS", "600");
    let checked = check(&folder("long-claims"), &claims, &[]);
    assert_eq!(checked.status(), Some(1), "{}", checked.said());
    assert_eq!(checked.violations(), [("RD-6", 1, 8)]);
}

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
fn nothing_is_concluded_where_the_handler_asks_for_what_nobody_serves() {
    let asks = r#"
def handle(event, request_id):
    host = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "AmazonSSM.GetParameter"}
    call(host, "POST", "/", "{}", headers)
    for record in event["Records"]:
        put({"id": {"S": record["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
"#;
    let checked = check(&folder("asks"), asks, &[]);
    assert_eq!(checked.status(), Some(3), "{}", checked.told);
    let notes = checked.told["notes"].to_string();
    assert!(notes.contains("GetParameter"), "{notes}");
}

#[test]
fn an_effect_on_a_url_is_not_to_be_doubled_rd_13() {
    let orders = r#"
def handle(event, request_id):
    proxy = os.environ["http_proxy"].removeprefix("http://")
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        status, _, _ = call(proxy, "POST", "http://api.example.com/orders", json.dumps({"order": key}))
        if status >= 300:
            raise RuntimeError(f"the order was refused: {status}")
        put({"id": {"S": key}}, "attribute_not_exists(id)")
"#;
    let effects = ["--effects", "--effect-url", "http://api.example.com/orders"];
    let checked = check(&folder("orders"), orders, &effects);
    assert_eq!(checked.status(), Some(1), "{}", checked.said());
    assert_eq!(checked.violations(), [("RD-13", 0, 8)]);
}
