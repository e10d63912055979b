use redeliver_model::delivery::Form;
use redeliver_model::history::{Answer, History};
use redeliver_model::scene::Scene;
use redeliver_model::table::Reply;
use redeliver_model::world::Demand;

use crate::support::*;

/// When each invocation started.
fn starts(history: &History) -> Vec<u64> {
    history.invocations.iter().map(|it| it.at).collect()
}

#[test]
fn a_run_starts_calls_returns_and_comes_to_rest() {
    let scene = one(1);
    let mut stage = Stage::new(&scene, &inserts_a);
    assert_eq!(stage.offers(), ["start 1"]);
    let start = stage.take(choices("start 1")[0]);
    let id = stage.world.history().invocations[0].id;
    assert_eq!(start, Demand::Start(id));
    assert!(stage.world.is_waiting(id));
    assert_eq!(stage.offers(), ["call 1.1#1 answered"]);
    let call = stage.take(choices("call 1.1#1 answered")[0]);
    assert!(
        matches!(call, Demand::Resume(it, Reply::Written) if it.invocation == id && it.number == 1)
    );
    assert!(!stage.world.is_waiting(id));
    assert_eq!(stage.world.table().items().len(), 1);
    assert_eq!(stage.offers(), ["return 1.1"]);
    assert_eq!(stage.take(choices("return 1.1")[0]), Demand::Nothing);
    assert!(stage.offers().is_empty());
    assert_eq!(stage.world.deadline(id), None);
    let history = stage.world.finish();
    assert_eq!(history.table.len(), 1);
    assert!(history.deliveries[0].dead.is_empty());
}

#[test]
fn invocations_go_on_in_the_order_of_their_names() {
    let scene = Scene::of(&[&[upload("a", "1")], &[upload("a", "1")]], 2);
    let mut stage = Stage::new(&scene, &inserts_a);
    assert_eq!(stage.offers(), ["start 1", "start 3"]);
    stage.play("start 3; start 1");
    assert_eq!(
        stage.offers(),
        [
            "call 1.1#1 answered",
            "call 3.1#1 answered",
            "start 2",
            "start 4"
        ]
    );
    assert_eq!(
        [0, 1, 2, 3].map(|it| stage.world.notification(it)),
        [0, 0, 1, 1]
    );
}

#[test]
fn a_delivery_has_its_form() {
    let mut scene = one(2);
    scene.notifications[0].deliveries[1] = Form::Revised;
    let stage = Stage::new(&scene, &inserts_a);
    assert_eq!(
        [0, 1].map(|it| stage.world.form(it)),
        [Form::Original, Form::Revised]
    );
    let history = stage.rest();
    let forms: Vec<Form> = history.deliveries.iter().map(|it| it.form).collect();
    assert_eq!(forms, [Form::Original, Form::Revised]);
    let notifications: Vec<usize> = history
        .deliveries
        .iter()
        .map(|it| it.notification)
        .collect();
    assert_eq!(notifications, [0, 0]);
}

#[test]
fn a_crash_leaves_what_was_in_flight_applied_late_or_never() {
    let script = |told: &Told<'_>| match told.attempt() {
        1 => Next::Call(vec![
            put("a", &by("me")),
            read("a", true),
            effect("a", None, "mail"),
        ]),
        _ => succeeds(1),
    };
    let scene = one(1).with_faults(1);
    let crash = |in_flight: &str| {
        let mut stage = Stage::new(&scene, &script);
        stage.play("start 1");
        let id = stage.world.history().invocations[0].id;
        let demand = stage.take(choices(&format!("crash 1.1 {in_flight}"))[0]);
        assert_eq!(demand, Demand::End(id));
        stage
    };
    let applied = crash("applied");
    assert_eq!(applied.offers(), ["start 1"]);
    let step = applied.world.history().steps.last().unwrap();
    assert_eq!((step.changes.len(), step.performed), (1, 1));
    assert_eq!(step.call.as_ref().map(|it| it.reply.is_none()), Some(true));
    let late = crash("late");
    assert_eq!(
        late.offers(),
        ["start 1", "apply-late 1.1#1", "apply-late 1.1#3"]
    );
    assert!(late.world.table().items().is_empty());
    let never = crash("never");
    assert_eq!(never.offers(), ["start 1"]);
    assert_eq!(never.world.history().steps.last().unwrap().call, None);
    assert!(never.rest().table.is_empty());
}

#[test]
fn an_invocation_that_has_answered_may_crash_before_lambda_hears_of_it() {
    let scene = one(1).with_faults(1);
    let mut stage = Stage::new(&scene, &inserts_a);
    stage.play("start 1; call 1.1#1 answered");
    assert_eq!(stage.offers(), ["return 1.1", "crash 1.1 never"]);
    stage.play("crash 1.1 never");
    assert_eq!(stage.offers(), ["start 1"]);
}

#[test]
fn no_more_goes_wrong_than_the_scene_allows() {
    let scene = one(1).with_faults(2);
    let mut stage = Stage::new(&scene, &inserts_a);
    stage.play("start 1; call 1.1#1 throttled; return 1.1; start 1; call 1.2#1 throttled");
    assert_eq!(stage.offers(), ["return 1.2"]);
    stage.play("return 1.2; start 1");
    assert_eq!(stage.offers(), ["call 1.3#1 answered"]);
}

#[test]
fn an_environment_runs_one_invocation_at_a_time_and_is_used_again_when_idle() {
    let environments = |scene: &Scene, schedule: &str| -> Vec<usize> {
        let history = run(scene, &inserts_a, schedule);
        history
            .invocations
            .iter()
            .map(|it| it.environment)
            .collect()
    };
    let scene = one(4).with_faults(1);
    assert_eq!(environments(&scene, ""), [0, 1, 2, 3].map(|_| 0));
    assert_eq!(
        environments(&scene, "start 1; start 2; start 3"),
        [0, 1, 2, 0]
    );
    let second_is_first = "start 1; start 2; call 2.1#1 answered; return 2.1; start 3";
    assert_eq!(environments(&scene, second_is_first), [0, 1, 1, 0]);
    let crash = "start 1; crash 1.1 never; start 2; call 2.1#1 answered; return 2.1; start 3";
    assert_eq!(environments(&scene, crash)[..3], [0, 1, 1]);
}

#[test]
fn a_managed_environment_runs_all_invocations_and_outlives_them() {
    let scene = one(3).with_faults(1).managed();
    let schedule = "start 1; start 2; crash 1.1 never; start 3";
    let history = run(&scene, &inserts_a, schedule);
    assert!(history.invocations.iter().all(|it| it.environment == 0));
    assert_eq!(history.invocations.len(), 4);
}

#[test]
fn only_managed_instances_time_an_invocation_out_while_it_runs_on() {
    let default = one(1).with_faults(1);
    let mut stage = Stage::new(&default, &inserts_a);
    stage.play("start 1");
    assert!(!stage.offers().contains(&"time-out 1.1".to_owned()));

    let managed = one(1).with_faults(2).managed();
    let mut stage = Stage::new(&managed, &inserts_a);
    stage.play("start 1");
    let id = stage.world.history().invocations[0].id;
    assert_eq!(stage.world.deadline(id), Some(60));
    assert_eq!(stage.offers().last().unwrap(), "time-out 1.1");
    assert_eq!(stage.take(choices("time-out 1.1")[0]), Demand::Nothing);
    assert_eq!(stage.world.now(), 60);
    assert_eq!(stage.world.history().steps[1].at, 60);
    let offers = stage.offers();
    assert_eq!(offers[..2], ["call 1.1#1 answered", "start 1"]);
    assert!(
        !offers.contains(&"time-out 1.1".to_owned()),
        "it has already"
    );
    assert!(offers.contains(&"crash 1.1 never".to_owned()));
}

#[test]
fn nobody_hears_of_a_zombie() {
    let scene = one(1).with_faults(2).managed();
    let mut stage = Stage::new(&scene, &inserts_a);
    stage.play("start 1; time-out 1.1; call 1.1#1 answered; return 1.1");
    assert_eq!(stage.world.history().steps.last().unwrap().answer, None);
    assert_eq!(stage.offers(), ["start 1"], "its delivery comes again");
    let history = stage.rest();
    assert_eq!(starts(&history), [0, 120]);
    assert_eq!(history.answers().count(), 1);

    // Its crash fails nobody a second time.
    let mut stage = Stage::new(&scene, &inserts_a);
    stage.play("start 1; time-out 1.1; start 1; call 1.2#1 answered; return 1.2");
    stage.play("crash 1.1 never");
    assert!(stage.offers().is_empty());
}

#[test]
fn what_names_nothing_under_way_changes_nothing() {
    let scene = one(1);
    let mut stage = Stage::new(&scene, &inserts_a);
    let names = "call 1.1#1 answered; return 1.1; apply-late 1.1#1; drop-late 1.1#1; time-out 1.1";
    for choice in choices(names) {
        assert_eq!(stage.take(choice), Demand::Nothing, "{choice}");
    }
    stage.take(choices("crash 1.1 applied")[0]);
    assert_eq!(stage.offers(), ["start 1"]);
    let id = choices("return 1.1")[0].invocation().unwrap();
    let call = stage.world.called(id, put("a", &by("me")));
    assert_eq!((call.invocation, call.number), (id, 0));
    stage.world.answered(id, Answer::Returned(vec![]));
    stage.world.abandoned(call);
    assert_eq!(stage.offers(), ["start 1"]);
    assert!(!stage.world.is_waiting(id));
    let mut steps = stage.world.history().steps.iter();
    assert!(steps.all(|it| it.changes.is_empty() && it.call.is_none() && it.answer.is_none()));
    assert_eq!(stage.world.now(), 0);
}

#[test]
fn the_first_option_again_and_again_leads_to_the_end_without_a_fault() {
    let scene = Scene::of(&[&[upload("a", "1")], &[upload("a", "1")]], 2)
        .with_faults(3)
        .with_waits(2)
        .managed();
    let script: Script<'_> = &inserts_a;
    let history = run(&scene, script, "");
    assert_eq!(history.faults(), 0);
    assert_eq!(
        text(&history.schedule()),
        "start 1; call 1.1#1 answered; return 1.1; start 2; call 2.1#1 answered; return 2.1; \
         start 3; call 3.1#1 answered; return 3.1; start 4; call 4.1#1 answered; return 4.1"
    );
}

/// A million runs go on in the memory of one world.
#[test]
fn a_world_that_begins_again_is_as_new() {
    let scene = two().with_faults(3).with_waits(2).managed();
    let schedule = "start 1; call 1.1#1 late; return 1.1; wait sixteen-days; start 2; \
                    time-out 2.1; call 2.1#1 answered";
    let script = |told: &Told<'_>| match told.reply() {
        None => Next::Call(vec![put_if_absent("a", &by("me"))]),
        Some(_) => succeeds(1),
    };
    let mut stage = Stage::new(&scene, &script);
    stage.play(schedule);
    assert!(!stage.world.history().steps.is_empty() && !stage.world.table().items().is_empty());
    stage.world.begin_again();
    let new = Stage::new(&scene, &script);
    assert_eq!(stage.options(), new.options());
    assert_eq!(stage.world.history(), new.world.history());
    assert_eq!(stage.world.table(), new.world.table());
    assert_eq!(stage.world.now(), 0);
}
