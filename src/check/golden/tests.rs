//! Golden tables of toy handlers.

use redeliver_model::property::Property;
use serde_json::json;

use super::*;
use crate::check::judge::scenario::*;
use crate::check::judge::{Judge, Options};

fn told(goldens: &Goldens) -> Vec<String> {
    goldens.notes().iter().map(Note::to_string).collect()
}

#[test]
fn of_a_plain_handler_there_is_nothing_to_say_but_what_is_volatile() {
    let goldens = goldens(2, right);
    assert_eq!(
        told(&goldens),
        [
            "writer in table t is not the same each time: it is left out when rows are \
          compared with those of other runs"
        ]
    );
    assert!(!goldens.proves_nothing());
}

#[test]
fn events_without_rows_are_named_and_without_any_nothing_is_proven() {
    let first_only = goldens(2, |contents, event, _| {
        if event == 0 {
            insert(contents, "a", &json!({}));
        }
    });
    let note = "b.txt leaves no row when it is delivered alone: nothing can be said of it";
    assert_eq!(told(&first_only), [note]);
    assert!(!first_only.proves_nothing());

    let none = goldens(2, |_, _, _| {});
    assert!(none.proves_nothing());
    let options = Options::default();
    let judge = Judge {
        goldens: &none,
        options: &options,
    };
    let findings = judge.judge_goldens();
    assert!(findings.violations.is_empty());
    assert!(findings.inconclusive[0].1.contains("proves nothing"));
}

#[test]
fn a_table_whose_number_of_rows_varies_is_not_judged() {
    let goldens = goldens(1, |contents, _, nonce| {
        insert(contents, "a", &json!({}));
        if nonce > 1000 {
            insert(contents, "b", &json!({}));
        }
    });
    assert!(told(&goldens)[1].starts_with("table t has not the same number of rows"));
    let options = Options::default();
    let judge = Judge {
        goldens: &goldens,
        options: &options,
    };
    let findings = judge.judge_goldens();
    assert!(findings.violations.is_empty());
    assert!(
        findings
            .inconclusive
            .iter()
            .any(|(_, why)| why.starts_with("Table t"))
    );
}

#[test]
fn an_event_that_is_set_aside_proves_nothing() {
    let goldens = goldens_but_for(1, right, &[], &[0]);
    assert!(goldens.proves_nothing());
    assert_eq!(
        told(&goldens),
        ["a.txt is rejected though nothing goes wrong, and set aside: it is rejected"]
    );
}

#[test]
fn several_events_in_one_row_are_reported() {
    let goldens = goldens(2, |contents, _, _| insert(contents, "object", &json!({})));
    let note = "several events write the row id = object of table t: a.txt, b.txt";
    assert_eq!(told(&goldens), [note]);
}

#[test]
fn an_order_that_matters_for_what_is_in_rows_is_no_violation() {
    let goldens = goldens(2, |contents, event, _| {
        put(contents, "object", &json!({"etag": {"S": NAMES[event]}}));
    });
    assert_eq!(goldens.order_matters().len(), 1);
    assert!(
        told(&goldens)
            .iter()
            .any(|it| it.contains("depends on the order"))
    );
    let options = Options::default();
    let judge = Judge {
        goldens: &goldens,
        options: &options,
    };
    assert!(judge.judge_goldens().is_empty());
}

#[test]
fn rd5_an_order_that_matters_for_keys_is_a_violation_but_of_the_latest_state() {
    let goldens = goldens(2, |contents, event, _| match event {
        0 => put(contents, "object", &json!({})),
        _ => drop(contents.remove(&row("object"))),
    });
    let judged = |options: &Options| {
        let goldens = &goldens;
        Judge { goldens, options }.judge_goldens()
    };
    let findings = judged(&Options::default());
    assert_eq!(violated(&findings), ["RD-5"]);
    assert_eq!(
        why(&findings, Property::OrderDoesNotMatter),
        "Whether there is the row id = object of table t depends on the order of the \
         events: there is after b.txt, then a.txt, and not after a.txt, then b.txt, with \
         nothing going wrong."
    );
    assert!(judged(&latest(&[0, 1])).is_empty());
}

#[test]
fn a_random_key_is_named_as_such() {
    let goldens = goldens(1, |contents, _, nonce| {
        put(contents, &format!("u{nonce}"), &json!({}));
    });
    let notes = told(&goldens);
    assert_eq!(notes.len(), 1);
    assert!(notes[0].starts_with("id belongs to the key of table t and is not the same"));
}

#[test]
fn an_event_writes_what_it_adds_to_any_order() {
    // The second event leaves a row only where the first has been.
    let goldens = goldens(2, |contents, event, _| {
        if event == 0 || contents.contains_key(&row(NAMES[0])) {
            insert(contents, NAMES[event], &json!({}));
        }
    });
    assert!(goldens.rows_of(1).eq([&row(NAMES[1])]));
    assert!(goldens.alone(1).is_some_and(Rows::is_empty));
}

#[test]
fn names_from_outside_are_printed_as_such() {
    let names = vec!["a\x1b[2J".to_owned()];
    let goldens = Goldens::new(names, &BTreeMap::new(), BTreeMap::new(), Mask::default());
    assert_eq!(goldens.name(0), "a\\u{1b}[2J");
    assert_eq!(goldens.name(4), "event 5");
    assert_eq!(plain(&json!({"S": "\x1b"})), "\\u{1b}");
    let odd = RowId {
        table: "t".to_owned(),
        key: "no\x1b JSON".to_owned(),
    };
    assert_eq!(describe(&odd), "the row no\\u{1b} JSON of table t");
}
