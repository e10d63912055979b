//! What build servers make of a report.

use std::path::Path;
use std::process::Output;

use roxmltree::{Document, Node};
use tokio::process::Command;

use super::{empty_directory, redeliver_in, text};

/// A rogue, so that something fails, and something holds or was not played to the end.
const ROGUE: [&str; 9] = [
    "verify",
    "--handler",
    "check-then-put",
    "--scope",
    "1",
    "--schedules",
    "9",
    "--seed",
    "1",
];

/// Of each element that Jenkins' schema knows and we write: the attributes that it must
/// have, those that it may have, and what may be in it
/// (xunit-plugin, `src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd`).
type Rule = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);
const RULES: [Rule; 6] = [
    ("failure", &[], &["message", "type"], &[]),
    ("skipped", &[], &["message", "type"], &[]),
    ("system-out", &[], &[], &[]),
    (
        "testcase",
        &["name"],
        &["classname", "group", "time"],
        &["error", "failure", "skipped", "system-err", "system-out"],
    ),
    (
        "testsuite",
        &["errors", "failures", "name", "tests"],
        &["hostname", "id", "package", "skipped", "time", "timestamp"],
        &["properties", "system-err", "system-out", "testcase"],
    ),
    (
        "testsuites",
        &[],
        &["errors", "failures", "name", "tests", "time"],
        &["testsuite"],
    ),
];

/// What of an element, and of those in it, the schema does not allow.
fn invalid(element: Node<'_, '_>) -> Vec<String> {
    let name = element.tag_name().name();
    let rule = RULES.iter().find(|(it, ..)| *it == name);
    let Some((_, required, optional, content)) = rule else {
        return vec![format!("<{name}>")];
    };
    let missing = required.iter().filter(|it| !element.has_attribute(**it));
    let mut invalid: Vec<_> = missing.map(|it| format!("<{name}> without {it}")).collect();
    for attribute in element.attributes().map(|it| it.name()) {
        if !required.contains(&attribute) && !optional.contains(&attribute) {
            invalid.push(format!("{attribute} of <{name}>"));
        }
    }
    for child in element.children().filter(Node::is_element) {
        let child_name = child.tag_name().name();
        if !content.contains(&child_name) {
            invalid.push(format!("<{child_name}> in <{name}>"));
        }
        invalid.extend(self::invalid(child));
    }
    invalid
}

#[test]
fn what_the_schema_does_not_allow_is_found() {
    let xml = "<testsuites><testsuite name='' tests='' failures='' skips=''><failure/>\
               <testcase><flaky/></testcase></testsuite></testsuites>";
    let document = Document::parse(xml).unwrap();
    assert_eq!(
        invalid(document.root_element()),
        [
            "<testsuite> without errors",
            "skips of <testsuite>",
            "<failure> in <testsuite>",
            "<testcase> without name",
            "<flaky> in <testcase>",
            "<flaky>",
        ]
    );
}

#[tokio::test]
async fn junit_is_as_the_schema_of_jenkins_has_it() {
    let directory = empty_directory("build-servers-junit");
    let replayed = ["replay", "--format", "junit"];
    let gallery = ["gallery", "check-then-put", "--format", "junit"];
    let verify = [&ROGUE[..], &["--format", "junit"]].concat();
    let mut told = Vec::new();
    for arguments in [&verify[..], &gallery] {
        let output = redeliver_in(&directory, arguments).await;
        told.push(text(&output.stdout).to_owned());
    }
    let saved = saved_in(&directory);
    let output = redeliver_in(&directory, &[&replayed[..], &[saved.as_str()]].concat()).await;
    told.push(text(&output.stdout).to_owned());
    for xml in told {
        let document = Document::parse(&xml).unwrap();
        assert_eq!(invalid(document.root_element()), [""; 0], "{xml}");
        for suite in document.descendants() {
            if !suite.has_tag_name("testsuite") {
                continue;
            }
            let count = |name| {
                let all = suite.descendants();
                all.filter(|it| it.has_tag_name(name)).count().to_string()
            };
            assert_eq!(suite.attribute("tests"), Some(&*count("testcase")));
            assert_eq!(suite.attribute("failures"), Some(&*count("failure")));
            assert_eq!(suite.attribute("skipped"), Some(&*count("skipped")));
        }
    }
}

/// The counterexample that was saved in a directory.
fn saved_in(directory: &Path) -> String {
    let saved = std::fs::read_dir(directory.join(".redeliver")).unwrap();
    let saved = saved.map(|it| it.unwrap().path()).next().unwrap();
    saved.to_str().unwrap().to_owned()
}

/// Runs the command as a job of GitHub's does.
async fn in_a_job(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redeliver"));
    command.current_dir(directory).args(arguments);
    command
        .env("GITHUB_ACTIONS", "true")
        .output()
        .await
        .unwrap()
}

#[tokio::test]
async fn github_gets_an_annotation_for_each_violation() {
    let directory = empty_directory("build-servers-annotations");
    let output = in_a_job(&directory, &ROGUE).await;
    assert_eq!(output.status.code(), Some(1));
    let annotated = text(&output.stderr).lines();
    let heads: Vec<_> = annotated
        .filter_map(|it| it[2..].split_once("::"))
        .collect();
    let titles: Vec<_> = heads.iter().map(|(head, _)| *head).collect();
    assert_eq!(
        titles,
        [
            "error title=exhaustive",
            "error title=RD-4 one insert reported",
        ]
    );
    assert!(heads[1].1.contains("step 8"), "{heads:?}");
    // The same without a job, but for the annotations.
    let alone = redeliver_in(&directory, &ROGUE).await;
    assert_eq!(text(&alone.stderr), "");
}

#[tokio::test]
async fn no_line_that_github_reads_is_a_command_of_somebody_elses() {
    let directory = empty_directory("build-servers-hostile");
    redeliver_in(&directory, &ROGUE).await;
    let saved = saved_in(&directory);
    // The key of an object, long enough to be broken into lines.
    let hostile = "::add-mask::a\n::stop-commands::b ##[error]c ".repeat(9);
    let document = std::fs::read_to_string(&saved).unwrap();
    let key = serde_json::to_string(&hostile).unwrap();
    let document = document.replace("\"invoice.txt\"", &key);
    assert!(document.contains("##["));
    let file = directory.join("##[error]d::e,f.json");
    std::fs::write(&file, document).unwrap();
    let output = in_a_job(&directory, &["replay", "##[error]d::e,f.json"]).await;
    assert_eq!(output.status.code(), Some(1));
    let (told, annotated) = (text(&output.stdout), text(&output.stderr));
    let commands = told.lines().filter(|it| it.trim_start().starts_with("::"));
    assert_eq!(commands.count(), 0, "{told}");
    assert!(!told.contains("##["), "{told}");
    assert_eq!(annotated.lines().count(), 1, "{annotated}");
    let title = "::error title=##[error]d%3A%3Ae%2Cf.json%3A RD-4::";
    assert!(annotated.starts_with(title), "{annotated}");
}
