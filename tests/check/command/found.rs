//! What is found, and what is not.

use std::process::Command;

use serde_json::json;

use super::{FIRST_ONLY, RIGHT, STAMPED, check, folder};

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
    let folder = folder("stamped");
    let checked = check(&folder, STAMPED, &[]);
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

/// One row for each record, and success whatever comes of it.
const SWALLOWS: &str = r#"
def handle(event, request_id):
    for record in event["Records"]:
        try:
            put({"id": {"S": record["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
        except Exception:
            pass
"#;

#[test]
fn an_error_that_is_swallowed_is_found_with_one_fault() {
    let checked = check(&folder("swallows"), SWALLOWS, &[]);
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
    let slow = SWALLOWS.replace("    for", "    import time\n    time.sleep(0.3)\n    for");
    let checked = check(&folder("slow"), &slow, &[]);
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
    let checked = check(&folder("first-only"), FIRST_ONLY, &[]);
    assert_eq!(checked.status(), Some(1), "{}", checked.said());
    assert_eq!(checked.violations(), [("RD-8", 0, 3)]);
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
