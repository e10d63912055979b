//! What a handler writes otherwise each time, though nothing goes wrong: times, request
//! ids, random numbers. It is left out when rows are compared.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::backend::{Contents, Item, RowId};

/// Where a value stands in an item: the attribute, and the way into it if that is a map
/// or a list.
pub type Path = Vec<String>;

/// An item as one value for each path.
pub type Values = BTreeMap<Path, Value>;

/// Rows without what is masked. Several share a key if what told them apart is masked.
pub type Rows = BTreeMap<RowId, Vec<Values>>;

/// What is left out when rows are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    volatile: BTreeMap<String, BTreeSet<Path>>,
    /// Those of the volatile attributes that belong to the tables' keys.
    keys: BTreeMap<String, BTreeSet<String>>,
    unsteady: BTreeSet<String>,
    ignored: BTreeSet<String>,
}

impl Mask {
    /// Masks what differs between two repetitions of the same, for each of these pairs.
    ///
    /// The repetitions should share nothing that a handler may write: they should be
    /// more than a second apart, in other processes and with other request ids.
    pub fn learn(pairs: &[(&Contents, &Contents)]) -> Self {
        let mut mask = Self::default();
        for (once, again) in pairs {
            mask.learn_keys(once, again);
        }
        for (once, again) in pairs {
            mask.learn_values(&mask.visible(once), &mask.visible(again));
        }
        for (once, again) in pairs {
            mask.learn_combinations(&mask.visible(once), &mask.visible(again));
        }
        mask
    }

    /// Leaves these attributes out as well, in all tables: each is a name, or a path
    /// into a map, such as `meta.last_seen`. They are not looked for in keys.
    #[must_use]
    pub fn ignoring(mut self, attributes: impl IntoIterator<Item = String>) -> Self {
        self.ignored.extend(attributes);
        self
    }

    /// What was found to differ, by table.
    pub fn volatile(&self) -> impl Iterator<Item = (&str, &Path)> {
        let tables = self.volatile.iter();
        tables.flat_map(|(table, paths)| paths.iter().map(move |path| (table.as_str(), path)))
    }

    /// The tables of which not even the number of rows is the same each time.
    pub fn unsteady(&self) -> &BTreeSet<String> {
        &self.unsteady
    }

    /// The attributes of a table's key that differ each time.
    pub fn volatile_keys(&self, table: &str) -> impl Iterator<Item = &str> {
        let names = self.keys.get(table).into_iter().flatten();
        names.map(String::as_str)
    }

    /// A row's key without what is masked.
    pub fn key(&self, row: &RowId) -> RowId {
        let Some(volatile) = self.keys.get(&row.table) else {
            return row.clone();
        };
        let mut attributes = key_attributes(row);
        attributes.retain(|name, _| !volatile.contains(name));
        RowId {
            table: row.table.clone(),
            key: canonical(&attributes),
        }
    }

    /// The rows without what is masked, and without the tables that are unsteady.
    pub fn visible(&self, contents: &Contents) -> Rows {
        let mut rows = Rows::new();
        for (row, item) in contents {
            if !self.unsteady.contains(&row.table) {
                let values = self.without_volatile(&row.table, self.counted(item));
                rows.entry(self.key(row)).or_default().push(values);
            }
        }
        rows
    }

    /// Everything in an item but what is ignored; what is volatile is there.
    pub fn counted(&self, item: &Item) -> Values {
        let mut values = Values::new();
        for (name, value) in item {
            flatten(vec![name.clone()], value, &mut values);
        }
        values.retain(|path, _| !self.is_ignored(path));
        values
    }

    /// Those of an item's values that are not volatile.
    pub fn without_volatile(&self, table: &str, mut values: Values) -> Values {
        if let Some(volatile) = self.volatile.get(table) {
            values.retain(|path, _| !volatile.contains(path));
        }
        values
    }

    fn is_ignored(&self, path: &[String]) -> bool {
        !self.ignored.is_empty()
            && (1..=path.len()).any(|depth| self.ignored.contains(&path[..depth].join(".")))
    }

    /// Masks as few key attributes as make the keys the same.
    fn learn_keys(&mut self, once: &Contents, again: &Contents) {
        let tables: BTreeSet<&String> = once
            .keys()
            .chain(again.keys())
            .map(|it| &it.table)
            .collect();
        for table in tables {
            let of = |contents: &Contents| -> Vec<BTreeMap<String, Value>> {
                let rows = contents.keys().filter(|row| row.table == *table);
                rows.map(key_attributes).collect()
            };
            let (left, right) = (of(once), of(again));
            if left.len() != right.len() {
                self.unsteady.insert(table.clone());
                continue;
            }
            let names: BTreeSet<&String> =
                left.iter().chain(&right).flat_map(|it| it.keys()).collect();
            let single = names.iter().map(|name| BTreeSet::from([*name]));
            let choices = std::iter::once(BTreeSet::new()).chain(single);
            let mut choices = choices.filter(|masked| rest(&left, masked) == rest(&right, masked));
            let masked = choices.next().unwrap_or(names);
            if !masked.is_empty() {
                let names: BTreeSet<String> = masked.into_iter().cloned().collect();
                let paths = names.iter().map(|name| vec![name.clone()]).collect();
                self.hide(table, paths);
                self.keys.entry(table.clone()).or_default().extend(names);
            }
        }
    }

    fn learn_values(&mut self, once: &Rows, again: &Rows) {
        for (key, left) in once {
            let right = again.get(key).map_or(&[][..], Vec::as_slice);
            let paths: BTreeSet<&Path> =
                left.iter().chain(right).flat_map(|it| it.keys()).collect();
            let differing = paths
                .into_iter()
                .filter(|path| all_at(left, path) != all_at(right, path));
            self.hide(&key.table, differing.cloned().collect());
        }
    }

    /// Where single values are the same but their combinations are not, masks all that
    /// is not the same in every row.
    fn learn_combinations(&mut self, once: &Rows, again: &Rows) {
        for (key, left) in once {
            let right = again.get(key).map_or(&[][..], Vec::as_slice);
            let (missing, extra) = unmatched(left, right, |one, other| one == other);
            if missing.is_empty() && extra.is_empty() {
                continue;
            }
            let paths: BTreeSet<&Path> =
                left.iter().chain(right).flat_map(|it| it.keys()).collect();
            let varying = paths.into_iter().filter(|path| {
                let mut values = left.iter().chain(right).map(|row| row.get(*path));
                let first = values.next();
                values.any(|value| Some(value) != first)
            });
            self.hide(&key.table, varying.cloned().collect());
        }
    }

    fn hide(&mut self, table: &str, paths: Vec<Path>) {
        if !paths.is_empty() {
            self.volatile
                .entry(table.to_owned())
                .or_default()
                .extend(paths);
        }
    }
}

/// What is left of each of two lists when pairs of rows that are the same are taken out.
pub fn unmatched<'a>(
    left: &'a [Values],
    right: &'a [Values],
    same: impl Fn(&Values, &Values) -> bool,
) -> (Vec<&'a Values>, Vec<&'a Values>) {
    let mut of_right: Vec<&Values> = right.iter().collect();
    let mut of_left = Vec::new();
    for row in left {
        match of_right.iter().position(|other| same(row, other)) {
            Some(place) => drop(of_right.remove(place)),
            None => of_left.push(row),
        }
    }
    (of_left, of_right)
}

/// The attributes that make up a row's key. A key that is no JSON object is one
/// attribute without a name.
pub fn key_attributes(row: &RowId) -> BTreeMap<String, Value> {
    serde_json::from_str(&row.key)
        .unwrap_or_else(|_| BTreeMap::from([(String::new(), Value::String(row.key.clone()))]))
}

fn canonical(attributes: &BTreeMap<String, Value>) -> String {
    serde_json::json!(attributes).to_string()
}

/// The keys without the attributes that are masked, in the order of their text.
fn rest(keys: &[BTreeMap<String, Value>], masked: &BTreeSet<&String>) -> Vec<String> {
    let visible = keys.iter().map(|attributes| {
        let mut attributes = attributes.clone();
        attributes.retain(|name, _| !masked.contains(name));
        canonical(&attributes)
    });
    let mut visible: Vec<String> = visible.collect();
    visible.sort();
    visible
}

/// What rows have at a path, in the order of its text.
fn all_at(rows: &[Values], path: &Path) -> Vec<Option<String>> {
    let values = rows.iter().map(|row| row.get(path).map(Value::to_string));
    let mut values: Vec<Option<String>> = values.collect();
    values.sort();
    values
}

/// One value for each leaf of a typed DynamoDB value. The members of sets have no order.
fn flatten(path: Path, value: &Value, values: &mut Values) {
    let typed = value.as_object().filter(|it| it.len() == 1);
    let typed = typed.and_then(|it| it.iter().next());
    match typed.map(|(name, inner)| (name.as_str(), inner)) {
        Some(("M", Value::Object(members))) if !members.is_empty() => {
            for (name, member) in members {
                flatten(into(&path, name.clone()), member, values);
            }
        }
        Some(("L", Value::Array(members))) if !members.is_empty() => {
            for (place, member) in members.iter().enumerate() {
                flatten(into(&path, place.to_string()), member, values);
            }
        }
        Some((kind @ ("SS" | "NS" | "BS"), Value::Array(members))) => {
            let mut members = members.clone();
            members.sort_by_key(Value::to_string);
            values.insert(path, serde_json::json!({ kind: members }));
        }
        _ => drop(values.insert(path, value.clone())),
    }
}

fn into(path: &Path, name: String) -> Path {
    let mut path = path.clone();
    path.push(name);
    path
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contents(rows: &[(Value, Value)]) -> Contents {
        let rows = rows.iter().map(|(key, rest)| {
            let mut item: Item = serde_json::from_value(key.clone()).unwrap();
            let rest: Item = serde_json::from_value(rest.clone()).unwrap();
            item.extend(rest);
            let row = RowId {
                table: "t".to_owned(),
                key: key.to_string(),
            };
            (row, item)
        });
        rows.collect()
    }

    fn learnt(once: &Contents, again: &Contents) -> (Mask, Vec<String>) {
        let mask = Mask::learn(&[(once, again)]);
        let names = mask.volatile().map(|(_, path)| path.join(".")).collect();
        (mask, names)
    }

    #[test]
    fn what_is_the_same_each_time_is_not_masked() {
        let once = contents(&[(json!({"id": {"S": "a"}}), json!({"n": {"N": "1"}}))]);
        let (mask, names) = learnt(&once, &once);
        assert!(names.is_empty() && mask.unsteady().is_empty());
        let other = contents(&[(json!({"id": {"S": "a"}}), json!({"n": {"N": "2"}}))]);
        assert_ne!(mask.visible(&once), mask.visible(&other));
    }

    #[test]
    fn an_attribute_that_differs_is_masked_whether_it_is_there_or_not() {
        let key = json!({"id": {"S": "a"}});
        let once = contents(&[(key.clone(), json!({"at": {"N": "1"}, "x": {"S": "x"}}))]);
        let again = contents(&[(key.clone(), json!({"at": {"N": "2"}, "x": {"S": "x"}}))]);
        let never = contents(&[(key, json!({"x": {"S": "x"}}))]);
        let (mask, names) = learnt(&once, &again);
        assert_eq!(names, ["at"]);
        assert_eq!(mask.visible(&once), mask.visible(&again));
        assert_eq!(mask.visible(&once), mask.visible(&never));
    }

    #[test]
    fn of_a_map_only_what_differs_is_masked() {
        let key = json!({"id": {"S": "a"}});
        let of = |at: &str, place: &str| {
            let meta = json!({"meta": {"M": {"at": {"S": at}, "place": {"S": place}}}});
            contents(&[(key.clone(), meta)])
        };
        let (mask, names) = learnt(&of("now", "here"), &of("then", "here"));
        assert_eq!(names, ["meta.at"]);
        assert_ne!(
            mask.visible(&of("now", "here")),
            mask.visible(&of("now", "there"))
        );
    }

    #[test]
    fn a_random_key_is_masked_and_its_rows_are_counted() {
        let of = |ids: &[&str]| {
            let rows = ids
                .iter()
                .map(|id| (json!({"id": {"S": id}}), json!({"of": {"S": "a"}})));
            contents(&rows.collect::<Vec<_>>())
        };
        let (mask, names) = learnt(&of(&["u1", "u2"]), &of(&["u3", "u4"]));
        assert_eq!(names, ["id"]);
        assert_eq!(
            mask.visible(&of(&["u1", "u2"])),
            mask.visible(&of(&["u8", "u9"]))
        );
        assert_ne!(mask.visible(&of(&["u1"])), mask.visible(&of(&["u1", "u2"])));
    }

    #[test]
    fn of_a_key_of_two_attributes_only_the_one_that_differs_is_masked() {
        let of = |at: &str| {
            contents(&[(
                json!({"at": {"N": at}, "id": {"S": "a"}}),
                json!({"x": {"S": "x"}}),
            )])
        };
        let (mask, names) = learnt(&of("1"), &of("2"));
        assert_eq!(names, ["at"]);
        let row = of("1").keys().next().unwrap().clone();
        assert_eq!(mask.key(&row).key, r#"{"id":{"S":"a"}}"#);
    }

    #[test]
    fn rows_with_random_keys_stay_apart_by_what_else_is_in_them() {
        let of = |one: (&str, &str), other: (&str, &str)| {
            contents(&[
                (json!({"id": {"S": one.0}}), json!({"of": {"S": one.1}})),
                (json!({"id": {"S": other.0}}), json!({"of": {"S": other.1}})),
            ])
        };
        let (mask, names) = learnt(&of(("u1", "a"), ("u2", "b")), &of(("u3", "b"), ("u4", "a")));
        assert_eq!(names, ["id"], "which row comes first does not matter");
        let twice = mask.visible(&of(("u5", "a"), ("u6", "a")));
        let both = mask.visible(&of(("u5", "a"), ("u6", "b")));
        let key = both.keys().next().unwrap();
        let (missing, extra) = unmatched(&both[key], &twice[key], |one, other| one == other);
        assert_eq!((missing.len(), extra.len()), (1, 1));
    }

    #[test]
    fn a_table_whose_number_of_rows_varies_is_unsteady_and_left_out() {
        let once = contents(&[(json!({"id": {"S": "a"}}), json!({}))]);
        let (mask, _) = learnt(&once, &Contents::new());
        assert_eq!(mask.unsteady().iter().collect::<Vec<_>>(), ["t"]);
        assert!(mask.visible(&once).is_empty());
    }

    #[test]
    fn what_is_to_be_ignored_is_left_out_but_not_from_keys() {
        let one = contents(&[(json!({"id": {"S": "a"}}), json!({"seen": {"N": "1"}}))]);
        let two = contents(&[(json!({"id": {"S": "a"}}), json!({"seen": {"N": "2"}}))]);
        let other = contents(&[(json!({"id": {"S": "b"}}), json!({"seen": {"N": "1"}}))]);
        let mask = Mask::default().ignoring(["seen".to_owned(), "id".to_owned()]);
        assert_eq!(mask.visible(&one), mask.visible(&two));
        assert_ne!(mask.visible(&one), mask.visible(&other));
    }

    #[test]
    fn the_members_of_a_set_have_no_order() {
        let key = json!({"id": {"S": "a"}});
        let one = contents(&[(key.clone(), json!({"s": {"SS": ["x", "y"]}}))]);
        let other = contents(&[(key, json!({"s": {"SS": ["y", "x"]}}))]);
        let mask = Mask::default();
        assert_eq!(mask.visible(&one), mask.visible(&other));
    }

    #[test]
    fn combinations_that_differ_are_masked_though_single_values_do_not() {
        let of = |first: (&str, &str), second: (&str, &str)| {
            contents(&[
                (
                    json!({"id": {"S": format!("{}{}", first.0, first.1)}}),
                    json!({"x": {"S": first.0}, "y": {"S": first.1}, "z": {"S": "z"}}),
                ),
                (
                    json!({"id": {"S": format!("{}{}", second.0, second.1)}}),
                    json!({"x": {"S": second.0}, "y": {"S": second.1}, "z": {"S": "z"}}),
                ),
            ])
        };
        let (mask, names) = learnt(&of(("1", "1"), ("2", "2")), &of(("1", "2"), ("2", "1")));
        assert_eq!(names, ["id", "x", "y"]);
        assert_eq!(
            mask.visible(&of(("1", "1"), ("2", "2"))),
            mask.visible(&of(("1", "2"), ("2", "1")))
        );
    }
}
