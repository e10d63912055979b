//! `redeliver gallery`: which handler is caught by which engine, and how one of them
//! goes wrong.

mod matrix;
mod measured;
mod page;

use clap::Args;
use redeliver::gallery::{EXHIBITS, exhibit};
use redeliver::handlers::UnknownName;

use super::{Outcome, Output, Report};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A handler of the gallery: its counterexample is told step by step. Without it,
    /// all are played to all engines
    name: Option<String>,
    /// What the random schedules follow from; without it, a seed is drawn and printed
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Measures what every engine is worth, on a hundred seeds, and prints tables in
    /// Markdown; takes minutes
    #[arg(long, conflicts_with_all = ["name", "seed", "format", "report"])]
    measure: bool,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    report: Report,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    if arguments.measure {
        return measured::run(arguments.output);
    }
    arguments.report.check()?;
    let Some(name) = &arguments.name else {
        if arguments.report.is_wanted() {
            return Err("--report shows one handler of the gallery; give its name".into());
        }
        return matrix::run(arguments.seed, arguments.output);
    };
    match exhibit(name) {
        Some(exhibit) => page::run(exhibit, arguments.output, &arguments.report),
        None => {
            let known: Vec<_> = EXHIBITS.iter().map(|it| it.name.to_owned()).collect();
            Err(UnknownName::new(name, "handler in the gallery", &known).into())
        }
    }
}
