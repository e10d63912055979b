//! What an environment's answer to an invocation means to Lambda.

use hyper::body::Bytes;
use serde_json::Value;

use super::events::Document;

/// How an invocation ended, before anybody has made sense of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// The process ended, in words.
    Exited(String),
    /// The function failed, with this error document.
    Failed(Bytes),
    /// The process used the Runtime API as nobody may, in words.
    Misused(String),
    /// The function returned this.
    Succeeded(Bytes),
    /// The function had not answered when its time was up.
    TimedOut,
}

/// What Lambda takes an answer for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// The events that are acknowledged.
    pub(super) acknowledged: Vec<usize>,
    /// The events that are not.
    pub(super) failed: Vec<usize>,
    /// Why not, in words.
    pub(super) error: Option<String>,
}

/// Makes sense of an answer to a batch's `document`, if the event source mapping looks
/// for failures among its messages, or to any other invocation.
pub(super) fn heard(raw: &Raw, events: &[usize], document: Option<&Document>) -> Heard {
    let all_failed = |error: String| Heard {
        acknowledged: Vec::new(),
        failed: events.to_vec(),
        error: Some(error),
    };
    let body = match raw {
        Raw::Exited(how) => return all_failed(format!("Runtime exited: {how}")),
        Raw::Failed(error) => return all_failed(error_in_words(error)),
        Raw::Misused(how) => return all_failed(format!("it misused the Runtime API: {how}")),
        Raw::Succeeded(body) => body,
        Raw::TimedOut => return all_failed("Task timed out".to_owned()),
    };
    let whole = "so that the whole batch counts as failed";
    let failures = document.map_or(Failures::None, |_| failures(body));
    let (document, identifiers) = match (document, failures) {
        (Some(document), Failures::Of(identifiers)) => (document, identifiers),
        (_, Failures::Unusable) => {
            return all_failed(format!("its batchItemFailures cannot be used, {whole}"));
        }
        (None, _) | (_, Failures::None) => {
            return Heard {
                acknowledged: events.to_vec(),
                ..Heard::default()
            };
        }
    };
    let mut failed = Vec::new();
    for identifier in identifiers {
        match document.events_of(&identifier) {
            Some(events) => failed.extend_from_slice(events),
            None => {
                return all_failed(format!(
                    "its batchItemFailures name {identifier:?}, which is no message of the \
                     batch, {whole}"
                ));
            }
        }
    }
    let (failed, acknowledged) = events.iter().partition(|it| failed.contains(it));
    Heard {
        acknowledged,
        failed,
        error: Some("it named messages as failed".to_owned()),
    }
}

/// What a batch's answer says of failures.
enum Failures {
    None,
    Of(Vec<String>),
    Unusable,
}

/// AWS takes an empty or missing list for success, and a malformed one for the failure
/// of everything
/// ([partial batch responses](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting)).
fn failures(body: &[u8]) -> Failures {
    // An answer that is no JSON has no list of failures.
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let listed = match &answer["batchItemFailures"] {
        Value::Null => return Failures::None,
        Value::Array(listed) if listed.is_empty() => return Failures::None,
        Value::Array(listed) => listed,
        _ => return Failures::Unusable,
    };
    let identifiers = listed.iter().map(|it| {
        let identifier = it["itemIdentifier"].as_str()?;
        (!identifier.is_empty()).then(|| identifier.to_owned())
    });
    match identifiers.collect() {
        Some(identifiers) => Failures::Of(identifiers),
        None => Failures::Unusable,
    }
}

/// `{"errorType": …, "errorMessage": …}`, as Lambda's runtimes write it.
fn error_in_words(error: &[u8]) -> String {
    let document: Value = serde_json::from_slice(error).unwrap_or_default();
    let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
    match (text("errorType"), text("errorMessage")) {
        (kind, message) if kind.is_empty() && message.is_empty() => {
            String::from_utf8_lossy(error).into_owned()
        }
        (kind, message) if kind.is_empty() => message,
        (kind, message) => format!("{kind}: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use redeliver_model::delivery::{Queue, Route};

    use super::*;
    use crate::check::events::{Delivered, Events, Generation, Renaming};

    /// A batch of two messages, and their ids.
    fn batch() -> (Document, [String; 2]) {
        let events = Events::generate(Generation {
            count: 2,
            seed: 1,
            removals: false,
        });
        let queue = Queue {
            receives: 3,
            partial_batches: true,
        };
        let delivered = Delivered {
            events: &[0, 1],
            route: Route::Sqs(queue),
            renaming: Renaming::default(),
            sending: 0,
            receive: 1,
        };
        let document = events.document(&delivered).unwrap();
        let body: Value = serde_json::from_slice(&document.body).unwrap();
        let id = |message: usize| {
            body["Records"][message]["messageId"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        let ids = [id(0), id(1)];
        (document, ids)
    }

    fn of_batch(body: &str) -> Heard {
        let (document, ids) = batch();
        let body = body.replace("m-2", &ids[1]);
        let raw = Raw::Succeeded(Bytes::from(body));
        heard(&raw, &[0, 1], Some(&document))
    }

    #[test]
    fn a_batch_without_failures_is_acknowledged() {
        for body in [
            "",
            "null",
            "{}",
            "not json",
            r#"{"batchItemFailures":null}"#,
            r#"{"batchItemFailures":[]}"#,
        ] {
            assert_eq!(of_batch(body).acknowledged, [0, 1], "{body}");
        }
    }

    #[test]
    fn only_the_named_messages_of_a_batch_fail() {
        let heard = of_batch(r#"{"batchItemFailures":[{"itemIdentifier":"m-2"}]}"#);
        assert_eq!(heard.acknowledged, [0]);
        assert_eq!(heard.failed, [1]);
    }

    #[test]
    fn a_batch_whose_failures_make_no_sense_fails_as_a_whole() {
        for body in [
            r#"{"batchItemFailures":"m-2"}"#,
            r#"{"batchItemFailures":[{}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"m-3"}]}"#,
        ] {
            assert_eq!(of_batch(body).failed, [0, 1], "{body}");
        }
    }

    #[test]
    fn without_partial_batches_failures_are_not_looked_for() {
        let body = r#"{"batchItemFailures":[{"itemIdentifier":"m-2"}]}"#;
        let raw = Raw::Succeeded(Bytes::from_static(body.as_bytes()));
        assert_eq!(heard(&raw, &[0, 1], None).acknowledged, [0, 1]);
    }

    #[test]
    fn an_error_is_told_in_its_own_words() {
        for (error, words) in [
            (
                r#"{"errorType":"KeyError","errorMessage":"'id'"}"#,
                "KeyError: 'id'",
            ),
            (r#"{"errorMessage":"no"}"#, "no"),
            ("plain", "plain"),
        ] {
            let raw = Raw::Failed(Bytes::from_static(error.as_bytes()));
            assert_eq!(heard(&raw, &[0], None).error.as_deref(), Some(words));
        }
    }
}
