//! The command: what it prints, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "command_line/build_servers.rs"]
mod build_servers;
#[path = "command_line/explanations.rs"]
mod explanations;
#[path = "command_line/hang.rs"]
mod hang;
#[path = "command_line/replays.rs"]
mod replays;
#[path = "command_line/reports.rs"]
mod reports;
#[path = "command_line/shell.rs"]
mod shell;
mod support;
#[path = "command_line/verification.rs"]
mod verification;

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use support::backend::Backend;
use support::gate::{Fate, Gate};
use tokio::process::Command;

async fn redeliver(arguments: &[&str]) -> Output {
    redeliver_in(Path::new("."), arguments).await
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Runs the command in a directory.
async fn redeliver_in(directory: &Path, arguments: &[&str]) -> Output {
    let command = env!("CARGO_BIN_EXE_redeliver");
    let mut command = Command::new(command);
    command.current_dir(directory).args(arguments);
    // Not as in a job of GitHub's, even if the tests are run in one.
    command.env_remove("GITHUB_ACTIONS");
    command.output().await.unwrap()
}

/// A directory of the test's own, with nothing in it.
fn empty_directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// Compares with `tests/command_line/NAME.txt`; `REDELIVER_BLESS=1` writes it.
fn assert_golden(name: &str, told: &str) {
    assert_golden_file(&format!("{name}.txt"), told);
}

/// Compares with a file in `tests/command_line`; `REDELIVER_BLESS=1` writes it.
fn assert_golden_file(name: &str, told: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/command_line/{name}"));
    if std::env::var_os("REDELIVER_BLESS").is_some() {
        std::fs::write(&path, told).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        told, expected,
        "{name}: REDELIVER_BLESS=1 accepts what is told now"
    );
}

#[tokio::test]
async fn the_walkthrough_tells_six_steps() {
    let output = redeliver(&["walkthrough"]).await;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), include_str!("walkthrough.txt"));
}

#[tokio::test]
async fn a_backend_that_holds_ends_with_0() {
    let output = redeliver(&["backend", "--keys", "3"]).await;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout).matches("  holds  ").count(), 4);
}

#[tokio::test]
async fn a_backend_with_a_fault_ends_with_1_and_the_consequence() {
    let backend = Backend::embedded().await;
    let forgets_the_item = |put| match put {
        5 => Fate::Refuse(400, "ConditionalCheckFailedException"),
        _ => Fate::Pass,
    };
    let gate = Gate::open(&backend.endpoint(), forgets_the_item).await;
    let endpoint = gate.endpoint();
    let output = redeliver(&["backend", &endpoint, "--keys", "1", "--writers", "2"]).await;
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stdout);
    assert!(told.contains("VIOLATED      item returned"), "{told}");
    assert!(told.contains("RD-4 cannot be judged on this API"), "{told}");
}

#[tokio::test]
async fn a_backend_that_breaks_off_ends_with_3() {
    let backend = Backend::embedded().await;
    let gate = Gate::open(&backend.endpoint(), |_| Fate::LoseReply).await;
    let output = redeliver(&["backend", &gate.endpoint(), "--format", "json"]).await;
    assert_eq!(output.status.code(), Some(3));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["findings"][0]["verdict"], "inconclusive");
}

#[tokio::test]
async fn what_cannot_run_ends_with_2_and_a_sentence_that_says_what_to_do() {
    for (arguments, sentence) in [
        (
            vec!["backend", "https://dynamodb.us-east-1.amazonaws.com"],
            "is https",
        ),
        (vec!["backend", "localhost:8000"], "http://127.0.0.1:8000"),
        (vec!["backend", "http://127.0.0.1:9"], "nothing was tested"),
        (vec!["backend", "--writers", "1"], "2..=256"),
        (vec!["verfy"], "Usage"),
        (
            vec!["verify", "--handler", "refrence"],
            "did you mean \"reference\"?",
        ),
        (vec!["verify", "--shard", "3/2"], "write I/N"),
        (vec!["verify", "--shard", "0/2"], "write I/N"),
        (vec!["verify", "--scope", "4"], "0..=3"),
        (
            vec!["verify", "--dynamodb", "http://127.0.0.1:9"],
            "nothing was tested",
        ),
        (
            vec!["gallery", "check-then-putt"],
            "did you mean \"check-then-put\"?",
        ),
        (vec!["explain", "RD-99"], "there is no property or handler"),
        (
            vec!["explain", "chek-then-put"],
            "did you mean \"check-then-put\"?",
        ),
        (vec!["replay", "/nowhere/at/all.json"], "cannot be read"),
    ] {
        let output = redeliver(&arguments).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = text(&output.stderr);
        assert!(told.contains(sentence), "{arguments:?}: {told}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}
