use std::time::Duration;

use clap::Parser;
use redeliver_model::property::Property;
use redeliver_model::schedule::Shard;

use super::configuration::parse;
use super::*;
use crate::check::backend::KeyType;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

fn line(arguments: &[&str]) -> Arguments {
    let all = ["check"].iter().chain(arguments);
    Line::try_parse_from(all).unwrap().arguments
}

const EVERYTHING: &str = r#"
command = ["python3", "-m", "awslambdaric", "app.handler"]
and = ["./other"]
events = ["events", "more.json"]
removals = true
rename = true
table = ["rows:id", "orders:customer:at=N"]
template = "template.yaml"
function = "Handler"
dynamodb = "http://localhost:8000"
env = { STAGE = "test", EMPTY = "" }
timeout = 2.5
max_time = "10m"
schedules = 500
seed = 7
shard = "2/3"
lanes = 4
faults = 2
deliveries = 3
partial_batch = true
latest_state = false
ignore_attribute = ["seen_at"]
inserted_pattern = "Inserted (.*)"
duplicate_pattern = "Duplicate (.*)"
preset = "article"
effects = "at-least-once"
objects = "objects"
stub = "stub.json"
effect_url = ["http://api.example.com/orders"]
saved = ".redeliver"
accept = [{ property = "RD-4", reason = "nobody reads these logs" }]
"#;

fn everything() -> Arguments {
    parse("redeliver.toml", EVERYTHING).unwrap()
}

fn refused(text: &str) -> String {
    parse("redeliver.toml", text).unwrap_err().to_string()
}

#[test]
fn the_file_has_every_option() {
    let all = everything();
    assert_eq!(all.command.len(), 4);
    assert_eq!(all.and, Some(Command(vec!["./other".to_owned()])));
    assert_eq!(all.table[1].name, "orders");
    let at = all.table[1].schema.key.sort.as_ref().unwrap();
    assert_eq!((at.name.as_str(), at.kind), ("at", KeyType::Number));
    assert_eq!(all.env.len(), 2);
    assert_eq!(all.timeout, Some(Seconds(Duration::from_millis(2_500))));
    assert_eq!(all.max_time, Some(Seconds(Duration::from_secs(600))));
    assert_eq!(all.shard, Some(Shard { index: 1, count: 3 }));
    assert_eq!(all.effects, Some(Effects::AtLeastOnce));
    assert_eq!(all.latest_state, Some(false));
    assert_eq!(all.accept[0].property, Property::OneInsertReported);
}

#[test]
fn the_command_line_says_the_same_as_the_file() {
    let spoken = line(&[
        "--and=./other",
        "--events=events",
        "--events",
        "more.json",
        "--removals",
        "--rename",
        "--table",
        "rows:id",
        "--table=orders:customer:at=N",
        "--template",
        "template.yaml",
        "--function=Handler",
        "--dynamodb=http://localhost:8000",
        "--env",
        "EMPTY=",
        "--env",
        "STAGE=test",
        "--timeout=2.5",
        "--max-time=10m",
        "--schedules=500",
        "--seed=7",
        "--shard=2/3",
        "--faults=2",
        "--deliveries=3",
        "--lanes=4",
        "--partial-batch",
        "--latest-state=false",
        "--ignore-attribute=seen_at",
        "--inserted-pattern=Inserted (.*)",
        "--duplicate-pattern=Duplicate (.*)",
        "--preset=article",
        "--effects=at-least-once",
        "--objects=objects",
        "--stub=stub.json",
        "--effect-url=http://api.example.com/orders",
        "--saved=.redeliver",
        "--",
        "python3",
        "-m",
        "awslambdaric",
        "app.handler",
    ]);
    let written = Arguments {
        accept: Vec::new(),
        ..everything()
    };
    assert_eq!(spoken, written);
}

#[test]
fn the_command_line_wins_over_the_file() {
    let both = line(&[
        "--generate=2",
        "--seed=9",
        "--env=STAGE=live",
        "--rename=false",
    ]);
    let both = both.or(everything());
    assert_eq!((both.events.len(), both.generate), (0, Some(2)));
    assert_eq!((both.seed, both.rename), (Some(9), Some(false)));
    let env: Vec<_> = both
        .env
        .iter()
        .map(|it| (it.name.as_str(), it.value.as_str()))
        .collect();
    assert_eq!(env, [("EMPTY", ""), ("STAGE", "live")]);
    assert_eq!((both.command.len(), both.faults), (4, Some(2)));
}

#[test]
fn the_file_is_found_and_its_paths_start_from_its_folder() {
    let folder = std::env::temp_dir().join(format!("redeliver-options-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let nothing = Arguments::default();
    assert_eq!(nothing.clone().completed(&folder).unwrap(), nothing);
    std::fs::write(folder.join(CONFIGURATION), "events = [\"e\"]\nfaults = 1").unwrap();
    let found = nothing.completed(&folder).unwrap();
    assert_eq!(
        (&found.events[..], found.faults),
        (&[folder.join("e")][..], Some(1))
    );
    let named = line(&["--config=none.toml"])
        .completed(&folder)
        .unwrap_err();
    assert!(
        named.to_string().starts_with("none.toml cannot be read: "),
        "{named}"
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_is_no_option_is_an_error_with_the_option_that_was_meant() {
    assert_eq!(
        refused("tabel = [\"rows:id\"]"),
        "redeliver.toml: there is no option \"tabel\"; did you mean \"table\"?"
    );
    assert!(refused("max-time = 3").ends_with("did you mean \"max_time\"?"));
    assert!(refused("config = \"other.toml\"").contains("there is no option \"config\""));
    let inside = refused("accept = [{ property = \"RD-4\", reason = \"r\", until = 3 }]");
    assert!(inside.contains("unknown field `until`"), "{inside}");
}

#[test]
fn a_value_that_is_not_its_options_is_an_error_with_its_line() {
    for (text, expected) in [
        (
            "seed = 1\nfaults = \"two\"",
            "redeliver.toml, line 2: invalid type: string",
        ),
        ("faults = ", "redeliver.toml, line 1: "),
        ("table = [\"rows\"]", "write NAME:PK or NAME:PK:SK"),
        ("table = [\"rows:id=X\"]", "write NAME:PK or NAME:PK:SK"),
        ("timeout = 0", "write a time above 0"),
        ("timeout = true", "a time, such as 3, 2.5 or"),
        ("shard = \"3/2\"", "write I/N"),
        ("and = []", "there is no program to start"),
        ("preset = \"artikel\"", "expected `article`"),
        ("events = [\"e\"]\ngenerate = 2", "both events and generate"),
        (
            "accept = [{ property = \"RD-4\" }]",
            "missing field `reason`",
        ),
        (
            "accept = [{ property = \"RD-4\", reason = \" \" }]",
            "needs a reason",
        ),
        (
            "accept = [{ property = \"RD-99\", reason = \"r\" }]",
            "\"RD-99\" is no property",
        ),
    ] {
        let told = refused(text);
        assert!(told.contains(expected), "{text}: {told}");
    }
}

#[test]
fn a_second_command_is_divided_at_blanks_outside_quotes() {
    let words = |text: &str| text.parse::<Command>().map(|it| it.0);
    assert_eq!(words("  a 'b c'\"d\"  '' ").unwrap(), ["a", "b cd", ""]);
    assert!(words(" ").is_err() && words("a 'b").is_err());
}
