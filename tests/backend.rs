//! The test of a DynamoDB API has teeth: each check fails on an API with the one
//! fault that it looks for, and no other check does.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Response, StatusCode};
use redeliver::backend::{Check, Effort, Verdict, examine};
use redeliver::dynamodb::Client;
use support::backend::Backend;
use support::gate::{Fate, Gate};

/// One key and two writers: the first two `PutItem` are those of the contest, the
/// next two those of the refusal, then two for the item and four for the keys.
const EFFORT: Effort = Effort {
    keys: 1,
    writers: 2,
};

#[tokio::test]
async fn the_embedded_api_is_fit_to_judge_handlers_by() {
    let backend = Backend::embedded().await;
    let client = Client::new(&backend.endpoint()).unwrap();
    for finding in examine(&client, Effort::default()).await.unwrap() {
        assert!(matches!(finding.verdict, Verdict::Holds(_)), "{finding:?}");
    }
}

#[tokio::test]
async fn a_second_winner_is_seen() {
    let everybody_wins = |put| match put {
        0 | 1 => Fate::Answer("{}"),
        _ => Fate::Pass,
    };
    assert_eq!(violated(everybody_wins).await, [Check::OneWinner]);
}

#[tokio::test]
async fn a_winner_that_is_told_that_it_lost_is_seen() {
    let swaps_the_answers = |put| match put {
        0 => Fate::ApplyAndAnswer(400, "ConditionalCheckFailedException"),
        1 => Fate::Answer("{}"),
        _ => Fate::Pass,
    };
    assert_eq!(violated(swaps_the_answers).await, [Check::OneWinner]);
}

#[tokio::test]
async fn a_failed_condition_with_another_status_is_seen() {
    let conflict = |put| match put {
        3 => Fate::Distort(with_status_409),
        _ => Fate::Pass,
    };
    assert_eq!(violated(conflict).await, [Check::RefusedAsDocumented]);
}

#[tokio::test]
async fn an_item_that_is_not_returned_is_seen() {
    let forgets = |put| match put {
        5 => Fate::Refuse(400, "ConditionalCheckFailedException"),
        _ => Fate::Pass,
    };
    assert_eq!(violated(forgets).await, [Check::ItemReturned]);
}

#[tokio::test]
async fn a_key_limit_in_characters_is_seen() {
    for too_long in [7, 9] {
        let accepts = move |put| match put == too_long {
            true => Fate::Answer("{}"),
            false => Fate::Pass,
        };
        assert_eq!(violated(accepts).await, [Check::KeyLimitInBytes]);
    }
}

#[tokio::test]
async fn an_api_that_breaks_off_is_inconclusive_and_not_at_fault() {
    let backend = Backend::embedded().await;
    let gate = Gate::open(&backend.endpoint(), |_| Fate::LoseReply).await;
    let client = Client::new(&gate.endpoint()).unwrap();
    for finding in examine(&client, EFFORT).await.unwrap() {
        assert!(
            matches!(finding.verdict, Verdict::Inconclusive(_)),
            "{finding:?}"
        );
    }
}

/// The checks that fail on an API with this fault.
async fn violated(fate: impl Fn(usize) -> Fate + Clone + Send + 'static) -> Vec<Check> {
    let backend = Backend::embedded().await;
    let gate = Gate::open(&backend.endpoint(), fate).await;
    let client = Client::new(&gate.endpoint()).unwrap();
    let findings = examine(&client, EFFORT).await.unwrap();
    let violated = |verdict: &Verdict| matches!(verdict, Verdict::Violated(_));
    let violated = findings.iter().filter(|finding| violated(&finding.verdict));
    violated.map(|finding| finding.check).collect()
}

fn with_status_409(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    *response.status_mut() = StatusCode::CONFLICT;
    response
}
