//! Events, items and operations, in few words.

use redeliver_model::delivery::Record;
use redeliver_model::event::ObjectEvent;
use redeliver_model::property::COUNT;
use redeliver_model::scene::{Scene, created, sequenced};
use redeliver_model::table::{Change, Condition, Effect, Item, Operation, Value, Write, item};

/// An event of an object in the bucket `b`.
pub(crate) fn object(key: &str) -> ObjectEvent {
    created("b", key)
}

/// The record of an event with this sequencer, whose ETag is the sequencer too.
pub(crate) fn upload(key: &str, sequencer: &str) -> Record {
    sequenced(object(key), sequencer, sequencer)
}

pub(crate) fn put_if_absent(key: &str, item: &Item) -> Operation {
    Operation::Write {
        write: Write::Put {
            key: key.into(),
            item: Item::clone(item),
            condition: Condition::NoItem,
        },
        return_item: true,
    }
}

pub(crate) fn put(key: &str, item: &Item) -> Operation {
    Operation::Write {
        write: Write::Put {
            key: key.into(),
            item: Item::clone(item),
            condition: Condition::Always,
        },
        return_item: false,
    }
}

pub(crate) fn delete(key: &str) -> Operation {
    Operation::Write {
        write: Write::Delete {
            key: key.into(),
            condition: Condition::Always,
        },
        return_item: false,
    }
}

pub(crate) fn read(key: &str, consistent: bool) -> Operation {
    let key = key.into();
    Operation::Read { key, consistent }
}

pub(crate) fn effect(of: &str, token: Option<&str>, content: &str) -> Operation {
    Operation::Effect(Effect {
        of: of.into(),
        token: token.map(Into::into),
        content: content.into(),
    })
}

/// Adds to the count beside an event's row.
pub(crate) fn add_to_count(key: &str, amount: i64) -> Write {
    Write::Update {
        key: format!("{key} count").into(),
        changes: vec![Change::Add(COUNT.into(), amount)],
        condition: Condition::Always,
    }
}

/// An item with one text, `by`.
pub(crate) fn by(writer: &str) -> Item {
    item([("by", Value::from(writer))])
}

pub(crate) fn write(write: Write) -> Operation {
    let return_item = false;
    Operation::Write { write, return_item }
}

pub(crate) fn update(key: &str, changes: Vec<Change>, condition: Condition) -> Write {
    let key = key.into();
    Write::Update {
        key,
        changes,
        condition,
    }
}

pub(crate) fn check(key: &str, condition: Condition) -> Write {
    let key = key.into();
    Write::Check { key, condition }
}

pub(crate) fn plain(operation: Operation) -> Write {
    let Operation::Write { write, .. } = operation else {
        panic!("not a write of one item");
    };
    write
}

pub(crate) fn transact(writes: Vec<Write>, token: Option<&str>) -> Operation {
    let token = token.map(Into::into);
    Operation::Transact { writes, token }
}

/// One event, delivered so often.
pub(crate) fn one(deliveries: usize) -> Scene {
    Scene::of(&[&[upload("a", "9")]], deliveries)
}

/// One event in two notifications.
pub(crate) fn two() -> Scene {
    Scene::of(&[&[upload("a", "9")], &[upload("a", "9")]], 1)
}
