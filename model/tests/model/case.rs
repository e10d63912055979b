//! From a counterexample to a smaller one.

mod variation;

use redeliver_model::delivery::{Form, Notification, Queue, Record, Route};
use redeliver_model::history::{History, Step};
use redeliver_model::property::{Expectation, Judge, Keeps, Property};
use redeliver_model::scene::{Hosting, Scene};
use redeliver_model::schedule::{Case, Choice, Size, reduce};

use crate::support::{
    Books, Next, Told, by, choices, inserts_each, put, replay, run, succeeds, text, upload,
};

fn notification(route: Route, deliveries: &[Form], records: &[Record]) -> Notification {
    Notification {
        route,
        deliveries: deliveries.to_vec(),
        records: records.to_vec(),
    }
}

fn case(scene: Scene, schedule: &str) -> Case {
    let schedule = choices(schedule);
    Case { scene, schedule }
}

/// A case in a line: the notifications with their copies and records, what is unusual
/// about the scene, and the schedule.
fn told(case: &Case) -> String {
    let notifications = case.scene.notifications.iter().map(|it| {
        let route = match it.route {
            Route::Direct => "",
            _ => "routed ",
        };
        let forms = it.deliveries.iter().map(|form| match form {
            Form::Original => 'o',
            Form::Revised => 'r',
        });
        let forms: String = forms.collect();
        let records = it.records.iter().map(|record| match record {
            Record::Event(event) => event.key.to_string(),
            Record::Unreadable(_) => "?".to_owned(),
        });
        let records: String = records.collect();
        format!("{route}{forms} {records}")
    });
    let notifications: Vec<String> = notifications.collect();
    let hosting = match case.scene.hosting {
        Hosting::Default => "",
        Hosting::Managed => " managed",
    };
    let waits = match case.scene.waits {
        0 => String::new(),
        waits => format!(" waits {waits}"),
    };
    let (notifications, schedule) = (notifications.join(", "), text(&case.schedule));
    format!("{notifications}{hosting}{waits}: {schedule}")
}

/// Nothing happens but that choices are taken.
fn taken(schedule: &[Choice]) -> History {
    let steps = schedule.iter().map(|choice| Step {
        choice: *choice,
        at: 0,
        call: None,
        answer: None,
        changes: Vec::new(),
        performed: 0,
    });
    History {
        steps: steps.collect(),
        ..History::default()
    }
}

/// Everything that is tried in order to make a case smaller, when none of it is a
/// counterexample.
fn tried_cases(case: &Case) -> Vec<Case> {
    let mut tried = Vec::new();
    let (same, _) = reduce(case, taken(&case.schedule), &mut |smaller| {
        tried.push(smaller.clone());
        None
    });
    assert_eq!(&same, case);
    tried
}

fn tried(case: &Case) -> Vec<String> {
    tried_cases(case).iter().map(told).collect()
}

const QUEUED: Route = Route::Sqs(Queue {
    receives: 2,
    partial_batches: false,
});

#[test]
fn choices_are_left_out_alone_and_in_pairs_and_faults_made_harmless() {
    let scene = Scene::of(&[&[upload("a", "9")]], 1);
    let schedule = "start 1; call 1.1#1 late; call 1.1#2 answered; return 1.1";
    let all = tried(&case(scene, schedule));
    // Simpler scenes come before simpler schedules.
    let schedules: Vec<&str> = all[all.len() - 11..].iter().map(|it| &it[5..]).collect();
    let (start, late) = ("start 1", "call 1.1#1 late");
    let (call, back) = ("call 1.1#2 answered", "return 1.1");
    let of = |choices: &[&str]| choices.join("; ");
    assert_eq!(
        schedules,
        [
            of(&[late, call, back]),
            of(&[start, "call 1.1#1 answered", call, back]),
            of(&[start, call, back]),
            of(&[start, late, back]),
            of(&[start, late, call]),
            // With the start, which is about no invocation, and with the fault.
            of(&[call, back]),
            of(&[late, back]),
            of(&[late, call]),
            of(&[call, back]),
            of(&[start, back]),
            of(&[start, call]),
        ]
    );
}

#[test]
fn a_case_is_smaller_by_its_faults_then_its_steps_then_its_records_and_then_its_oddities() {
    let size = |schedule: &str| Size::of(&taken(&choices(schedule)));
    let one_fault = size("call 1.1#1 late");
    assert_eq!((one_fault.faults, one_fault.steps), (1, 1));
    let calm = size("start 1; start 2; start 3");
    assert_eq!((calm.faults, calm.steps), (0, 3));
    assert!(calm < one_fault);
    assert!(size("start 1; start 2") < calm);
}

/// No reduction here plays more cases.
const MOST_PLAYS: usize = 1_000;

/// What is left of a case when it is a counterexample as long as `is_one` says so.
fn smallest(case: &Case, is_one: &dyn Fn(&Case) -> bool) -> String {
    let mut plays = 0;
    let (smallest, history) = reduce(case, taken(&case.schedule), &mut |smaller| {
        plays += 1;
        assert!(plays < MOST_PLAYS, "there is no end to the reduction");
        is_one(smaller).then(|| taken(&smaller.schedule))
    });
    assert_eq!(smallest.schedule, history.schedule());
    assert_eq!(smallest.scene.faults as usize, history.faults());
    told(&smallest)
}

#[test]
fn what_is_not_needed_goes() {
    let odd = notification(
        QUEUED,
        &[Form::Revised, Form::Revised],
        &[upload("a", "9"), upload("b", "9")],
    );
    let scene = Scene {
        notifications: vec![odd.clone(), odd],
        hosting: Hosting::Managed,
        waits: 3,
        faults: 3,
        ..Scene::of(&[], 0)
    };
    let schedule = "start 1; start 3; call 3.1#1 late; crash 1.1 never; wait half-minute; sweep";
    let case = case(scene, schedule);
    assert_eq!(smallest(&case, &|_| true), "o a: ");
    let has = |it: &Case, wanted: &str| {
        choices(wanted)
            .iter()
            .all(|it_too| it.schedule.contains(it_too))
    };
    assert_eq!(
        smallest(&case, &|it| has(it, "wait half-minute")),
        "o a waits 1: wait half-minute"
    );
    let records = |it: &Case| -> usize {
        it.scene
            .notifications
            .iter()
            .map(|it| it.records.len())
            .sum()
    };
    assert_eq!(smallest(&case, &|it| records(it) > 1), "o ba: ");
    assert_eq!(
        smallest(&case, &|it| it.scene.hosting == Hosting::Managed),
        "o a managed: "
    );
    let routed = |it: &Case| {
        it.scene
            .notifications
            .iter()
            .any(|it| it.route != Route::Direct)
    };
    assert_eq!(smallest(&case, &routed), "routed o a: ");
    let revised = |it: &Case| {
        it.scene
            .notifications
            .iter()
            .any(|it| it.deliveries.contains(&Form::Revised))
    };
    assert_eq!(smallest(&case, &revised), "r a: ");
    assert_eq!(smallest(&case, &|it| it.scene.waits == 3), "o a waits 3: ");
    // A pair that only goes together.
    let pair =
        |it: &Case| has(it, "start 1") == has(it, "sweep") && it.scene.notifications.len() == 2;
    assert!(!smallest(&case, &pair).contains("sweep"));
}

#[test]
fn a_real_counterexample_keeps_what_it_needs() {
    // The second delivery overwrites the row, once the first has been acknowledged.
    let first_write_wins = |case: &Case| {
        let notifications = case.scene.notifications.iter();
        let deliveries: Vec<&Notification> = notifications
            .flat_map(|it| vec![it; it.deliveries.len()])
            .collect();
        let overwrites =
            |told: &Told<'_>| match (told.reply(), &deliveries[told.delivery()].records[0]) {
                (None, Record::Event(event)) => {
                    Next::Call(vec![put(&event.key, &by(&told.invocation.request_id))])
                }
                _ => succeeds(1),
            };
        let history = replay(&case.scene, &overwrites, &case.schedule);
        let books = Books::default();
        let judge = Judge::new(Expectation::new(&case.scene, Keeps::Rows, &books), None);
        let violation = judge.violation(Property::FirstWriteWins, &history);
        violation.map(|_| history)
    };
    let scene = Scene::of(
        &[
            &[upload("b", "9")],
            &[upload("a", "9")],
            &[upload("c", "9")],
        ],
        3,
    )
    .with_faults(3)
    .with_waits(1)
    .managed();
    let schedule = "start 7; call 7.1#1 throttled; start 4; start 1; call 4.1#1 server-error; \
                    crash 1.1 never; wait half-minute; return 4.1; start 5";
    let large = case(scene, schedule);
    let history = first_write_wins(&large).unwrap();
    let mut plays = 0;
    let (small, _) = reduce(&large, history, &mut |case| {
        plays += 1;
        assert!(plays < MOST_PLAYS, "there is no end to the reduction");
        first_write_wins(case)
    });
    assert_eq!(
        told(&small),
        "oo c: start 1; call 1.1#1 answered; return 1.1; start 2; call 2.1#1 answered; return 2.1"
    );
    assert_eq!((small.scene.faults, small.scene.waits), (0, 0));
    // What no handler breaks has no smaller counterexample.
    let calm = run(&small.scene, &inserts_each(&small.scene), "");
    let (same, _) = reduce(&small, calm, &mut |_| None);
    assert_eq!(same, small);
}
