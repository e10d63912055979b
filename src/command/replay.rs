//! `redeliver replay`: a saved counterexample, played again and told step by step.

use std::path::PathBuf;

use clap::Args;
use redeliver::handlers::subject;
use redeliver::report::page::{Fact, Judgement, Page};
use redeliver::report::{TestCase, TestSuite, Verdict, junit, printable, story};
use redeliver::saved::{Saved, is_of_check};
use redeliver::simulation::{Subject, judge, play};
use redeliver_model::history::History;
use redeliver_model::property::Violation;
use redeliver_model::schedule::{Choice, Chooser, Size};
use serde_json::json;

use super::report::{self, Report};
use super::{Format, Outcome, Output, check, quoted};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A file that `redeliver verify` or `redeliver check` has saved
    file: PathBuf,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    report: Report,
}

pub(crate) async fn run(arguments: &Arguments) -> Outcome {
    arguments.report.check()?;
    if let Ok(text) = std::fs::read_to_string(&arguments.file)
        && is_of_check(&text)
    {
        let Arguments { output, report, .. } = arguments;
        return check::replay(&arguments.file, &text, *output, report).await;
    }
    let saved = Saved::read(&arguments.file)?;
    let file = arguments.file.to_string_lossy();
    let at = |error: &dyn std::fmt::Display| format!("{file}: {error}");
    let subject = subject(&saved.handler).map_err(|error| at(&error))?;
    let (history, violations) = replay(&*subject, &saved).map_err(|error| at(&error))?;
    // The one that was saved, or else the first.
    let mut wanted = violations.iter();
    let violation = wanted.find(|it| it.property == saved.property);
    let violation = violation.or(violations.first());
    let verdict = match violation {
        Some(_) => Verdict::Violated,
        None => Verdict::Holds,
    };
    let suites = vec![TestSuite {
        name: "redeliver replay".to_owned(),
        cases: vec![TestCase {
            name: format!("{file}: {}", saved.property.id()),
            verdict,
            detail: violation.map_or("1 schedule".to_owned(), ToString::to_string),
        }],
    }];
    let told = match arguments.output.format {
        Format::Json => {
            let data = json!({
                "command": "replay",
                "file": file,
                "handler": saved.handler,
                "saved": saved.property.id(),
                "verdict": verdict.name().to_lowercase(),
                "violations": violations.iter().map(|it| json!({
                    "property": it.property.id(),
                    "step": it.step + 1,
                    "because": it.because,
                })).collect::<Vec<_>>(),
                "history": history,
            });
            format!("{data:#}\n")
        }
        Format::Junit => junit(&suites),
        Format::Text => {
            let mut told = String::new();
            if !arguments.output.quiet {
                let handler = printable(&saved.handler);
                told.push_str(&format!("{handler}, from {}\n\n", printable(&file)));
                told.push_str(&story(&saved.case.scene, &history, violation));
                told.push('\n');
            }
            let id = saved.property.id();
            told.push_str(&format!(
                "{id}: {}, in 1 schedule.\n",
                arguments.output.style().verdict(verdict, 0)
            ));
            told
        }
    };
    let runs = arguments.report.runs(|| {
        let facts = facts(&saved, &file, &history);
        report::run(&saved.handler, &saved.case, &history, violation, facts)
    });
    let runs = runs.map_err(|error| at(&error))?;
    let page = || Page {
        command: "redeliver replay".to_owned(),
        title: match violation {
            Some(violation) => {
                let id = violation.property.id();
                format!("{} breaks {id}, once more", saved.handler)
            }
            None => format!("{} does not break {}", saved.handler, saved.property.id()),
        },
        verdict,
        runs,
        properties: vec![Judgement {
            property: saved.property,
            verdict: Some(verdict),
            detail: "in 1 schedule".to_owned(),
        }],
        ..Page::default()
    };
    let report = &arguments.report;
    Ok(report.ended(verdict, told, suites, arguments.output, page))
}

fn facts(saved: &Saved, file: &str, history: &History) -> Vec<Fact> {
    vec![
        Fact::property(saved.property),
        Fact::text("Handler", saved.handler.clone()),
        Fact::text("Engine", "replay of a saved counterexample"),
        Fact::text("Size", report::size(Size::of(history))),
        Fact::command(
            "Play it again",
            format!("redeliver replay {}", quoted(file)),
        ),
    ]
}

/// Plays the case to the letter.
fn replay(subject: &dyn Subject, saved: &Saved) -> Result<(History, Vec<Violation>), String> {
    if !saved.property.judges(subject.keeps()) {
        let id = saved.property.id();
        return Err(format!(
            "{id} does not judge what {} keeps; `redeliver explain {id}` says what it judges",
            subject.name()
        ));
    }
    let scene = &saved.case.scene;
    let staged = subject.stage(scene);
    let judge = judge(subject, &*staged, scene).map_err(|hang| hang.to_string())?;
    let mut chooser = ToTheLetter {
        rest: &saved.case.schedule,
        options: Vec::new(),
    };
    let history = play(&*staged, scene, &mut chooser, None).map_err(|hang| hang.to_string())?;
    let number = saved.case.schedule.len() - chooser.rest.len() + 1;
    if let Some(refused) = chooser.rest.first() {
        let options: Vec<_> = chooser.options.iter().map(|it| format!("`{it}`")).collect();
        let instead = match options.is_empty() {
            true => "the run is over by then".to_owned(),
            false => format!("then, one of these may happen: {}", options.join(", ")),
        };
        return Err(format!(
            "choice {number} of the schedule, `{refused}`, does not apply to {}: {instead}. The \
             handler is another than when this was saved, or the file was changed; delete it, or \
             correct the schedule",
            subject.name()
        ));
    }
    let history = history.unwrap_or_default();
    let violations = judge.violations(&history);
    Ok((history, violations))
}

/// Takes the choices one by one, and breaks off at the first that cannot be taken.
/// After the last, whatever remains runs to its end without faults.
struct ToTheLetter<'a> {
    rest: &'a [Choice],
    /// What might have been chosen instead of the one that could not.
    options: Vec<Choice>,
}

impl Chooser for ToTheLetter<'_> {
    fn choose(&mut self, options: &[Choice]) -> Option<usize> {
        let Some((next, rest)) = self.rest.split_first() else {
            return Some(0);
        };
        let position = options.iter().position(|option| option == next);
        match position {
            Some(_) => self.rest = rest,
            None => self.options = options.to_vec(),
        }
        position
    }
}
