//! A run built by hand, told and shown.

use std::path::Path;

use redeliver_model::schedule::{Fate, InFlight};
use serde_json::json;

use super::{diagram, story};
use crate::check::history::Told;
use crate::check::judge::scenario::*;
use crate::check::judge::{Judge, Options};
use crate::report::Verdict;
use crate::report::page::{Beside, Compared, Fact, Judgement, Page, Run as Shown, Table};

/// Compares with a file beside this one; `REDELIVER_BLESS=1` writes it.
fn assert_golden_file(name: &str, told: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check/story/tests");
    let path = path.join(name);
    if std::env::var_os("REDELIVER_BLESS").is_some() {
        std::fs::write(&path, told).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        told, expected,
        "{name}: REDELIVER_BLESS=1 accepts what is told now"
    );
}

/// How a page looks is seen in a browser (`ci/report`); goldens hold what it says.
fn without_styles(page: &str) -> String {
    let mut parts = page.split("<style>");
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|it| it.split_once("</style>").unwrap().1);
    std::iter::once(first).chain(rest).collect()
}

/// The newer event first; then a lost reply and a crash, a retry that is refused and a
/// duplicate that changes the row; and a handler that writes what nobody should.
fn run() -> Run {
    let mut run = Run::of(&[notification(&[0], 2), notification(&[1], 1)]);
    run.deliver(2, right);
    let first = run.start(0);
    run.insert(first, 0, Fate::ReplyLost);
    run.crash(first, InFlight::Never);
    let retry = run.start(0);
    let get = ("GetItem", None);
    let throttled = Told::Error("ThrottlingException".to_owned());
    run.call(retry, get, &["a.txt"], Fate::Throttled, throttled);
    run.insert(retry, 0, Fate::Answered);
    run.answer(retry, &[0], &["Duplicate </pre><script>alert(1)</script>"]);
    let again = run.start(1);
    put(
        &mut run.tables,
        "a.txt",
        &json!({"name": {"S": "a.txt\u{202e}<b>"}}),
    );
    run.call(
        again,
        ("PutItem", None),
        &["a.txt"],
        Fate::Answered,
        Told::Done,
    );
    run.acknowledge(again, &[0]);
    run
}

#[test]
fn a_run_is_told_and_shown_as_it_went() {
    let goldens = goldens(2, right);
    let (plan, history) = run().end();
    let options = Options::default();
    let judge = Judge {
        goldens: &goldens,
        options: &options,
    };
    let findings = judge.judge(&plan, &history);
    let violation = findings.violations.first().unwrap();
    let names = ["</title><img src=x onerror=alert(1)>", "b.txt"].map(str::to_owned);

    let told = story(&plan, &names, &history, Some(violation));
    assert!(told.lines().all(|it| it.chars().count() <= 80), "{told}");
    assert_golden_file("told.txt", &told);

    let rows = goldens.left_in_words(&[0, 1].into());
    let page = Page {
        command: "redeliver check".to_owned(),
        title: names[0].clone(),
        verdict: Verdict::Violated,
        runs: vec![Shown {
            title: violation.property.name().to_owned(),
            facts: vec![Fact::property(violation.property)],
            diagram: diagram(&plan, &names, &history, Some(violation)),
            beside: Some(Beside {
                title: "What is right".to_owned(),
                caption: "In every order.".to_owned(),
                shown: Compared::Table(Table {
                    columns: vec![("Order", false), ("Row", false), ("Item", false)],
                    rows: rows.into_iter().map(Vec::from).collect(),
                    notes: Vec::new(),
                }),
            }),
        }],
        properties: vec![Judgement {
            property: violation.property,
            verdict: Some(Verdict::Violated),
            detail: String::new(),
        }],
        ..Page::default()
    };
    let page = page.html();
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..Default::default()
    };
    let document = roxmltree::Document::parse_with_options(&page, options).unwrap();
    let mut elements = document.descendants().map(|it| it.tag_name().name());
    assert!(elements.all(|it| it != "script" && it != "img"));
    assert_golden_file("page.html", &without_styles(&page));
}

#[test]
fn what_became_of_dead_letters_is_told_at_the_end() {
    let mut run = Run::of(&[notification(&[0], 1)]);
    for _ in 0..3 {
        let attempt = run.start(0);
        run.fail(attempt);
    }
    let (plan, history) = run.redriven(right);
    let told = story(&plan, &["a.txt".to_owned()], &history, None);
    let (_, end) = told.split_once("   end  ").unwrap();
    let expected = "      Nothing is left in the tables.\n              The dead letter a.txt is \
                    redriven, and acknowledged.\n                A is new: id \"a.txt\", name \
                    \"a.txt\", writer \"999999\"\n";
    assert_eq!(end, expected);
}
