//! The whole command, on small handlers that need nothing but Python: a runtime client of
//! a few lines, and puts to the table over plain HTTP.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

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
            "check", "--table", "rows:id", "--seed", "1", "--format", "json",
        ])
        .args(["--schedules", "5", "--max-time", "60"])
        .args(options)
        .args(["--", "python3", "-S", "handler.py"])
        .output()
        .unwrap();
    let told = serde_json::from_slice(&output.stdout).unwrap_or_default();
    Checked { output, told }
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
