//! `verify`: its verdicts, what it covers, and what it leaves behind.

use std::path::Path;

use serde_json::Value;

use super::support::backend::Backend;
use super::support::gate::{Fate, Gate};
use super::{assert_golden, empty_directory, redeliver_in, text};

async fn verified(directory: &Path, arguments: &[&str]) -> Value {
    let arguments = [&["verify", "--format", "json"], arguments].concat();
    let output = redeliver_in(directory, &arguments).await;
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn the_reference_handler_holds_and_the_same_seed_tells_the_same() {
    let directory = empty_directory("verify-holds");
    let arguments = ["verify", "--scope", "1", "--schedules", "60", "--seed", "1"];
    let first = redeliver_in(&directory, &arguments).await;
    let told = text(&first.stdout);
    assert_eq!(first.status.code(), Some(0), "{told}");
    assert_eq!(told.matches("  complete\n").count(), 5, "{told}");
    assert!(told.lines().all(|it| it.chars().count() <= 80), "{told}");
    assert!(first.stderr.is_empty());
    let again = redeliver_in(&directory, &arguments).await;
    assert_eq!(again.stdout, first.stdout);
    assert!(!directory.join(".redeliver").exists());
}

#[tokio::test]
async fn a_seed_that_was_drawn_is_told_and_tells_the_same() {
    let directory = empty_directory("verify-seed");
    let few = ["verify", "--scope", "0", "--schedules", "9"];
    let drawn = redeliver_in(&directory, &few).await;
    let told = text(&drawn.stdout);
    let (_, repeat) = told.split_once("Repeat it: redeliver ").unwrap();
    let repeat: Vec<&str> = repeat.split_whitespace().collect();
    let again = redeliver_in(&directory, &repeat).await;
    assert_eq!(text(&again.stdout), told);
}

#[tokio::test]
async fn too_little_is_inconclusive_and_says_what_was_not_reached() {
    let directory = empty_directory("verify-little");
    let arguments = ["verify", "--scope", "0", "--schedules", "1", "--seed", "1"];
    let output = redeliver_in(&directory, &arguments).await;
    assert_eq!(output.status.code(), Some(3));
    let told = text(&output.stdout);
    assert!(
        told.contains("NOT REACHED, so nothing is proved of them: "),
        "{told}"
    );
    let nothing = ["verify", "--scope", "0", "--schedules", "0", "--seed", "1"];
    let output = redeliver_in(&directory, &nothing).await;
    assert_eq!(output.status.code(), Some(3));
}

#[tokio::test]
async fn shards_divide_everything_without_overlap() {
    let directory = empty_directory("verify-shards");
    let mut parts = Vec::new();
    for shard in ["1/3", "2/3", "3/3", "1/1"] {
        let arguments = [
            "--scope",
            "1",
            "--schedules",
            "31",
            "--seed",
            "1",
            "--shard",
            shard,
        ];
        let told = verified(&directory, &arguments).await;
        let stages = told["stages"].as_array().unwrap().iter();
        let counts = stages
            .map(|it| ["schedules", "calls", "faults"].map(|count| it[count].as_u64().unwrap()));
        parts.push(counts.collect::<Vec<_>>());
    }
    let whole = parts.pop().unwrap();
    assert_eq!(whole.len(), 5);
    for (stage, whole) in whole.into_iter().enumerate() {
        let sum = |count: usize| parts.iter().map(|part| part[stage][count]).sum::<u64>();
        assert_eq!([sum(0), sum(1), sum(2)], whole, "stage {stage}");
    }
}

#[tokio::test]
async fn a_rogue_is_violated_told_saved_and_played_first_the_next_time() {
    let directory = empty_directory("verify-rogue");
    let arguments = [
        "verify",
        "--handler",
        "check-then-put",
        "--scope",
        "1",
        "--seed",
        "1",
    ];
    let output = redeliver_in(&directory, &arguments).await;
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert_golden("verify-check-then-put", told);
    let (_, replay) = told.split_once("Play it again: redeliver ").unwrap();
    let replay: Vec<&str> = replay.lines().next().unwrap().split_whitespace().collect();
    let output = redeliver_in(&directory, &replay).await;
    assert_eq!(output.status.code(), Some(1));
    let told = verified(&directory, &arguments[1..]).await;
    let stages = told["stages"].as_array().unwrap();
    assert_eq!(
        (stages.len(), &stages[0]["stage"]),
        (1, &Value::from("saved"))
    );
    assert_eq!(told["verdict"], "violated");
    // It is another handler's, which does not concern this one.
    let few = ["--scope", "0", "--schedules", "9", "--seed", "1"];
    let told = verified(&directory, &few).await;
    assert_eq!(told["stages"][0]["schedules"], 0);
}

#[tokio::test]
async fn a_rogue_that_only_random_schedules_are_played_is_violated_too() {
    let directory = empty_directory("verify-rogue-random");
    let arguments = ["--handler", "check-then-put", "--scope", "0", "--seed", "1"];
    let told = verified(&directory, &arguments).await;
    assert_eq!(told["verdict"], "violated");
    let [counterexample] = &told["counterexamples"].as_array().unwrap()[..] else {
        panic!("{told}");
    };
    assert_eq!(counterexample["property"], "RD-4");
    assert_eq!(
        (&counterexample["steps"], &counterexample["faults"]),
        (&8.into(), &0.into())
    );
}

#[tokio::test]
async fn a_build_server_gets_a_failure_for_each_violation() {
    let directory = empty_directory("verify-junit");
    let arguments = [
        "verify",
        "--handler",
        "check-then-put",
        "--scope",
        "1",
        "--format",
        "junit",
    ];
    let output = redeliver_in(&directory, &arguments).await;
    let document = roxmltree::Document::parse(text(&output.stdout)).unwrap();
    let failed = document
        .descendants()
        .filter(|it| it.has_tag_name("failure"));
    let failed: Vec<_> = failed
        .filter_map(|it| it.parent()?.attribute("name"))
        .collect();
    assert_eq!(failed, ["exhaustive", "RD-4 one insert reported"]);
}

#[tokio::test]
async fn quiet_says_no_more_than_the_verdict() {
    let directory = empty_directory("verify-quiet");
    let arguments = [
        "verify",
        "-q",
        "--scope",
        "1",
        "--schedules",
        "9",
        "--seed",
        "1",
    ];
    let output = redeliver_in(&directory, &arguments).await;
    let told = text(&output.stdout).trim_start();
    assert!(told.starts_with("Verdict: holds, in "), "{told}");
    assert_eq!(told.lines().count(), 2, "{told}");
}

/// It leaves other items, or leaves the same and says otherwise.
#[tokio::test]
async fn an_api_that_answers_otherwise_than_the_model_is_found_out() {
    const FAILED: &str = "ConditionalCheckFailedException";
    let directory = empty_directory("verify-api");
    for wrong in [Fate::Refuse(400, FAILED), Fate::ApplyAndAnswer(400, FAILED)] {
        let backend = Backend::embedded().await;
        // The API's own test, which comes first, makes fewer.
        let wrong_later = move |put| match put {
            0..60 => Fate::Pass,
            _ => wrong,
        };
        let gate = Gate::open(&backend.endpoint(), wrong_later).await;
        let endpoint = gate.endpoint();
        let few = [
            "--scope",
            "1",
            "--schedules",
            "9",
            "--seed",
            "1",
            "--dynamodb",
            &endpoint,
        ];
        let told = verified(&directory, &few).await;
        assert_eq!(told["verdict"], "violated");
        let stage = &told["stages"][3];
        let verdict = (&stage["stage"], &stage["verdict"]);
        assert_eq!(verdict, (&"dynamodb".into(), &"violated".into()));
        let note = stage["notes"][0].as_str().unwrap();
        assert!(note.contains("The model's table is not what "), "{note}");
    }
}

#[tokio::test]
async fn an_api_that_is_unfit_is_not_compared_with() {
    let directory = empty_directory("verify-unfit");
    let backend = Backend::embedded().await;
    let gate = Gate::open(&backend.endpoint(), |_| Fate::Answer("{}")).await;
    let endpoint = gate.endpoint();
    let few = [
        "--scope",
        "1",
        "--schedules",
        "9",
        "--seed",
        "1",
        "--dynamodb",
        &endpoint,
    ];
    let told = verified(&directory, &few).await;
    assert_eq!(told["verdict"], "inconclusive");
    let note = told["stages"][3]["notes"][0].as_str().unwrap();
    assert!(note.contains("it fails `redeliver backend`"), "{note}");
}

/// Linux tells when the process has begun to listen for the signal.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_interruption_ends_it_and_tells_what_was_covered() {
    use std::process::{Command, Stdio};
    let directory = empty_directory("verify-interrupted");
    let endless = [
        "verify",
        "--scope",
        "0",
        "--schedules",
        "1000000000",
        "--seed",
        "1",
    ];
    let child = Command::new(env!("CARGO_BIN_EXE_redeliver"))
        .args(endless)
        .current_dir(&directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let interrupt = 1_u64 << (2 - 1);
    let listens = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status
            .lines()
            .find_map(|it| it.strip_prefix("SigCgt:"))
            .unwrap();
        u64::from_str_radix(caught.trim(), 16).unwrap() & interrupt != 0
    };
    while !listens() {
        std::thread::yield_now();
    }
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("Interrupted."), "{told}");
    assert!(
        told.contains("Not played any more: dynamodb, gallery."),
        "{told}"
    );
    assert!(text(&output.stderr).contains("what was covered follows"));
}
