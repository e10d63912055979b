//! RD-4: what is reported of the rows.

use redeliver_model::delivery::{Queue, Route};
use redeliver_model::history::{Answer, RecordAnswer, Report};
use redeliver_model::scene::Scene;
use redeliver_model::table::Reply;

use super::{CALM, each, in_turn, judged, short_lived};
use crate::support::{Next, Told, by, fails, inserts_each, one, put, put_if_absent, said, upload};

#[test]
fn rd_4_two_requests_that_both_report_the_insertion_contradict_each_other() {
    let both = each(vec![
        (put_if_absent("a", &by("first")), said(Report::Inserted)),
        (put_if_absent("a", &by("second")), said(Report::Confirmed)),
    ]);
    let expected = [
        "RD-4 at 6: attempt 1 of delivery 2 reports the row a as its own, which attempt 1 of \
         delivery 1 did before",
    ];
    assert_eq!(judged(&one(2), &both, CALM), expected);
    let scene = Scene::of(&[&[upload("a", "9")], &[upload("b", "9")]], 1);
    let two_rows = each(vec![
        (put_if_absent("a", &by("first")), said(Report::Inserted)),
        (put_if_absent("b", &by("second")), said(Report::Inserted)),
    ]);
    assert_eq!(judged(&scene, &two_rows, CALM), [""; 0]);
}

#[test]
fn rd_4_an_attempt_that_meets_its_own_row_reports_no_duplicate() {
    let says_duplicate = each(vec![(
        put_if_absent("a", &by("me")),
        said(Report::Duplicate),
    )]);
    let expected = [
        "RD-4 at 5: attempt 2 of delivery 1 reports a duplicate of the row a, which it wrote itself",
    ];
    let crashed = "start 1; crash 1.1 applied; start 1";
    let scene = one(1).with_faults(1);
    assert_eq!(judged(&scene, &says_duplicate, crashed), expected);
    // A queue gives each attempt a request id of its own.
    let mut queued = scene.clone();
    queued.notifications[0].route = Route::Sqs(Queue {
        receives: 3,
        partial_batches: true,
    });
    assert_eq!(judged(&queued, &says_duplicate, crashed), [""; 0]);
    // Nothing is claimed by whoever reports nothing.
    let silent = in_turn(vec![put_if_absent("a", &by("me"))]);
    assert_eq!(judged(&scene, &silent, crashed), [""; 0]);
}

#[test]
fn rd_4_a_row_that_somebody_else_wrote_is_a_duplicate() {
    let script = each(vec![
        (put_if_absent("a", &by("first")), said(Report::Inserted)),
        (put_if_absent("a", &by("second")), said(Report::Duplicate)),
    ]);
    assert_eq!(judged(&one(2), &script, CALM), [""; 0]);
}

#[test]
fn rd_4_what_another_delivery_claims_excuses_nobody() {
    let script = each(vec![
        (put_if_absent("a", &by("first")), said(Report::Duplicate)),
        (put_if_absent("a", &by("second")), said(Report::Inserted)),
    ]);
    let expected = [
        "RD-4 at 3: attempt 1 of delivery 1 reports a duplicate of the row a, which it wrote itself",
    ];
    assert_eq!(judged(&one(2), &script, CALM), expected);
}

#[test]
fn rd_4_in_a_second_life_the_row_is_inserted_anew() {
    let both = each(vec![
        (
            put_if_absent("a", &short_lived("first")),
            said(Report::Inserted),
        ),
        (put_if_absent("a", &by("second")), said(Report::Inserted)),
    ]);
    let scene = one(2).with_waits(1);
    let swept = "start 1; call 1.1#1 answered; return 1.1; wait half-minute; sweep; start 2";
    assert_eq!(judged(&scene, &both, swept), [""; 0]);
    // Whoever heard of the row in its first life speaks of that.
    let heard_before = "start 1; start 2; call 1.1#1 answered; call 2.1#1 answered; return 1.1; \
                        wait half-minute; sweep; return 2.1";
    let expected = [
        "RD-4 at 8: attempt 1 of delivery 2 reports the row a as its own, which attempt 1 of \
         delivery 1 did before",
    ];
    assert_eq!(judged(&scene, &both, heard_before), expected);
    let heard_after = "start 1; start 2; call 1.1#1 answered; return 1.1; wait half-minute; \
                       sweep; call 2.1#1 answered";
    assert_eq!(judged(&scene, &both, heard_after), [""; 0]);
}

#[test]
fn rd_4_whoever_makes_no_call_speaks_of_the_life_through_which_it_ran() {
    let script = |told: &Told<'_>| match (told.delivery(), told.reply()) {
        (0, None) => Next::Call(vec![put_if_absent("a", &short_lived("first"))]),
        (0, _) => said(Report::Inserted),
        (2, _) => said(Report::Duplicate),
        (_, None) => Next::Call(vec![put("elsewhere", &by("second"))]),
        _ => said(Report::Inserted),
    };
    let scene = one(3).with_waits(1);
    let stray = "RD-1 at 11: the row elsewhere belongs to no event that was to be recorded";
    let claimed = |step: usize| {
        format!(
            "RD-4 at {step}: attempt 1 of delivery 2 reports the row a as its own, which attempt \
             1 of delivery 1 did before"
        )
    };
    let ended_before = "start 1; call 1.1#1 answered; return 1.1; start 2; wait half-minute; \
                        call 2.1#1 answered; return 2.1; sweep";
    assert_eq!(
        judged(&scene, &script, ended_before),
        [stray.to_owned(), claimed(7)]
    );
    let started_after =
        "start 1; call 1.1#1 answered; return 1.1; wait half-minute; sweep; start 2";
    assert_eq!(judged(&scene, &script, started_after), [stray]);
    // It may have known of the row before the sweep or after it.
    let through_both = "start 1; call 1.1#1 answered; return 1.1; start 2; wait half-minute; \
                        sweep; call 2.1#1 answered";
    assert_eq!(judged(&scene, &script, through_both), [stray]);
}

#[test]
fn rd_4_whoever_may_speak_of_either_life_may_call_its_own_row_a_duplicate() {
    let script = |told: &Told<'_>| match (told.attempt(), told.reply()) {
        _ if told.delivery() == 1 => said(Report::Duplicate),
        (1, None) => Next::Call(vec![put_if_absent("a", &short_lived("first"))]),
        (1, _) => fails(1),
        (_, None) => Next::Call(vec![put("elsewhere", &by("second"))]),
        _ => said(Report::Duplicate),
    };
    let scene = one(2).with_waits(1);
    let stray = "RD-1 at 11: the row elsewhere belongs to no event that was to be recorded";
    let own = "RD-4 at 7: attempt 2 of delivery 1 reports a duplicate of the row a, which it wrote \
               itself";
    let ended_before = "start 1; call 1.1#1 answered; return 1.1; start 1; wait half-minute; \
                        call 1.2#1 answered; return 1.2; sweep";
    assert_eq!(judged(&scene, &script, ended_before), [stray, own]);
    let through_both = "start 1; call 1.1#1 answered; return 1.1; start 1; wait half-minute; \
                        sweep; call 1.2#1 answered; return 1.2";
    assert_eq!(judged(&scene, &script, through_both), [stray]);
}

#[test]
fn rd_4_a_row_of_ones_own_in_an_earlier_life_is_not_met_again() {
    // The first attempt's row expires; another delivery inserts it anew; the second
    // attempt meets that.
    let script = |told: &Told<'_>| match (told.delivery(), told.reply()) {
        (0, None) => Next::Call(vec![put_if_absent("a", &short_lived("first"))]),
        (_, None) => Next::Call(vec![put_if_absent("a", &by("second"))]),
        (0, Some(Reply::Failed(_))) => fails(1),
        (0, _) => said(Report::Duplicate),
        _ => said(Report::Inserted),
    };
    let schedule = "start 1; call 1.1#1 reply-lost; return 1.1; wait half-minute; sweep; start 2; \
                    call 2.1#1 answered; return 2.1; start 1";
    let scene = one(2).with_faults(1).with_waits(1);
    assert_eq!(judged(&scene, &script, schedule), [""; 0]);
    // In the life that it did write itself, it is met.
    let unswept = "start 1; call 1.1#1 reply-lost; return 1.1; wait half-minute; start 1; \
                   call 1.2#1 answered; return 1.2; sweep; start 2";
    let expected = [
        "RD-4 at 7: attempt 2 of delivery 1 reports a duplicate of the row a, which it wrote itself",
    ];
    assert_eq!(judged(&scene, &script, unswept), expected);
}

#[test]
fn rd_4_a_row_of_ones_own_in_a_second_life_is_met_again() {
    let script = |told: &Told<'_>| match (told.delivery(), told.reply()) {
        (0, None) => Next::Call(vec![put_if_absent("a", &short_lived("first"))]),
        (0, _) => said(Report::Inserted),
        (_, None) => Next::Call(vec![put_if_absent("a", &by("second"))]),
        (_, Some(Reply::Failed(_))) => fails(1),
        _ => said(Report::Duplicate),
    };
    let schedule = "start 1; call 1.1#1 answered; return 1.1; wait half-minute; sweep; start 2; \
                    call 2.1#1 reply-lost; return 2.1; start 2; call 2.2#1 answered";
    let expected = [
        "RD-4 at 11: attempt 2 of delivery 2 reports a duplicate of the row a, which it wrote \
         itself",
    ];
    let scene = one(2).with_faults(1).with_waits(1);
    assert_eq!(judged(&scene, &script, schedule), expected);
}

/// Two records of one event in one notification.
fn twins() -> Scene {
    Scene::of(&[&[upload("a", "9"), upload("a", "9")]], 1)
}

fn answers(first: RecordAnswer, second: RecordAnswer) -> Next {
    Next::Answer(Answer::Returned(vec![first, second]))
}

#[test]
fn rd_4_of_twins_in_a_batch_one_reports_the_insertion() {
    let say = RecordAnswer::said;
    let script = |told: &Told<'_>| match told.replies.len() {
        0 | 1 => Next::Call(vec![put_if_absent("a", &by("me"))]),
        _ => answers(say(Report::Inserted), say(Report::Duplicate)),
    };
    assert_eq!(judged(&twins(), &script, CALM), [""; 0]);
    let both = |told: &Told<'_>| match told.replies.len() {
        0 | 1 => Next::Call(vec![put_if_absent("a", &by("me"))]),
        _ => answers(say(Report::Inserted), say(Report::Inserted)),
    };
    let expected = [
        "RD-4 at 4: attempt 1 of delivery 1 reports the row a as its own, which attempt 1 of \
         delivery 1 did before",
    ];
    assert_eq!(judged(&twins(), &both, CALM), expected);
    let neither = |told: &Told<'_>| match told.replies.len() {
        0 | 1 => Next::Call(vec![put_if_absent("a", &by("me"))]),
        _ => answers(say(Report::Duplicate), say(Report::Duplicate)),
    };
    let expected = [
        "RD-4 at 4: attempt 1 of delivery 1 reports a duplicate of the row a, which it wrote itself",
    ];
    assert_eq!(judged(&twins(), &neither, CALM), expected);
}

#[test]
fn rd_4_and_7_what_befell_a_failed_twin_is_not_held_against_the_other() {
    let mut scene = twins().with_faults(1);
    scene.notifications[0].route = Route::Sqs(Queue {
        receives: 3,
        partial_batches: true,
    });
    let script = inserts_each(&scene);
    // The first twin's reply is lost; the second meets the row.
    let schedule = "start 1; call 1.1#1 reply-lost; call 1.1#2 answered";
    assert_eq!(judged(&scene, &script, schedule), [""; 0]);
    // The second twin's reply is lost, which the first did not ask for.
    let schedule = "start 1; call 1.1#1 answered; call 1.1#2 reply-lost";
    assert_eq!(judged(&scene, &script, schedule), [""; 0]);
}

#[test]
fn rd_4_whoever_heard_of_two_lives_speaks_of_the_second_unless_it_has_the_event_twice() {
    let insert = |told: &Told<'_>| match told.replies.len() {
        0 => Some(put_if_absent("a", &short_lived("first"))),
        1 => Some(put_if_absent("a", &by("second"))),
        _ => None,
    };
    let through_both = "start 1; call 1.1#1 answered; wait half-minute; sweep; call 1.1#2 answered";
    let alone = |told: &Told<'_>| match (told.delivery(), told.reply(), insert(told)) {
        (0, _, Some(call)) => Next::Call(vec![call]),
        (1, None, _) => Next::Call(vec![put_if_absent("a", &by("third"))]),
        _ => said(Report::Inserted),
    };
    let expected = [
        "RD-4 at 9: attempt 1 of delivery 2 reports the row a as its own, which attempt 1 of \
         delivery 1 did before",
    ];
    let scene = one(2).with_waits(1);
    assert_eq!(judged(&scene, &alone, through_both), expected);
    // Each of two records may have inserted the row, one in each life.
    let inserted = RecordAnswer::said(Report::Inserted);
    let twice = |told: &Told<'_>| match insert(told) {
        Some(call) => Next::Call(vec![call]),
        None => answers(inserted, inserted),
    };
    assert_eq!(
        judged(&twins().with_waits(1), &twice, through_both),
        [""; 0]
    );
}

#[test]
fn rd_4_a_call_about_something_else_says_nothing_of_the_row() {
    let script = |told: &Told<'_>| match (told.delivery(), told.reply()) {
        (0, None) => Next::Call(vec![put_if_absent("a", &short_lived("first"))]),
        (1, None) => Next::Call(vec![put("elsewhere", &by("second"))]),
        (_, None) => Next::Call(vec![put_if_absent("a", &by("third"))]),
        _ => said(Report::Inserted),
    };
    let schedule = "start 1; call 1.1#1 answered; return 1.1; start 2; wait half-minute; sweep; \
                    start 3; call 3.1#1 answered; return 3.1; call 2.1#1 answered";
    let stray = "RD-1 at 12: the row elsewhere belongs to no event that was to be recorded";
    assert_eq!(judged(&one(3).with_waits(1), &script, schedule), [stray]);
}
