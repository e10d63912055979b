//! One handler of the gallery.

use redeliver::engine::{Replayed, replay};
use redeliver::gallery::{Exhibit, Verdict as Kind};
use redeliver::report::page::{Fact, Page};
use redeliver::report::{TestCase, TestSuite, Verdict, junit, story, wrapped};
use redeliver_model::property::Property;
use redeliver_model::schedule::Case;
use serde_json::json;

use crate::command::report::{self, Report};
use crate::command::{Format, Outcome, Output};

pub(super) fn run(exhibit: &Exhibit, output: Output, report: &Report) -> Outcome {
    let (breaks, case) = (exhibit.breaks(), exhibit.witness()?);
    let replayed = replay(exhibit, &case)?;
    let mut violations = replayed.violations.iter();
    let broken = breaks.and_then(|breaks| violations.find(|it| it.property == breaks));
    // The page is told as it should be; a witness that has none is a fault of the kit.
    let verdict = match (breaks, broken, replayed.violations.is_empty()) {
        (Some(_), Some(_), _) | (None, _, true) => Verdict::Holds,
        (Some(_), None, _) | (None, _, false) => Verdict::Violated,
    };
    let suites = vec![TestSuite {
        name: "redeliver gallery".to_owned(),
        cases: vec![TestCase {
            name: exhibit.name.to_owned(),
            verdict,
            detail: match broken {
                Some(violation) => format!("breaks {violation}"),
                None => exhibit.summary.to_owned(),
            },
        }],
    }];
    let told = match output.format {
        Format::Json => format!("{:#}\n", data(exhibit, breaks, &case, &replayed)),
        Format::Junit => junit(&suites),
        Format::Text => text(exhibit, breaks, &case, &replayed),
    };
    let runs = report.runs(|| {
        let facts = facts(exhibit, breaks);
        report::run(exhibit.name, &case, &replayed.history, broken, facts)
    })?;
    let page = || Page {
        command: "redeliver gallery".to_owned(),
        title: match broken {
            Some(violation) => format!("{} breaks {}", exhibit.name, violation.property.id()),
            None => exhibit.name.to_owned(),
        },
        verdict: match replayed.violations.is_empty() {
            true => Verdict::Holds,
            false => Verdict::Violated,
        },
        summary: vec![sentence(exhibit.summary)],
        runs,
        ..Page::default()
    };
    Ok(report.ended(verdict, told, suites, output, page))
}

/// What is to be known of a handler of the gallery.
fn facts(exhibit: &Exhibit, breaks: Option<Property>) -> Vec<Fact> {
    let mut facts = Vec::new();
    facts.extend(breaks.map(Fact::property));
    facts.push(Fact::text("Handler", exhibit.name));
    if let Kind::Wrong {
        remedy,
        smallest,
        caught_by,
        ..
    } = exhibit.verdict
    {
        let engines: Vec<_> = caught_by.iter().map(|it| it.name()).collect();
        facts.push(Fact::text("Caught by", engines.join(", ")));
        facts.push(Fact::text("How to write it right", remedy));
        let size = report::size(smallest);
        facts.push(Fact::text("Smallest counterexample", size));
    }
    facts.push(Fact::text("Where it was seen", exhibit.source));
    let again = format!("redeliver gallery {}", exhibit.name);
    facts.push(Fact::command("Play it again", again));
    facts
}

/// A summary, which has no beginning and no end, as a sentence.
fn sentence(summary: &str) -> String {
    format!("It {summary}.")
}

fn text(exhibit: &Exhibit, breaks: Option<Property>, case: &Case, replayed: &Replayed) -> String {
    let heading = format!("{}: {}.", exhibit.name, exhibit.summary);
    let mut told = wrapped(&heading, 80).join("\n") + "\n\n";
    let mut violations = replayed.violations.iter();
    let violation = violations.find(|it| Some(it.property) == breaks);
    told.push_str(&story(&case.scene, &replayed.history, violation));
    told.push('\n');
    let mut paragraph = |label: &str, text: &str| {
        for line in wrapped(&format!("{label}: {text}"), 80) {
            told.push_str(&format!("{line}\n"));
        }
    };
    match exhibit.verdict {
        Kind::Right => paragraph("It is right", "it must never be caught."),
        Kind::Wrong { breaks, remedy, .. } => {
            let statement = format!("{} {}. {}", breaks.id(), breaks.name(), breaks.statement());
            paragraph("Why it is wrong", &statement);
            paragraph("How to write it right", remedy);
        }
    }
    paragraph("Where it was seen", exhibit.source);
    told
}

fn data(
    exhibit: &Exhibit,
    breaks: Option<Property>,
    case: &Case,
    replayed: &Replayed,
) -> serde_json::Value {
    let remedy = match exhibit.verdict {
        Kind::Right => None,
        Kind::Wrong { remedy, .. } => Some(remedy),
    };
    let violations = replayed.violations.iter().map(|it| {
        json!({
            "property": it.property.id(),
            "step": it.step + 1,
            "because": it.because,
        })
    });
    json!({
        "command": "gallery",
        "name": exhibit.name,
        "summary": exhibit.summary,
        "breaks": breaks.map(Property::id),
        "remedy": remedy,
        "source": exhibit.source,
        "scene": case.scene,
        "schedule": replayed.history.schedule(),
        "violations": violations.collect::<Vec<_>>(),
        "history": replayed.history,
    })
}
