use redeliver_model::table::{
    Change, Condition, EXPIRES_AT, FailedCondition, Failure, Item, ItemChange, Operation, Reason,
    Reply, Table, Value, item,
};

use crate::support::*;

/// A table, and what the last call changed.
#[derive(Default)]
struct Played {
    table: Table,
    changes: Vec<ItemChange>,
}

impl Played {
    fn after(operations: &[Operation]) -> Self {
        let mut played = Self::default();
        for operation in operations {
            played.at(0, operation);
        }
        played
    }

    fn at(&mut self, now: u64, operation: &Operation) -> Reply {
        self.changes.clear();
        self.table.execute(operation, now, &mut self.changes)
    }

    fn item(&self, key: &str) -> Option<&Item> {
        self.table.items().get(key)
    }
}

fn change(key: &str, before: Option<Item>, after: Option<Item>) -> ItemChange {
    let key = key.into();
    ItemChange { key, before, after }
}

#[test]
fn a_put_replaces_the_item_and_says_what_changed() {
    let mut played = Played::default();
    assert_eq!(played.at(0, &put("a", &by("one"))), Reply::Written);
    assert_eq!(played.changes, [change("a", None, Some(by("one")))]);
    assert_eq!(played.at(0, &put("a", &by("two"))), Reply::Written);
    assert_eq!(
        played.changes,
        [change("a", Some(by("one")), Some(by("two")))]
    );
    assert_eq!(played.at(0, &put("a", &by("two"))), Reply::Written);
    assert_eq!(
        played.changes,
        [],
        "the same bytes again are no change to anybody"
    );
    assert_eq!(played.table.items()["a"], by("two"));
}

#[test]
fn a_deletion_removes_the_item_if_it_is_there() {
    let mut played = Played::after(&[put("a", &by("one"))]);
    assert_eq!(played.at(0, &delete("a")), Reply::Written);
    assert_eq!(played.changes, [change("a", Some(by("one")), None)]);
    assert_eq!(played.at(0, &delete("a")), Reply::Written);
    assert_eq!(played.changes, []);
    assert!(played.table.items().is_empty());
}

#[test]
fn an_update_changes_some_attributes_of_an_item_or_makes_one() {
    let mut played = Played::default();
    let changes = vec![
        Change::Add("count".into(), 2),
        Change::Add("count".into(), 3),
        Change::Set("by".into(), "one".into()),
        Change::Set("gone".into(), "soon".into()),
        Change::Remove("gone".into()),
    ];
    let made = write(update("a", changes, Condition::NoItem));
    assert_eq!(played.at(0, &made), Reply::Written);
    let first = item([("count", Value::from(5)), ("by", Value::from("one"))]);
    assert_eq!(played.item("a"), Some(&first));
    let changed = write(update(
        "a",
        vec![
            Change::Set("by".into(), 7.into()),
            Change::Add("count".into(), i64::MAX),
        ],
        Condition::ItemExists,
    ));
    assert_eq!(played.at(0, &changed), Reply::Written);
    let second = item([("count", Value::from(i64::MAX)), ("by", Value::from(7))]);
    assert_eq!(
        played.changes,
        [change("a", Some(first), Some(second.clone()))]
    );
    assert_eq!(
        played.at(0, &made),
        Reply::ConditionFailed(FailedCondition { item: None })
    );
    assert_eq!(played.item("a"), Some(&second));
}

#[test]
fn adding_to_a_text_is_refused_and_changes_nothing() {
    let add = |condition| {
        let changes = vec![
            Change::Set("other".into(), 1.into()),
            Change::Add("by".into(), 7),
        ];
        update("a", changes, condition)
    };
    let mut played = Played::after(&[put("a", &by("one"))]);
    let alone = write(add(Condition::ItemExists));
    assert_eq!(played.at(0, &alone), Reply::Failed(Failure::Invalid));
    assert_eq!(played.changes, []);
    let together = transact(
        vec![plain(put("b", &by("two"))), add(Condition::ItemExists)],
        None,
    );
    let reasons = vec![Reason::None, Reason::Invalid];
    assert_eq!(played.at(0, &together), Reply::Cancelled(reasons));
    assert_eq!(played.changes, []);
    assert_eq!(played.item("a"), Some(&by("one")));
    assert_eq!(played.item("b"), None);
    // The condition comes first.
    assert_eq!(
        played.at(0, &write(add(Condition::NoItem))),
        Reply::ConditionFailed(FailedCondition { item: None })
    );
}

#[test]
fn a_failed_condition_returns_the_item_that_is_there_if_asked_to() {
    let mut played = Played::after(&[put("a", &by("one"))]);
    let failed = |item| Reply::ConditionFailed(FailedCondition { item });
    assert_eq!(
        played.at(0, &put_if_absent("a", &by("two"))),
        failed(Some(by("one")))
    );
    assert_eq!(played.changes, []);
    let silent = write(plain(put_if_absent("a", &by("two"))));
    assert_eq!(played.at(0, &silent), failed(None));
    let absent = Operation::Write {
        write: update("b", vec![], Condition::ItemExists),
        return_item: true,
    };
    assert_eq!(played.at(0, &absent), failed(None));
    assert_eq!(played.item("a"), Some(&by("one")));
    assert_eq!(played.item("b"), None);
}

#[test]
fn a_check_alone_changes_nothing() {
    let mut played = Played::after(&[put("a", &by("one"))]);
    assert_eq!(
        played.at(0, &write(check("a", Condition::ItemExists))),
        Reply::Written
    );
    assert_eq!(played.changes, []);
    assert_eq!(played.item("a"), Some(&by("one")));
    // Nor does it count as a write that a stale read may miss.
    assert_eq!(played.table.read_stale("a"), Reply::Item(None));
}

#[test]
fn a_read_sees_what_is_there_and_a_stale_one_what_was_there_before() {
    let mut played = Played::default();
    assert_eq!(played.at(0, &read("a", true)), Reply::Item(None));
    assert_eq!(played.table.read_stale("a"), Reply::Item(None));
    played.at(0, &put("a", &by("one")));
    assert_eq!(
        played.at(0, &read("a", false)),
        Reply::Item(Some(by("one")))
    );
    assert_eq!(played.table.read_stale("a"), Reply::Item(None));
    played.at(0, &put("a", &by("two")));
    assert_eq!(played.table.read_stale("a"), Reply::Item(Some(by("one"))));
    played.at(0, &delete("a"));
    assert_eq!(played.at(0, &read("a", true)), Reply::Item(None));
    assert_eq!(played.table.read_stale("a"), Reply::Item(Some(by("two"))));
    assert_eq!(played.changes, []);
}

#[test]
fn a_batch_writes_without_conditions_whole_or_but_for_its_last_write() {
    let writes = vec![
        plain(put("a", &by("one"))),
        plain(put_if_absent("a", &by("two"))),
        plain(put("b", &by("one"))),
    ];
    let batch = Operation::Batch {
        writes: writes.clone(),
    };
    let mut played = Played::default();
    assert_eq!(played.at(0, &batch), Reply::Unprocessed(vec![]));
    assert_eq!(played.changes.len(), 3);
    assert_eq!(played.item("a"), Some(&by("two")));
    assert_eq!(played.item("b"), Some(&by("one")));

    let mut played = Played::default();
    let in_part = played.table.execute_in_part(&writes, &mut played.changes);
    assert_eq!(in_part, Reply::Unprocessed(vec![2]));
    assert_eq!(played.changes.len(), 2);
    assert_eq!(played.item("b"), None);

    let empty = played.table.execute_in_part(&[], &mut played.changes);
    assert_eq!(empty, Reply::Unprocessed(vec![]));
}

#[test]
fn an_effect_leaves_the_table_alone() {
    let mut played = Played::default();
    assert_eq!(played.at(0, &effect("a", None, "mail")), Reply::Written);
    assert_eq!(played.changes, []);
    assert!(played.table.items().is_empty());
}

#[test]
fn a_transaction_writes_all_or_says_of_each_write_why_not() {
    let mut played = Played::after(&[put("a", &by("one"))]);
    let refused = transact(
        vec![
            plain(put("c", &by("two"))),
            plain(put_if_absent("a", &by("two"))),
            check("b", Condition::ItemExists),
        ],
        None,
    );
    let because = Reply::Cancelled(vec![
        Reason::None,
        Reason::ConditionFailed(FailedCondition {
            item: Some(by("one")),
        }),
        Reason::ConditionFailed(FailedCondition { item: None }),
    ]);
    assert_eq!(played.at(0, &refused), because);
    assert_eq!(played.changes, []);
    assert_eq!(played.item("c"), None);
    let done = transact(
        vec![
            check("a", Condition::ItemExists),
            plain(put("b", &by("two"))),
            plain(delete("a")),
        ],
        None,
    );
    assert_eq!(played.at(0, &done), Reply::Written);
    let changes = [
        change("b", None, Some(by("two"))),
        change("a", Some(by("one")), None),
    ];
    assert_eq!(played.changes, changes);
}

#[test]
fn a_request_token_answers_for_its_transaction_for_ten_minutes() {
    let insert = |writer: &str, token| {
        let writes = vec![plain(put_if_absent("a", &by(writer)))];
        transact(writes, token)
    };
    let mut played = Played::default();
    let first = insert("one", Some("token"));
    assert_eq!(played.at(100, &first), Reply::Written);
    assert_eq!(played.changes.len(), 1);
    assert_eq!(played.at(699, &first), Reply::Written);
    assert_eq!(played.changes, []);
    assert_eq!(
        played.at(699, &insert("two", Some("token"))),
        Reply::TokenReused
    );
    let refused = |reply: Reply| matches!(reply, Reply::Cancelled(_));
    assert!(refused(played.at(699, &insert("one", Some("another")))));
    assert!(refused(played.at(699, &insert("one", None))));
    assert!(refused(played.at(700, &first)));
    // A transaction that was cancelled has used up no token.
    played.at(700, &delete("a"));
    assert_eq!(
        played.at(700, &insert("two", Some("another"))),
        Reply::Written
    );
}

#[test]
fn an_item_expires_when_its_time_has_passed_and_stays_until_it_is_swept() {
    let until = |end: i64| item([(EXPIRES_AT, Value::from(end))]);
    let mut played = Played::after(&[put("forever", &by("one"))]);
    assert!(!played.table.has_expired(u64::MAX));
    played.at(0, &put("a", &until(10)));
    played.at(0, &put("b", &until(11)));
    played.at(0, &put("never", &item([(EXPIRES_AT, Value::from("soon"))])));
    played.at(0, &put("before", &until(-1)));
    assert!(!played.table.has_expired(10));
    assert!(played.table.has_expired(11));
    assert_eq!(
        played.at(11, &read("a", true)),
        Reply::Item(Some(until(10))),
        "it is there like any other"
    );
    played.table.sweep(11, &mut played.changes);
    assert_eq!(played.changes, [change("a", Some(until(10)), None)]);
    assert_eq!(
        played
            .table
            .items()
            .keys()
            .map(|key| &**key)
            .collect::<Vec<_>>(),
        ["b", "before", "forever", "never"]
    );
    assert_eq!(played.table.read_stale("a"), Reply::Item(Some(until(10))));
    assert!(!played.table.has_expired(11));
}
