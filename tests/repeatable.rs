//! What a seed determines, it determines to the byte: in one process, and in another,
//! whose hash maps are ordered otherwise and whose memory lies elsewhere.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

use redeliver::engine::{Draw, Limits, Seeded, at_random, explore, minimise};
use redeliver::gallery::exhibit;
use redeliver::simulation::{Reference, Subject, judge, play};
use redeliver_model::event::IdentityPolicy;
use redeliver_model::scene;
use redeliver_model::schedule::{Random, Shard};
use serde_json::{Value, json};

const SEED: u64 = 7;

#[test]
fn the_same_seed_gives_the_same_bytes_in_the_same_process() {
    assert_eq!(everything(SEED), everything(SEED));
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_another_process() {
    let other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "prints_everything", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let printed = String::from_utf8(other.stdout).unwrap();
    let everything = everything(SEED);
    assert!(
        printed.lines().any(|line| line == everything),
        "the other process printed something else, of {} bytes",
        printed.len()
    );
}

#[test]
fn another_seed_gives_other_bytes() {
    assert_ne!(everything(SEED), everything(SEED + 1));
}

#[test]
#[ignore = "is run in a process of its own by another test"]
fn prints_everything() {
    println!("\n{}", everything(SEED));
}

/// The histories of random cases, the verdicts on them, and what the engines find and
/// how small they make it, in one line.
fn everything(seed: u64) -> String {
    let reference = Reference {
        cache: 8,
        expire_after_days: Some(15),
    };
    let rogue = exhibit("check-then-put").unwrap();
    json!({
        "right": histories(&reference, seed),
        "wrong": histories(rogue, seed),
        "at random": found_at_random(rogue, seed),
        "exhaustively": found_exhaustively(rogue),
    })
    .to_string()
}

fn histories(subject: &dyn Subject, seed: u64) -> Value {
    let cases = (0..100).map(|number| {
        let mut entropy = Seeded::case(seed, number);
        let policy = IdentityPolicy::ALL[(number % 3) as usize];
        let scene = scene::generate(&mut entropy, policy);
        let staged = subject.stage(&scene);
        let judge = judge(subject, &*staged, &scene).unwrap();
        let mut chooser = Random::new(&mut entropy);
        let history = play(&*staged, &scene, &mut chooser, None).unwrap().unwrap();
        let violations = judge.violations(&history);
        json!({ "scene": scene, "history": history, "violations": violations })
    });
    cases.collect()
}

fn found_at_random(subject: &dyn Subject, seed: u64) -> Value {
    let draw = Draw {
        seed,
        cases: 200,
        shard: Shard::default(),
        policy: None,
    };
    let found = at_random(subject, draw, &mut |_| true).unwrap();
    let coverage = format!("{:?}, {:?}", found.coverage, found.found_at);
    let violations = found.violations.into_values().map(|found| {
        let smallest = minimise(subject, found.clone()).unwrap();
        json!([
            found.violation,
            found.case,
            found.history,
            smallest.violation,
            smallest.case
        ])
    });
    json!({ "coverage": coverage, "violations": violations.collect::<Vec<_>>() })
}

fn found_exhaustively(subject: &dyn Subject) -> Value {
    let (_, scene) = scene::standard().swap_remove(1);
    let scene = scene.with_faults(1);
    let found = explore(subject, &scene, Limits::default(), &mut |_| true).unwrap();
    let coverage = format!("{:?}", found.coverage);
    let violations = found.violations.into_values();
    let violations = violations.map(|it| json!([it.violation, it.case, it.history]));
    json!({ "coverage": coverage, "violations": violations.collect::<Vec<_>>() })
}
