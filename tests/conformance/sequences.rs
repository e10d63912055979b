//! Random sequences of calls, about few keys, attributes and values, so that they
//! meet.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::{select, subsequence};
use redeliver_model::event::Text;
use redeliver_model::table::{Change, Comparison, Condition, Item, Operation, Value, Write};

const KEYS: [&str; 3] = ["a", "b", "c"];

/// All of them reserved words, which expressions cannot contain as they are.
const ATTRIBUTES: [&str; 3] = ["count", "name", "state"];

/// How many transactions the sequence has to choose from: few, so that a token
/// meets the same transaction again as well as another one.
const TRANSACTIONS: usize = 2;

pub(crate) fn sequences() -> impl Strategy<Value = Vec<Operation>> {
    (vec(transaction(), TRANSACTIONS), vec(step(), 1..=16)).prop_map(|(transactions, steps)| {
        let operation = |step| match step {
            Step::Call(operation) => operation,
            Step::Transact { which, token } => Operation::Transact {
                writes: transactions[which].clone(),
                token,
            },
        };
        steps.into_iter().map(operation).collect()
    })
}

#[derive(Clone, Debug)]
enum Step {
    Call(Operation),
    Transact { which: usize, token: Option<Text> },
}

fn step() -> impl Strategy<Value = Step> {
    let read = select(&KEYS[..]).prop_map(|key| Operation::Read {
        key: key.into(),
        consistent: true,
    });
    let write = select(&KEYS[..]).prop_flat_map(|key| write(key, 0));
    let write = (write, any::<bool>())
        .prop_map(|(write, return_item)| Operation::Write { write, return_item });
    let batch = on_distinct_keys(batch_write).prop_map(|writes| Operation::Batch { writes });
    let token = option::of(select(vec![Text::from("first"), Text::from("second")]));
    prop_oneof![
        1 => read.prop_map(Step::Call),
        4 => write.prop_map(Step::Call),
        1 => batch.prop_map(Step::Call),
        3 => (0..TRANSACTIONS, token).prop_map(|(which, token)| Step::Transact { which, token }),
    ]
}

/// One to three writes: DynamoDB refuses two of the same item in one call.
fn on_distinct_keys<S: Strategy<Value = Write>>(
    write: impl Fn(&'static str) -> S,
) -> impl Strategy<Value = Vec<Write>> {
    subsequence(KEYS.to_vec(), 1..=KEYS.len())
        .prop_shuffle()
        .prop_flat_map(move |keys| keys.into_iter().map(&write).collect::<Vec<_>>())
}

fn transaction() -> impl Strategy<Value = Vec<Write>> {
    on_distinct_keys(|key| {
        let check = actual_condition().prop_map(move |condition| Write::Check {
            key: key.into(),
            condition,
        });
        // Within a transaction, an update without changes is malformed.
        prop_oneof![1 => check, 4 => write(key, 1)]
    })
}

fn batch_write(key: &'static str) -> impl Strategy<Value = Write> {
    let put = item().prop_map(move |item| Write::Put {
        key: key.into(),
        item,
        condition: Condition::Always,
    });
    let delete = Write::Delete {
        key: key.into(),
        condition: Condition::Always,
    };
    prop_oneof![3 => put, 1 => Just(delete)]
}

fn write(key: &'static str, fewest_changes: usize) -> impl Strategy<Value = Write> {
    let put = (item(), condition()).prop_map(move |(item, condition)| Write::Put {
        key: key.into(),
        item,
        condition,
    });
    let update = (changes(fewest_changes), condition()).prop_map(move |(changes, condition)| {
        Write::Update {
            key: key.into(),
            changes,
            condition,
        }
    });
    let delete = condition().prop_map(move |condition| Write::Delete {
        key: key.into(),
        condition,
    });
    prop_oneof![2 => put, 4 => update, 1 => delete]
}

/// At most one change of each attribute: DynamoDB refuses two.
fn changes(fewest: usize) -> impl Strategy<Value = Vec<Change>> {
    subsequence(ATTRIBUTES.to_vec(), fewest..=ATTRIBUTES.len())
        .prop_flat_map(|attributes| attributes.into_iter().map(change).collect::<Vec<_>>())
}

fn change(attribute: &'static str) -> impl Strategy<Value = Change> {
    let set = value().prop_map(move |value| Change::Set(attribute.into(), value));
    let remove = Just(Change::Remove(attribute.into()));
    let add = number().prop_map(move |amount| Change::Add(attribute.into(), amount));
    // Adding to a text, which is refused, must not be too rare.
    prop_oneof![2 => set, 1 => remove, 3 => add]
}

fn item() -> impl Strategy<Value = Item> {
    subsequence(ATTRIBUTES.to_vec(), 0..=ATTRIBUTES.len()).prop_flat_map(|attributes| {
        let with_value = |attribute: &'static str| (Just(attribute.into()), value());
        let attributes: Vec<_> = attributes.into_iter().map(with_value).collect();
        attributes.prop_map(|attributes| Item::new(attributes.into_iter().collect()))
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let beside = |name: fn(Vec<Condition>) -> Condition| {
        actual_condition().prop_map(move |it| name(vec![it, Condition::Always]))
    };
    prop_oneof![
        8 => Just(Condition::Always),
        9 => actual_condition(),
        1 => beside(Condition::All),
        1 => beside(Condition::Any),
        1 => Just(Condition::Any(Vec::new())),
    ]
}

/// A condition other than [`Condition::Always`], which no expression says.
fn actual_condition() -> impl Strategy<Value = Condition> {
    let comparison = (
        select(&ATTRIBUTES[..]),
        select(&[Comparison::Equal, Comparison::Less][..]),
        value(),
    )
        .prop_map(|(attribute, comparison, value)| Condition::Compare {
            attribute: attribute.into(),
            comparison,
            value,
        });
    let no_attribute =
        select(&ATTRIBUTES[..]).prop_map(|attribute| Condition::NoAttribute(attribute.into()));
    let leaf = prop_oneof![
        4 => comparison,
        1 => Just(Condition::ItemExists),
        2 => Just(Condition::NoItem),
        1 => no_attribute,
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..=3).prop_map(Condition::All),
            vec(inner, 2..=3).prop_map(Condition::Any),
        ]
    })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![number().prop_map(Value::Number), text()]
}

/// As texts, 10 would be less than 2.
fn number() -> impl Strategy<Value = i64> {
    select(&[-1, 0, 2, 10][..])
}

/// None of them empty, which older versions of DynamoDB Local refuse.
fn text() -> impl Strategy<Value = Value> {
    select(&["10", "2", "z", "é"][..]).prop_map(Value::from)
}
