//! Why a check cannot go on.

use std::fmt;

use super::environment::NotStarted;
use super::events::EventsError;
use crate::report::printable;

/// Why a check cannot go on. None of these is a violation.
#[derive(Debug)]
#[non_exhaustive]
pub enum Trouble {
    /// The DynamoDB API behind the gate does not do what it is asked.
    Backend(String),
    /// Processes cannot be told the time.
    Clock(String),
    /// An environment ended, or failed, before it asked for an invocation.
    DidNotStart {
        /// How, in words.
        how: String,
        /// What it wrote.
        output: Vec<String>,
    },
    /// It makes one table call after another.
    CallsForEver,
    /// It fails on its very first clean delivery.
    FailsAtOnce {
        /// How, in words.
        error: String,
        /// What it wrote.
        output: Vec<String>,
    },
    /// No gate could be opened.
    Gate(String),
    /// A part of the check itself ended before its time.
    Lost(String),
    /// It made no table call that the kit could see.
    NoCalls {
        /// What it wrote.
        output: Vec<String>,
    },
    /// There is no event.
    NoEvents,
    /// A table is there that has another key.
    OtherKey {
        /// The table's name.
        table: String,
    },
    /// Events cannot be delivered as they are to be.
    Undeliverable(EventsError),
    /// A table whose key cannot be told.
    UnknownTable {
        /// Its name.
        table: String,
    },
    /// The command could not be started.
    NotStarted(NotStarted),
}

impl Trouble {
    /// The exit status of a command that ends with it: nothing was proved, or the check
    /// cannot run.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::NoCalls { .. } => 3,
            _ => 2,
        }
    }

    pub(super) fn backend(error: impl fmt::Display) -> Self {
        Self::Backend(error.to_string())
    }

    pub(super) fn clock(error: impl fmt::Display) -> Self {
        Self::Clock(error.to_string())
    }

    pub(super) fn gate(error: impl fmt::Display) -> Self {
        Self::Gate(error.to_string())
    }
}

/// The most lines of a handler's output that are shown.
const MOST_LINES: usize = 30;

/// The last lines of what a handler wrote, ready to be shown.
pub(super) fn quoted(output: &[String]) -> String {
    if output.is_empty() {
        return "It wrote nothing.".to_owned();
    }
    let from = output.len().saturating_sub(MOST_LINES);
    let mut told = match from {
        0 => "It wrote:".to_owned(),
        _ => format!("The last {MOST_LINES} lines that it wrote:"),
    };
    for line in &output[from..] {
        told.push_str(&format!("\n  | {}", printable(line)));
    }
    told
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backend(what) => write!(f, "the DynamoDB API behind the gate: {what}"),
            Self::CallsForEver => f.write_str(
                "the handler makes one table call after another, and no end is in sight",
            ),
            Self::Clock(what) => write!(
                f,
                "the handler's processes cannot be told the time: {what}; is the directory for \
                 temporary files full?"
            ),
            Self::DidNotStart { how, output } => write!(
                f,
                "the handler did not start: {}. Try the command by itself, as Lambda would run it. {}",
                printable(how),
                quoted(output)
            ),
            Self::FailsAtOnce { error, output } => write!(
                f,
                "the handler fails on its very first delivery, to which nothing happens: {}. That \
                 is no violation; does it know its tables (--table), its variables (--env), and \
                 events of this form (--events)? {}",
                printable(error),
                quoted(output)
            ),
            Self::Gate(what) => write!(
                f,
                "no gate could be opened on the loopback interface: {what}"
            ),
            Self::Lost(what) => write!(f, "a part of the check was lost: {}", printable(what)),
            Self::NoCalls { output } => write!(
                f,
                "the handler made no table call that could be seen. It may have an SDK that knows \
                 no AWS_ENDPOINT_URL (boto3 before 1.28, SDKs for Rust, Go, Java and JavaScript of \
                 before 2023 or 2024), an endpoint set in its code, or nothing to write for such \
                 events. {}",
                quoted(output)
            ),
            Self::NoEvents => f.write_str(
                "there is no event to deliver; give some with --events, or have them made with \
                 --generate",
            ),
            Self::NotStarted(error) => error.fmt(f),
            Self::OtherKey { table } => write!(
                f,
                "table {} is there with another key than was said; correct --table, or delete it",
                printable(table)
            ),
            Self::Undeliverable(error) => error.fmt(f),
            Self::UnknownTable { table } => {
                let table = printable(table);
                write!(
                    f,
                    "the handler uses table {table}, whose key cannot be told from the call; name \
                     it with --table {table}:PARTITION_KEY or --table \
                     {table}:PARTITION_KEY:SORT_KEY"
                )
            }
        }
    }
}

impl std::error::Error for Trouble {}
