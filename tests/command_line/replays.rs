//! `replay`: saved counterexamples, good ones and bad ones.

use std::path::Path;

use redeliver::handlers::REFERENCE;
use redeliver::saved::Saved;
use redeliver_model::delivery::{Queue, Record, Route};
use redeliver_model::property::Property;
use redeliver_model::scene::{Scene, created, sequenced};
use redeliver_model::schedule::Case;
use serde_json::Value;

use super::{empty_directory, redeliver, text};

const RACE: [&str; 4] = [
    "start 1",
    "start 2",
    "call 1.1#1 answered",
    "call 2.1#1 answered",
];

fn saved(handler: &str, key: &str, schedule: &[&str]) -> Saved {
    let record = sequenced(created("b", key), "9", "etag-1");
    Saved {
        handler: handler.to_owned(),
        property: Property::OneInsertReported,
        case: Case {
            scene: Scene::of(&[&[record]], 2),
            schedule: schedule.iter().map(|it| it.parse().unwrap()).collect(),
        },
    }
}

async fn replay(path: &Path) -> std::process::Output {
    redeliver(&["replay", path.to_str().unwrap()]).await
}

#[tokio::test]
async fn a_counterexample_is_one_again() {
    let directory = empty_directory("replay-again");
    let path = saved("check-then-put", "a", &RACE)
        .save(&directory)
        .unwrap();
    let output = replay(&path).await;
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stdout);
    assert!(told.contains(">    8"), "{told}");
    assert!(told.ends_with("RD-4: VIOLATED, in 1 schedule.\n"), "{told}");
}

#[tokio::test]
async fn a_right_handler_passes_the_same_schedule() {
    let directory = empty_directory("replay-right");
    let path = saved(REFERENCE, "a", &RACE).save(&directory).unwrap();
    let output = replay(&path).await;
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).ends_with("RD-4: holds, in 1 schedule.\n"));
    let path = path.to_str().unwrap();
    let output = redeliver(&["replay", path, "--format", "json"]).await;
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["verdict"], "holds");
    let output = redeliver(&["replay", path, "--quiet"]).await;
    assert_eq!(text(&output.stdout), "RD-4: holds, in 1 schedule.\n");
}

#[tokio::test]
async fn what_a_key_holds_reaches_no_terminal_and_breaks_no_xml() {
    let directory = empty_directory("replay-hostile");
    let hostile = "\u{1b}[2J\u{7}\n<failure/> & \"'\u{202e}";
    let written = saved("check-then-put", hostile, &RACE).text();
    let path = directory.join("<&\">.json");
    std::fs::write(&path, written).unwrap();
    let output = replay(&path).await;
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stdout);
    assert!(told.contains("b/\\u{1b}[2J\\u{7}\\n<failure/>"), "{told}");
    for char in ['\u{1b}', '\u{7}', '\u{202e}'] {
        assert!(!told.contains(char), "{char:?} in {told:?}");
    }
    let output = redeliver(&["replay", path.to_str().unwrap(), "--format", "junit"]).await;
    let told = text(&output.stdout);
    let document = roxmltree::Document::parse(told).unwrap();
    let case = document
        .descendants()
        .find(|it| it.has_tag_name("testcase"));
    let name = case.unwrap().attribute("name").unwrap();
    assert!(name.ends_with("<&\">.json: RD-4"), "{name}");
    assert!(document.descendants().any(|it| it.has_tag_name("failure")));
}

#[tokio::test]
async fn what_cannot_be_played_ends_with_2_and_says_what_where_and_what_to_do() {
    let directory = empty_directory("replay-bad");
    let good = saved("check-then-put", "a", &RACE);
    let of = |change: &dyn Fn(&mut Value)| {
        let mut document: Value = serde_json::from_str(&good.text()).unwrap();
        change(&mut document);
        document.to_string()
    };
    let mut of_bridge = good.clone();
    of_bridge.case.scene.notifications[0].route = Route::EventBridge;
    let twice = of_bridge.case.scene.notifications[0].records[0].clone();
    of_bridge.case.scene.notifications[0].records.push(twice);
    let mut of_queue = good.clone();
    of_queue.case.scene.notifications[0].route = Route::Sqs(Queue {
        receives: u32::MAX,
        partial_batches: true,
    });
    let mut too_many = good.clone();
    let record: Record = too_many.case.scene.notifications[0].records[0].clone();
    too_many.case.scene.notifications[0].records = vec![record; 33];
    let event = "/scene/notifications/0/records/0/Event";
    for (name, document, sentence) in [
        ("empty", String::new(), "line 1 column 0"),
        ("cut", good.text()[..90].to_owned(), "EOF while parsing"),
        (
            "list",
            "[]".to_owned(),
            "does not begin with \"redeliver\": 1",
        ),
        (
            "none",
            of(&|it| it["redeliver"] = Value::Null),
            "does not begin with",
        ),
        (
            "later",
            of(&|it| it["redeliver"] = 2.into()),
            "it is of version 2",
        ),
        (
            "handler",
            of(&|it| it["handler"] = "check-then-pat".into()),
            "did you mean \"check-then-put\"?",
        ),
        (
            "keeps",
            of(&|it| it["property"] = "RD-12".into()),
            "RD-12 does not judge",
        ),
        (
            "property",
            of(&|it| it["property"] = "RD-99".into()),
            "RD-99",
        ),
        (
            "key",
            of(&|it| it["shedule"] = 1.into()),
            "unknown field `shedule`",
        ),
        (
            "scene-key",
            of(&|it| it["scene"]["fault"] = 1.into()),
            "unknown field `fault`",
        ),
        (
            "event-key",
            of(&|it| it.pointer_mut(event).unwrap()["bukket"] = "b".into()),
            "unknown field `bukket`",
        ),
        (
            "missing",
            of(&|it| it["scene"] = Value::Null),
            "invalid type: null",
        ),
        (
            "choice",
            of(&|it| it["schedule"][1] = "begin 2".into()),
            "write `start 1`",
        ),
        (
            "elsewhere",
            of(&|it| it["schedule"][2] = "call 1.1#1 reply-lost".into()),
            "choice 3 of the schedule, `call 1.1#1 reply-lost`, does not apply to check-then-put",
        ),
        (
            "too-long",
            of(&|it| {
                it["schedule"]
                    .as_array_mut()
                    .unwrap()
                    .extend((0..9).map(|_| "return 1.1".into()))
            }),
            "does not apply",
        ),
        (
            "nothing",
            of(&|it| it["scene"]["notifications"] = Value::Array(Vec::new())),
            "1 to 32 notifications",
        ),
        ("bridge", of_bridge.text(), "EventBridge"),
        ("queue", of_queue.text(), "1 to 1000 receives"),
        ("records", too_many.text(), "1 to 32 records"),
    ] {
        let path = directory.join(format!("{name}.json"));
        std::fs::write(&path, document).unwrap();
        let output = replay(&path).await;
        assert_eq!(output.status.code(), Some(2), "{name}");
        let told = text(&output.stderr);
        assert!(told.contains(sentence), "{name}: {told}");
        assert!(told.contains(&format!("{name}.json")), "{name}: {told}");
        assert_eq!(told.lines().count(), 1, "{name}: {told}");
        assert!(output.stdout.is_empty(), "{name}");
    }
}

/// A saved file that cannot be read would otherwise be passed over in silence.
#[tokio::test]
async fn a_bad_file_among_the_saved_ones_keeps_a_verification_from_running() {
    let directory = empty_directory("saved-bad");
    std::fs::write(directory.join("a.json"), "{}").unwrap();
    let saved = directory.to_str().unwrap();
    let output = redeliver(&["verify", "--saved", saved]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("a.json: it is no saved counterexample"));
}
