//! What a handler leaves in its tables when nothing goes wrong: the yardstick of every
//! other run.

#[cfg(test)]
mod tests;
mod words;

pub use words::Note;
pub(super) use words::{describe, describe_all, plain};

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::backend::{Contents, RowId};
use super::mask::{Mask, Path, Rows, Values, unmatched};
use crate::report::printable;

/// The tables after every order of every subset of the events, each delivered once,
/// alone, in a notification of its own, without faults.
#[derive(Clone, Debug)]
pub struct Goldens {
    names: Vec<String>,
    orders: BTreeMap<Vec<usize>, Rows>,
    set_aside: BTreeMap<usize, String>,
    mask: Mask,
    owners: BTreeMap<RowId, BTreeSet<usize>>,
    /// The attributes that are 0 in every row of an event alone.
    positions: BTreeSet<(String, Path)>,
}

impl Goldens {
    /// The golden tables of events with these names.
    ///
    /// `tables` has an entry for each order of each subset of the events that are not
    /// set aside, the empty one included, and one for each event alone that is: what it
    /// leaves when it fails. `set_aside` has the error of each event that is rejected
    /// though nothing goes wrong.
    pub fn new(
        names: Vec<String>,
        tables: &BTreeMap<Vec<usize>, Contents>,
        set_aside: BTreeMap<usize, String>,
        mask: Mask,
    ) -> Self {
        let orders = tables.iter();
        let orders = orders.map(|(order, contents)| (order.clone(), mask.visible(contents)));
        let mut goldens = Self {
            names,
            orders: orders.collect(),
            set_aside,
            mask,
            owners: BTreeMap::new(),
            positions: BTreeSet::new(),
        };
        goldens.orders.entry(Vec::new()).or_default();
        goldens.find_owners();
        goldens.find_positions();
        goldens
    }

    /// What is left out when rows are compared.
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// How many events there are.
    pub fn events(&self) -> usize {
        self.names.len()
    }

    /// What to call an event.
    pub fn name(&self, event: usize) -> String {
        let name = self.names.get(event);
        name.map_or_else(|| format!("event {}", event + 1), |name| printable(name))
    }

    /// Whether an event is rejected though nothing goes wrong.
    pub fn is_set_aside(&self, event: usize) -> bool {
        self.set_aside.contains_key(&event)
    }

    /// Whether this is what an order of events leaves.
    pub fn is_left_by(&self, order: &[usize], contents: &Contents) -> bool {
        let left = self.orders.get(order);
        left.is_some_and(|left| *left == self.mask.visible(contents))
    }

    /// Whether nothing can be concluded from the tables: no event leaves a row.
    pub fn proves_nothing(&self) -> bool {
        let judged = |owners: &BTreeSet<usize>| owners.iter().any(|it| !self.is_set_aside(*it));
        !self.owners.values().any(judged)
    }

    /// The rows that are not the same after every order of the same events.
    pub fn order_matters(&self) -> BTreeSet<&RowId> {
        let mut differing = BTreeSet::new();
        for (first, other) in self.rearranged() {
            let (once, again) = (&self.orders[first], &self.orders[other]);
            for row in once.keys().chain(again.keys()) {
                if !is_same_group(group(once, row), group(again, row)) {
                    differing.insert(row);
                }
            }
        }
        differing
    }

    /// Two orders of the same events that do not leave the same keys, and a row that is
    /// there only after one of them: after the first of the two.
    pub fn order_matters_for_key(&self) -> Option<(&[usize], &[usize], &RowId)> {
        self.rearranged().find_map(|(first, other)| {
            let (once, again) = (&self.orders[first], &self.orders[other]);
            let mut rows = once.keys().chain(again.keys());
            let row = rows.find(|row| group(once, row).len() != group(again, row).len())?;
            let (with, without) = if group(once, row).len() > group(again, row).len() {
                (first, other)
            } else {
                (other, first)
            };
            Some((with.as_slice(), without.as_slice(), row))
        })
    }

    /// The orders of events that are not set aside, with what they leave.
    pub(super) fn orders(&self) -> impl Iterator<Item = (&[usize], &Rows)> {
        let orders = self.orders.iter();
        let judged = orders.filter(|(order, _)| !order.iter().any(|it| self.is_set_aside(*it)));
        judged.map(|(order, rows)| (order.as_slice(), rows))
    }

    /// The events that write a row, given its key without what is masked.
    pub(super) fn owners(&self, row: &RowId) -> &BTreeSet<usize> {
        static NOBODY: BTreeSet<usize> = BTreeSet::new();
        self.owners.get(row).unwrap_or(&NOBODY)
    }

    /// What an event writes, its keys without what is masked.
    pub(super) fn rows_of(&self, event: usize) -> impl Iterator<Item = &RowId> {
        let owned = self.owners.iter();
        let owned = owned.filter(move |(_, owners)| owners.contains(&event));
        owned.map(|(row, _)| row)
    }

    /// What an event leaves when it is delivered alone.
    pub(super) fn alone(&self, event: usize) -> Option<&Rows> {
        self.orders.get(std::slice::from_ref(&event))
    }

    /// What is there before anything is delivered.
    pub(super) fn before(&self) -> &Rows {
        &self.orders[&[][..]]
    }

    /// Whether rows of this kind have keys that are not the same each time.
    pub(super) fn is_volatile(&self, row: &RowId) -> bool {
        self.mask.volatile_keys(&row.table).next().is_some()
    }

    /// Whether a value is one of these positions, where it is 0 for every event alone: it
    /// says which record of its notification wrote the row, not what happened. One that
    /// is 1 for every event alone would rather be a count.
    pub(super) fn is_position(
        &self,
        (table, path): (&str, &Path),
        found: &Value,
        positions: &BTreeSet<i64>,
    ) -> bool {
        self.positions.contains(&(table.to_owned(), path.clone()))
            && number(found).is_some_and(|found| positions.contains(&found))
    }

    fn rearranged(&self) -> impl Iterator<Item = (&Vec<usize>, &Vec<usize>)> {
        let mut first_of: BTreeMap<BTreeSet<usize>, &Vec<usize>> = BTreeMap::new();
        self.orders.keys().filter_map(move |order| {
            let events = order.iter().copied().collect();
            let first = *first_of.entry(events).or_insert(order);
            (first != order).then_some((first, order))
        })
    }

    /// An event writes what differs between an order that ends with it and the same
    /// without it.
    fn find_owners(&mut self) {
        let mut owners: BTreeMap<RowId, BTreeSet<usize>> = BTreeMap::new();
        for (order, after) in &self.orders {
            let Some((event, before)) = order.split_last() else {
                continue;
            };
            let Some(before) = self.orders.get(before) else {
                continue;
            };
            for row in before.keys().chain(after.keys()) {
                if !is_same_group(group(before, row), group(after, row)) {
                    owners.entry(row.clone()).or_default().insert(*event);
                }
            }
        }
        self.owners = owners;
    }

    fn find_positions(&mut self) {
        let mut other = BTreeSet::new();
        let alone = self.orders.iter().filter(|(order, _)| order.len() == 1);
        for (row, items) in alone.flat_map(|(_, rows)| rows) {
            for (path, value) in items.iter().flatten() {
                let at = (row.table.clone(), path.clone());
                match number(value) {
                    Some(0) => drop(self.positions.insert(at)),
                    _ => drop(other.insert(at)),
                }
            }
        }
        self.positions.retain(|at| !other.contains(at));
    }
}

/// The rows with a key: none, one, or several if what tells them apart is masked.
pub(super) fn group<'a>(rows: &'a Rows, key: &RowId) -> &'a [Values] {
    rows.get(key).map_or(&[], Vec::as_slice)
}

fn is_same_group(left: &[Values], right: &[Values]) -> bool {
    let (missing, extra) = unmatched(left, right, |one, other| one == other);
    missing.is_empty() && extra.is_empty()
}

fn number(value: &Value) -> Option<i64> {
    let text = value.get("N").or_else(|| value.get("S"))?;
    text.as_str()?.parse().ok()
}
