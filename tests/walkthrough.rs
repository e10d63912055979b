//! The walkthrough tells what DynamoDB really does: every step's facts, and the
//! very text that a person reads.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use redeliver::dynamodb::Client;
use redeliver::walkthrough::{Scene, Step, walk};
use support::backend::Backend;

async fn steps() -> Vec<Step> {
    let backend = Backend::embedded().await;
    walk(&Client::new(&backend.endpoint()).unwrap())
        .await
        .unwrap()
}

fn log_and_count(scene: &Scene) -> (Vec<&str>, usize) {
    (
        scene.log.iter().map(String::as_str).collect(),
        scene.items.len(),
    )
}

#[tokio::test]
async fn a_redelivery_to_the_unguarded_handler_leaves_one_item_and_not_two() {
    let steps = steps().await;
    let [first, stamped] = steps[2].scenes.as_slice() else {
        panic!("two handlers");
    };
    assert_eq!(log_and_count(first), (vec!["Inserted invoice.txt"], 1));
    assert_eq!(
        first.items, steps[1].scenes[0].items,
        "the same bytes once more"
    );
    assert_eq!(stamped.items.len(), 1);
    assert_eq!(
        stamped.items[0]["processed_at"]["S"], "by request-2",
        "RD-3: it changed"
    );
}

#[tokio::test]
async fn a_redelivery_to_the_guarded_handler_is_skipped() {
    let inserted_then_skipped = vec!["Inserted invoice.txt", "Duplicate skipped for invoice.txt"];
    let steps = steps().await;
    assert_eq!(
        log_and_count(&steps[3].scenes[0]),
        (inserted_then_skipped, 1)
    );
}

/// RD-4
#[tokio::test]
async fn after_a_lost_reply_only_the_reference_handler_knows_its_own_row() {
    let steps = steps().await;
    let [guarded, reference] = steps[4].scenes.as_slice() else {
        panic!("two handlers");
    };
    assert_eq!(
        log_and_count(guarded),
        (vec!["Duplicate skipped for invoice.txt"], 1)
    );
    assert!(reference.log[0].starts_with("Confirmed invoice.txt"));
    assert_eq!(reference.items.len(), 1);
}

/// RD-9
#[tokio::test]
async fn only_the_reference_handler_keeps_three_objects_apart() {
    let steps = steps().await;
    let counts = steps[5].scenes.iter().map(|scene| scene.items.len());
    assert_eq!(counts.collect::<Vec<_>>(), [2, 3]);
}

#[tokio::test]
async fn it_is_told_in_eighty_columns_and_in_the_same_words_every_time() {
    let told = (1..)
        .zip(steps().await)
        .map(|(number, step)| format!("Step {number}. {step}\n"))
        .collect::<String>();
    for line in told.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert_eq!(told, include_str!("walkthrough.txt"));
}
