use std::collections::BTreeSet;

use redeliver_model::goal::Goal;
use redeliver_model::history::Report;
use redeliver_model::property::{Expectation, Keeps};
use redeliver_model::scene::Scene;
use redeliver_model::table::Operation;

use crate::support::{
    Books, Next, Script, Told, by, calls, effect, inserts_a, put, put_if_absent, read, run, said,
    succeeds, upload,
};

/// The goals that a schedule reaches, by their names.
fn reached(scene: &Scene, script: Script<'_>, schedule: &str) -> Vec<&'static str> {
    let history = run(scene, script, schedule);
    let books = Books::default();
    let expectation = Expectation::new(scene, Keeps::Rows, &books);
    let goals = Goal::ALL.into_iter();
    let reached = goals.filter(|goal| goal.is_reached_by(&history, &expectation));
    reached.map(Goal::name).collect()
}

fn one(deliveries: usize) -> Scene {
    Scene::of(&[&[upload("a", "9")]], deliveries).with_faults(2)
}

/// One event in two notifications.
fn two() -> Scene {
    Scene::of(&[&[upload("a", "9")], &[upload("a", "9")]], 1).with_faults(2)
}

#[test]
fn goals_have_names_of_their_own() {
    let names: BTreeSet<_> = Goal::ALL.map(Goal::name).into();
    assert_eq!(names.len(), Goal::ALL.len());
}

#[test]
fn a_calm_run_of_one_delivery_reaches_nothing() {
    assert_eq!(reached(&one(1), &inserts_a, ""), [""; 0]);
}

#[test]
fn a_dead_letter_and_a_third_attempt() {
    let fails = |_: &Told<'_>| crate::support::fails(1);
    let third = "retry to the third attempt";
    assert_eq!(reached(&one(1), &fails, ""), ["dead letter", third]);
    let twice = |told: &Told<'_>| match told.attempt() {
        1 => crate::support::fails(1),
        _ => succeeds(1),
    };
    assert_eq!(reached(&one(1), &twice, ""), [""; 0]);
}

#[test]
fn a_duplicate_comes_after_success_or_in_progress() {
    let blind = calls(put("a", &by("me")));
    let (after, during) = ("duplicate after success", "duplicate while in progress");
    assert_eq!(reached(&two(), &blind, ""), [after]);
    assert_eq!(reached(&two(), &blind, "start 1; start 2"), [during]);
    let crashed = "start 1; crash 1.1 never; start 2; call 2.1#1 answered; return 2.1";
    // The retry comes after the other delivery's success.
    assert_eq!(reached(&two(), &blind, crashed), [after, "reorder"]);
    let between = "start 1; crash 1.1 never; start 2; crash 2.1 never";
    assert_eq!(reached(&two(), &blind, between), [after]);
    let other = Scene::of(&[&[upload("a", "9")], &[upload("b", "9")]], 1);
    assert_eq!(reached(&other, &blind, ""), [""; 0]);
    assert_eq!(reached(&other, &blind, "start 1; start 2"), [""; 0]);
    // What failed before is no success.
    let fails_first = |told: &Told<'_>| match told.delivery() {
        0 => crate::support::fails(1),
        _ => succeeds(1),
    };
    let all_first = "start 1; return 1.1; start 1; return 1.2; start 1; return 1.3";
    let third = ["dead letter", "retry to the third attempt"];
    assert_eq!(reached(&two(), &fails_first, all_first), third);
    // A retry is no duplicate.
    let retried = |told: &Told<'_>| match told.attempt() {
        1 => crate::support::fails(1),
        _ => succeeds(1),
    };
    assert_eq!(reached(&one(1), &retried, ""), [""; 0]);
}

#[test]
fn a_crash_after_the_write_is_one_of_the_same_invocation() {
    let goal = "crash after the write";
    let blind = calls(put("a", &by("me")));
    let crash = |scene: &Scene, schedule: &str| {
        let reached = reached(scene, &blind, schedule);
        reached.contains(&goal)
    };
    assert!(crash(
        &one(1),
        "start 1; call 1.1#1 answered; crash 1.1 never"
    ));
    assert!(crash(&one(1), "start 1; crash 1.1 applied"));
    assert!(!crash(&one(1), "start 1; crash 1.1 never"));
    assert!(!crash(&one(1), "start 1; call 1.1#1 answered"));
    assert!(!crash(
        &two(),
        "start 1; start 2; call 2.1#1 answered; crash 1.1 never"
    ));
    // The row was there already.
    assert!(!crash(
        &two(),
        "start 1; call 1.1#1 answered; start 2; call 2.1#1 answered; crash 2.1 never"
    ));
}

#[test]
fn a_failed_condition_is_seen_alone_or_in_a_transaction() {
    let goal = "failed condition seen";
    let insert = || put_if_absent("a", &by("me"));
    let transact = || Operation::Transact {
        writes: match insert() {
            Operation::Write { write, .. } => vec![write],
            _ => vec![],
        },
        token: None,
    };
    for operation in [insert(), transact()] {
        let script = calls(operation);
        assert!(reached(&two(), &script, "").contains(&goal));
        assert!(!reached(&one(1), &script, "").contains(&goal));
        let conflict = "start 1; call 1.1#1 conflict";
        assert!(!reached(&one(1), &script, conflict).contains(&goal));
    }
    // Whoever crashes has not seen it.
    let script = calls(insert());
    let crashed = "start 1; call 1.1#1 answered; return 1.1; start 2; crash 2.1 applied; start 2; \
                   crash 2.2 applied";
    let unseen = |told: &Told<'_>| match told.attempt() {
        3 => succeeds(1),
        _ => script(told),
    };
    assert!(!reached(&two(), &unseen, crashed).contains(&goal));
}

#[test]
fn a_write_is_applied_late() {
    let goal = "late application";
    let blind = calls(put("a", &by("me")));
    assert_eq!(
        reached(
            &one(1),
            &blind,
            "start 1; call 1.1#1 late; apply-late 1.1#1"
        ),
        [goal]
    );
    assert_eq!(
        reached(
            &one(1),
            &blind,
            "start 1; call 1.1#1 late; return 1.1; drop-late 1.1#1"
        ),
        [""; 0]
    );
}

#[test]
fn an_invocation_meets_its_own_write() {
    let goal = "own replay";
    let resent = "start 1; call 1.1#1 resent";
    assert_eq!(
        reached(&one(1), &calls(put("a", &by("me"))), resent),
        [goal]
    );
    assert_eq!(
        reached(&one(1), &calls(effect("a", None, "mail")), resent),
        [""; 0]
    );
    let lost = "start 1; call 1.1#1 reply-lost";
    assert_eq!(reached(&one(1), &calls(put("a", &by("me"))), lost), [""; 0]);
    let confirmed = |_: &Told<'_>| said(Report::Confirmed);
    assert_eq!(reached(&one(1), &confirmed, ""), [goal]);
    let inserted = |_: &Told<'_>| said(Report::Inserted);
    assert_eq!(reached(&one(1), &inserted, ""), [""; 0]);
}

#[test]
fn notifications_are_acknowledged_in_another_order() {
    let blind = calls(put("a", &by("me")));
    let scene = Scene::of(
        &[
            &[upload("a", "9")],
            &[upload("b", "9")],
            &[upload("c", "9")],
        ],
        1,
    );
    let is_reorder =
        |script: Script<'_>, schedule: &str| reached(&scene, script, schedule).contains(&"reorder");
    assert!(!is_reorder(&blind, ""));
    assert!(is_reorder(
        &blind,
        "start 2; call 2.1#1 answered; return 2.1"
    ));
    assert!(is_reorder(
        &blind,
        "start 1; start 3; call 3.1#1 answered; return 3.1; call 1.1#1 answered; return 1.1"
    ));
    let overlapping = "start 2; start 1; call 1.1#1 answered; return 1.1";
    assert!(
        !is_reorder(&blind, overlapping),
        "what counts is the acknowledgement"
    );
    // What is never acknowledged is in no order.
    let second_fails = |told: &Told<'_>| match told.delivery() {
        1 => crate::support::fails(1),
        _ => succeeds(1),
    };
    let tried_first = "start 2; return 2.1; start 1; return 1.1";
    assert!(!is_reorder(&second_fails, tried_first));
}

#[test]
fn a_throttled_call_is_followed_by_another_attempt() {
    let goal = "throttled then retried";
    let throttled = "start 1; call 1.1#1 throttled; return 1.1";
    assert_eq!(reached(&one(1), &inserts_a, throttled), [goal]);
    let lost = "start 1; call 1.1#1 server-error; return 1.1";
    assert_eq!(reached(&one(1), &inserts_a, lost), [""; 0]);
    // It succeeds all the same, and nobody tries again.
    let blind = calls(read("a", true));
    assert_eq!(reached(&one(1), &blind, throttled), [""; 0]);
    // Another delivery's second attempt is none of this one.
    let script = |told: &Told<'_>| match (told.delivery(), told.attempt(), told.reply()) {
        (0, _, None) => Next::Call(vec![read("a", true)]),
        (1, 1, _) => crate::support::fails(1),
        _ => succeeds(1),
    };
    let reached_by_two = reached(&two(), &script, throttled);
    assert!(!reached_by_two.contains(&goal), "{reached_by_two:?}");
    // Nor is an attempt before it: the second is throttled, and the last.
    let script = |told: &Told<'_>| match (told.attempt(), told.reply()) {
        (1, _) => crate::support::fails(1),
        (_, None) => Next::Call(vec![read("a", true)]),
        _ => succeeds(1),
    };
    let second = "start 1; return 1.1; start 1; call 1.2#1 throttled";
    assert_eq!(reached(&one(1), &script, second), [""; 0]);
}
