//! What HTML forms send, and AWS's older services are asked with.

use redeliver_handler::object_key::decode;
use serde_json::{Map, Value as Json};

/// The most numbers that a list may have: more than any of AWS's batches.
const LONGEST_LIST: usize = 1_000;

/// The deepest that a name may reach. `PublishBatchRequestEntries.member.1.` and so on
/// has eight parts.
const DEEPEST_NAME: usize = 16;

/// The names and values of a form or of a URL's query. What cannot be decoded stands
/// for itself.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let plain = |it: &str| decode(it).map_or_else(|_| it.to_owned(), |it| it.into_owned());
    let fields = text.split('&').filter(|it| !it.is_empty());
    fields
        .map(|field| {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            (plain(name), plain(value))
        })
        .collect()
}

/// Decodes a URL's path, in which `+` stands for itself.
pub(super) fn path(text: &str) -> String {
    let decoded = decode(&text.replace('+', "%2B")).map(|it| it.into_owned());
    decoded.unwrap_or_else(|_| text.to_owned())
}

/// The input of a request in the query protocol as JSON:
/// `Entry.1.Id=a&Entry.2.Id=b` is `{"Entry":[{"Id":"a"},{"Id":"b"}]}`. Names between a
/// list and its numbers, `member` and `entry`, are left out.
pub(super) fn input(form: &[(String, String)]) -> Json {
    let mut root = Json::Object(Map::new());
    for (name, value) in form {
        let parts: Vec<&str> = name.split('.').take(DEEPEST_NAME).collect();
        insert(&mut root, &parts, value);
    }
    with_lists(root)
}

fn insert(at: &mut Json, parts: &[&str], value: &str) {
    let Json::Object(members) = at else {
        return;
    };
    match parts {
        [] => {}
        [last] => {
            members.insert((*last).to_owned(), Json::from(value));
        }
        [first, rest @ ..] => {
            let inner = members
                .entry(*first)
                .or_insert_with(|| Json::Object(Map::new()));
            insert(inner, rest, value);
        }
    }
}

fn with_lists(value: Json) -> Json {
    let Json::Object(mut members) = value else {
        return value;
    };
    for wrapper in ["member", "entry"] {
        let is_alone = members.len() == 1 && members.get(wrapper).is_some_and(Json::is_object);
        if is_alone && let Some(inner) = members.remove(wrapper) {
            return with_lists(inner);
        }
    }
    let numbers: Option<Vec<usize>> = members.keys().map(|it| it.parse().ok()).collect();
    match numbers {
        Some(mut numbers) if !numbers.is_empty() && numbers.len() <= LONGEST_LIST => {
            numbers.sort_unstable();
            let elements = numbers
                .iter()
                .filter_map(|it| members.remove(&it.to_string()));
            Json::Array(elements.map(with_lists).collect())
        }
        _ => {
            let members = members.into_iter();
            Json::Object(members.map(|(name, it)| (name, with_lists(it))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbered_names_are_lists_in_the_order_of_their_numbers() {
        let form = pairs("Action=Send&E.2.Id=b&E.1.Id=a+%26&E.10.Id=j");
        let wanted = json!({
            "Action": "Send",
            "E": [{ "Id": "a &" }, { "Id": "b" }, { "Id": "j" }],
        });
        assert_eq!(input(&form), wanted);
    }

    #[test]
    fn wrappers_of_lists_are_left_out() {
        let form = pairs("A.entry.1.Name=n&A.entry.1.Value.StringValue=v&B.member.1=x");
        let wanted = json!({
            "A": [{ "Name": "n", "Value": { "StringValue": "v" } }],
            "B": ["x"],
        });
        assert_eq!(input(&form), wanted);
    }

    #[test]
    fn contradictory_names_are_no_trouble() {
        assert_eq!(input(&pairs("A=1&A.1=2&&=")), json!({ "A": "1", "": "" }));
    }

    #[test]
    fn a_plus_in_a_path_is_a_plus() {
        assert_eq!(path("a+b%20c%2F"), "a+b c/");
        assert_eq!(path("100%"), "100%");
    }
}
