//! The rows that tables' keys name.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::KeySchema;

/// A row of a table: whether or not it is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId {
    /// The table's name.
    pub table: String,
    /// The key attributes as DynamoDB's JSON, in one form for each key:
    /// `{"id":{"S":"a"}}`, sorted by name, numbers without needless digits.
    pub key: String,
}

impl RowId {
    /// The row that these attributes, a key or an item, name in a table of that
    /// schema; none if they lack a part of the key.
    pub(in crate::check) fn of(table: &str, schema: &KeySchema, attributes: &Json) -> Option<Self> {
        let mut key = BTreeMap::new();
        for attribute in schema.attributes() {
            let value = attributes.get(&attribute.name)?.as_object()?;
            let (letter, value) = value.iter().next()?;
            let value = match letter.as_str() {
                "N" => plain_number(value.as_str()?),
                _ => value.as_str()?.to_owned(),
            };
            key.insert(&attribute.name, json!({ letter: value }));
        }
        Some(Self {
            table: table.to_owned(),
            key: json!(key).to_string(),
        })
    }
}

/// Numbers longer than this are written with an exponent. DynamoDB has 38 digits.
const LONGEST_NUMBER: usize = 40;

/// One text for each number: `1.50`, `+1.5` and `15e-1` are all `1.5`. What is no
/// number is left alone, for the API to refuse.
fn plain_number(text: &str) -> String {
    normal_number(text).unwrap_or_else(|| text.to_owned())
}

fn normal_number(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (minus, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let point = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let point = point.checked_sub(i32::try_from(leading).ok()?)?;
    let digits = digits.trim_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    Some(format!("{minus}{}", placed(digits, point)))
}

/// 0.DIGITS times ten to the power of `point`, without an exponent if that is short.
fn placed(digits: &str, point: i32) -> String {
    let longest = LONGEST_NUMBER as i32;
    match point {
        1.. if point <= longest => {
            let point = point.unsigned_abs() as usize;
            match digits.split_at_checked(point) {
                None | Some((_, "")) => format!("{digits:0<point$}"),
                Some((whole, fraction)) => format!("{whole}.{fraction}"),
            }
        }
        _ if point <= 0 && point > -longest => {
            format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize))
        }
        _ => format!("0.{digits}e{point}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{KeyAttribute, KeyType};
    use super::*;

    #[test]
    fn a_number_has_one_text() {
        for (text, expected) in [
            ("1", "1"),
            ("001", "1"),
            ("1.0", "1"),
            ("+1.50", "1.5"),
            ("15e-1", "1.5"),
            ("-0.05", "-0.05"),
            ("-5E-2", "-0.05"),
            ("1e3", "1000"),
            ("1000", "1000"),
            ("-0", "0"),
            ("0e99", "0"),
            ("1e100", "0.1e101"),
            ("10e99", "0.1e101"),
            ("1e-100", "0.1e-99"),
            ("no number", "no number"),
            ("1e99999999999", "1e99999999999"),
            ("", ""),
            (".", "."),
        ] {
            assert_eq!(plain_number(text), expected, "{text}");
        }
    }

    #[test]
    fn a_row_is_named_by_its_key_alone() {
        let schema = KeySchema {
            partition: KeyAttribute::text("id"),
            sort: Some(KeyAttribute {
                name: "at".to_owned(),
                kind: KeyType::Number,
            }),
        };
        let item = json!({ "x": { "S": "y" }, "id": { "S": "a\"b" }, "at": { "N": "1.0" } });
        let row = RowId::of("t", &schema, &item).unwrap();
        assert_eq!(row.key, r#"{"at":{"N":"1"},"id":{"S":"a\"b"}}"#);
        let lacking = json!({ "id": { "S": "a" } });
        assert_eq!(RowId::of("t", &schema, &lacking), None);
    }
}
