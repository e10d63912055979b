//! `explain` and `gallery`: what a person reads.

use redeliver::gallery::EXHIBITS;
use serde_json::Value;

use super::{assert_golden, redeliver, text};

#[tokio::test]
async fn a_property_is_explained() {
    let output = redeliver(&["explain", "rd-4"]).await;
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output.stdout);
    assert!(told.starts_with("RD-4 one insert reported\n"), "{told}");
    assert!(told.contains("check-then-put"), "{told}");
}

#[tokio::test]
async fn a_rogue_is_explained_with_its_remedy_and_source() {
    let output = redeliver(&["explain", "check-then-put"]).await;
    assert_eq!(output.status.code(), Some(0));
    assert_golden("explain-check-then-put", text(&output.stdout));
}

#[tokio::test]
async fn without_a_name_everything_is_listed() {
    let output = redeliver(&["explain"]).await;
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output.stdout);
    for name in ["RD-1 ", "RD-13", "check-then-put"] {
        assert!(told.contains(name), "{name}: {told}");
    }
    let output = redeliver(&["explain", "--format", "json"]).await;
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["properties"].as_array().unwrap().len(), 13);
    assert_eq!(told["handlers"].as_array().unwrap().len(), EXHIBITS.len());
}

#[tokio::test]
async fn the_gallery_tells_a_rogues_counterexample_step_by_step() {
    let output = redeliver(&["gallery", "check-then-put"]).await;
    assert_eq!(output.status.code(), Some(0));
    assert_golden("gallery-check-then-put", text(&output.stdout));
}

#[tokio::test]
async fn every_page_of_the_gallery_is_told_in_eighty_columns() {
    for exhibit in EXHIBITS {
        for command in ["gallery", "explain"] {
            let output = redeliver(&[command, exhibit.name]).await;
            assert_eq!(output.status.code(), Some(0), "{}", exhibit.name);
            for line in text(&output.stdout).lines() {
                assert!(line.chars().count() <= 80, "{}: {line}", exhibit.name);
            }
        }
    }
}
