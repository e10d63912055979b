//! Golden tables against runs built by hand.

use redeliver_model::property::Property;
use redeliver_model::schedule::{Fate, InFlight};
use serde_json::json;

use super::super::scenario::*;
use crate::check::backend::Contents;

/// The key is the object's, and the first upload of it wins.
fn first_upload(contents: &mut Contents, event: usize, _: u64) {
    insert(contents, "object", &json!({"etag": {"S": NAMES[event]}}));
}

/// The key is the object's, and whoever comes last wins.
fn last_upload(contents: &mut Contents, event: usize, _: u64) {
    put(contents, "object", &json!({"etag": {"S": NAMES[event]}}));
}

/// The key is another each time.
fn random_key(contents: &mut Contents, event: usize, nonce: u64) {
    let name = json!({"name": {"S": NAMES[event]}});
    put(contents, &format!("u{nonce}"), &name);
}

#[test]
fn a_run_in_which_nothing_goes_wrong_holds() {
    let goldens = goldens(2, right);
    let mut run = Run::of(&[notification(&[0], 2), notification(&[1], 1)]);
    for delivery in [0, 2, 1] {
        run.deliver(delivery, right);
    }
    assert!(judged(&goldens, run.end()).is_empty());
}

#[test]
fn rd1_a_row_that_is_removed_after_its_acknowledgement_is_missing() {
    let goldens = goldens(1, right);
    let mut run = Run::of(&[notification(&[0], 1)]);
    run.deliver(0, right);
    run.tables.clear();
    let findings = judged(&goldens, run.end());
    assert_eq!(violated(&findings), ["RD-1"]);
    assert_eq!(
        why(&findings, Property::UniqueRows),
        "At the end the row id = a.txt of table t is not there, though a.txt was \
         acknowledged."
    );
}

#[test]
fn rd1_a_row_of_no_event_is_one_too_many() {
    let goldens = goldens(1, right);
    let mut run = Run::of(&[notification(&[0], 2)]);
    run.deliver(0, right);
    run.deliver(1, right);
    put(&mut run.tables, "a.txt (2)", &json!({}));
    assert_eq!(violated(&judged(&goldens, run.end())), ["RD-1"]);
}

#[test]
fn rd1_a_row_of_an_event_that_was_not_delivered_is_one_too_many() {
    let goldens = goldens(2, right);
    let mut run = Run::of(&[notification(&[0], 2)]);
    run.deliver(0, right);
    run.deliver(1, right);
    right(&mut run.tables, 1, 0);
    assert_eq!(violated(&judged(&goldens, run.end())), ["RD-1"]);
}

#[test]
fn rd1_a_second_row_under_a_random_key_is_one_too_many() {
    let goldens = goldens(2, random_key);
    let mut run = Run::of(&[notification(&[0], 2), notification(&[1], 1)]);
    for delivery in [0, 1, 2] {
        run.deliver(delivery, random_key);
    }
    let findings = judged(&goldens, run.end());
    assert_eq!(violated(&findings), ["RD-1"]);
    assert_eq!(
        why(&findings, Property::UniqueRows),
        "At the end there are 3 rows of table t, and 2 if nothing goes wrong: their \
         key is not derived from the event (id is another each time)."
    );
}

#[test]
fn random_keys_alone_are_no_violation() {
    let goldens = goldens(2, random_key);
    let mut run = Run::of(&[notification(&[0], 1), notification(&[1], 1)]);
    run.deliver(0, random_key);
    run.deliver(1, random_key);
    assert!(judged(&goldens, run.end()).is_empty());
}

#[test]
fn rd1_one_event_twice_is_not_two_events_under_random_keys() {
    let goldens = goldens(2, random_key);
    let mut run = Run::of(&[notification(&[0], 2), notification(&[1], 1)]);
    run.deliver(0, random_key);
    run.deliver(1, random_key);
    let id = run.start(2);
    run.fail(id);
    let findings = judged(&goldens, run.end());
    assert_eq!(violated(&findings), ["RD-1"], "b.txt is not acknowledged");
}

#[test]
fn what_an_event_left_half_done_is_not_compared() {
    let goldens = goldens(2, right);
    for half in [false, true] {
        let mut run = Run::of(&[notification(&[0], 2), notification(&[1], 1)]);
        run.deliver(0, right);
        let id = run.start(2);
        if half {
            put(&mut run.tables, NAMES[1], &json!({"status": {"S": "busy"}}));
        }
        run.crash(id, InFlight::Never);
        run.deliver(1, right);
        assert!(judged(&goldens, run.end()).is_empty());
    }
}

#[test]
fn what_an_event_left_half_done_under_a_random_key_is_not_compared() {
    let goldens = goldens(2, random_key);
    let mut run = Run::of(&[notification(&[0], 1), notification(&[1], 1)]);
    run.deliver(0, random_key);
    for attempt in 0..2 {
        let id = run.start(1);
        put(
            &mut run.tables,
            &format!("x{attempt}"),
            &json!({"status": {"S": "busy"}}),
        );
        run.crash(id, InFlight::Never);
    }
    assert!(judged(&goldens, run.end()).is_empty());
}

#[test]
fn events_that_share_a_row_may_come_in_any_order_that_overlaps() {
    let goldens = goldens(2, first_upload);
    for winner in [0, 1] {
        let mut run = Run::of(&[notification(&[0], 1), notification(&[1], 1)]);
        let (one, other) = (run.start(0), run.start(1));
        first_upload(&mut run.tables, winner, 0);
        run.acknowledge(one, &[0]);
        run.acknowledge(other, &[1]);
        assert!(judged(&goldens, run.end()).is_empty());
    }
}

#[test]
fn an_event_that_was_not_acknowledged_may_have_come_first() {
    let goldens = goldens(2, first_upload);
    let mut run = Run::of(&[notification(&[0], 1), notification(&[1], 1)]);
    let id = run.start(0);
    first_upload(&mut run.tables, 0, 0);
    run.crash(id, InFlight::Applied);
    run.deliver(1, first_upload);
    assert!(judged(&goldens, run.end()).is_empty());
}

#[test]
fn rd1_the_first_upload_that_was_acknowledged_must_stay() {
    let goldens = goldens(2, first_upload);
    let mut run = Run::of(&[notification(&[0], 1), notification(&[1], 1)]);
    run.deliver(0, first_upload);
    run.deliver(1, last_upload);
    // What is in the row depends on the order, so it is no matter of RD-5.
    assert_eq!(violated(&judged(&goldens, run.end())), ["RD-1"]);
}

#[test]
fn rd3_a_repetition_that_brings_back_an_older_upload_is_seen() {
    let goldens = goldens(2, last_upload);
    let mut run = Run::of(&[notification(&[0], 2), notification(&[1], 1)]);
    run.deliver(0, last_upload);
    run.deliver(2, last_upload);
    let before = run.tables.clone();
    run.deliver(1, last_upload);
    let findings = judged(&goldens, run.end());
    assert_eq!(violated(&findings), ["RD-3"]);

    let mut run = Run::of(&[notification(&[0], 2), notification(&[1], 1)]);
    run.deliver(0, last_upload);
    run.deliver(2, last_upload);
    let id = run.start(1);
    run.acknowledge(id, &[0]);
    assert_eq!(run.tables, before);
    assert!(judged(&goldens, run.end()).is_empty());
}

#[test]
fn rd5_keys_that_only_another_order_leaves_are_seen() {
    // The first event leaves a row of its own only where the second has not been.
    fn unless_second(contents: &mut Contents, event: usize, _: u64) {
        if event == 1 || !contents.contains_key(&row(NAMES[1])) {
            insert(contents, NAMES[event], &json!({}));
        }
    }
    let goldens = goldens(2, unless_second);
    let mut run = Run::of(&[notification(&[0], 1), notification(&[1], 1)]);
    let id = run.start(1);
    insert(&mut run.tables, NAMES[1], &json!({}));
    run.acknowledge(id, &[1]);
    let id = run.start(0);
    insert(&mut run.tables, NAMES[0], &json!({}));
    run.acknowledge(id, &[0]);
    let findings = judged(&goldens, run.end());
    assert_eq!(violated(&findings), ["RD-5"]);

    let mut run = Run::of(&[notification(&[0], 1), notification(&[1], 1)]);
    run.deliver(1, unless_second);
    run.deliver(0, unless_second);
    assert!(judged(&goldens, run.end()).is_empty());
}

#[test]
fn rd8_a_record_that_is_left_out_among_others_is_missed_as_such() {
    let goldens = goldens(2, right);
    let mut run = Run::of(&[notification(&[0, 1], 1)]);
    let id = run.start(0);
    right(&mut run.tables, 0, 3);
    run.acknowledge(id, &[0, 1]);
    let findings = judged(&goldens, run.end());
    assert_eq!(violated(&findings), ["RD-8"]);
    assert!(why(&findings, Property::BatchIsolation).contains("b.txt was acknowledged"));
}

#[test]
fn rd8_a_record_that_is_left_out_among_others_after_a_fault_is_missed_as_any() {
    let goldens = goldens(2, right);
    let mut run = Run::of(&[notification(&[0, 1], 1)]);
    let id = run.start(0);
    run.crash(id, InFlight::Never);
    let id = run.start(0);
    right(&mut run.tables, 0, 3);
    run.acknowledge(id, &[0, 1]);
    assert_eq!(violated(&judged(&goldens, run.end())), ["RD-1", "RD-2"]);
}

#[test]
fn rd8_the_position_of_a_record_says_who_wrote_a_row() {
    fn with_position(contents: &mut Contents, event: usize, position: usize) {
        let record = json!({"record": {"N": position.to_string()}});
        insert(contents, NAMES[event], &record);
    }
    let goldens = goldens(2, |contents, event, _| with_position(contents, event, 0));
    for (position, expected) in [(1, &[][..]), (2, &["RD-8"][..])] {
        let mut run = Run::of(&[notification(&[0, 1], 1)]);
        let id = run.start(0);
        with_position(&mut run.tables, 0, 0);
        with_position(&mut run.tables, 1, position);
        run.acknowledge(id, &[0, 1]);
        assert_eq!(violated(&judged(&goldens, run.end())), expected);
    }
}

#[test]
fn a_notification_that_failed_as_a_whole_after_recording_some_is_explained() {
    let goldens = goldens(2, right);
    let mut run = Run::of(&[notification(&[0, 1], 1)]);
    let id = run.start(0);
    run.insert(id, 0, Fate::Answered);
    run.insert(id, 1, Fate::Throttled);
    run.fail(id);
    run.deliver(0, right);
    assert!(judged(&goldens, run.end()).is_empty());
}

#[test]
fn rd1_a_dead_letter_that_is_delivered_once_more_must_be_recorded() {
    // What the first attempt has claimed is taken for done.
    fn claimed(contents: &mut Contents, event: usize, _: u64) {
        insert(contents, NAMES[event], &json!({"status": {"S": "done"}}));
    }
    let goldens = goldens(1, claimed);
    for status in ["done", "claimed"] {
        let mut run = Run::of(&[queued(&[0], 1, 1)]);
        let id = run.start(0);
        put(&mut run.tables, NAMES[0], &json!({"status": {"S": status}}));
        run.crash(id, InFlight::Never);
        let findings = judged(&goldens, run.redriven(claimed));
        let expected: &[&str] = if status == "done" { &[] } else { &["RD-1"] };
        assert_eq!(violated(&findings), expected, "{findings:?}");
    }
}

#[test]
fn rd12_an_older_upload_that_overwrites_a_newer_one_is_seen() {
    let goldens = goldens(2, last_upload);
    let mut run = Run::of(&[notification(&[0], 1), notification(&[1], 1)]);
    run.deliver(1, last_upload);
    run.deliver(0, last_upload);
    let ended = run.end();
    let findings = judged_with(&goldens, &latest(&[0, 1]), ended.clone());
    assert_eq!(violated(&findings), ["RD-12"]);
    assert!(
        judged(&goldens, ended).is_empty(),
        "nobody said that it keeps the latest"
    );
}

#[test]
fn rd12_an_older_upload_that_is_refused_leaves_no_trace() {
    // The newer upload keeps what it finds, so that the order shows.
    fn guarded(contents: &mut Contents, event: usize, _: u64) {
        let there = contents
            .entry(row("object"))
            .or_insert_with(|| item("object", &json!({})));
        let newest = there
            .get("newest")
            .and_then(|it| it["N"].as_str()?.parse().ok());
        if newest.is_none_or(|newest: usize| event > newest) {
            there.insert("newest".to_owned(), json!({"N": event.to_string()}));
            there.insert(NAMES[event].to_owned(), json!({"BOOL": true}));
        }
    }
    let goldens = goldens(2, guarded);
    let options = latest(&[0, 1]);
    for order in [[0, 1], [1, 0]] {
        let mut run = Run::of(&[notification(&[0], 1), notification(&[1], 2)]);
        run.deliver(order[0], guarded);
        run.deliver(order[1], guarded);
        run.deliver(2, guarded);
        let findings = judged_with(&goldens, &options, run.end());
        assert!(findings.is_empty(), "{findings:?}");
    }
}

#[test]
fn a_run_without_golden_tables_says_nothing() {
    let goldens = goldens(1, right);
    let mut run = Run::of(&[notification(&[3], 1)]);
    run.deliver(0, right);
    let findings = judged(&goldens, run.end());
    assert!(findings.violations.is_empty());
    assert_eq!(findings.inconclusive[0].0, Property::UniqueRows);
}

#[test]
fn a_row_that_an_event_left_half_done_for_several_is_not_compared_until_it_is_redriven() {
    let goldens = goldens(2, last_upload);
    for completed in [true, false] {
        let mut run = Run::of(&[notification(&[0], 1), queued(&[1], 1, 1)]);
        run.deliver(0, last_upload);
        let id = run.start(1);
        put(&mut run.tables, "object", &json!({"status": {"S": "busy"}}));
        run.crash(id, InFlight::Never);
        let (plan, mut history) = run.redriven(last_upload);
        if !completed {
            history.redrive.as_mut().unwrap().contents = history.contents.clone();
        }
        let expected: &[&str] = if completed { &[] } else { &["RD-1"] };
        assert_eq!(violated(&judged(&goldens, (plan, history))), expected);
    }
}

#[test]
fn a_lock_that_an_event_left_half_done_is_not_compared_until_it_is_redriven() {
    let goldens = goldens(1, right);
    for unlocked in [true, false] {
        let mut run = Run::of(&[queued(&[0], 1, 1)]);
        let id = run.start(0);
        put(&mut run.tables, "lock of a.txt", &json!({}));
        run.crash(id, InFlight::Never);
        let (plan, mut history) = run.redriven(right);
        if unlocked {
            let contents = &mut history.redrive.as_mut().unwrap().contents;
            contents.remove(&row("lock of a.txt"));
        }
        let expected: &[&str] = if unlocked { &[] } else { &["RD-1"] };
        assert_eq!(violated(&judged(&goldens, (plan, history))), expected);
    }
}
