//! RD-1 to RD-4.

mod reports;

use redeliver_model::property::Keeps;
use redeliver_model::scene::Scene;
use redeliver_model::table::{EXPIRES_AT, Item, Operation, Value, item};

use crate::support::{
    Next, Script, Told, by, delete, fails, inserts_a, one, put, put_if_absent, run, succeeds,
    upload, verdict,
};

fn judged(scene: &Scene, script: Script<'_>, schedule: &str) -> Vec<String> {
    verdict(scene, Keeps::Rows, &run(scene, script, schedule))
}

/// Makes these calls one after another, and succeeds whatever the replies are.
fn in_turn(operations: Vec<Operation>) -> impl Fn(&Told<'_>) -> Next {
    move |told| match operations.get(told.replies.len()) {
        Some(operation) => Next::Call(vec![operation.clone()]),
        None => succeeds(told.invocation.records.count()),
    }
}

/// Makes one call for each delivery, and says what it says there.
fn each(what: Vec<(Operation, Next)>) -> impl Fn(&Told<'_>) -> Next {
    move |told| {
        let (operation, next) = &what[told.delivery()];
        match told.reply() {
            None => Next::Call(vec![operation.clone()]),
            Some(_) => next.clone(),
        }
    }
}

const CALM: &str = "";

/// A row that has expired after the half minute.
fn short_lived(writer: &str) -> Item {
    item([("by", Value::from(writer)), (EXPIRES_AT, Value::from(20))])
}

#[test]
fn the_ideal_handler_is_never_blamed() {
    let scene = one(2).with_faults(2).with_waits(1);
    for schedule in [
        CALM,
        "start 1; start 2",
        "start 1; call 1.1#1 reply-lost; return 1.1; start 2; start 1",
        "start 1; crash 1.1 applied; start 1",
        "start 1; crash 1.1 late; start 2; call 2.1#1 answered; return 2.1; apply-late 1.1#1",
        "start 1; call 1.1#1 resent; return 1.1",
        "start 1; call 1.1#1 throttled; return 1.1; start 1; call 1.2#1 server-error",
    ] {
        assert_eq!(judged(&scene, &inserts_a, schedule), [""; 0], "{schedule}");
    }
}

#[test]
fn rd_1_a_row_of_no_event_is_stray() {
    let writes = in_turn(vec![put("a", &by("me")), put("b", &by("me"))]);
    assert_eq!(
        judged(&one(1), &writes, CALM),
        ["RD-1 at 5: the row b belongs to no event that was to be recorded"]
    );
}

#[test]
fn rd_1_a_row_may_belong_to_an_event_that_failed_visibly() {
    let fails = each(vec![(put("a", &by("me")), fails(1))]);
    let scene = one(1).with_faults(3);
    let schedule = "start 1; call 1.1#1 reply-lost; return 1.1; start 1; call 1.2#1 reply-lost; \
                    return 1.2; start 1; call 1.3#1 reply-lost; return 1.3";
    assert_eq!(judged(&scene, &fails, schedule), [""; 0]);
}

#[test]
fn rd_1_and_2_an_acknowledged_event_has_a_row() {
    let script = in_turn(vec![]);
    let expected = [
        "RD-1 at 3: the event of a was acknowledged at step 2, but has no row in the end",
        "RD-2 at 2: attempt 1 of delivery 1 acknowledges the event of a before its row is written",
    ];
    assert_eq!(judged(&one(1), &script, CALM), expected);
}

#[test]
fn rd_1_2_and_3_a_row_that_somebody_removes_is_missed() {
    let deletes = each(vec![
        (put("a", &by("me")), succeeds(1)),
        (delete("a"), succeeds(1)),
    ]);
    let expected = [
        "RD-1 at 7: the event of a was acknowledged at step 3, but has no row in the end",
        "RD-2 at 5: the row a is removed, though its event was acknowledged at step 3",
        "RD-3 at 5: the row a changes after its event was acknowledged at step 3",
    ];
    assert_eq!(judged(&one(2), &deletes, CALM), expected);
}

#[test]
fn rd_1_2_and_3_a_row_that_expires_is_not_missed() {
    let script = in_turn(vec![put_if_absent("a", &short_lived("me"))]);
    let schedule = "start 1; call 1.1#1 answered; return 1.1; wait half-minute; sweep";
    let scene = one(1).with_waits(1);
    // There must be something to wait for.
    let two = Scene {
        notifications: [&one(1).notifications[..], &one(1).notifications[..]].concat(),
        ..scene
    };
    assert_eq!(judged(&two, &script, schedule), [""; 0]);
}

#[test]
fn rd_1_a_row_that_came_again_after_its_expiry_and_was_removed_is_missed() {
    let script = each(vec![
        (put_if_absent("a", &short_lived("first")), succeeds(1)),
        (put_if_absent("a", &by("second")), succeeds(1)),
        (delete("a"), succeeds(1)),
    ]);
    let schedule = "start 1; call 1.1#1 answered; return 1.1; wait half-minute; sweep; start 2; \
                    call 2.1#1 answered; start 3; call 3.1#1 answered; return 3.1; return 2.1";
    let expected = [
        "RD-1 at 12: the event of a was acknowledged at step 3, but has no row in the end",
        "RD-2 at 9: the row a is removed, though its event was acknowledged at step 3",
        "RD-3 at 9: the row a changes after its event was acknowledged at step 3",
    ];
    assert_eq!(judged(&one(3).with_waits(1), &script, schedule), expected);
}

#[test]
fn rd_2_a_write_that_nobody_waited_for_comes_too_late() {
    let script = |told: &Told<'_>| match told.turn {
        0 => Next::Call(vec![put("a", &by("me")), put("b", &by("me"))]),
        _ => succeeds(2),
    };
    let scene = Scene::of(&[&[upload("a", "9"), upload("b", "9")]], 1);
    let schedule = "start 1; call 1.1#2 answered; return 1.1; apply-late 1.1#1";
    let expected = [
        "RD-2 at 3: attempt 1 of delivery 1 acknowledges the event of a before its row is written",
        "RD-8 at 3: attempt 1 of delivery 1 ends and leaves a without a row, though no call \
         about it failed",
    ];
    assert_eq!(judged(&scene, &script, schedule), expected);
    let in_time = "start 1; call 1.1#2 answered; apply-late 1.1#1; return 1.1";
    assert_eq!(judged(&scene, &script, in_time), [""; 0]);
}

#[test]
fn rd_3_whoever_comes_after_the_first_acknowledgement_leaves_the_row_alone() {
    let overwrites = each(vec![
        (put("a", &by("first")), succeeds(1)),
        (put("a", &by("second")), succeeds(1)),
    ]);
    let expected = ["RD-3 at 5: the row a changes after its event was acknowledged at step 3"];
    assert_eq!(judged(&one(2), &overwrites, CALM), expected);
    // Before the acknowledgement, anybody may change it.
    let at_once = "start 1; start 2; call 1.1#1 answered; call 2.1#1 answered";
    assert_eq!(judged(&one(2), &overwrites, at_once), [""; 0]);
    // The same bytes again are no change.
    let same = each(vec![
        (put("a", &by("first")), succeeds(1)),
        (put("a", &by("first")), succeeds(1)),
    ]);
    assert_eq!(judged(&one(2), &same, CALM), [""; 0]);
}

#[test]
fn rd_3_a_row_in_its_second_life_may_differ_from_the_first() {
    let script = each(vec![
        (put("a", &short_lived("first")), succeeds(1)),
        (put("a", &short_lived("second")), succeeds(1)),
    ]);
    let schedule = "start 1; call 1.1#1 answered; return 1.1; wait half-minute; sweep; start 2";
    assert_eq!(judged(&one(2).with_waits(1), &script, schedule), [""; 0]);
    let unswept = "start 1; call 1.1#1 answered; return 1.1; wait half-minute; start 2";
    let expected = ["RD-3 at 6: the row a changes after its event was acknowledged at step 3"];
    assert_eq!(judged(&one(2).with_waits(1), &script, unswept), expected);
}

#[test]
fn rd_3_another_events_acknowledgement_binds_nobody() {
    let scene = Scene::of(&[&[upload("b", "9")], &[upload("a", "9")]], 1);
    let script = |told: &Told<'_>| match (told.delivery(), told.replies.len()) {
        (0, 0) => Next::Call(vec![put("b", &by("me"))]),
        (1, turn @ (0 | 1)) => Next::Call(vec![put("a", &by(["me", "again"][turn]))]),
        _ => succeeds(1),
    };
    assert_eq!(judged(&scene, &script, CALM), [""; 0]);
}
