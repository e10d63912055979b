//! What a team says of its handler, and what a build server is told.

use serde_json::json;

use super::{FIRST_ONLY, RIGHT, STAMPED, check, folder};

#[test]
fn what_a_team_lives_with_is_no_violation() {
    let folder = folder("accepted");
    let accept = "accept = [{ property = \"RD-8\", reason = \"S3 sends one record at a time\" }]\n";
    std::fs::write(folder.join("redeliver.toml"), accept).unwrap();
    let checked = check(&folder, FIRST_ONLY, &[]);
    assert_eq!(checked.status(), Some(0), "{}", checked.told);
    assert_eq!(checked.told["accepted"][0]["property"], "RD-8");
}

#[test]
fn what_a_team_lives_with_hides_nothing_else() {
    let folder = folder("accepted-among-others");
    let first_only_and_swallows = r#"
def handle(event, request_id):
    try:
        put({"id": {"S": event["Records"][0]["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
    except Exception:
        pass
"#;
    let accept = "accept = [{ property = \"RD-8\", reason = \"S3 sends one record at a time\" }]\n";
    std::fs::write(folder.join("redeliver.toml"), accept).unwrap();
    let checked = check(&folder, first_only_and_swallows, &[]);
    assert_eq!(checked.status(), Some(1), "{}", checked.told);
    let violations = checked.violations();
    assert!(violations.contains(&("RD-7", 1, 3)), "{violations:?}");
    assert_eq!(checked.told["accepted"][0]["property"], "RD-8");
}

#[test]
fn an_acceptance_that_no_longer_applies_is_reported() {
    let folder = folder("accepted-in-vain");
    let accept = "accept = [{ property = \"RD-3\", reason = \"the last delivery wins\" }]\n";
    std::fs::write(folder.join("redeliver.toml"), accept).unwrap();
    let checked = check(&folder, RIGHT, &["--faults", "0"]);
    assert_eq!(checked.status(), Some(0), "{}", checked.told);
    let in_vain = json!([{ "property": "RD-3", "reason": "the last delivery wins" }]);
    assert_eq!(checked.told["acceptedInVain"], in_vain);
}

#[test]
fn a_build_server_is_told_of_each_property() {
    let folder = folder("junit");
    let checked = check(&folder, STAMPED, &["--format", "junit", "--faults", "0"]);
    assert_eq!(checked.status(), Some(1), "{}", checked.said());
    let told = String::from_utf8(checked.output.stdout).unwrap();
    let document = roxmltree::Document::parse(&told).unwrap();
    let cases = document
        .descendants()
        .filter(|it| it.has_tag_name("testcase"));
    let failed = cases
        .clone()
        .filter(|it| it.children().any(|it| it.has_tag_name("failure")));
    let failed: Vec<_> = failed.filter_map(|it| it.attribute("name")).collect();
    assert_eq!(cases.count(), 7, "{told}");
    assert_eq!(failed, ["RD-3 first write wins"], "{told}");
}
