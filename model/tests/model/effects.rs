//! RD-11 and RD-13.

use redeliver_model::history::{Answer, RecordAnswer};
use redeliver_model::property::{COUNT, Keeps};
use redeliver_model::scene::Scene;
use redeliver_model::table::{Condition, Operation, Value, Write, item};

use crate::support::{
    Next, Script, Told, add_to_count, by, effect, one, put, run, succeeds, verdict,
};

fn judged(scene: &Scene, script: Script<'_>, schedule: &str) -> Vec<String> {
    verdict(scene, Keeps::Effects, &run(scene, script, schedule))
}

/// Writes the row, and then performs these.
fn performs(effects: Vec<Operation>) -> impl Fn(&Told<'_>) -> Next {
    move |told| match told.replies.len() {
        0 => Next::Call(vec![put("a", &by("me"))]),
        done => match effects.get(done - 1) {
            Some(effect) => Next::Call(vec![effect.clone()]),
            None => succeeds(1),
        },
    }
}

fn count(amount: i64) -> Operation {
    Operation::Write {
        write: add_to_count("a", amount),
        return_item: false,
    }
}

const CALM: &str = "";

#[test]
fn rd_11_an_acknowledged_event_has_had_its_effect() {
    let lost = |step: usize| {
        format!(
            "RD-11 at {step}: attempt 1 of delivery 1 acknowledges the event of a, whose effect \
             nobody has performed"
        )
    };
    assert_eq!(judged(&one(1), &performs(vec![]), CALM), [lost(3)]);
    let others = performs(vec![effect("b", None, "mail")]);
    assert_eq!(judged(&one(1), &others, CALM), [lost(4)]);
    let mail = performs(vec![effect("a", None, "mail")]);
    assert_eq!(judged(&one(1), &mail, CALM), [""; 0]);
    let faulty = one(1).with_faults(1);
    let never_sent = "start 1; call 1.1#1 answered; call 1.1#2 throttled";
    assert_eq!(judged(&faulty, &mail, never_sent), [lost(4)]);
    let sent = "start 1; call 1.1#1 answered; call 1.1#2 reply-lost";
    assert_eq!(judged(&faulty, &mail, sent), [""; 0]);
    assert_eq!(judged(&one(1), &performs(vec![count(1)]), CALM), [""; 0]);
    // To count downwards, or not at all, is no effect.
    assert_eq!(judged(&one(1), &performs(vec![count(0)]), CALM), [lost(4)]);
    assert_eq!(judged(&one(1), &performs(vec![count(-1)]), CALM), [lost(4)]);
}

#[test]
fn rd_11_an_effect_may_have_been_performed_for_another_delivery() {
    let script = |told: &Told<'_>| match (told.delivery(), told.replies.len()) {
        (0, 0) => Next::Call(vec![put("a", &by("me"))]),
        (0, 1) => Next::Call(vec![effect("a", None, "mail")]),
        _ => succeeds(1),
    };
    assert_eq!(judged(&one(2), &script, CALM), [""; 0]);
}

#[test]
fn rd_13_an_effect_without_a_token_is_performed_once() {
    let mail = || effect("a", None, "mail");
    let doubled = |step: usize, how: &str, first: usize| {
        format!(
            "RD-13 at {step}: the effect for a is {how} more than once: first at step {first}, \
             and again here"
        )
    };
    let how = "performed without a token";
    let twice = performs(vec![mail(), mail()]);
    assert_eq!(judged(&one(1), &twice, CALM), [doubled(4, how, 3)]);
    let once = performs(vec![mail()]);
    assert_eq!(judged(&one(2), &once, CALM), [doubled(7, how, 3)]);
    let resent = "start 1; call 1.1#1 answered; call 1.1#2 resent";
    let faulty = one(1).with_faults(1);
    assert_eq!(judged(&faulty, &once, resent), [doubled(3, how, 3)]);
    let two = performs(vec![mail(), effect("b", None, "mail")]);
    assert_eq!(judged(&one(1), &two, CALM), [""; 0]);
}

#[test]
fn rd_13_one_token_and_one_content_are_one_effect() {
    let mail = |token: &str, content: &str| effect("a", Some(token), content);
    let same = performs(vec![mail("t", "mail"), mail("t", "mail")]);
    assert_eq!(judged(&one(1), &same, CALM), [""; 0]);
    let resent = "start 1; call 1.1#1 answered; call 1.1#2 resent";
    assert_eq!(judged(&one(1).with_faults(1), &same, resent), [""; 0]);
    let doubled = [
        "RD-13 at 4: the effect for a is performed with another token or content more than once: \
         first at step 3, and again here",
    ];
    let other_token = performs(vec![mail("t", "mail"), mail("u", "mail")]);
    assert_eq!(judged(&one(1), &other_token, CALM), doubled);
    let other_content = performs(vec![mail("t", "mail"), mail("t", "letter")]);
    assert_eq!(judged(&one(1), &other_content, CALM), doubled);
    let then_none = performs(vec![mail("t", "mail"), effect("a", None, "mail")]);
    assert_eq!(judged(&one(1), &then_none, CALM), doubled);
    let none_first = performs(vec![effect("a", None, "mail"), mail("t", "mail")]);
    let without = doubled[0].replace("with another token or content", "without a token");
    assert_eq!(judged(&one(1), &none_first, CALM), [without]);
}

#[test]
fn rd_13_an_event_is_counted_once() {
    let counted = |step: usize| {
        format!(
            "RD-13 at {step}: the effect for a is counted more than once: first at step 3, and \
             again here"
        )
    };
    assert_eq!(judged(&one(1), &performs(vec![count(1)]), CALM), [""; 0]);
    assert_eq!(
        judged(&one(1), &performs(vec![count(2)]), CALM),
        [counted(3)]
    );
    assert_eq!(
        judged(&one(1), &performs(vec![count(1), count(1)]), CALM),
        [counted(4)]
    );
    assert_eq!(
        judged(&one(2), &performs(vec![count(1)]), CALM),
        [counted(7)]
    );
    let back = performs(vec![count(1), count(-1)]);
    assert_eq!(judged(&one(1), &back, CALM), [""; 0]);
    // Another attribute of the tally is no count.
    let marks = Operation::Write {
        write: Write::Put {
            key: "a count".into(),
            item: item([(COUNT, Value::from("one")), ("other", Value::from(5))]),
            condition: Condition::Always,
        },
        return_item: false,
    };
    let judged_marks = judged(&one(1), &performs(vec![marks]), CALM);
    assert!(judged_marks[0].starts_with("RD-11"), "{judged_marks:?}");
}

#[test]
fn rd_13_a_count_in_one_transaction_with_its_marker_is_made_once() {
    let transaction = || Operation::Transact {
        writes: vec![
            Write::Put {
                key: "a".into(),
                item: by("me"),
                condition: Condition::NoItem,
            },
            add_to_count("a", 1),
        ],
        token: None,
    };
    let script = |told: &Told<'_>| match told.reply() {
        None => Next::Call(vec![transaction()]),
        Some(reply) if reply.is_error() => {
            Next::Answer(Answer::Returned(vec![RecordAnswer::FAILED]))
        }
        Some(_) => succeeds(1),
    };
    let scene = one(2).with_faults(2);
    for schedule in [
        CALM,
        "start 1; call 1.1#1 resent; return 1.1",
        "start 1; start 2; call 1.1#1 reply-lost; return 1.1; call 2.1#1 conflict",
        "start 1; crash 1.1 late; start 2; call 2.1#1 answered; apply-late 1.1#1",
    ] {
        assert_eq!(judged(&scene, &script, schedule), [""; 0], "{schedule}");
    }
}
