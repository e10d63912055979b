//! The whole command, on small handlers that need nothing but Python: a runtime client of
//! a few lines, and puts to the table over plain HTTP.

#[path = "command/ending.rs"]
mod ending;
#[path = "command/found.rs"]
mod found;
#[path = "command/surroundings.rs"]
mod surroundings;
#[path = "command/told.rs"]
mod told;

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

/// One row for the first record, and none for the others.
const FIRST_ONLY: &str = r#"
def handle(event, request_id):
    put({"id": {"S": event["Records"][0]["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
"#;

/// One row for each record, with a stamp of each delivery.
const STAMPED: &str = r#"
def handle(event, request_id):
    for record in event["Records"]:
        put({"id": {"S": record["s3"]["object"]["key"]}, "by": {"S": request_id}}, None)
"#;
