//! Attributes of messages, and the MD5 sum by which SDKs check that none was lost
//! ([calculating it](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation)).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

use super::effect::sum;

/// Attributes by their names, as the JSON protocol has them. Forms have a list of names
/// and values.
pub(super) fn named(attributes: &Json) -> Json {
    let Json::Array(list) = attributes else {
        return attributes.clone();
    };
    let named = list.iter().filter_map(|it| {
        let name = it["Name"].as_str()?;
        Some((name.to_owned(), it["Value"].clone()))
    });
    Json::Object(named.collect::<Map<_, _>>())
}

/// The sum of all attributes; none if there is none.
pub(super) fn sum_of_all(attributes: &Json) -> Option<String> {
    let attributes = attributes.as_object().filter(|it| !it.is_empty())?;
    let mut names: Vec<&String> = attributes.keys().collect();
    names.sort();
    let mut all = Vec::new();
    for name in names {
        let value = &attributes[name];
        append(&mut all, name.as_bytes());
        append(
            &mut all,
            value["DataType"].as_str().unwrap_or_default().as_bytes(),
        );
        match value["BinaryValue"].as_str() {
            Some(binary) => {
                all.push(2);
                append(&mut all, &STANDARD.decode(binary).unwrap_or_default());
            }
            None => {
                all.push(1);
                append(
                    &mut all,
                    value["StringValue"].as_str().unwrap_or_default().as_bytes(),
                );
            }
        }
    }
    Some(sum(&all))
}

fn append(all: &mut Vec<u8>, part: &[u8]) {
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    all.extend(length.to_be_bytes());
    all.extend(part);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_protocols_have_the_same_attributes() {
        let map = json!({ "n": { "DataType": "Number", "StringValue": "1" } });
        let list = json!([{ "Name": "n", "Value": map["n"] }]);
        assert_eq!(named(&list), map);
        assert_eq!(named(&map), map);
    }

    #[test]
    fn the_sum_is_over_names_types_and_values_in_the_order_of_names() {
        let attributes = json!({
            "b": { "DataType": "Binary", "BinaryValue": "AQI=" },
            "a": { "DataType": "String", "StringValue": "x" },
        });
        let mut bytes = Vec::new();
        bytes.extend(b"\0\0\0\x01a\0\0\0\x06String\x01\0\0\0\x01x");
        bytes.extend(b"\0\0\0\x01b\0\0\0\x06Binary\x02\0\0\0\x02\x01\x02");
        assert_eq!(sum_of_all(&attributes), Some(sum(&bytes)));
        assert_eq!(sum_of_all(&json!({})), None);
        assert_eq!(sum_of_all(&Json::Null), None);
    }
}
