//! RD-6.

use redeliver_model::delivery::{Flaw, Queue, Record, Route};
use redeliver_model::history::{Answer, RecordAnswer};
use redeliver_model::property::Keeps;
use redeliver_model::scene::Scene;

use crate::support::*;

fn judged(scene: &Scene, script: Script<'_>, schedule: &str) -> Vec<String> {
    verdict(scene, Keeps::Rows, &run(scene, script, schedule))
}

const CALM: &str = "";

#[test]
fn rd_6_a_delivery_is_given_up_only_if_it_cannot_be_helped() {
    let expected =
        ["RD-6 at 6: delivery 1 is given up, though its last attempt met no fault and was alone"];
    assert_eq!(judged(&one(1), &always_fails, CALM), expected);
    let mut rejected = one(1);
    let unreadable = Record::Unreadable(Flaw::NoBucket);
    rejected.notifications[0].records = vec![upload("a", "9"), unreadable.clone()];
    assert_eq!(judged(&rejected, &inserts_each(&rejected), CALM), [""; 0]);
    // With partial batches, what is rejected is given up alone.
    rejected.notifications[0].route = Route::Sqs(Queue {
        receives: 2,
        partial_batches: true,
    });
    let script = inserts_each(&rejected);
    let history = run(&rejected, &script, CALM);
    assert_eq!(history.deliveries[0].dead.iter().collect::<Vec<_>>(), [1]);
    assert_eq!(verdict(&rejected, Keeps::Rows, &history), [""; 0]);
    let stubborn = |told: &Told<'_>| {
        let answers = told.invocation.records.iter().map(|record| match record {
            0 => RecordAnswer::FAILED,
            _ => RecordAnswer::SILENT,
        });
        Next::Answer(Answer::Returned(answers.collect()))
    };
    assert_eq!(
        judged(&rejected, &stubborn, CALM)[0],
        "RD-6 at 4: delivery 1 is given up, though its last attempt met no fault and was alone"
    );
}

/// Calls once, and fails but for its first deliveries.
fn fails_after_a_call(told: &Told<'_>) -> Next {
    match told.reply() {
        None => Next::Call(vec![put_if_absent("a", &by("me"))]),
        Some(_) if told.delivery() == 0 => fails(1),
        Some(_) => succeeds(1),
    }
}

#[test]
fn rd_6_a_last_attempt_that_meets_a_fault_may_be_the_end() {
    let twice = "start 1; call 1.1#1 answered; return 1.1; start 1; call 1.2#1 answered; \
                 return 1.2; start 1";
    let scene = one(1).with_faults(1);
    for (rest, is_blamed) in [
        ("", true),
        ("call 1.3#1 throttled", false),
        ("call 1.3#1 answered; crash 1.3 never", false),
    ] {
        let judged = judged(&scene, &fails_after_a_call, &format!("{twice}; {rest}"));
        assert_eq!(!judged.is_empty(), is_blamed, "{rest}: {judged:?}");
    }
    // A fault of an earlier attempt excuses nothing.
    let earlier = "start 1; call 1.1#1 throttled; return 1.1";
    let expected =
        ["RD-6 at 9: delivery 1 is given up, though its last attempt met no fault and was alone"];
    assert_eq!(judged(&scene, &fails_after_a_call, earlier), expected);
}

#[test]
fn rd_6_a_last_attempt_that_overlaps_another_invocation_may_be_the_end() {
    let twice = "start 1; call 1.1#1 answered; return 1.1; start 1; call 1.2#1 answered; \
                 return 1.2";
    let last = "start 1; call 1.3#1 answered; return 1.3";
    let scene = two().with_faults(1);
    for (schedule, is_blamed) in [
        (format!("{twice}; {last}"), true),
        (
            format!("{twice}; start 2; call 2.1#1 answered; return 2.1; {last}"),
            true,
        ),
        // Under way from before until after.
        (
            format!("start 2; {twice}; call 2.1#1 answered; return 2.1; {last}"),
            true,
        ),
        (
            format!("{twice}; start 1; start 2; call 1.3#1 answered; return 1.3"),
            false,
        ),
        (
            format!("{twice}; start 1; start 2; call 2.1#1 answered; return 2.1"),
            false,
        ),
        (
            format!(
                "{twice}; start 1; start 2; call 2.1#1 answered; call 1.3#1 answered; return 2.1"
            ),
            false,
        ),
        // An attempt that comes back when the last has ended was not there.
        (format!("{twice}; start 2; crash 2.1 never; {last}"), true),
    ] {
        let judged = judged(&scene, &fails_after_a_call, &schedule);
        assert_eq!(!judged.is_empty(), is_blamed, "{schedule}: {judged:?}");
    }
}

#[test]
fn rd_6_an_attempt_that_is_alone_between_the_steps_of_another_is_not_alone() {
    // On Managed Instances, a zombie is there without making a step.
    let script = |told: &Told<'_>| match told.reply() {
        None if told.attempt() == 1 && told.delivery() == 1 => {
            Next::Call(vec![put("a", &by("zombie"))])
        }
        None if told.delivery() == 1 => succeeds(1),
        None => fails(1),
        Some(_) => succeeds(1),
    };
    let scene = two().with_faults(1).managed();
    let ended = "start 1; return 1.1; start 1; return 1.2; start 2; time-out 2.1; \
                 call 2.1#1 answered; return 2.1; start 1; return 1.3";
    let judged_ended = judged(&scene, &script, ended);
    assert_eq!(
        judged_ended,
        ["RD-6 at 10: delivery 1 is given up, though its last attempt met no fault and was alone"]
    );
    let there = "start 1; return 1.1; start 1; return 1.2; start 2; time-out 2.1; start 1; \
                 return 1.3; call 2.1#1 answered; return 2.1";
    assert_eq!(judged(&scene, &script, there), [""; 0]);
}

#[test]
fn rd_6_a_pending_write_of_another_is_company_too() {
    let script = |told: &Told<'_>| match (told.delivery(), told.reply()) {
        (0, _) => fails(1),
        (_, None) => Next::Call(vec![put_if_absent("a", &by("me"))]),
        _ => succeeds(1),
    };
    let scene = two().with_faults(1);
    let late = "start 2; call 2.1#1 late; return 2.1";
    let thrice = "start 1; return 1.1; start 1; return 1.2; start 1; return 1.3";
    let blamed = |schedule: &str| {
        let judged = judged(&scene, &script, schedule);
        judged.iter().any(|it| it.starts_with("RD-6"))
    };
    assert!(!blamed(&format!("{late}; {thrice}; drop-late 2.1#1")));
    assert!(!blamed(&format!("{late}; {thrice}; apply-late 2.1#1")));
    assert!(blamed(&format!("{late}; apply-late 2.1#1; {thrice}")));
    // One's own pending write is not company.
    let own = |told: &Told<'_>| match told.reply() {
        None if told.attempt() == 3 => Next::Call(vec![put("a", &by("me")), read("a", true)]),
        _ => fails(1),
    };
    let judged = judged(
        &one(1),
        &own,
        "start 1; return 1.1; start 1; return 1.2; start 1; call 1.3#2 answered",
    );
    assert_eq!(
        judged[0],
        "RD-6 at 7: delivery 1 is given up, though its last attempt met no fault and was alone"
    );
}

/// An invocation that has ended without success may be at work still, for all that
/// others know. Handlers that claim keep away from its effect until its time is up, a
/// minute after its start.
#[test]
fn rd_6_a_last_attempt_that_keeps_away_from_an_effect_may_be_the_end() {
    // The first delivery always fails; of the others, all second attempts succeed.
    let script = |told: &Told<'_>| match (told.delivery(), told.attempt()) {
        (0, _) | (1, 1) => fails(1),
        _ => succeeds(1),
    };
    let once = "start 1; return 1.1; start 1; return 1.2";
    let last = "start 1; return 1.3";
    let other = "start 2; return 2.1";
    // Its attempts start after 0, 60 and 180 seconds.
    let beside = format!("start 1; return 1.1; start 1; {other}; return 1.2");
    let again = format!("start 1; return 1.1; {other}; start 1; return 1.2; start 2; return 2.2");
    for (schedule, is_blamed) in [
        // The other is there; has started two minutes before; only afterwards; has succeeded.
        (format!("{once}; start 1; {other}; return 1.3"), false),
        (format!("{beside}; {last}"), true),
        (format!("{once}; {last}; {other}"), true),
        (format!("{again}; {last}"), true),
    ] {
        let blamed = |scene: &Scene, keeps| {
            let judged = verdict(scene, keeps, &run(scene, &script, &schedule));
            judged.iter().any(|it| it.starts_with("RD-6 at"))
        };
        assert_eq!(blamed(&one(2), Keeps::Effects), is_blamed, "{schedule}");
    }
    // It starts a minute before the last attempt, to the second: as late as may be.
    let failing = |told: &Told<'_>| match told.delivery() {
        0 => fails(1),
        _ if told.attempt() < 3 => fails(1),
        _ => succeeds(1),
    };
    // 2.1 after 60 seconds, 2.2 after 120, and 1.3 after 180.
    let a_minute_before = format!("{beside}; start 2; return 2.2; {last}");
    let blamed = |scene: &Scene, keeps| {
        let history = run(scene, &failing, &a_minute_before);
        let judged = verdict(scene, keeps, &history);
        judged.iter().any(|it| it.starts_with("RD-6 at"))
    };
    assert!(!blamed(&one(2), Keeps::Effects));
    // Rows need no claims, and other events have effects of their own.
    assert!(blamed(&one(2), Keeps::Rows));
    let others = Scene::of(&[&[upload("a", "9")], &[upload("b", "9")]], 1);
    assert!(blamed(&others, Keeps::Effects));
}
