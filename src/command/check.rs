//! `redeliver check`: any Lambda handler, as real processes.

mod data;
mod page;
mod request;
mod text;

use std::path::{Path, PathBuf};

use clap::{Args, Parser};
use redeliver::check::conduct::{Outcome as Checked, check};
use redeliver::check::options::Arguments as Options;
use redeliver::check::run::Patience;
use redeliver::check::saved::{Saved, all_in};
use redeliver::report::{Style, junit};

use super::{Ended, Format, Outcome, Output, Report, fresh_seed, quoted};
use request::Prepared;

/// Where counterexamples are saved by default.
const SAVED: &str = ".redeliver";

/// Checks any Lambda handler, in any language, unmodified.
///
/// The handler is started as real processes, behind a Lambda Runtime API; its table calls
/// are held by a gate in front of a DynamoDB API, and go on when the schedule says so.
/// First each event is delivered cleanly: what that leaves in the tables is what every
/// schedule must leave. Then whatever was violated before is played again, then every
/// schedule of small plans, then random schedules. What is violated is made small, told
/// step by step, and saved. The handler has made-up credentials of AWS only.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    report: Report,
}

/// A check, with all that is to be told of it.
struct Told<'a> {
    outcome: &'a Checked,
    command: &'a [String],
    seed: u64,
    quiet: bool,
    style: Style,
    /// Where each counterexample was saved.
    paths: &'a [PathBuf],
    /// What was called.
    called: &'static str,
    /// The command that does it again.
    again: String,
}

pub(crate) async fn run(arguments: Arguments) -> Outcome {
    arguments.report.check()?;
    let folder = std::env::current_dir()?;
    let options = arguments.options.completed(&folder)?;
    let seed = options.seed.unwrap_or_else(fresh_seed);
    let saved_in = options.saved.clone().unwrap_or_else(|| SAVED.into());
    let subject = subject(&options);
    let saved = all_in(&saved_in)?.into_iter();
    let saved = saved.filter(|it| of_same_subject(it, &folder, &subject));
    let mut prepared = Prepared::new(&options, &folder, seed)?;
    prepared.request.saved = saved.collect();
    if !arguments.output.quiet && arguments.output.format == Format::Text {
        for line in &prepared.explained {
            eprintln!("{line}");
        }
    }
    let outcome = match carried_out(prepared, arguments.output).await {
        Ok(outcome) => outcome,
        Err(ended) => return Ok(ended),
    };
    let called = with_seed(without_report(std::env::args().skip(2).collect()), seed);
    let paths = outcome.violations.iter().map(|shown| {
        let saved = Saved {
            arguments: called.clone(),
            property: shown.found.violation.property,
            plan: shown.found.plan.clone(),
            schedule: shown.found.schedule(),
            patient: shown.found.patience == Patience::Deadlines,
        };
        saved.save(&saved_in)
    });
    let told = Told {
        outcome: &outcome,
        command: &options.command,
        seed,
        quiet: arguments.output.quiet,
        style: arguments.output.style(),
        paths: &paths.collect::<Result<Vec<_>, _>>()?,
        called: "redeliver check",
        again: called
            .iter()
            .fold("redeliver check".to_owned(), |command, it| {
                format!("{command} {}", quoted(it))
            }),
    };
    Ok(told.ended(arguments.output, &arguments.report))
}

/// Checks a handler, or says why that cannot be.
async fn carried_out(prepared: Prepared, output: Output) -> Result<Checked, Ended> {
    let monitor = output.monitor();
    let checked = check(prepared.request, monitor.clone()).await;
    monitor.clear();
    checked.map_err(|trouble| {
        // The handler's own words, line by line.
        eprintln!("redeliver: {trouble}");
        Ended {
            told: String::new(),
            status: trouble.exit_status(),
            suites: Vec::new(),
        }
    })
}

impl Told<'_> {
    fn ended(&self, output: Output, report: &Report) -> Ended {
        let suites = self.suites();
        let text = match output.format {
            Format::Json => format!("{:#}\n", self.json()),
            Format::Junit => junit(&suites),
            Format::Text => self.text(),
        };
        report.ended(self.outcome.verdict(), text, suites, output, || self.page())
    }
}

/// Plays a saved counterexample of a check again.
pub(crate) async fn replay(file: &Path, text: &str, output: Output, report: &Report) -> Outcome {
    let saved = Saved::parse(text).map_err(|problem| format!("{}: {problem}", file.display()))?;
    let called = Called::try_parse_from(
        std::iter::once("check".to_owned()).chain(saved.arguments.iter().cloned()),
    )
    .map_err(|error| format!("{}: the arguments in it: {error}", file.display()))?;
    let folder = std::env::current_dir()?;
    let options = called.arguments.options.completed(&folder)?;
    let seed = options.seed.unwrap_or_default();
    let mut prepared = Prepared::new(&options, &folder, seed)?;
    prepared.request.exhaustive = false;
    prepared.request.schedules = 0;
    prepared.request.saved = vec![saved];
    prepared.request.only_saved = true;
    let outcome = match carried_out(prepared, output).await {
        Ok(outcome) => outcome,
        Err(ended) => return Ok(ended),
    };
    let told = Told {
        outcome: &outcome,
        command: &options.command,
        seed,
        quiet: output.quiet,
        style: output.style(),
        paths: &vec![file.to_owned(); outcome.violations.len()],
        called: "redeliver replay",
        again: format!("redeliver replay {}", quoted(&file.to_string_lossy())),
    };
    Ok(told.ended(output, report))
}

/// The arguments of a check, as they are saved.
#[derive(Debug, Parser)]
struct Called {
    #[command(flatten)]
    arguments: Arguments,
}

/// What of the options says what is checked, rather than how much.
fn subject(options: &Options) -> Options {
    Options {
        accept: Vec::new(),
        config: None,
        deliveries: None,
        faults: None,
        lanes: None,
        max_time: None,
        saved: None,
        schedules: None,
        seed: None,
        shard: None,
        ..options.clone()
    }
}

fn of_same_subject(saved: &Saved, folder: &Path, this: &Options) -> bool {
    let arguments = std::iter::once("check".to_owned()).chain(saved.arguments.iter().cloned());
    let called = Called::try_parse_from(arguments).ok();
    let completed = called.and_then(|it| it.arguments.options.completed(folder).ok());
    completed.is_some_and(|it| subject(&it) == *this)
}

/// The arguments, without the place of the report: a counterexample is the same wherever
/// that was written to.
fn without_report(arguments: Vec<String>) -> Vec<String> {
    let mut kept = Vec::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--" => {
                kept.push(argument);
                kept.extend(arguments.by_ref());
            }
            "--report" => drop(arguments.next()),
            _ if argument.starts_with("--report=") => {}
            _ => kept.push(argument),
        }
    }
    kept
}

/// The arguments, with the seed if they do not have it, so that the same events are
/// generated again.
fn with_seed(mut arguments: Vec<String>, seed: u64) -> Vec<String> {
    let end = arguments.iter().position(|it| it == "--");
    let end = end.unwrap_or(arguments.len());
    let says_seed = |it: &String| it == "--seed" || it.starts_with("--seed=");
    if !arguments[..end].iter().any(says_seed) {
        arguments.splice(end..end, ["--seed".to_owned(), seed.to_string()]);
    }
    arguments
}
