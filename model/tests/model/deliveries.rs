//! RD-5, RD-7, RD-8 and RD-10.

use redeliver_model::delivery::Route;
use redeliver_model::history::{Answer, History};
use redeliver_model::property::{Baseline, Expectation, Judge, Keeps};
use redeliver_model::scene::Scene;
use redeliver_model::table::{Condition, EXPIRES_AT, Key, Operation, Value, Write, item};

use crate::support::*;

fn judged(scene: &Scene, script: Script<'_>, schedule: &str) -> Vec<String> {
    verdict(scene, Keeps::Rows, &run(scene, script, schedule))
}

const CALM: &str = "";

/// What a judge with a baseline says: the rows each alone, and all in order.
fn compared(scene: &Scene, alone: &[&str], in_order: &History, history: &History) -> Vec<String> {
    let baseline = Baseline {
        alone: alone.iter().map(|&key| Key::from(key)).collect(),
        in_order: in_order.table.clone(),
        writer_attributes: &["by"],
    };
    let books = Books::default();
    let expectation = Expectation::new(scene, Keeps::Rows, &books);
    told_of(&Judge::new(expectation, Some(baseline)), history)
}

/// Puts a row that says who came first, in another attribute than the writer's.
fn first_of(told: &Told<'_>) -> Next {
    let first = item([
        ("by", Value::from("somebody")),
        ("first", Value::from(told.delivery() as i64)),
    ]);
    match told.reply() {
        None => Next::Call(vec![put_if_absent("a", &first)]),
        Some(_) => succeeds(1),
    }
}

#[test]
fn rd_5_rows_are_the_same_in_every_order_but_for_their_writer() {
    let mut scene = Scene::of(&[&[upload("a", "9")], &[upload("a", "9")]], 1);
    let reversed = "start 2; call 2.1#1 answered; return 2.1; start 1";
    let as_it_was = scene.clone();
    let inserts = inserts_each(&as_it_was);
    let (calm, other) = (run(&scene, &inserts, CALM), run(&scene, &inserts, reversed));
    assert_ne!(calm.table, other.table, "their writers differ");
    assert_eq!(compared(&scene, &["a"], &calm, &other), [""; 0]);

    let (calm, other) = (
        run(&scene, &first_of, CALM),
        run(&scene, &first_of, reversed),
    );
    let differs = "RD-5 at 7: what is in the row a depends on the order of deliveries";
    assert_eq!(compared(&scene, &["a"], &calm, &calm), [""; 0]);
    assert_eq!(compared(&scene, &["a"], &calm, &other), [differs]);
    // What of an object is recorded first depends on the order if its events differ.
    scene.notifications[1].records = vec![upload("a", "A")];
    assert_eq!(compared(&scene, &["a"], &calm, &other), [""; 0]);
    scene.notifications[1].records = vec![upload("a", "9")];
    scene.notifications[1].route = Route::Sns;
    assert_eq!(compared(&scene, &["a"], &calm, &other), [""; 0]);
}

#[test]
fn rd_5_and_8_keys_are_the_same_in_every_order_and_alone() {
    let scene = Scene::of(&[&[upload("a", "9")], &[upload("b", "9")]], 1);
    let inserts = inserts_each(&scene);
    let calm = run(&scene, &inserts, CALM);
    assert_eq!(compared(&scene, &["a", "b"], &calm, &calm), [""; 0]);
    let depends = |key: &str| {
        format!("RD-5 at 7: whether there is a row {key} depends on the order of deliveries")
    };
    let not_alone = |key: &str| {
        format!(
            "RD-8 at 7: the records together leave other rows than each of them alone: {key} is \
             there only in one of the two cases"
        )
    };
    let without = |key: &str| {
        let mut history = calm.clone();
        history.table.remove(key);
        history
    };
    for (missing, more) in [("a", ["a", "b"]), ("b", ["a", "b"])] {
        let fewer: Vec<&str> = more.into_iter().filter(|key| *key != missing).collect();
        let less = without(missing);
        assert_eq!(
            compared(&scene, &more, &less, &calm),
            [depends(missing)],
            "more than in order"
        );
        assert_eq!(compared(&scene, &fewer, &calm, &calm), [not_alone(missing)]);
        let judged = compared(&scene, &more, &calm, &less);
        assert!(judged.contains(&depends(missing)), "{judged:?}");
        assert!(judged.contains(&not_alone(missing)), "{judged:?}");
    }
    // Of several differences, the first by its key.
    let mut stranger = without("a");
    stranger.table.insert("0".into(), by("me"));
    assert!(compared(&scene, &["a", "b"], &calm, &stranger).contains(&depends("0")));
    assert!(compared(&scene, &["a", "b"], &stranger, &calm).contains(&depends("0")));
}

#[test]
fn rd_5_and_8_compare_nothing_where_something_went_wrong_or_time_passed() {
    let scene = one(2).with_faults(1).with_waits(1);
    let script = |told: &Told<'_>| match told.reply() {
        None => Next::Call(vec![put_if_absent(
            "a",
            &item([(EXPIRES_AT, Value::from(20))]),
        )]),
        Some(_) => succeeds(1),
    };
    let other = Scene::of(&[&[upload("z", "9")]], 1);
    let different = run(&other, &inserts_each(&other), CALM);
    for schedule in [
        "start 1; call 1.1#1 resent",
        "start 1; call 1.1#1 answered; return 1.1; wait half-minute; start 2",
        "start 1; call 1.1#1 answered; return 1.1; wait half-minute; sweep",
    ] {
        let history = run(&scene, &script, schedule);
        let judged = compared(&scene, &["z"], &different, &history);
        assert_eq!(judged, [""; 0], "{schedule}");
    }
    let calm = run(&scene, &script, CALM);
    assert_eq!(compared(&scene, &["z"], &different, &calm).len(), 2);
}

/// Calls twice, and succeeds whatever the replies are.
fn careless(first: Operation, second: Operation) -> impl Fn(&Told<'_>) -> Next {
    let calls = [first, second];
    move |told| match calls.get(told.replies.len()) {
        Some(operation) => Next::Call(vec![operation.clone()]),
        None => succeeds(told.invocation.records.count()),
    }
}

#[test]
fn rd_7_an_error_is_not_a_success() {
    let dishonest = "RD-7 at 4: attempt 1 of delivery 1 acknowledges the event of a, though the \
                     last reply about its row was an error";
    let scene = one(1).with_faults(1);
    let again = careless(put("a", &by("me")), put("a", &by("me")));
    for (schedule, expected) in [
        (
            "start 1; call 1.1#1 answered; call 1.1#2 throttled",
            vec![dishonest],
        ),
        (
            "start 1; call 1.1#1 answered; call 1.1#2 reply-lost",
            vec![dishonest],
        ),
        ("start 1; call 1.1#1 throttled; call 1.1#2 answered", vec![]),
        ("start 1; call 1.1#1 answered; call 1.1#2 answered", vec![]),
    ] {
        assert_eq!(judged(&scene, &again, schedule), expected, "{schedule}");
    }
    // A failed condition is no error, and what befalls something else is nothing to
    // the row.
    let failed = careless(put("a", &by("me")), put_if_absent("a", &by("me")));
    assert_eq!(judged(&scene, &failed, CALM), [""; 0]);
    let throttled = "start 1; call 1.1#1 answered; call 1.1#2 throttled";
    let effect = careless(put("a", &by("me")), effect("a", None, "mail"));
    assert_eq!(judged(&scene, &effect, throttled), [""; 0]);
    let elsewhere = careless(put("a", &by("me")), read("b", true));
    assert_eq!(judged(&scene, &elsewhere, throttled), [""; 0]);
    let crashed = "start 1; call 1.1#1 answered; crash 1.1 applied; start 1";
    let scene = one(1).with_faults(1);
    assert_eq!(
        judged(&scene, &again, crashed),
        [""; 0],
        "of another attempt"
    );
}

#[test]
fn rd_7_another_invocations_error_is_its_own() {
    let again = careless(put("a", &by("me")), put("a", &by("me")));
    let scene = one(2).with_faults(1);
    let schedule = "start 1; start 2; call 1.1#1 answered; call 1.1#2 answered; \
                    call 2.1#1 throttled; return 1.1; call 2.1#2 answered";
    assert_eq!(judged(&scene, &again, schedule), [""; 0]);
}

#[test]
fn rd_7_in_a_batch_only_what_was_left_undone_was_an_error() {
    let scene = Scene::of(&[&[upload("a", "9"), upload("b", "9")]], 1).with_faults(1);
    let plain = |key: &str| Write::Put {
        key: key.into(),
        item: by("me"),
        condition: Condition::Always,
    };
    let batch = |keys: [&str; 2]| Operation::Batch {
        writes: keys.map(plain).to_vec(),
    };
    let script = careless(batch(["a", "b"]), batch(["b", "a"]));
    let schedule = "start 1; call 1.1#1 answered; call 1.1#2 unprocessed";
    assert_eq!(
        judged(&scene, &script, schedule),
        [
            "RD-7 at 4: attempt 1 of delivery 1 acknowledges the event of a, though the last reply \
          about its row was an error"
        ]
    );
    let schedule = "start 1; call 1.1#1 unprocessed; call 1.1#2 answered";
    assert_eq!(judged(&scene, &script, schedule), [""; 0]);
}

#[test]
fn rd_8_a_record_is_recorded_whatever_becomes_of_its_neighbours() {
    let scene = Scene::of(&[&[upload("a", "9"), upload("b", "9")]], 1).with_faults(1);
    // Does the first record, and stops at an error.
    let stops = |told: &Told<'_>| match (told.replies.len(), told.reply()) {
        (0, _) => Next::Call(vec![put_if_absent("a", &by("me"))]),
        (1, Some(redeliver_model::table::Reply::Failed(_))) => fails(2),
        (1, _) => Next::Call(vec![put_if_absent("b", &by("me"))]),
        _ => succeeds(2),
    };
    let schedule = "start 1; call 1.1#1 throttled";
    assert_eq!(
        judged(&scene, &stops, schedule),
        [
            "RD-8 at 3: attempt 1 of delivery 1 ends and leaves b without a row, though no call \
          about it failed"
        ]
    );
    let script = inserts_each(&scene);
    for schedule in [
        "start 1; call 1.1#1 throttled",
        "start 1; call 1.1#1 answered; call 1.1#2 throttled",
        "start 1; call 1.1#1 late; call 1.1#2 answered; return 1.1; start 1; apply-late 1.1#1",
        "start 1; call 1.1#1 answered; crash 1.1 never",
        "start 1; crash 1.1 late; start 1",
    ] {
        assert_eq!(judged(&scene, &script, schedule), [""; 0], "{schedule}");
    }
    // A record alone has no neighbours.
    let one = one(1).with_faults(1);
    let fails_first = |told: &Told<'_>| match told.attempt() {
        1 => fails(1),
        _ => inserts_a(told),
    };
    assert_eq!(judged(&one, &fails_first, CALM), [""; 0]);
}

#[test]
fn rd_8_another_invocations_fault_excuses_nobody() {
    let scene = Scene::of(&[&[upload("a", "9"), upload("b", "9")]], 2).with_faults(1);
    let script = |told: &Told<'_>| match (told.delivery(), told.attempt(), told.reply()) {
        (0, 1, None) => Next::Call(vec![put_if_absent("a", &by("me"))]),
        (0, 1, _) => fails(2),
        _ => match told.replies.len() {
            0 => Next::Call(vec![put_if_absent("b", &by("me"))]),
            1 => Next::Call(vec![put_if_absent("a", &by("me"))]),
            _ if told.delivery() == 1 && told.attempt() == 1 => fails(2),
            _ => succeeds(2),
        },
    };
    let schedule = "start 1; start 2; call 2.1#1 throttled; call 1.1#1 answered; return 1.1";
    let expected = "RD-8 at 5: attempt 1 of delivery 1 ends and leaves b without a row, though no \
                    call about it failed";
    assert_eq!(judged(&scene, &script, schedule), [expected]);
}

#[test]
fn rd_10_a_panic_is_told_of_with_its_message() {
    let script = |told: &Told<'_>| match told.attempt() {
        3 => inserts_a(told),
        attempt => Next::Answer(Answer::Panicked(format!("boom {attempt}"))),
    };
    assert_eq!(
        judged(&one(1), &script, CALM),
        ["RD-10 at 2: the handler panics: boom 1"]
    );
}
