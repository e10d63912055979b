//! Rows that no golden table explains.

use std::collections::BTreeSet;

use super::facts::Facts;
use crate::check::backend::RowId;
use crate::check::golden::{describe, describe_all, group, plain};
use crate::check::mask::{Path, Rows, Values, unmatched};
use crate::report::printable;

/// A row, or the rows with a key of which something is masked, that is unlike what is
/// there after every order of the events that may have happened.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// Its key without what is masked.
    pub(super) row: RowId,
    /// The events that write it, of those that are done.
    pub(super) events: BTreeSet<usize>,
    pub(super) kind: Kind,
}

/// How it differs from the golden rows that it is most like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first attribute that differs, with what it should be and what it is, in words.
    Changed {
        attribute: Path,
        golden: String,
        found: String,
    },
    /// There are more rows than there should be.
    Extra { golden: usize, found: usize },
    /// There are fewer.
    Missing,
}

impl Facts<'_> {
    /// The rows that no explanation has as they were found. These events are done:
    /// what others leave that were delivered may be there, or not, or half done.
    pub(super) fn differences(
        &self,
        explanations: &[&Rows],
        found: &Rows,
        done: &BTreeSet<usize>,
    ) -> Vec<Difference> {
        let rows = explanations.iter().flat_map(|it| it.keys());
        let rows: BTreeSet<&RowId> = rows.chain(found.keys()).collect();
        let differences = rows.into_iter().filter_map(|row| {
            let owners = self.goldens.owners(row);
            let events: BTreeSet<usize> = owners.intersection(done).copied().collect();
            let is_open = self.delivered_owners(row).any(|it| !done.contains(&it));
            if is_open && events.is_empty() {
                return None;
            }
            let comparison = Comparison {
                facts: self,
                row,
                done,
                is_open,
                positions: self.positions_of(owners),
            };
            let kind = comparison.closest(explanations, group(found, row))?;
            let is_extra = matches!(kind, Kind::Extra { .. });
            if owners.is_empty() && is_extra && self.is_anything_open(done) {
                // Half done, an event may leave what it takes away in the end: a lock.
                return None;
            }
            Some(Difference {
                row: row.clone(),
                events,
                kind,
            })
        });
        differences.collect()
    }

    fn is_anything_open(&self, done: &BTreeSet<usize>) -> bool {
        self.started.keys().any(|it| !done.contains(it))
    }

    /// At which positions in a notification events were handed over, but for the first.
    fn positions_of(&self, events: &BTreeSet<usize>) -> BTreeSet<i64> {
        let invocations = self.history.invocations.iter();
        let places = invocations.flat_map(|it| it.events.iter().zip(0..));
        let places = places.filter(|(event, place)| *place > 0 && events.contains(event));
        places.map(|(_, place)| place).collect()
    }

    /// What is wrong with a row, in a sentence that begins with these words.
    pub(super) fn sentence(&self, it: &Difference, when: &str) -> String {
        let row = describe(&it.row);
        match &it.kind {
            Kind::Missing if it.events.is_empty() => {
                format!("{when} {row} is not there, though it was before anything happened.")
            }
            Kind::Missing => {
                let were = if it.events.len() == 1 { "was" } else { "were" };
                let names = self.names(&it.events);
                format!("{when} {row} is not there, though {names} {were} acknowledged.")
            }
            Kind::Extra { golden, found } if self.goldens.is_volatile(&it.row) => {
                let keys = self.goldens.mask().volatile_keys(&it.row.table);
                let keys: Vec<String> = keys.map(printable).collect();
                format!(
                    "{when} there are {found} {}, and {golden} if nothing goes wrong: their key \
                     is not derived from the event ({} is another each time).",
                    describe_all(&it.row),
                    keys.join(", ")
                )
            }
            Kind::Extra { .. } => format!(
                "{when} {row} is there, though no order of the events that were delivered \
                 leaves it when nothing goes wrong."
            ),
            Kind::Changed {
                attribute,
                golden,
                found,
            } => format!(
                "{when} {row} is not as any order of the events leaves it when nothing goes \
                 wrong: {} is {found}, not {golden}.",
                printable(&attribute.join("."))
            ),
        }
    }
}

/// The rows with one key, as they were found and as they should be.
struct Comparison<'a> {
    facts: &'a Facts<'a>,
    row: &'a RowId,
    done: &'a BTreeSet<usize>,
    /// Whether an event that is not done writes it as well.
    is_open: bool,
    positions: BTreeSet<i64>,
}

impl Comparison<'_> {
    /// How the rows differ from those that they are most like; nothing if some
    /// explanation has them.
    fn closest(&self, explanations: &[&Rows], found: &[Values]) -> Option<Kind> {
        let mut closest: Option<(usize, Kind)> = None;
        for explanation in explanations {
            let golden = group(explanation, self.row);
            let same = |one: &Values, other: &Values| self.is_same(one, other);
            let (missing, extra) = unmatched(golden, found, same);
            if self.is_explained(&missing, &extra) {
                return None;
            }
            let (distance, kind) = self.kind(golden.len(), found.len(), &missing, &extra);
            if closest.as_ref().is_none_or(|(least, _)| distance < *least) {
                closest = Some((distance, kind));
            }
        }
        closest.map(|(_, kind)| kind)
    }

    fn is_explained(&self, missing: &[&Values], extra: &[&Values]) -> bool {
        if missing.is_empty() && extra.is_empty() {
            return true;
        }
        if !self.is_open {
            return false;
        }
        if self.facts.goldens.is_volatile(self.row) {
            return missing.is_empty() && !extra.iter().any(|row| self.is_of_done(row));
        }
        // The event that is not done may have changed the row.
        !missing.is_empty() && !extra.is_empty()
    }

    /// Whether a row looks like one of an event that is done, and like no other's.
    fn is_of_done(&self, row: &Values) -> bool {
        let looks_like = |event: &usize| {
            let alone = self.facts.goldens.alone(*event);
            let rows = alone.map_or(&[][..], |it| group(it, self.row));
            rows.iter().any(|it| self.is_same(it, row))
        };
        let delivered = self.facts.delivered_owners(self.row);
        let mut open = delivered.filter(|it| !self.done.contains(it));
        self.done.iter().any(looks_like) && !open.any(|it| looks_like(&it))
    }

    fn is_same(&self, golden: &Values, found: &Values) -> bool {
        self.differing(golden, found).next().is_none()
    }

    /// The paths at which a row differs from a golden one.
    fn differing<'v>(
        &self,
        golden: &'v Values,
        found: &'v Values,
    ) -> impl Iterator<Item = &'v Path> {
        let gone = golden.keys().filter(|path| !found.contains_key(*path));
        let changed = found.iter().filter(|(path, value)| {
            let at = (self.row.table.as_str(), *path);
            golden.get(*path) != Some(*value)
                && !(golden.contains_key(*path)
                    && self.facts.goldens.is_position(at, value, &self.positions))
        });
        gone.chain(changed.map(|(path, _)| path))
    }

    /// How far rows are from golden ones, and in what they differ.
    fn kind(
        &self,
        golden: usize,
        found: usize,
        missing: &[&Values],
        extra: &[&Values],
    ) -> (usize, Kind) {
        // A row too many is further off than any number of attributes.
        const ROW: usize = 10_000;
        let (Some(one), Some(other)) = (missing.first(), extra.first()) else {
            let distance = ROW * missing.len().max(extra.len());
            let kind = match missing.is_empty() {
                true => Kind::Extra { golden, found },
                false => Kind::Missing,
            };
            return (distance, kind);
        };
        if missing.len() != extra.len() {
            let kind = match missing.len() < extra.len() {
                true => Kind::Extra { golden, found },
                false => Kind::Missing,
            };
            return (ROW * missing.len().max(extra.len()), kind);
        }
        let differing: Vec<&Path> = self.differing(one, other).collect();
        let in_words = |values: &Values, path: &Path| {
            values.get(path).map_or_else(|| "absent".to_owned(), plain)
        };
        let attribute = differing.first().map_or_else(Path::new, |it| (*it).clone());
        let kind = Kind::Changed {
            golden: in_words(one, &attribute),
            found: in_words(other, &attribute),
            attribute,
        };
        (missing.len() * (1 + differing.len()), kind)
    }
}
