//! How fast loom, shuttle and Redeliver play the same handler, how the cost of
//! Redeliver's exploration grows with the scope, and how fast documents are parsed.
//!
//! ```console
//! cargo run --release --manifest-path ci/benchmark/Cargo.toml            # all of them
//! cargo run --release --manifest-path ci/benchmark/Cargo.toml parsing    # or engines, or scopes
//! ```
//!
//! In each race of the engines the same invocations of the reference handler meet: by the kit's own
//! port, on the model's table, with the same documents. In loom and in shuttle the
//! table is behind a lock of theirs, and the check is only that one invocation inserts
//! the row; Redeliver keeps a history of each run, and judges it by the whole
//! catalogue. The three take turns, so that whatever else the machine does meets all of
//! them alike: what counts is the ratio. The aim is ten times loom and twice shuttle.
//!
//! What an execution is differs. loom plays every order of lock acquisitions that it
//! tells apart, shuttle draws one, Redeliver plays every order of starts, calls and
//! returns. So the ratios compare the cost of an execution and not what is covered.

mod handling;
mod in_loom;
mod in_redeliver;
mod in_shuttle;
mod parsing;
mod race;
mod scopes;

use std::process::ExitCode;
use std::time::Duration;

use handling::Input;
use race::{Contestant, Race};
use redeliver::engine::Limits;

/// How long each contestant runs at a stretch.
const TURN: Duration = Duration::from_millis(50);

/// Whom the others are compared with.
const RIVALS: [&str; 2] = ["loom", "shuttle"];

const BENCHMARKS: [(&str, fn()); 3] = [
    ("engines", race_engines),
    ("scopes", scopes::explore_each),
    ("parsing", parsing::race_s3_event),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_known = |wanted: &String| BENCHMARKS.iter().any(|(name, _)| name == wanted);
    if let Some(unknown) = wanted.iter().find(|it| !is_known(it)) {
        eprintln!("{unknown:?} is no benchmark: name engines, scopes or parsing, or none for all");
        return ExitCode::from(2);
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{cores} cores, of which one is used");
    for (name, benchmark) in BENCHMARKS {
        if wanted.is_empty() || wanted.iter().any(|it| it == name) {
            benchmark();
        }
    }
    ExitCode::SUCCESS
}

fn race_engines() {
    for invocations in [2, 3] {
        println!("\n{invocations} invocations of one event, parsed and keyed beforehand");
        Race::run(contestants(invocations, Input::keyed), TURN).print(&RIVALS);
    }
    println!("\n2 invocations of one event, parsed and keyed within each");
    Race::run(contestants(2, Input::document), TURN).print(&RIVALS);
}

fn contestants(invocations: usize, input: fn() -> Input) -> Vec<Contestant> {
    let unreduced = Limits {
        reduced: false,
        ..Limits::default()
    };
    vec![
        // First, since loom unwinds its stacks by panics that only its own hook knows
        // how to pass over: shuttle's must be there before.
        in_shuttle::at_random(invocations, input()),
        in_shuttle::depth_first(invocations, input()),
        in_loom::contestant(invocations, input()),
        in_redeliver::exhaustive("redeliver", invocations, input(), Limits::default()),
        in_redeliver::exhaustive("redeliver, unreduced", invocations, input(), unreduced),
        in_redeliver::at_random(invocations, input()),
    ]
}
