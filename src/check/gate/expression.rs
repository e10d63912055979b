//! Expressions as people read them: with placeholders replaced by what they stand
//! for.

use serde_json::{Map, Value as Json};

/// The condition of a write, if it has one: its `ConditionExpression`, or what old
/// clients say in `Expected` instead.
pub(super) fn conditions(write: &Json) -> Option<String> {
    match (&write["ConditionExpression"], &write["Expected"]) {
        (Json::String(expression), _) => Some(resolved(expression, write)),
        (_, expected @ Json::Object(_)) => Some(format!("Expected {expected}")),
        _ => None,
    }
}

/// An expression of a request with every `#name` and `:value` replaced.
pub(super) fn resolved(expression: &str, request: &Json) -> String {
    let mut resolved = String::with_capacity(expression.len());
    let mut rest = expression;
    while let Some(start) = rest.find(['#', ':']) {
        let (before, from) = rest.split_at(start);
        resolved.push_str(before);
        let is_part = |it: char| it.is_alphanumeric() || it == '_';
        let length = from[1..]
            .find(|it| !is_part(it))
            .map_or(from.len(), |it| it + 1);
        let (placeholder, after) = from.split_at(length);
        match meaning(placeholder, request) {
            Some(meaning) => resolved.push_str(&meaning),
            None => resolved.push_str(placeholder),
        }
        rest = after;
    }
    resolved.push_str(rest);
    resolved
}

fn meaning(placeholder: &str, request: &Json) -> Option<String> {
    if placeholder.starts_with('#') {
        let name = &request["ExpressionAttributeNames"][placeholder];
        return Some(name.as_str()?.to_owned());
    }
    let value = request["ExpressionAttributeValues"].get(placeholder)?;
    Some(match (value.get("N"), value.get("S")) {
        (Some(Json::String(number)), _) => number.clone(),
        (_, Some(text @ Json::String(_))) => text.to_string(),
        _ => value.to_string(),
    })
}

/// What a read returns of an item; none if it asks for parts of attributes.
pub(super) fn projected(read: &Json, item: &Map<String, Json>) -> Option<Map<String, Json>> {
    let wanted: Vec<String> = match (&read["ProjectionExpression"], &read["AttributesToGet"]) {
        (Json::String(expression), _) => {
            let paths = expression
                .split(',')
                .map(|path| resolved(path.trim(), read));
            paths.collect()
        }
        (_, Json::Array(names)) => {
            let names = names.iter().filter_map(Json::as_str);
            names.map(str::to_owned).collect()
        }
        _ => return Some(item.clone()),
    };
    if wanted.iter().any(|path| path.contains(['.', '['])) {
        return None;
    }
    let kept = item.iter().filter(|(name, _)| wanted.contains(name));
    Some(
        kept.map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_are_replaced_by_what_they_stand_for() {
        let put = json!({
            "ConditionExpression": "attribute_not_exists(#id) OR #id2 < :n OR (#s=:s AND a.b[1] = :m)",
            "ExpressionAttributeNames": { "#id": "id", "#id2": "expiry", "#s": "status" },
            "ExpressionAttributeValues": {
                ":n": { "N": "17" }, ":s": { "S": "IN\"PROGRESS" }, ":m": { "BOOL": true },
            },
        });
        assert_eq!(
            conditions(&put).unwrap(),
            r#"attribute_not_exists(id) OR expiry < 17 OR (status="IN\"PROGRESS" AND a.b[1] = {"BOOL":true})"#,
        );
    }

    #[test]
    fn what_stands_for_nothing_is_left_alone() {
        let put = json!({ "ConditionExpression": "#x = :ä AND # : é#" });
        assert_eq!(conditions(&put).unwrap(), "#x = :ä AND # : é#");
        assert_eq!(conditions(&json!({})), None);
    }

    #[test]
    fn old_clients_conditions_are_conditions() {
        let put = json!({ "Expected": { "id": { "Exists": false } } });
        assert_eq!(
            conditions(&put).unwrap(),
            r#"Expected {"id":{"Exists":false}}"#
        );
    }
}
