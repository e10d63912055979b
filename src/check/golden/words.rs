//! What is said of events and rows before anything is judged.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::Goldens;
use crate::check::backend::RowId;
use crate::check::mask::key_attributes;
use crate::report::printable;

/// Something to tell the user of before anything is judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// An event leaves no row.
    NoRow {
        /// The event's name.
        event: String,
    },
    /// What is in a row, or whether it is there, depends on the order of the events.
    OrderMatters {
        /// The row, in words.
        row: String,
    },
    /// An event is rejected though nothing goes wrong.
    SetAside {
        /// The event's name.
        event: String,
        /// The error, in words.
        error: String,
    },
    /// Several events write one row.
    SharedRow {
        /// The row, in words.
        row: String,
        /// The events' names.
        events: Vec<String>,
    },
    /// A table has not even the same number of rows each time.
    Unsteady {
        /// The table's name.
        table: String,
    },
    /// An attribute is not the same each time.
    Volatile {
        /// The table's name.
        table: String,
        /// The attribute, or the path into it.
        attribute: String,
        /// Whether it belongs to the table's key.
        in_key: bool,
    },
}

impl Goldens {
    /// What each order of exactly these events leaves, row by row: the order, the row and
    /// what is in it, in words. What is not the same each time is left out.
    pub fn left_in_words(&self, events: &BTreeSet<usize>) -> Vec<[String; 3]> {
        let mut left = Vec::new();
        for (order, rows) in self.orders() {
            if order.len() != events.len() || !order.iter().all(|it| events.contains(it)) {
                continue;
            }
            let names: Vec<String> = order.iter().map(|it| self.name(*it)).collect();
            let names = names.join(", then ");
            for (row, items) in rows {
                for item in items {
                    let values = item.iter();
                    let values =
                        values.map(|(path, value)| format!("{} {}", path.join("."), plain(value)));
                    let values: Vec<String> = values.collect();
                    left.push([names.clone(), describe(row), values.join(", ")]);
                }
            }
        }
        left
    }

    /// What is to be said of the events and their rows.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = BTreeSet::new();
        for (event, error) in &self.set_aside {
            let (event, error) = (self.name(*event), printable(error));
            notes.insert(Note::SetAside { event, error });
        }
        for (table, path) in self.mask.volatile() {
            let mut key = self.mask.volatile_keys(table);
            notes.insert(Note::Volatile {
                table: printable(table),
                attribute: printable(&path.join(".")),
                in_key: path.len() == 1 && key.any(|name| name == path[0]),
            });
        }
        for table in self.mask.unsteady() {
            let table = printable(table);
            notes.insert(Note::Unsteady { table });
        }
        for event in 0..self.events() {
            let owns = self.owners.values().any(|owners| owners.contains(&event));
            if !owns && !self.is_set_aside(event) {
                let event = self.name(event);
                notes.insert(Note::NoRow { event });
            }
        }
        for (row, owners) in &self.owners {
            if owners.len() > 1 && !self.is_volatile(row) {
                let events = owners.iter().map(|it| self.name(*it)).collect();
                let row = describe(row);
                notes.insert(Note::SharedRow { row, events });
            }
        }
        for row in self.order_matters() {
            let row = describe(row);
            notes.insert(Note::OrderMatters { row });
        }
        notes.into_iter().collect()
    }
}

/// A row in words: `the row id = a of table t`.
pub(in crate::check) fn describe(row: &RowId) -> String {
    let attributes = key_attributes(row);
    let attributes = attributes.iter().map(|(name, value)| match name.as_str() {
        "" => printable(&row.key),
        _ => format!("{} = {}", printable(name), plain(value)),
    });
    let attributes: Vec<String> = attributes.collect();
    let table = printable(&row.table);
    if attributes.is_empty() {
        return format!("a row of table {table}");
    }
    format!("the row {} of table {table}", attributes.join(", "))
}

/// All rows with a key in words: `rows id = a of table t`.
pub(in crate::check) fn describe_all(row: &RowId) -> String {
    let row = describe(row);
    let rest = row
        .strip_prefix("the row")
        .or_else(|| row.strip_prefix("a row"));
    format!("rows{}", rest.unwrap_or_default())
}

/// A typed value without its type: `a` for `{"S":"a"}`.
pub(in crate::check) fn plain(value: &Value) -> String {
    let typed = value.as_object().filter(|it| it.len() == 1);
    match typed.and_then(|it| it.iter().next()) {
        Some((kind, Value::String(text))) if kind == "S" || kind == "N" => printable(text),
        _ => printable(&value.to_string()),
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRow { event } => write!(
                f,
                "{event} leaves no row when it is delivered alone: nothing can be said of it"
            ),
            Self::OrderMatters { row } => write!(
                f,
                "{row} depends on the order in which different events are delivered: \
                 RD-5 is judged on keys only"
            ),
            Self::SetAside { event, error } => write!(
                f,
                "{event} is rejected though nothing goes wrong, and set aside: {error}"
            ),
            Self::SharedRow { row, events } => {
                write!(f, "several events write {row}: {}", events.join(", "))
            }
            Self::Unsteady { table } => write!(
                f,
                "table {table} has not the same number of rows each time, though nothing goes \
                 wrong: it is not judged"
            ),
            Self::Volatile {
                table,
                attribute,
                in_key: true,
            } => write!(
                f,
                "{attribute} belongs to the key of table {table} and is not the same each time: \
                 the key is not derived from the event, and rows are counted instead"
            ),
            Self::Volatile {
                table, attribute, ..
            } => write!(
                f,
                "{attribute} in table {table} is not the same each time: it is left out when \
                 rows are compared with those of other runs"
            ),
        }
    }
}
