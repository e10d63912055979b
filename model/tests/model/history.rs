use redeliver_model::history::{Answer, RecordAnswer, Report};
use redeliver_model::scene::Scene;

use crate::support::{choices, inserts_a, run, upload};

#[test]
fn records_answered_together_are_acknowledged_together() {
    let said = RecordAnswer::said(Report::Inserted);
    let good = Answer::together(vec![RecordAnswer::SILENT, said]);
    assert!(good.is_acknowledgement());
    assert_eq!(good.records(), [RecordAnswer::SILENT, said]);
    let bad = Answer::together(vec![said, RecordAnswer::FAILED]);
    assert!(!bad.is_acknowledgement());
    assert!(bad.records().iter().all(|it| !it.acknowledged));
    assert_eq!(bad.records()[0].report, Some(Report::Inserted));
}

#[test]
fn a_panic_acknowledges_nothing_and_says_nothing_of_the_records() {
    let panicked = Answer::Panicked("boom".to_owned());
    assert!(!panicked.is_acknowledgement());
    assert_eq!(panicked.records(), []);
}

#[test]
fn some_acknowledged_records_are_no_acknowledgement() {
    let some = Answer::Returned(vec![RecordAnswer::SILENT, RecordAnswer::FAILED]);
    assert!(!some.is_acknowledgement());
    assert!(Answer::Returned(vec![RecordAnswer::SILENT]).is_acknowledgement());
}

#[test]
fn a_history_knows_its_schedule_its_faults_and_its_answers() {
    let scene = Scene::of(&[&[upload("a", "1")]], 1).with_faults(2);
    let schedule = "start 1; call 1.1#1 throttled; return 1.1; start 1; \
                    call 1.2#1 reply-lost; return 1.2; start 1; call 1.3#1 answered; return 1.3";
    let history = run(&scene, &inserts_a, schedule);
    assert_eq!(history.schedule(), choices(schedule));
    assert_eq!(history.faults(), 2);
    let heard: Vec<_> = history
        .answers()
        .map(|(step, it, answer)| (step, it.id.attempt, answer.is_acknowledgement()))
        .collect();
    assert_eq!(heard, [(2, 1, false), (5, 2, false), (8, 3, true)]);
    let third = history.invocations[2].id;
    assert_eq!(history.invocation(third), Some(&history.invocations[2]));
    let saved = serde_json::to_string(&history).unwrap();
    assert_eq!(
        serde_json::from_str::<redeliver_model::history::History>(&saved).unwrap(),
        history
    );
}
