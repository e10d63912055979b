//! The commands: each takes its arguments, and says what to print and how to end.

pub(crate) mod backend;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod gallery;
pub(crate) mod man;
pub(crate) mod replay;
mod report;
pub(crate) mod verify;
pub(crate) mod walkthrough;

use std::borrow::Cow;
use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::io::{IsTerminal, Write};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use redeliver::check::environment::kill_all_processes;
use redeliver::monitor::Monitor;
use redeliver::report::{Style, TestSuite, Verdict, annotations, without_commands};
use report::Report;
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};

/// How a command ended.
pub(crate) struct Ended {
    /// What goes to standard output.
    pub(crate) told: String,
    /// The exit status.
    pub(crate) status: u8,
    /// What was tested, and what came of it.
    pub(crate) suites: Vec<TestSuite>,
}

/// What a command comes to, or why it cannot run.
pub(crate) type Outcome = Result<Ended, Box<dyn Error>>;

impl Ended {
    fn with(verdict: Verdict, told: String, suites: Vec<TestSuite>) -> Self {
        let status = verdict.exit_status();
        Self {
            told,
            status,
            suites,
        }
    }

    /// Nothing was tested.
    fn saying(told: String) -> Self {
        Self::with(Verdict::Holds, told, Vec::new())
    }

    /// Prints what is told; for GitHub, when it runs in a job there, with annotations.
    pub(crate) fn tell(&self) {
        let mut told = Cow::Borrowed(self.told.as_str());
        if std::env::var_os("GITHUB_ACTIONS").is_some_and(|it| it == "true") {
            // The runner reads both streams; a report for a program may go to a file.
            eprint!("{}", annotations(&self.suites));
            let for_a_program = told.starts_with(['{', '<']);
            if !for_a_program {
                told = without_commands(&told).into();
            }
        }
        // Nobody to tell it to, as behind `| head`, changes nothing of the verdict.
        let _ = std::io::stdout().write_all(told.as_bytes());
    }
}

/// How a command tells what it found.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Output {
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Says no more than the verdict and what is amiss
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person
    Text,
    /// For a program
    Json,
    /// For a build server
    Junit,
}

impl Output {
    /// Colour only for a person at a terminal who has not declined it
    /// (<https://no-color.org>).
    fn style(self) -> Style {
        let set = |name| std::env::var_os(name).is_some_and(|it| !it.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|it| it == "dumb");
        let terminal = std::io::stdout().is_terminal();
        Style {
            coloured: terminal && !dumb && !set("NO_COLOR"),
        }
    }

    /// Shows how far a run is, and ends it when it is asked to, so that what was covered
    /// until then is reported. When it is asked again, the command ends at once.
    fn monitor(self) -> Arc<Monitor> {
        let monitor = Arc::new(match self.quiet {
            true => Monitor::default(),
            false => Monitor::on_terminal(),
        });
        let watched = Arc::clone(&monitor);
        tokio::spawn(async move {
            if asked_to_end().await.is_ok() {
                watched.interrupt();
                eprintln!("\nInterrupted: what was covered follows. Ctrl-C again ends at once.");
                if asked_to_end().await.is_ok() {
                    kill_all_processes();
                    // By convention, 128 and the number of the signal.
                    std::process::exit(130);
                }
            }
        });
        monitor
    }
}

/// Ctrl-C; or SIGTERM, as timeout(1) and build servers send it.
async fn asked_to_end() -> std::io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

/// A seed, where none was given. Short enough to be typed.
fn fresh_seed() -> u64 {
    RandomState::new().hash_one("redeliver") >> 32
}

/// A text as one word of a shell's.
fn quoted(word: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_./:".contains(it);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
