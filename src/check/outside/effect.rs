//! What a handler does to the world, as far as its request tells.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// Texts within texts that are JSON are read no deeper than this.
const DEEPEST_TEXT: usize = 8;

/// As long as messages may be, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

/// One thing that is done: a message that is sent, an object that is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effect {
    /// What is done, and where.
    pub kind: EffectKind,
    /// What it says.
    pub content: Content,
    /// By what its destination knows that it was done before: a queue's
    /// `MessageDeduplicationId`, the header `Idempotency-Key`.
    pub token: Option<String>,
    /// Whether it leaves nothing more when it is done twice with the same content, as
    /// when an object is written.
    pub overwrites: bool,
}

/// What is done, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EffectKind {
    /// The service, by the name that requests to it are signed with: `sqs`. For a
    /// request to any other server, `http`.
    pub service: String,
    /// The operation, of one message: `SendMessage` for each in a `SendMessageBatch`.
    pub operation: String,
    /// The queue, by account and name: `123456789012/jobs`. The ARN of a topic, the
    /// name of an event bus or of a bucket, the origin of a URL.
    pub place: String,
}

/// What an effect says: for each path to a value, the value as JSON text. A text that
/// is JSON itself is a part of the whole: so times can be masked that stand in it.
pub type Content = BTreeMap<Vec<String>, String>;

/// The content of a JSON value.
pub(super) fn content(value: &Json) -> Content {
    let mut content = Content::new();
    flatten(value, &mut Vec::new(), 0, &mut content);
    content
}

fn flatten(value: &Json, path: &mut Vec<String>, depth: usize, content: &mut Content) {
    match value {
        Json::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                path.push(name.clone());
                flatten(member, path, depth, content);
                path.pop();
            }
        }
        Json::Array(elements) if !elements.is_empty() => {
            for (number, element) in elements.iter().enumerate() {
                path.push(number.to_string());
                flatten(element, path, depth, content);
                path.pop();
            }
        }
        Json::String(text) => match structured(text).filter(|_| depth < DEEPEST_TEXT) {
            Some(inner) => flatten(&inner, path, depth + 1, content),
            None => drop(content.insert(path.clone(), value.to_string())),
        },
        _ => drop(content.insert(path.clone(), value.to_string())),
    }
}

/// The object or the array that a text is.
fn structured(text: &str) -> Option<Json> {
    let is_likely = text.trim_start().starts_with(['{', '[']);
    is_likely.then(|| serde_json::from_str(text).ok())?
}

/// A body: as text if it is one that can be looked at, else as its MD5 sum.
pub(super) fn body(bytes: &[u8]) -> Json {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.len() <= LONGEST_TEXT => Json::from(text),
        _ => Json::from(format!("MD5 {}", sum(bytes))),
    }
}

/// The MD5 sum, which AWS's services and SDKs compare contents by.
pub(super) fn sum(bytes: &[u8]) -> String {
    format!("{:x}", md5::compute(bytes))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_within_text_is_taken_apart() {
        let inner = json!({ "at": 1, "list": ["x", {}] }).to_string();
        let outer = json!({ "body": json!({ "inner": inner }).to_string(), "t": "{no json" });
        let content = content(&outer);
        let found: Vec<(String, &str)> = content
            .iter()
            .map(|(path, value)| (path.join("."), value.as_str()))
            .collect();
        let wanted = [
            ("body.inner.at", "1"),
            ("body.inner.list.0", "\"x\""),
            ("body.inner.list.1", "{}"),
            ("t", "\"{no json\""),
        ];
        assert_eq!(found, wanted.map(|(path, value)| (path.to_owned(), value)));
    }

    #[test]
    fn text_within_text_without_end_is_cut() {
        let mut text = json!([1]).to_string();
        for _ in 0..12 {
            text = json!([text]).to_string();
        }
        let content = content(&Json::from(text));
        assert_eq!(content.keys().next().map(Vec::len), Some(DEEPEST_TEXT));
    }

    #[test]
    fn what_is_no_text_is_known_by_its_sum() {
        assert_eq!(body(b"\xff"), json!("MD5 00594fd4f42ba43fc1ca0427a0576295"));
    }
}
