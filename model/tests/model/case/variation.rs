//! Scenes in which a counterexample may be smaller.

use redeliver_model::delivery::{Flaw, Form, Record, Route};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Case;

use super::{QUEUED, case, notification, tried, tried_cases};
use crate::support::{text, upload};

/// These are tried, in this order, among others.
fn assert_tried(case: &Case, expected: &[String]) {
    let all = tried(case);
    let mut rest = all.iter();
    for wanted in expected {
        assert!(rest.any(|it| it == wanted), "{wanted}: not among {all:#?}");
    }
}

#[test]
fn notifications_deliveries_and_records_are_left_out_and_the_schedule_named_anew() {
    let scene = Scene {
        notifications: vec![
            notification(QUEUED, &[Form::Original], &[upload("a", "9")]),
            notification(
                Route::Direct,
                &[Form::Original, Form::Revised],
                &[upload("b", "9"), Record::Unreadable(Flaw::NoBucket)],
            ),
        ],
        ..Scene::of(&[], 0)
    };
    let all = "start 1; start 2; start 3; time-out 1.1; return 2.1; crash 3.1 late; sweep; \
               apply-late 1.1#2; drop-late 2.1#2; call 3.1#2 answered";
    let second = "start 1; time-out 1.1; sweep; apply-late 1.1#2";
    let expected = [
        "or b?: start 1; start 2; return 1.1; crash 2.1 late; sweep; drop-late 1.1#2; call 2.1#2 answered".to_string(),
        format!("o a, or b?: {all}"),
        format!("routed o a, or b?: {all}"),
        format!("routed o a: {second}"),
        "routed o a, r b?: start 1; start 2; time-out 1.1; crash 2.1 late; sweep; apply-late 1.1#2; call 2.1#2 answered".to_owned(),
        "routed o a, o b?: start 1; start 2; time-out 1.1; return 2.1; sweep; apply-late 1.1#2; drop-late 2.1#2".to_owned(),
        format!("routed o a, or ?: {all}"),
        format!("routed o a, or b: {all}"),
        format!("routed o a, or b?: {all}"),
        format!("routed o a, oo b?: {all}"),
    ];
    assert_tried(&case(scene, all), &expected);
}

#[test]
fn time_passes_in_place_of_a_delivery_or_a_fault_that_took_it() {
    let minute = "wait half-minute; wait half-minute";
    let two = Scene::of(&[&[upload("a", "9")], &[upload("b", "9")]], 1);
    let expected = [
        format!("o b waits 2: {minute}; start 1; sweep"),
        format!("o b waits 2: start 1; {minute}; sweep"),
        format!("o b waits 2: start 1; sweep; {minute}"),
        "o b: start 1; sweep".to_owned(),
    ];
    assert_tried(&case(two, "start 1; start 2; sweep"), &expected);
    let twice = Scene::of(&[&[upload("a", "9")]], 2).with_waits(1);
    let expected = [
        format!("o a waits 3: {minute}; start 1"),
        format!("o a waits 3: start 1; {minute}"),
        "o a waits 1: start 1".to_owned(),
    ];
    assert_tried(&case(twice, "start 1; start 2"), &expected);
    let once = Scene::of(&[&[upload("a", "9")]], 1).managed();
    let expected = [
        format!("o a managed waits 2: start 1; {minute}; sweep"),
        "o a managed: start 1; sweep".to_owned(),
    ];
    assert_tried(&case(once, "start 1; time-out 1.1; sweep"), &expected);
}

#[test]
fn a_record_left_out_turns_the_others_and_takes_some_calls_with_it() {
    let [a, b, c] = ["a", "b", "c"].map(|key| upload(key, "9"));
    let scene = Scene::of(&[&[a, b, c.clone()], &[c]], 1);
    let calls = "call 1.1#1 answered; call 1.1#2 late; call 1.1#3 resent; call 2.1#1 stale";
    let expected = [
        format!("o cb, o c: {calls}"),
        "o bc, o c: call 1.1#1 late; call 1.1#2 resent; call 2.1#1 stale".to_owned(),
        "o bc, o c: call 1.1#1 resent; call 2.1#1 stale".to_owned(),
        "o bc, o c: call 2.1#1 stale".to_owned(),
        "o bc, o c: call 1.1#1 answered; call 1.1#2 resent; call 2.1#1 stale".to_owned(),
        "o bc, o c: call 1.1#1 answered; call 2.1#1 stale".to_owned(),
        "o bc, o c: call 1.1#1 answered; call 1.1#2 late; call 2.1#1 stale".to_owned(),
        format!("o bc, o c: {calls}"),
        format!("o ca, o c: {calls}"),
    ];
    assert_tried(&case(scene, calls), &expected);
}

#[test]
fn late_writes_are_named_anew_when_a_call_is_left_out() {
    let scene = Scene::of(&[&[upload("a", "9"), upload("b", "9")]], 1);
    let late = "apply-late 1.1#1; drop-late 1.1#2; apply-late 1.1#3";
    let expected = [
        "o b: drop-late 1.1#1; apply-late 1.1#2".to_owned(),
        "o b: apply-late 1.1#1; apply-late 1.1#2".to_owned(),
    ];
    assert_tried(&case(scene, late), &expected);
}

#[test]
fn what_two_deliveries_do_one_may_do_that_has_every_record_twice() {
    let scene = Scene::of(&[&[upload("a", "9"), upload("b", "9")]], 2);
    let expected = ["o abab: start 1".to_owned(), "o ab: start 1".to_owned()];
    assert_tried(&case(scene, "start 1; start 2"), &expected);
}

#[test]
fn all_records_come_in_the_first_notification_in_either_order() {
    let scene = Scene {
        notifications: vec![
            notification(
                Route::Direct,
                &[Form::Original, Form::Revised],
                &[upload("a", "9")],
            ),
            notification(Route::Sns, &[Form::Original; 2], &[upload("b", "9")]),
        ],
        ..Scene::of(&[], 0)
    };
    let expected = [
        "routed or ab: start 1; start 2".to_owned(),
        "or ab: start 1; start 2".to_owned(),
        "routed or ba: start 1; start 2".to_owned(),
        "or ba: start 1; start 2".to_owned(),
    ];
    assert_tried(
        &case(scene, "start 1; start 2; start 3; start 4"),
        &expected,
    );
}

#[test]
fn everything_comes_through_queues_that_give_up_early() {
    let scene = Scene::of(&[&[upload("a", "9")], &[upload("b", "9")]], 1);
    let queued = |it: &Case| {
        let notifications = &it.scene.notifications;
        notifications.len() == 2 && notifications.iter().all(|it| it.route == QUEUED)
    };
    let schedules: Vec<String> = tried_cases(&case(scene, "start 2"))
        .iter()
        .filter(|it| queued(it))
        .map(|it| text(&it.schedule))
        .collect();
    assert_eq!(schedules, ["start 2", ""]);
}

#[test]
fn every_simpler_scene_is_tried_without_a_schedule() {
    let scene = Scene::of(
        &[&[upload("a", "9")], &[upload("b", "9"), upload("c", "9")]],
        2,
    );
    let all = tried_cases(&case(scene, "start 1; start 2; start 3"));
    let calm: Vec<&Scene> = all
        .iter()
        .filter(|it| it.schedule.is_empty())
        .map(|it| &it.scene)
        .collect();
    let of_scenes = &all[..calm.len()];
    assert!(calm.len() > 20, "{}", calm.len());
    assert!(
        calm.iter()
            .copied()
            .eq(of_scenes.iter().map(|it| &it.scene))
    );
    assert!(of_scenes.iter().all(|it| !it.schedule.is_empty()));
}

#[test]
fn what_is_unusual_about_a_scene_is_made_usual() {
    let scene = Scene::of(&[&[upload("a", "9")]], 1).with_waits(2).managed();
    let schedule = "wait half-minute; sweep";
    let expected = [
        "o a managed waits 2: wait half-minute; sweep",
        "o a managed waits 2: wait half-minute; sweep",
        "o a waits 2: wait half-minute; sweep",
        "o a managed waits 1: wait half-minute; sweep",
    ];
    assert_eq!(tried(&case(scene, schedule))[..4], expected);
}
