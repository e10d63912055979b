//! RD-12.

use redeliver_model::delivery::Record;
use redeliver_model::event::{Happening, ObjectEvent};
use redeliver_model::property::{E_TAG, Keeps};
use redeliver_model::scene::{Scene, sequenced};
use redeliver_model::table::{Item, Operation, Value, item};

use crate::support::{Next, Told, delete, fails, object, put, run, succeeds, upload, verdict};

fn removal(key: &str, sequencer: &str) -> Record {
    let event = ObjectEvent {
        happening: Happening::Removed,
        ..object(key)
    };
    sequenced(event, sequencer, "")
}

/// The state after an upload with this ETag.
fn state(e_tag: &str) -> Item {
    item([(E_TAG, Value::from(e_tag))])
}

/// What is left of a removed object.
fn tombstone() -> Item {
    item([("deleted", Value::from(1))])
}

/// What is said when each delivery makes its call, and acknowledges, in this order.
fn judged(records: &[Record], calls: &[Option<Operation>], order: &[usize]) -> Vec<String> {
    let notifications: Vec<&[Record]> = records.iter().map(std::slice::from_ref).collect();
    let scene = Scene::of(&notifications, 1);
    let script = |told: &Told<'_>| match (told.reply(), &calls[told.delivery()]) {
        (None, Some(call)) => Next::Call(vec![call.clone()]),
        _ => succeeds(1),
    };
    let steps = order.iter().map(|delivery| {
        let call = calls[delivery - 1].as_ref();
        let call = call.map_or(String::new(), |_| format!("call {delivery}.1#1 answered;"));
        format!("start {delivery}; {call} return {delivery}.1;")
    });
    let steps: String = steps.collect();
    let history = run(&scene, &script, &steps);
    let mut all = verdict(&scene, Keeps::LatestState, &history);
    all.retain(|it| it.starts_with("RD-12"));
    all
}

#[test]
fn a_newer_event_replaces_an_older_one_and_not_the_other_way_round() {
    let uploads = [upload("a", "9"), upload("a", "A")];
    let calls = [Some(put("a", &state("9"))), Some(put("a", &state("A")))];
    assert_eq!(judged(&uploads, &calls, &[1, 2]), [""; 0]);
    let back = "RD-12 at 5: a goes back to an older state of the object: sequencer 9 after A";
    assert_eq!(judged(&uploads, &calls, &[2, 1]), [back]);
    // The same state twice is not older.
    let again = [upload("a", "9"), upload("a", "9")];
    let calls = [Some(put("a", &state("9"))), Some(put("a", &state("9")))];
    assert_eq!(judged(&again, &calls, &[1, 2]), [""; 0]);
}

#[test]
fn an_older_event_that_is_acknowledged_and_skipped_is_no_loss() {
    let uploads = [upload("a", "9"), upload("a", "A")];
    let calls = [None, Some(put("a", &state("A")))];
    assert_eq!(judged(&uploads, &calls, &[1, 2]), [""; 0]);
    assert_eq!(judged(&uploads, &calls, &[2, 1]), [""; 0]);
}

#[test]
fn a_newer_event_that_is_acknowledged_and_skipped_is_lost() {
    let uploads = [upload("a", "9"), upload("a", "A")];
    let calls = [Some(put("a", &state("9"))), None];
    let lost = "RD-12 at 6: a does not show the newest event that was acknowledged, with \
                sequencer A";
    assert_eq!(judged(&uploads, &calls, &[1, 2]), [lost]);
    // Once acknowledged, it is newer than what is written afterwards.
    let back = "RD-12 at 4: a goes back to an older state of the object: sequencer 9 after A";
    assert_eq!(judged(&uploads, &calls, &[2, 1]), [back]);
    let none = [None, None];
    let lost = "RD-12 at 5: a does not show the newest event that was acknowledged, with \
                sequencer A";
    assert_eq!(judged(&uploads, &none, &[1, 2]), [lost]);
}

#[test]
fn a_deletion_leaves_a_tombstone_so_that_an_older_upload_does_not_raise_the_dead() {
    let events = [upload("a", "9"), removal("a", "A")];
    let guarded = [Some(put("a", &state("9"))), Some(put("a", &tombstone()))];
    assert_eq!(judged(&events, &guarded, &[1, 2]), [""; 0]);
    let raised = "RD-12 at 5: a goes back to an older state of the object: sequencer 9 after A";
    assert_eq!(judged(&events, &guarded, &[2, 1]), [raised]);
    let deleted = [Some(put("a", &state("9"))), Some(delete("a"))];
    assert_eq!(judged(&events, &deleted, &[1, 2]), [""; 0]);
    assert_eq!(judged(&events, &deleted, &[2, 1]), [raised]);
    // A deletion of what was never there leaves nothing.
    assert_eq!(judged(&[removal("a", "A")], &[None], &[1]), [""; 0]);
    // One that is acknowledged and skipped leaves what it should have removed.
    let skipped = [Some(put("a", &state("9"))), None];
    let lost = "RD-12 at 6: a does not show the newest event that was acknowledged, with \
                sequencer A";
    assert_eq!(judged(&events, &skipped, &[1, 2]), [lost]);
}

#[test]
fn what_shows_no_event_or_may_show_two_says_nothing() {
    let uploads = [upload("a", "9"), upload("a", "A")];
    let unknown = [
        Some(put("a", &state("A"))),
        Some(put("a", &state("unknown"))),
    ];
    let lost = "RD-12 at 7: a does not show the newest event that was acknowledged, with \
                sequencer A";
    // The first call shows the second's state, and the second nothing that is known.
    assert_eq!(judged(&uploads, &unknown, &[1, 2]), [""; 0]);
    let numbers = item([(E_TAG, Value::from(9))]);
    let numbered = [Some(put("a", &numbers)), Some(put("a", &numbers))];
    assert_eq!(judged(&uploads, &numbered, &[1, 2]), [lost]);
}

#[test]
fn of_two_uploads_of_one_content_nobody_can_tell_which_is_shown() {
    let same = |sequencer: &str| sequenced(object("a"), sequencer, "same");
    let twins = [same("9"), same("A"), upload("a", "B")];
    let calls = [
        Some(put("a", &state("same"))),
        Some(put("a", &item([(E_TAG, "same".into()), ("v", 2.into())]))),
        Some(put("a", &state("B"))),
    ];
    assert_eq!(judged(&twins, &calls, &[2, 1, 3]), [""; 0]);
    assert_eq!(judged(&twins[..2], &calls[..2], &[2, 1]), [""; 0]);
    // What is written over it can be told again.
    let later = [same("9"), same("B"), upload("a", "A")];
    let calls = [
        calls[0].clone(),
        calls[1].clone(),
        Some(put("a", &state("A"))),
    ];
    let back = "RD-12 at 8: a goes back to an older state of the object: sequencer A after B";
    assert_eq!(judged(&later, &calls, &[1, 2, 3]), [back]);
}

#[test]
fn objects_are_kept_apart() {
    let uploads = [upload("a", "9"), upload("b", "A"), upload("a", "B")];
    let calls = [
        Some(put("a", &state("9"))),
        Some(put("b", &state("A"))),
        Some(put("a", &state("B"))),
    ];
    assert_eq!(judged(&uploads, &calls, &[2, 1, 3]), [""; 0]);
    let back = "RD-12 at 8: a goes back to an older state of the object: sequencer 9 after B";
    assert_eq!(judged(&uploads, &calls, &[3, 2, 1]), [back]);
}

#[test]
fn what_is_not_acknowledged_need_not_be_shown() {
    let scene = Scene::of(&[&[upload("a", "9")], &[upload("a", "A")]], 1);
    let script = |told: &Told<'_>| match (told.delivery(), told.reply()) {
        (0, None) => Next::Call(vec![put("a", &state("9"))]),
        (0, _) => succeeds(1),
        _ => fails(1),
    };
    let history = run(&scene, &script, "");
    let mut judged = verdict(&scene, Keeps::LatestState, &history);
    judged.retain(|it| it.starts_with("RD-12"));
    assert_eq!(judged, [""; 0]);
}
