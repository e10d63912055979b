//! JSON as text: what stands where in it, and changes that leave the rest as it was,
//! to the byte.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::value::RawValue;

/// Where the value at the end of a path of names stands in a text; nothing if there is
/// none. Of a name that is given twice the last counts, as for most handlers.
pub(super) fn place(text: &str, path: &[&str]) -> Option<Range<usize>> {
    let mut at = 0..text.len();
    for name in path {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(&text[at]).ok()?;
        at = within(text, members.get(*name)?);
    }
    Some(at)
}

/// Where the elements of an array stand in a text, which is given the array's place.
pub(super) fn elements(text: &str, array: Range<usize>) -> Option<Vec<Range<usize>>> {
    let elements: Vec<&RawValue> = serde_json::from_str(&text[array]).ok()?;
    Some(elements.into_iter().map(|it| within(text, it)).collect())
}

/// The string at the end of a path of names, if there is one.
pub(super) fn string(text: &str, path: &[&str]) -> Option<String> {
    serde_json::from_str(&text[place(text, path)?]).ok()
}

/// Whether something other than null stands at the end of a path of names.
pub(super) fn is_given(text: &str, path: &[&str]) -> bool {
    place(text, path).is_some_and(|it| &text[it] != "null")
}

/// The text with another string at the end of a path of names, if one stands there.
pub(super) fn with_string(
    text: &str,
    path: &[&str],
    change: impl FnOnce(&str) -> String,
) -> String {
    let changed = place(text, path).and_then(|at| {
        let old: String = serde_json::from_str(&text[at.clone()]).ok()?;
        let new = change(&old);
        (new != old).then(|| with(text, at, &literal(&new)))
    });
    changed.unwrap_or_else(|| text.to_owned())
}

/// The text with something else at a place.
pub(super) fn with(text: &str, place: Range<usize>, new: &str) -> String {
    [&text[..place.start], new, &text[place.end..]].concat()
}

/// A string as JSON writes it.
pub(super) fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A part that was borrowed from a text stands where its address says.
fn within(text: &str, part: &RawValue) -> Range<usize> {
    let start = part.get().as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.get().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{ \"a\" : {\"b\\u0063\":[ 1.50 , \"x\\/y\" ], \"n\":null},\n \"z\":12345678901234567890123 }";

    #[test]
    fn a_value_is_found_by_its_path_whatever_its_names_are_written_like() {
        let array = place(TEXT, &["a", "bc"]).unwrap();
        assert_eq!(&TEXT[array.clone()], "[ 1.50 , \"x\\/y\" ]");
        let elements = elements(TEXT, array).unwrap();
        let elements: Vec<_> = elements.into_iter().map(|it| &TEXT[it]).collect();
        assert_eq!(elements, ["1.50", "\"x\\/y\""]);
        assert_eq!(place(TEXT, &["a", "x"]), None);
        assert_eq!(place(TEXT, &["z", "x"]), None);
        assert!(!is_given(TEXT, &["a", "n"]) && is_given(TEXT, &["z"]));
    }

    #[test]
    fn a_string_is_changed_and_nothing_else() {
        let text = "{ \"k\" : \"old\" , \"n\": 1.00e2}";
        let changed = with_string(text, &["k"], |old| format!("{old}\n\"er\""));
        assert_eq!(changed, "{ \"k\" : \"old\\n\\\"er\\\"\" , \"n\": 1.00e2}");
        let number = with_string(text, &["n"], |_| "no".to_owned());
        assert_eq!(number, text, "what is no string stays");
    }

    #[test]
    fn of_a_name_given_twice_the_last_counts() {
        assert_eq!(string(r#"{"k":"a","k":"b"}"#, &["k"]).as_deref(), Some("b"));
    }
}
