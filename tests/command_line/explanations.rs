//! `explain` and `gallery`: what a person reads.

use redeliver::catalogue::HEADINGS;
use redeliver::gallery::EXHIBITS;
use redeliver_model::property::Property;
use serde_json::Value;

use super::{assert_golden, empty_directory, redeliver, redeliver_in, text};

#[tokio::test]
async fn a_property_is_explained() {
    let output = redeliver(&["explain", "rd-4"]).await;
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output.stdout);
    assert!(told.starts_with("RD-4 one insert reported\n"), "{told}");
    assert!(told.contains("Broken by: check-then-put, "), "{told}");
    for heading in HEADINGS {
        assert!(told.contains(&format!("\n{heading}\n---")), "{heading}");
    }
    let output = redeliver(&["explain", "rd-4", "--format", "json"]).await;
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["id"], "RD-4");
    assert!(told["tests"].as_array().unwrap().len() > 5);
}

#[tokio::test]
async fn the_chapters_are_told_in_eighty_columns_too() {
    for (name, words) in [
        ("checklist", "1. Does every document get an answer"),
        ("limits", "Global tables with"),
    ] {
        let output = redeliver(&["explain", name]).await;
        assert_eq!(output.status.code(), Some(0));
        let told = text(&output.stdout);
        assert!(told.contains(words), "{told}");
        assert_eq!(too_long(told), [""; 0]);
    }
    for property in Property::ALL {
        let output = redeliver(&["explain", property.id()]).await;
        assert_eq!(too_long(text(&output.stdout)), [""; 0]);
    }
}

/// The lines that are too long, although they could be broken.
fn too_long(told: &str) -> Vec<&str> {
    let mut lines = told
        .lines()
        .filter(|it| it.chars().count() > 80)
        .collect::<Vec<_>>();
    lines.retain(|it| it.trim_start_matches(['-', ' ']).contains(' ') && !it.starts_with('['));
    lines
}

#[tokio::test]
async fn the_catalogue_is_written_as_a_page() {
    let directory = empty_directory("explain-report");
    let output = redeliver_in(&directory, &["explain", "--report", "catalogue.html"]).await;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(&output.stdout),
        "The catalogue is in catalogue.html.\n"
    );
    let page = std::fs::read_to_string(directory.join("catalogue.html")).unwrap();
    assert!(page.contains("<h3 id=\"RD-4\">"));

    let output = redeliver_in(&directory, &["explain", "--report", "nowhere/page.html"]).await;
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(
        told.contains("give --report a file in a directory that is there"),
        "{told}"
    );
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
    assert_eq!(told["chapters"].as_array().unwrap().len(), 2);
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
            // The code has lines of its own.
            let told = text(&output.stdout).lines();
            for line in told.take_while(|it| *it != "The code:") {
                assert!(line.chars().count() <= 80, "{}: {line}", exhibit.name);
            }
        }
    }
}
