//! `--report`: what a command has found, as a page.

use std::path::PathBuf;

use clap::Args;
use redeliver::engine::{Replayed, replay};
use redeliver::handlers::{REFERENCE, counterpart};
use redeliver::report::page::{Beside, Compared, Fact, NotWritten, Page, Run, place};
use redeliver::report::{TestSuite, Verdict, counted, diagram, printable};
use redeliver::simulation::Hang;
use redeliver_model::history::History;
use redeliver_model::property::Violation;
use redeliver_model::schedule::{Case, Size};

use super::{Ended, Format, Output};

/// Where a report goes, if one is wanted.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Report {
    /// Writes a page as well: the verdict, each counterexample as a diagram, and what was
    /// covered. It is one HTML file that needs neither a network nor scripts
    #[arg(id = "report", long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Report {
    /// Whether a report could be written, as far as that can be told beforehand: it is a
    /// pity to find out after minutes of work.
    pub(super) fn check(&self) -> Result<(), NotWritten> {
        self.file.as_deref().map_or(Ok(()), place)
    }

    /// What is shown in it, if there is to be one.
    pub(super) fn runs(&self, run: impl FnOnce() -> Result<Run, Hang>) -> Result<Vec<Run>, Hang> {
        match self.is_wanted() {
            true => Ok(vec![run()?]),
            false => Ok(Vec::new()),
        }
    }

    /// Whether there is to be one.
    pub(super) fn is_wanted(&self) -> bool {
        self.file.is_some()
    }

    /// How a command ends that has told this: with a report, if one is wanted.
    pub(super) fn ended(
        &self,
        verdict: Verdict,
        mut told: String,
        suites: Vec<TestSuite>,
        output: Output,
        page: impl FnOnce() -> Page,
    ) -> Ended {
        let Some(file) = &self.file else {
            return Ended::with(verdict, told, suites);
        };
        match page().write(file) {
            Ok(()) => {
                if output.format == Format::Text {
                    let file = printable(&file.to_string_lossy());
                    told.push_str(&format!("Report: {file}\n"));
                }
                Ended::with(verdict, told, suites)
            }
            // What was found is told all the same.
            Err(error) => {
                eprintln!("redeliver: {error}");
                Ended {
                    told,
                    status: 2,
                    suites,
                }
            }
        }
    }
}

/// A run of the simulation on a page, with the right handler beside a rogue.
pub(super) fn run(
    handler: &str,
    case: &Case,
    history: &History,
    violation: Option<&Violation>,
    facts: Vec<Fact>,
) -> Result<Run, Hang> {
    let title = match violation {
        Some(violation) => {
            let property = violation.property;
            format!(
                "{} {}, violated by {handler}",
                property.id(),
                property.name()
            )
        }
        None => format!("What {handler} does"),
    };
    let beside = match violation {
        Some(_) => beside(handler, case, history)?,
        None => None,
    };
    Ok(Run {
        title,
        facts,
        diagram: diagram(&case.scene, history, violation),
        beside,
    })
}

/// The same schedule on the right handler.
fn beside(handler: &str, case: &Case, history: &History) -> Result<Option<Beside>, Hang> {
    let Some(right) = counterpart(handler) else {
        return Ok(None);
    };
    let case = Case {
        scene: case.scene.clone(),
        schedule: history.schedule(),
    };
    let Replayed {
        history,
        violations,
        skipped,
    } = replay(&*right, &case)?;
    let name = match right.name() {
        REFERENCE => "the reference handler",
        name => name,
    };
    let choices = case.schedule.len();
    let how = match skipped {
        0 => format!("All {choices} choices of the schedule apply to it"),
        _ => format!(
            "Of the {choices} choices of the schedule {} apply to it",
            choices - skipped
        ),
    };
    let violation = violations.first();
    let verdict = match violation {
        None => "nothing is violated".to_owned(),
        Some(it) => format!("{} is violated", it.property.id()),
    };
    Ok(Some(Beside {
        title: format!("The same schedule on {name}, which is right"),
        caption: format!("{how}; what remains then runs to its end without faults: {verdict}."),
        shown: Compared::Run(Box::new(diagram(&case.scene, &history, violation))),
    }))
}

/// How large a counterexample is, in words.
pub(super) fn size(size: Size) -> String {
    let (steps, faults) = (size.steps as u64, size.faults as u64);
    format!(
        "{} with {}",
        counted(steps, "step"),
        counted(faults, "fault")
    )
}
