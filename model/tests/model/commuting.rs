//! What the reduction of a world leaves out leads nowhere else.

use std::collections::BTreeSet;

use redeliver_model::delivery::{Queue, Route};
use redeliver_model::history::History;
use redeliver_model::property::{Expectation, Keeps};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Odometer;
use redeliver_model::table::Reply;
use redeliver_model::world::Reduction;

use crate::support::{
    Books, Next, Script, Told, by, fails, inserts_a, inserts_each, play, put, read, succeeds,
    upload, verdict,
};

/// What a history leads to: all that a judge and the invocations could see of it, but
/// for the order of what has nothing to do with one another.
fn outcome(scene: &Scene, history: &History) -> String {
    let mut views: Vec<String> = Vec::new();
    for invocation in &history.invocations {
        let own = history
            .steps
            .iter()
            .filter(|step| step.choice.invocation() == Some(invocation.id));
        let own = own.map(|step| {
            let reply = step.call.as_ref().and_then(|call| call.reply.as_ref());
            format!("{} {reply:?} {:?} {}", step.choice, step.answer, step.at)
        });
        let own: Vec<String> = own.collect();
        views.push(format!("{} at {}: {own:?}", invocation.id, invocation.at));
    }
    views.sort();
    let verdict: Vec<String> = verdict(scene, Keeps::Rows, history)
        .iter()
        .map(|it| it.split(" at ").next().unwrap_or_default().to_owned())
        .collect();
    format!("{views:?} {:?} {verdict:?}", history.table)
}

/// No scene here has more runs.
const MOST_RUNS: usize = 5_000;

/// How many runs there are, of all and of those that are not cut, if both lead to the
/// same outcomes.
fn counted(scene: &Scene, script: Script<'_>, shares_memory: bool) -> (usize, usize) {
    let books = Books::default();
    let expectation = Expectation::new(scene, Keeps::Rows, &books);
    let explore = |mut reduction: Option<Reduction<'_>>| {
        let mut odometer = Odometer::default();
        let (mut runs, mut outcomes) = (0, BTreeSet::new());
        while odometer.next_run() {
            assert!(runs < MOST_RUNS, "there is no end to the runs");
            if let Some(history) = play(scene, script, &mut odometer, reduction.as_mut()) {
                runs += 1;
                outcomes.insert(outcome(scene, &history));
            }
        }
        (runs, outcomes)
    };
    let (all, outcomes) = explore(None);
    let (some, reduced) = explore(Some(Reduction::new(&expectation, shares_memory)));
    assert_eq!(outcomes, reduced);
    (all, some)
}

fn apart() -> Scene {
    Scene::of(&[&[upload("a", "9")], &[upload("b", "9")]], 1)
}

fn together() -> Scene {
    Scene::of(&[&[upload("a", "9")], &[upload("a", "9")]], 1)
}

#[test]
fn of_deliveries_that_have_no_row_in_common_one_order_is_played() {
    let scene = apart();
    assert_eq!(counted(&scene, &inserts_each(&scene), false), (20, 1));
    let three = Scene::of(
        &[
            &[upload("a", "9")],
            &[upload("b", "9")],
            &[upload("c", "9")],
        ],
        1,
    );
    assert_eq!(counted(&three, &inserts_each(&three), false), (1680, 1));
}

#[test]
fn of_deliveries_of_one_row_every_order_is_played() {
    let scene = together();
    let (all, some) = counted(&scene, &inserts_each(&scene), false);
    assert_eq!((all, some), (20, 20));
}

#[test]
fn where_memory_is_shared_starts_and_ends_commute_with_nothing() {
    let scene = apart();
    let (all, some) = counted(&scene, &inserts_each(&scene), true);
    assert_eq!((all, some), (20, 16));
}

#[test]
fn an_attempt_that_may_be_the_last_commutes_with_nothing() {
    let mut scene = apart();
    let queue = |receives| {
        Route::Sqs(Queue {
            receives,
            partial_batches: false,
        })
    };
    scene.notifications[0].route = queue(1);
    assert_eq!(counted(&scene, &inserts_each(&scene), false), (20, 10));
    scene.notifications[0].route = queue(2);
    assert_eq!(counted(&scene, &inserts_each(&scene), false), (20, 1));
    scene.notifications[0].route = Route::Direct;
    scene.notifications[1].route = queue(1);
    assert_eq!(counted(&scene, &inserts_each(&scene), false), (20, 10));
}

#[test]
fn retries_and_faults_lose_no_outcome() {
    let scene = apart().with_faults(1);
    assert_eq!(counted(&scene, &inserts_each(&scene), false), (3444, 263));
    let scene = together().with_faults(1);
    assert_eq!(counted(&scene, &inserts_each(&scene), false), (3444, 3444));
}

#[test]
fn calls_are_apart_by_their_items() {
    // The second reads the first's row, though its own is another.
    let scene = apart();
    let script = |told: &Told<'_>| match (told.delivery(), told.replies.len()) {
        (0, 0) => Next::Call(vec![put("a", &by("first"))]),
        (1, 0) => Next::Call(vec![read("a", true)]),
        (1, 1) => match told.reply() {
            Some(Reply::Item(Some(_))) => Next::Call(vec![put("b", &by("late"))]),
            _ => Next::Call(vec![put("b", &by("early"))]),
        },
        _ => succeeds(1),
    };
    assert_eq!(counted(&scene, &script, false), (35, 4));
    // Neither touches its own row.
    let script = |told: &Told<'_>| match told.replies.len() {
        0 => Next::Call(vec![put(["c", "d"][told.delivery()], &by("me"))]),
        _ => succeeds(1),
    };
    assert_eq!(counted(&scene, &script, false), (20, 1));
    let script = |told: &Told<'_>| match told.replies.len() {
        0 => Next::Call(vec![put("c", &by(&told.invocation.request_id))]),
        _ => succeeds(1),
    };
    assert_eq!(counted(&scene, &script, false), (20, 2));
    // So a crash that leaves such a call behind is no farther apart from the other.
    let scene = scene.with_faults(1);
    assert_eq!(counted(&scene, &script, false), (1616, 250));
}

#[test]
fn calls_at_once_lose_no_outcome() {
    let scene = Scene::of(
        &[&[upload("a", "9"), upload("b", "9")], &[upload("b", "9")]],
        1,
    );
    let script = |told: &Told<'_>| match (told.delivery(), told.turn) {
        (0, 0) => Next::Call(vec![put("a", &by("first")), put("b", &by("first"))]),
        (0, 1) => Next::Wait,
        (1, 0) => Next::Call(vec![put("b", &by("second"))]),
        _ => succeeds(told.invocation.records.count()),
    };
    assert_eq!(counted(&scene, &script, false), (70, 40));
    let three = Scene::of(
        &[
            &[upload("a", "9")],
            &[upload("b", "9")],
            &[upload("a", "9")],
        ],
        1,
    );
    assert_eq!(counted(&three, &inserts_each(&three), false), (1680, 20));
}

#[test]
fn whoever_fails_comes_again() {
    let scene = apart();
    let script = |told: &Told<'_>| match told.attempt() {
        1 => fails(1),
        _ => succeeds(1),
    };
    assert_eq!(counted(&scene, &script, false), (70, 10));
    let scene = together().with_waits(1);
    assert_eq!(counted(&scene, &inserts_a, false), (184, 184));
}
