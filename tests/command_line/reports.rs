//! `--report`: pages that are well-formed, whole, safe, and the same every time.

use std::collections::BTreeSet;
use std::path::Path;

use redeliver::engine::replay;
use redeliver::gallery::{Verdict, exhibit};
use redeliver::report::{diagram, picture};
use redeliver::saved::Saved;
use redeliver_model::property::Property;
use redeliver_model::scene::{Scene, created, sequenced};
use redeliver_model::schedule::{Case, Choice};

use super::{assert_golden, assert_golden_file, empty_directory, redeliver, redeliver_in, text};

/// Text that is markup wherever it is not escaped.
const HOSTILE: &str = "</script><img src=x onerror=\"alert('1')\">\u{202e}\u{1b}[2J&amp;";

/// Runs the command with `--report`, and reads the page.
async fn page(directory: &Path, arguments: &[&str]) -> (String, String) {
    let arguments = [arguments, &["--report", "report.html"]].concat();
    let output = redeliver_in(directory, &arguments).await;
    let told = text(&output.stdout).to_owned();
    let page = std::fs::read_to_string(directory.join("report.html"));
    let page = page.unwrap_or_else(|error| panic!("{error}: {told} {}", text(&output.stderr)));
    assert_sound(&page);
    (page, told)
}

/// A page is well-formed, needs nothing from anywhere, runs nothing, and its links lead
/// somewhere.
fn assert_sound(page: &str) {
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..Default::default()
    };
    let document = roxmltree::Document::parse_with_options(page, options).unwrap();
    let elements = || document.descendants().filter(|it| it.is_element());
    let ids: Vec<&str> = elements().filter_map(|it| it.attribute("id")).collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "{ids:?}");
    for element in elements() {
        let name = element.tag_name().name();
        let dangerous = [
            "script", "img", "iframe", "object", "link", "form", "use", "image",
        ];
        assert!(!dangerous.contains(&name), "{name}");
        for attribute in element.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(!name.starts_with("on") && name != "src", "{name}");
            if name == "href" {
                let target = value.strip_prefix('#').unwrap();
                assert!(distinct.contains(target), "{value}");
            }
        }
    }
    let style = elements().filter(|it| it.has_tag_name((XHTML, "style")));
    for style in style.filter_map(|it| it.text()) {
        assert!(!style.contains("url(") && !style.contains("@import"));
    }
    assert!(page.contains("default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"));
    for char in page.chars() {
        assert!(char == '\n' || !char.is_control(), "{char:?}");
    }
}

const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// How a page looks is seen in a browser (`ci/report`); goldens hold what it says.
fn without_styles(page: &str) -> String {
    let mut parts = page.split("<style>");
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|it| it.split_once("</style>").unwrap().1);
    std::iter::once(first).chain(rest).collect()
}

#[tokio::test]
async fn a_rogue_has_a_page_with_its_counterexample_and_the_right_handler_beside_it() {
    let directory = empty_directory("report-gallery");
    let (page, told) = page(&directory, &["gallery", "check-then-put"]).await;
    assert_golden_file("report-gallery-check-then-put.html", &without_styles(&page));
    let (told, report) = told.split_at(told.find("Report: ").unwrap());
    assert_golden("gallery-check-then-put", told);
    assert_eq!(report, "Report: report.html\n");
}

#[tokio::test]
async fn what_holds_has_a_page_too_and_the_same_seed_the_same_one() {
    let directory = empty_directory("report-holds");
    let few = ["verify", "--scope", "1", "--schedules", "60", "--seed", "1"];
    let (first, told) = page(&directory, &few).await;
    assert!(told.contains("Verdict: holds"), "{told}");
    assert_golden_file("report-verify-holds.html", &without_styles(&first));
    let (again, _) = page(&directory, &few).await;
    assert_eq!(first, again);
}

#[tokio::test]
async fn a_violation_of_verify_is_on_its_page_with_how_it_was_found() {
    let directory = empty_directory("report-violated");
    let rogue = [
        "verify",
        "--handler",
        "claim-then-effect",
        "--seed",
        "1",
        "--scope",
        "1",
    ];
    let (page, _) = page(&directory, &rogue).await;
    for expected in [
        "<dd>exhaustive</dd>",
        "Schedules to failure",
        "redeliver replay .redeliver/RD-11-claim-then-effect-",
        "The same schedule on claim-effect-complete, which is right",
        "here it breaks",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
}

#[tokio::test]
async fn every_page_of_the_gallery_is_sound() {
    let directory = empty_directory("report-all");
    for exhibit in redeliver::gallery::EXHIBITS {
        let (page, _) = page(&directory, &["gallery", exhibit.name]).await;
        let wrong = matches!(exhibit.verdict, Verdict::Wrong { .. });
        assert_eq!(page.contains("here it breaks"), wrong, "{}", exhibit.name);
        assert_eq!(
            page.contains("nothing is violated"),
            wrong,
            "{}",
            exhibit.name
        );
    }
}

#[tokio::test]
async fn what_a_key_holds_becomes_no_markup() {
    let directory = empty_directory("report-hostile");
    let record = sequenced(created("b", HOSTILE), "9", "etag-1");
    let saved = Saved {
        handler: "check-then-put".to_owned(),
        property: Property::OneInsertReported,
        case: Case {
            scene: Scene::of(&[&[record]], 2),
            schedule: race(),
        },
    };
    // A file's name is hostile text as well.
    std::fs::write(directory.join("<b>&\".json"), saved.text()).unwrap();
    let (page, _) = page(&directory, &["replay", "<b>&\".json"]).await;
    assert!(page.contains("RD-4"));
    assert!(page.contains("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;"));
    assert!(page.contains("\\u{202e}\\u{1b}[2J&amp;amp;"), "{page}");
    assert!(page.contains("&lt;b&gt;&amp;&quot;.json"));
}

fn race() -> Vec<Choice> {
    let race = [
        "start 1",
        "start 2",
        "call 1.1#1 answered",
        "call 2.1#1 answered",
    ];
    race.map(|it| it.parse().unwrap()).to_vec()
}

#[tokio::test]
async fn a_report_that_cannot_be_written_is_refused_before_anything_is_played() {
    for (place, sentence) in [
        (
            "/nowhere/report.html",
            "the report cannot be written to /nowhere/report.html",
        ),
        ("/", "give --report a file in a directory that is there"),
    ] {
        for arguments in [
            vec!["verify", "--report", place],
            vec!["gallery", "check-then-put", "--report", place],
            vec!["replay", "none.json", "--report", place],
            vec!["check", "--report", place, "--", "true"],
        ] {
            let output = redeliver(&arguments).await;
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
            let told = text(&output.stderr);
            assert!(told.contains(sentence), "{arguments:?}: {told}");
            assert!(output.stdout.is_empty(), "{arguments:?}");
        }
    }
    let output = redeliver(&["gallery", "--report", "report.html"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("give its name"));
}

/// The README shows it; `REDELIVER_BLESS=1 cargo test --test command_line picture` draws it
/// again.
#[test]
fn the_picture_of_check_then_put_is_as_it_is_drawn_now() {
    let rogue = exhibit("check-then-put").unwrap();
    let Verdict::Wrong { scene, .. } = rogue.verdict else {
        panic!("it is wrong");
    };
    let case = Case {
        scene: scene(),
        schedule: race(),
    };
    let replayed = replay(rogue, &case).unwrap();
    let diagram = diagram(&case.scene, &replayed.history, replayed.violations.first());
    let heading = format!("{}: {}", rogue.name, rogue.summary);
    let drawn = picture(&diagram, &heading);
    roxmltree::Document::parse(&drawn).unwrap();
    assert_golden_file("../../src/report/counterexample.svg", &drawn);
}
