//! Attempts and time in a world.

use redeliver_model::delivery::{Form, Notification, Positions, Queue, Record, Route};
use redeliver_model::history::{Answer, History, RecordAnswer};
use redeliver_model::scene::Scene;
use redeliver_model::table::{EXPIRES_AT, Value, item};
use redeliver_model::world::Demand;

use crate::support::*;

fn by_route(route: Route, records: &[Record]) -> Scene {
    Scene {
        notifications: vec![Notification {
            route,
            deliveries: vec![Form::Original],
            records: records.to_vec(),
        }],
        ..Scene::of(&[], 0)
    }
}

fn queue(receives: u32, partial_batches: bool) -> Route {
    Route::Sqs(Queue {
        receives,
        partial_batches,
    })
}

fn always_succeeds(told: &Told<'_>) -> Next {
    succeeds(told.invocation.records.count())
}

/// When each invocation started.
fn starts(history: &History) -> Vec<u64> {
    history.invocations.iter().map(|it| it.at).collect()
}

#[test]
fn a_delivery_that_fails_comes_again_after_its_routes_delays_and_then_is_dead() {
    let scene = one(1);
    let history = run(&scene, &always_fails, "");
    assert_eq!(starts(&history), [0, 60, 180]);
    assert_eq!(history.deliveries[0].dead, Positions::first(1));
    let times: Vec<u64> = history.steps.iter().map(|it| it.at).collect();
    assert_eq!(times, [0, 0, 60, 60, 180, 180]);
    let panics = |_: &Told<'_>| Next::Answer(Answer::Panicked("boom".to_owned()));
    let history = run(&scene, &panics, "");
    assert_eq!(history.invocations.len(), 3);
    assert_eq!(history.answers().count(), 3);

    let two = by_route(queue(2, false), &[upload("a", "1"), upload("b", "1")]);
    let history = run(&two, &always_fails, "");
    assert_eq!(starts(&history), [0, 180]);
    assert_eq!(history.deliveries[0].dead, Positions::first(2));
}

#[test]
fn a_request_id_lasts_for_an_event_with_lambdas_queue_and_for_an_attempt_with_sqs() {
    let ids = |scene: &Scene| -> Vec<String> {
        let history = run(scene, &always_fails, "");
        let invocations = history.invocations.iter();
        invocations.map(|it| it.request_id.to_string()).collect()
    };
    let records = [upload("a", "1")];
    for route in [Route::Direct, Route::EventBridge, Route::Sns] {
        assert_eq!(ids(&by_route(route, &records)), ["request-1"; 3]);
    }
    assert_eq!(
        ids(&by_route(queue(3, true), &records)),
        ["request-1.1", "request-1.2", "request-1.3"]
    );
    let mut twice = ids(&one(2));
    twice.sort();
    twice.dedup();
    assert_eq!(twice, ["request-1", "request-2"]);
}

/// Of two records, fails the first in the first attempt.
fn fails_the_first(told: &Told<'_>) -> Next {
    Next::Answer(match told.attempt() {
        1 => Answer::Returned(vec![RecordAnswer::FAILED, RecordAnswer::SILENT]),
        _ => Answer::Returned(vec![RecordAnswer::SILENT; told.invocation.records.count()]),
    })
}

#[test]
fn with_partial_batches_only_what_failed_comes_again() {
    let records = [upload("a", "1"), upload("b", "1")];
    let handed = |route| -> Vec<Vec<usize>> {
        let history = run(&by_route(route, &records), &fails_the_first, "");
        let invocations = history.invocations.iter();
        invocations.map(|it| it.records.iter().collect()).collect()
    };
    assert_eq!(handed(queue(3, true)), [vec![0, 1], vec![0]]);
    assert_eq!(handed(queue(3, false)), [vec![0, 1], vec![0, 1]]);
    assert_eq!(handed(Route::Direct), [vec![0, 1], vec![0, 1]]);
    // A record of which nothing is said has failed.
    let terse = |told: &Told<'_>| match told.attempt() {
        1 => Next::Answer(Answer::Returned(vec![RecordAnswer::FAILED])),
        _ => always_succeeds(told),
    };
    let history = run(&by_route(queue(3, true), &records), &terse, "");
    assert_eq!(history.invocations[1].records.count(), 2);
}

#[test]
fn an_attempt_that_is_not_due_yet_waits_for_whoever_has_a_deadline_before() {
    let scene = one(2).with_faults(1);
    let script = |told: &Told<'_>| match told.delivery() {
        0 => always_fails(told),
        _ => inserts_a(told),
    };
    let mut stage = Stage::new(&scene, &script);
    stage.play("start 1; return 1.1; start 2");
    assert_eq!(stage.offers()[..2], ["call 2.1#1 answered", "start 1"]);
    stage.play("start 1");
    assert_eq!(stage.world.now(), 60);
    stage.play("return 1.2");
    // The third attempt comes at 180, the second delivery's deadline is at 60.
    assert!(!stage.offers().contains(&"start 1".to_owned()));
    stage.play("call 2.1#1 answered; return 2.1; start 1");
    assert_eq!(stage.world.now(), 180);
}

#[test]
fn a_deadline_is_a_timeout_after_the_start() {
    let scene = one(1);
    let script = |told: &Told<'_>| match told.attempt() {
        1 => fails(1),
        _ => inserts_a(told),
    };
    let mut stage = Stage::new(&scene, &script);
    stage.play("start 1; return 1.1; start 1");
    let second = stage.world.history().invocations[1].id;
    assert_eq!(stage.world.deadline(second), Some(120));
    assert_eq!(
        stage
            .world
            .deadline(stage.world.history().invocations[0].id),
        None
    );
}

#[test]
fn time_passes_so_often_as_the_scene_allows_and_not_beyond_a_deadline() {
    let scene = one(2).with_waits(3).with_faults(1).managed();
    let mut stage = Stage::new(&scene, &inserts_a);
    let waits = |stage: &Stage<'_>| {
        let offers = stage.offers().into_iter();
        let waits: Vec<String> = offers.filter(|it| it.starts_with("wait")).collect();
        waits.join(", ").replace("wait ", "")
    };
    let all = "half-minute, six-hours, sixteen-days";
    assert_eq!(waits(&stage), all);
    stage.play("start 1");
    assert_eq!(waits(&stage), "half-minute");
    stage.play("wait half-minute");
    assert_eq!(stage.world.now(), 30);
    assert_eq!(stage.world.history().steps[1].at, 30);
    assert_eq!(waits(&stage), "half-minute", "to the very deadline");
    stage.play("wait half-minute");
    assert_eq!(stage.world.now(), 60);
    assert_eq!(waits(&stage), "");
    stage.play("time-out 1.1");
    assert_eq!(waits(&stage), all, "what has timed out has no deadline");
    stage.play("wait six-hours");
    assert_eq!(stage.world.now(), 60 + 21_600);
    assert_eq!(waits(&stage), "", "three times, and no more");
}

#[test]
fn nobody_waits_when_nothing_is_left_to_happen() {
    let scene = one(1).with_waits(1);
    let mut stage = Stage::new(&scene, &inserts_a);
    stage.play("start 1; call 1.1#1 answered; return 1.1");
    assert!(stage.offers().is_empty());
}

#[test]
fn expired_rows_are_swept_when_it_is_chosen() {
    let short_lived = item([(EXPIRES_AT, Value::from(20))]);
    let script = calls(put_if_absent("a", &short_lived));
    let scene = one(2).with_waits(1);
    let mut stage = Stage::new(&scene, &script);
    stage.play("start 1; call 1.1#1 answered; return 1.1");
    assert_eq!(stage.offers()[..2], ["start 2", "wait half-minute"]);
    stage.play("wait half-minute");
    assert_eq!(stage.offers(), ["start 2", "sweep"]);
    assert_eq!(stage.take(choices("sweep")[0]), Demand::Nothing);
    assert_eq!(stage.world.history().steps.last().unwrap().changes.len(), 1);
    assert_eq!(stage.offers(), ["start 2"]);
}
