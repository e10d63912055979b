use std::collections::BTreeSet;

use arbitrary::Unstructured;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use proptest_state_machine::ReferenceStateMachine;
use redeliver_model::delivery::{Form, Record, Route};
use redeliver_model::event::IdentityPolicy;
use redeliver_model::property::{Expectation, Judge, Keeps};
use redeliver_model::scene::{Hosting, Scene, generate};
use redeliver_model::schedule::{Case, Choice, Chooser, Entropy, Fate, Random, Replay};
use redeliver_model::strategy::{AtLeastOnce, Ledger, Transition, cases, scenes, schedules};

use crate::support::{choices, inserts_each, play, replay, text, told_of, upload};

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..Config::default()
    })
}

/// So many values of a strategy.
fn drawn<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = runner(1);
    let values = (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current());
    values.collect()
}

/// The keys of the objects in some scenes.
fn keys(scenes: &[Scene]) -> BTreeSet<&str> {
    let notifications = scenes.iter().flat_map(|it| &it.notifications);
    let events = notifications
        .flat_map(|it| &it.records)
        .filter_map(|it| match it {
            Record::Event(event) => Some(&*event.key),
            Record::Unreadable(_) => None,
        });
    events.collect()
}

#[test]
fn a_strategy_draws_scenes_of_every_kind() {
    let all = drawn(&scenes(IdentityPolicy::Object), 400);
    let notifications = || all.iter().flat_map(|it| &it.notifications);
    let routes: BTreeSet<Route> = notifications().map(|it| it.route).collect();
    assert_eq!(routes.len(), 11);
    let records = || notifications().flat_map(|it| &it.records);
    assert!(records().any(|it| matches!(it, Record::Unreadable(_))));
    assert_eq!(keys(&all).len(), 5);
    // Two more that only versions can confuse.
    let versions = drawn(&scenes(IdentityPolicy::Version), 400);
    assert_eq!(keys(&versions).len(), 7);
    assert!(all.iter().any(|it| it.hosting == Hosting::Managed));
    assert_eq!(all.iter().map(|it| it.faults).max(), Some(3));
    assert_eq!(all.iter().map(|it| it.waits).max(), Some(2));
    // What happens once in so many times does not happen nearly always.
    let readable =
        notifications().filter(|it| it.records.iter().all(|it| matches!(it, Record::Event(_))));
    assert!(readable.count() * 2 > notifications().count());
    let under = drawn(&scenes(IdentityPolicy::Occurrence), 5);
    assert!(
        under
            .iter()
            .all(|it| it.policy == IdentityPolicy::Occurrence)
    );
}

#[test]
fn a_scene_shrinks_to_what_a_test_needs() {
    let failed = runner(500).run(&scenes(IdentityPolicy::Object), |scene| {
        match scene
            .notifications
            .iter()
            .any(|it| it.deliveries.contains(&Form::Revised))
        {
            true => Err(proptest::test_runner::TestCaseError::fail("revised")),
            false => Ok(()),
        }
    });
    let Err(TestError::Fail(_, scene)) = failed else {
        panic!("{failed:?}");
    };
    let [notification] = &scene.notifications[..] else {
        panic!("{scene:?}");
    };
    assert_eq!(notification.deliveries, [Form::Original, Form::Revised]);
    assert_eq!(notification.records.len(), 1);
    assert_eq!(notification.route, Route::Direct);
    assert_eq!(
        (scene.hosting, scene.faults, scene.waits),
        (Hosting::Default, 0, 0)
    );
}

#[test]
fn a_schedule_speaks_of_what_there_is_in_a_scene() {
    let scene = Scene::of(&[&[upload("a", "9")], &[upload("b", "9")]], 2);
    let all = drawn(&schedules(&scene), 30).concat();
    let kinds: BTreeSet<String> = all
        .iter()
        .map(|it| it.to_string().split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(kinds.len(), 9);
    let attempts: BTreeSet<_> = all.iter().filter_map(|it| it.invocation()).collect();
    let attempts: Vec<_> = attempts
        .iter()
        .map(|it| (it.delivery, it.attempt))
        .collect();
    let attempts_of = |delivery| [1, 2, 3].map(|attempt| (delivery, attempt));
    let expected: Vec<_> = (0..4).flat_map(attempts_of).collect();
    assert_eq!(attempts, expected);
    let fates: BTreeSet<Fate> = all
        .iter()
        .filter_map(|it| match it {
            Choice::Call(_, fate) => Some(*fate),
            _ => None,
        })
        .collect();
    assert_eq!(fates.len(), Fate::ALL.len());
    let none = Scene::of(&[], 0);
    assert!(drawn(&schedules(&none), 20).concat().is_empty());
}

#[test]
fn a_schedule_is_drawn_without_regard_to_its_scene() {
    let drawn_for = |deliveries| {
        let scene = Scene::of(&[&[upload("a", "9")]], deliveries);
        drawn(&schedules(&scene), 5).concat()
    };
    // Four deliveries and two are drawn from the same numbers.
    let halved = drawn_for(4).into_iter().map(|it| {
        let mut words: Vec<String> = it.to_string().split(' ').map(Into::into).collect();
        let about_a_delivery = !matches!(it, Choice::Sweep | Choice::Wait(_));
        if let (true, Some(name)) = (about_a_delivery, words.get_mut(1)) {
            let delivery = match &name[..1] {
                "1" | "3" => "1",
                _ => "2",
            };
            name.replace_range(..1, delivery);
        }
        words.join(" ")
    });
    let two: Vec<String> = drawn_for(2).iter().map(Choice::to_string).collect();
    assert_eq!(halved.collect::<Vec<_>>(), two);
}

#[test]
fn enough_of_a_schedule_can_be_taken_to_lead_somewhere() {
    let scene = Scene::of(&[&[upload("a", "9")]], 2)
        .with_faults(2)
        .with_waits(1);
    let script = inserts_each(&scene);
    let all = drawn(&schedules(&scene), 40);
    let mut ways = BTreeSet::new();
    for schedule in &all {
        let mut chooser = Replay::new(schedule);
        let history = play(&scene, &script, &mut chooser, None).unwrap();
        ways.insert(text(&history.schedule()));
    }
    assert!(ways.len() > 25, "{} ways", ways.len());
}

#[test]
fn a_case_shrinks_to_a_counterexample_that_a_person_can_read() {
    // A scene in which the second delivery is to come first, and one to come again.
    let scene = Scene::of(&[&[upload("a", "9")], &[upload("a", "9")]], 1).with_faults(1);
    let second_first = |schedule: &[Choice]| {
        let history = replay(&scene, &inserts_each(&scene), schedule);
        let first = &history.invocations[0];
        first.id.delivery == 1 && history.invocations.len() > 2
    };
    let strategy = schedules(&scene);
    let failed = runner(200).run(&strategy, |schedule| match second_first(&schedule) {
        true => Err(proptest::test_runner::TestCaseError::fail("reordered")),
        false => Ok(()),
    });
    let Err(TestError::Fail(_, schedule)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(text(&schedule), "start 2; start 1; crash 1.1 never");
    let case = drawn(&cases(IdentityPolicy::Version), 1).remove(0);
    assert_eq!(case.scene.policy, IdentityPolicy::Version);
    assert!(!case.schedule.is_empty());
}

#[test]
fn the_reference_goes_through_every_case_to_its_end_and_is_never_blamed() {
    let strategy = AtLeastOnce::sequential_strategy(30..=30);
    let mut rested = 0;
    for (case, transitions, _) in drawn(&strategy, 40) {
        let mut case: Case = case;
        assert!(case.schedule.is_empty());
        for transition in &transitions {
            assert!(AtLeastOnce::preconditions(&case, transition));
            case = AtLeastOnce::apply(case, transition);
        }
        let world = AtLeastOnce::world(&case);
        assert_eq!(world.history().schedule(), case.schedule);
        if !AtLeastOnce::preconditions(&case, &Transition::Rest) {
            continue;
        }
        rested += 1;
        let ledger = Ledger(case.scene.policy);
        let judge = Judge::new(Expectation::new(&case.scene, Keeps::Rows, &ledger), None);
        assert_eq!(told_of(&judge, &world.finish()), [""; 0], "{case:?}");
    }
    assert!(rested > 20, "{rested}");
}

fn reference(scene: &Scene, schedule: &str) -> Case {
    Case {
        scene: scene.clone(),
        schedule: choices(schedule),
    }
}

#[test]
fn the_reference_inserts_each_event_and_says_what_it_did() {
    let mut scene = redeliver_model::scene::standard()
        .remove(3)
        .1
        .with_faults(1);
    let again = scene.notifications[0].records[1].clone();
    scene.notifications[0].records.push(again);
    scene.notifications[0].deliveries.push(Form::Revised);
    let case = reference(
        &scene,
        "return 1.1; start 1; call 1.1#1 reply-lost; call 1.1#2 answered; return 1.1; start 2; \
         call 2.1#1 answered; call 2.1#2 answered; return 2.1; start 1; call 1.2#1 answered",
    );
    let world = AtLeastOnce::world(&case);
    assert_eq!(
        world.history().steps.len(),
        case.schedule.len() - 1,
        "the first was skipped"
    );
    let rows = world.table().items();
    let wrote: Vec<String> = rows.values().map(|it| format!("{it:?}")).collect();
    assert_eq!(
        wrote,
        ["{\"record\": Number(1), \"request_id\": Text(\"request-1\")}"]
    );
    let reports = |step: usize| -> Vec<String> {
        let answer = world.history().steps[step].answer.as_ref().unwrap();
        let records = answer.records().iter();
        records
            .map(|it| format!("{} {:?}", it.acknowledged, it.report))
            .collect()
    };
    assert_eq!(
        reports(3),
        ["false None", "false None", "false Some(Duplicate)"]
    );
    assert_eq!(reports(7)[1..], ["false Some(Duplicate)"; 2]);
    // A crash after the write, and the row is confirmed; and a queue hears of each.
    let mut scene = Scene::of(&[&[upload("a", "9")]], 1).with_faults(1);
    scene.notifications[0].route = Route::Sns;
    let case = reference(
        &scene,
        "start 1; crash 1.1 applied; start 1; call 1.2#1 answered; return 1.2",
    );
    let world = AtLeastOnce::world(&case);
    let answer = world.history().steps[4].answer.as_ref().unwrap();
    assert_eq!(
        format!("{:?}", answer.records()[0].report),
        "Some(Confirmed)"
    );
    scene.notifications[0].route = Route::Sqs(redeliver_model::delivery::Queue {
        receives: 2,
        partial_batches: true,
    });
    scene.notifications[0].records.push(Record::Unreadable(
        redeliver_model::delivery::Flaw::NoBucket,
    ));
    let case = reference(
        &scene,
        "start 1; call 1.1#1 answered; return 1.1; start 1; return 1.2",
    );
    let world = AtLeastOnce::world(&case);
    let handed = world
        .history()
        .invocations
        .iter()
        .map(|it| it.records.iter().collect::<Vec<_>>());
    assert_eq!(handed.collect::<Vec<_>>(), [vec![0, 1], vec![1]]);
}

#[test]
fn the_reference_takes_what_may_happen_and_rests_when_nothing_may() {
    let scene = Scene::of(&[&[upload("a", "9")]], 1);
    let start = choices("start 1")[0];
    let begun = reference(&scene, "");
    assert!(AtLeastOnce::preconditions(&begun, &Transition::Take(start)));
    assert!(!AtLeastOnce::preconditions(&begun, &Transition::Rest));
    let ended = reference(&scene, "start 1; call 1.1#1 answered; return 1.1");
    assert!(!AtLeastOnce::preconditions(
        &ended,
        &Transition::Take(start)
    ));
    assert!(AtLeastOnce::preconditions(&ended, &Transition::Rest));
    let offered = |case: &Case| drawn(&AtLeastOnce::transitions(case), 1).remove(0);
    assert_eq!(offered(&begun), Transition::Take(start));
    assert_eq!(offered(&ended), Transition::Rest);
    assert_eq!(AtLeastOnce::apply(ended.clone(), &Transition::Rest), ended);
}

#[test]
fn the_bytes_of_a_fuzzer_become_a_scene_and_a_schedule() {
    let from = |bytes: &[u8]| {
        let mut bytes = Unstructured::new(bytes);
        let scene = generate(&mut bytes, IdentityPolicy::Object);
        let script = inserts_each(&scene);
        let history = play(&scene, &script, &mut Random::new(&mut bytes), None).unwrap();
        (scene.clone(), history.schedule())
    };
    let bytes: Vec<u8> = (0..=255).map(|byte: u8| byte.wrapping_mul(97)).collect();
    assert_eq!(from(&bytes), from(&bytes));
    let cases: BTreeSet<String> = (0..40)
        .map(|start| format!("{:?}", from(&bytes[start..])))
        .collect();
    assert!(cases.len() > 35, "{} of 40", cases.len());
    // Where there are no bytes, nothing of note happens.
    let (scene, schedule) = from(&[]);
    assert_eq!(scene.notifications.len(), 1);
    assert_eq!((scene.faults, scene.waits, scene.deliveries()), (0, 0, 1));
    assert_eq!(text(&schedule), "start 1; return 1.1");
}

#[test]
fn a_fuzzers_bytes_decide_as_far_as_they_go() {
    let mut bytes = Unstructured::new(&[0, 1, 2, 3, 4]);
    let decided: Vec<usize> = (0..7).map(|_| bytes.below(3)).collect();
    assert_eq!(decided, [0, 1, 2, 0, 1, 0, 0]);
    assert_eq!(Unstructured::new(&[5]).below(0), 0);
    let mut bytes = Unstructured::new(&[2, 0]);
    assert_eq!(
        [bytes.once_in(3), bytes.once_in(3), bytes.once_in(3)],
        [true, false, false]
    );
    let mut one = Unstructured::new(&[]);
    assert!(one.once_in(1), "always");
    let options = choices("start 1; start 2; call 1.1#1 late");
    let mut none = Unstructured::new(&[]);
    assert_eq!(Random::new(&mut none).choose(&options), Some(0));
}
