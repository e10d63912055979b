//! Operations, their conditions, and what they are answered.

use redeliver_model::table::{
    Comparison, Condition, FailedCondition, Failure, Operation, Reason, Reply, Value, Write, item,
};

use crate::support::*;

#[test]
fn conditions_speak_of_the_item_or_of_its_absence() {
    let row = item([("number", Value::from(5)), ("text", Value::from("b"))]);
    let compare = |attribute: &'static str, comparison, value: Value| Condition::Compare {
        attribute: attribute.into(),
        comparison,
        value,
    };
    let (equal, less) = (Comparison::Equal, Comparison::Less);
    let cases: [(Condition, bool, bool); 20] = [
        (Condition::Always, true, true),
        (Condition::default(), true, true),
        (Condition::ItemExists, true, false),
        (Condition::NoItem, false, true),
        (Condition::NoAttribute("text".into()), false, true),
        (Condition::NoAttribute("other".into()), true, true),
        (compare("number", equal, 5.into()), true, false),
        (compare("number", equal, 4.into()), false, false),
        (compare("number", less, 6.into()), true, false),
        (compare("number", less, 5.into()), false, false),
        (compare("text", equal, "b".into()), true, false),
        (compare("text", less, "c".into()), true, false),
        (compare("text", less, "a".into()), false, false),
        (compare("text", less, 9.into()), false, false),
        (compare("number", equal, "5".into()), false, false),
        (compare("other", equal, 5.into()), false, false),
        (Condition::All(vec![]), true, true),
        (
            Condition::All(vec![Condition::Always, Condition::ItemExists]),
            true,
            false,
        ),
        (Condition::Any(vec![]), false, false),
        (
            Condition::Any(vec![Condition::NoItem, Condition::ItemExists]),
            true,
            true,
        ),
    ];
    for (condition, of_the_row, of_nothing) in cases {
        assert_eq!(condition.is_met_by(Some(&row)), of_the_row, "{condition:?}");
        assert_eq!(condition.is_met_by(None), of_nothing, "{condition:?}");
    }
}

#[test]
fn an_operation_names_its_items_and_says_whether_it_may_change_anything() {
    let two = || vec![plain(put("a", &by("one"))), check("b", Condition::NoItem)];
    let operations = [
        (Operation::Batch { writes: two() }, vec!["a", "b"], true),
        (effect("a", None, "mail"), vec!["a"], true),
        (read("a", true), vec!["a"], false),
        (transact(two(), None), vec!["a", "b"], true),
        (delete("c"), vec!["c"], true),
        (
            write(update("d", vec![], Condition::Always)),
            vec!["d"],
            true,
        ),
    ];
    for (operation, keys, is_write) in &operations {
        let named: Vec<&str> = operation.keys().map(|key| &**key).collect();
        assert_eq!(&named, keys);
        assert_eq!(operation.is_write(), *is_write);
        for (other, other_keys, _) in &operations {
            let apart = keys.iter().all(|key| !other_keys.contains(key));
            assert_eq!(operation.is_apart_from(other), apart);
        }
    }
    let conditions = [
        plain(put_if_absent("a", &by("one"))),
        check("a", Condition::NoItem),
        update("a", vec![], Condition::NoItem),
        Write::Delete {
            key: "a".into(),
            condition: Condition::NoItem,
        },
    ];
    for write in conditions {
        assert_eq!(write.condition(), &Condition::NoItem);
    }
}

#[test]
fn values_come_from_numbers_and_texts() {
    assert_eq!(Value::from(1), Value::Number(1));
    assert_eq!(Value::from("a"), Value::Text("a".into()));
    assert_eq!(
        Value::from(redeliver_model::event::Text::from("a")),
        Value::Text("a".into())
    );
    assert_eq!(*item([]), std::collections::BTreeMap::new());
}

#[test]
fn an_error_leaves_the_caller_not_knowing_what_became_of_the_item() {
    let failed = || FailedCondition { item: None };
    let cases = [
        (Reply::Cancelled(vec![Reason::None, Reason::Conflict]), true),
        (
            Reply::Cancelled(vec![Reason::None, Reason::ConditionFailed(failed())]),
            false,
        ),
        (Reply::ConditionFailed(failed()), false),
        (Reply::Failed(Failure::NoReply), true),
        (Reply::Item(None), false),
        (Reply::TokenReused, true),
        (Reply::Unprocessed(vec![]), false),
        (Reply::Unprocessed(vec![0]), true),
        (Reply::Written, false),
    ];
    for (reply, is_error) in cases {
        assert_eq!(reply.is_error(), is_error, "{reply:?}");
    }
}
