//! The `redeliver` command.

mod command;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use command::{backend, check, completions, explain, gallery, man, replay, verify, walkthrough};
use redeliver::report::printable;
use redeliver::simulation::leave_out_panics_of_handlers;

/// Finds out in a test what people find out in production: whether a handler
/// survives at-least-once delivery.
///
/// Exit status: 0 holds, 1 violated, 2 wrong usage or cannot run, 3 inconclusive.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 80)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Verifies the reference handler, or one of the gallery's
    Verify(verify::Arguments),
    /// Shows which wrong handlers are caught by which engine, or how one goes wrong
    Gallery(gallery::Arguments),
    /// Checks any Lambda handler, in any language, as real processes
    Check(Box<check::Arguments>),
    /// Plays a saved counterexample again, step by step
    Replay(replay::Arguments),
    /// Tests a DynamoDB API: is it fit to judge handlers by?
    Backend(backend::Arguments),
    /// Explains a property or a handler of the gallery, or lists all
    Explain(explain::Arguments),
    /// Shows the problem and its solution in six steps, on the embedded DynamoDB
    Walkthrough,
    /// Prints what completes the command's arguments in a shell
    Completions(completions::Arguments),
    /// Prints the manual page, of the command or of a subcommand
    Man(man::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    leave_out_panics_of_handlers();
    let outcome = match Arguments::parse().command {
        Command::Backend(arguments) => backend::run(arguments).await,
        Command::Check(arguments) => check::run(*arguments).await,
        Command::Completions(arguments) => Ok(completions::run(&arguments, Arguments::command())),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Gallery(arguments) => gallery::run(&arguments),
        Command::Man(arguments) => man::run(&arguments, Arguments::command()),
        Command::Replay(arguments) => replay::run(&arguments).await,
        Command::Verify(arguments) => verify::run(&arguments).await,
        Command::Walkthrough => walkthrough::run().await,
    };
    match outcome {
        Ok(ended) => {
            ended.tell();
            ExitCode::from(ended.status)
        }
        Err(error) => {
            eprintln!("redeliver: {}", printable(&error.to_string()));
            ExitCode::from(2)
        }
    }
}
