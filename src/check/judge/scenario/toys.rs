//! Toy handlers, and what they leave when nothing goes wrong.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::check::backend::{Contents, Item, RowId};
use crate::check::golden::Goldens;
use crate::check::mask::Mask;

/// What a toy handler does to the tables for one event; the number is another each time.
pub(in crate::check) type Toy = fn(&mut Contents, usize, u64);

pub(in crate::check) const NAMES: [&str; 4] = ["a.txt", "b.txt", "c.txt", "d.txt"];

/// The golden tables of a toy handler.
pub(in crate::check) fn goldens(events: usize, toy: Toy) -> Goldens {
    goldens_but_for(events, toy, &[], &[])
}

/// The same without what is to be ignored, and with events that are rejected.
pub(in crate::check) fn goldens_but_for(
    events: usize,
    toy: Toy,
    ignored: &[&str],
    rejected: &[usize],
) -> Goldens {
    goldens_of(events, toy, ignored, rejected)
}

/// The golden tables of whatever writes for an event.
pub(in crate::check) fn goldens_by(
    events: usize,
    toy: impl FnMut(&mut Contents, usize, u64),
) -> Goldens {
    goldens_of(events, toy, &[], &[])
}

fn goldens_of(
    events: usize,
    mut toy: impl FnMut(&mut Contents, usize, u64),
    ignored: &[&str],
    rejected: &[usize],
) -> Goldens {
    let mut time = 0;
    let mut play = |order: &[usize]| {
        let mut contents = Contents::new();
        for event in order {
            time += 1000;
            toy(&mut contents, *event, time);
        }
        contents
    };
    let judged: Vec<usize> = (0..events).filter(|it| !rejected.contains(it)).collect();
    let orders = orders(&judged);
    let once: BTreeMap<_, _> = orders.iter().map(|it| (it.clone(), play(it))).collect();
    let again: BTreeMap<_, _> = orders.iter().map(|it| (it.clone(), play(it))).collect();
    let pairs: Vec<_> = once.values().zip(again.values()).collect();
    let ignored = ignored.iter().map(|it| (*it).to_owned());
    let mask = Mask::learn(&pairs).ignoring(ignored);
    let names = NAMES[..events].iter().map(|it| (*it).to_owned()).collect();
    let set_aside = rejected.iter().map(|it| (*it, "it is rejected".to_owned()));
    let mut tables = once;
    tables.extend(rejected.iter().map(|it| (vec![*it], Contents::new())));
    Goldens::new(names, &tables, set_aside.collect(), mask)
}

fn orders(events: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    let mut longest = all.clone();
    for _ in events {
        let longer = longest.iter().flat_map(|order| {
            let others = events.iter().filter(|it| !order.contains(*it));
            others.map(move |it| [order.as_slice(), &[*it]].concat())
        });
        longest = longer.collect();
        all.extend(longest.iter().cloned());
    }
    all
}

/// A row of the table, by its key.
pub(in crate::check) fn row(id: &str) -> RowId {
    RowId {
        table: "t".to_owned(),
        key: json!({"id": {"S": id}}).to_string(),
    }
}

/// An item with a key and more.
pub(in crate::check) fn item(id: &str, rest: &Value) -> Item {
    let mut item: Item = serde_json::from_value(rest.clone()).unwrap();
    item.insert("id".to_owned(), json!({"S": id}));
    item
}

/// Writes an item unless there is one, as `attribute_not_exists(id)` does.
pub(in crate::check) fn insert(contents: &mut Contents, id: &str, rest: &Value) {
    contents.entry(row(id)).or_insert_with(|| item(id, rest));
}

/// Writes an item whatever was there.
pub(in crate::check) fn put(contents: &mut Contents, id: &str, rest: &Value) {
    contents.insert(row(id), item(id, rest));
}

/// Adds one to a number.
pub(in crate::check) fn add(contents: &mut Contents, id: &str, attribute: &str) {
    let item = contents
        .entry(row(id))
        .or_insert_with(|| item(id, &json!({})));
    let number = item
        .get(attribute)
        .and_then(|it| it["N"].as_str()?.parse::<i64>().ok());
    let number = number.unwrap_or(0) + 1;
    item.insert(attribute.to_owned(), json!({"N": number.to_string()}));
}

/// Records an event once, with what only its first writer knows.
pub(in crate::check) fn right(contents: &mut Contents, event: usize, nonce: u64) {
    let writer = json!({"writer": {"S": nonce.to_string()}, "name": {"S": NAMES[event]}});
    insert(contents, NAMES[event], &writer);
}
