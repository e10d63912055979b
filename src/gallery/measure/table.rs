//! What was measured, as tables in Markdown. What the seeds determine stands apart from
//! what depends on the machine.

use std::collections::BTreeMap;
use std::time::Duration;

use redeliver_model::goal::Goal;
use redeliver_model::property::Property;
use redeliver_model::schedule::Size;

use super::{Measured, Reach, breaks, quantiles};
use crate::gallery::{Engine, Verdict};
use crate::report::grouped;

/// Everything that was measured on so many seeds.
pub fn markdown(measured: &[Measured], reached: &BTreeMap<Goal, Vec<u64>>, seeds: usize) -> String {
    format!(
        "<!-- Written by: cargo run --release -- gallery --measure >src/gallery/measured.md -->\n\n\
         # Schedules until each handler was caught\n\n\
         The same seeds give the same figures, on every machine. The engines sequence,\n\
         interleaving and fault draw nothing, and have one figure each: the schedules until\n\
         the handler was caught; `-` if it was not caught in all there are, `(-)` if it was not\n\
         caught and there are more. The random engine was run from {seeds} seeds, with 1,000\n\
         schedules each: on how many of them it caught the handler, and after how many\n\
         schedules, as median, 95th percentile and maximum. Last, the steps of the smallest\n\
         counterexample that is known, with its faults (`5+1f`: five steps and a fault), and\n\
         to what those of the random engine were reduced.\n\n{}\n\
         # Situations reached\n\n\
         How many random schedules of the reference handler it takes to reach each situation\n\
         that must have been reached, from {seeds} seeds.\n\n{}\n\
         # Time until each handler was caught\n\n\
         On one machine, with two cores and other work beside this, in milliseconds: compare\n\
         them with one another only.\n\n{}",
        cases(measured),
        goals(reached, seeds),
        times(measured),
    )
}

/// How much was played, and how small counterexamples became.
pub fn cases(measured: &[Measured]) -> String {
    let mut told = String::from(
        "| breaks | handler | sequence | interleaving | fault | random, seeds | median | p95 | max \
         | known | reduced to |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for it in measured {
        let id = breaks(it.exhibit).map_or("right", Property::id);
        told.push_str(&format!("| {id} | {}", it.exhibit.name));
        for (_, reach) in modest(it) {
            let caught = reach.schedules.first().map(|it| grouped(*it));
            let missed = if reach.complete { "-" } else { "(-)" };
            told.push_str(&format!(" | {}", caught.as_deref().unwrap_or(missed)));
        }
        let random = it.random();
        let caught = random.schedules.len();
        told.push_str(&format!(" | {caught} of {}", caught + random.missed));
        told.push_str(&cells(&random.schedules, grouped));
        let known = match it.exhibit.verdict {
            Verdict::Right => "-".to_owned(),
            Verdict::Wrong { smallest, .. } => size(smallest),
        };
        let reduced = it.sizes.iter();
        let reduced = reduced.map(|(it, times)| format!("{} ×{times}", size(*it)));
        let reduced: Vec<_> = reduced.collect();
        told.push_str(&format!(" | {known} | {} |\n", reduced.join(", ")));
    }
    told
}

/// How soon each situation was reached.
pub fn goals(reached: &BTreeMap<Goal, Vec<u64>>, seeds: usize) -> String {
    let mut told =
        String::from("| situation | seeds | median | p95 | max |\n|---|--:|--:|--:|--:|\n");
    for goal in Goal::ALL {
        let schedules = reached.get(&goal).map_or(&[][..], Vec::as_slice);
        told.push_str(&format!(
            "| {} | {} of {seeds}{} |\n",
            goal.name(),
            schedules.len(),
            cells(schedules, grouped)
        ));
    }
    told
}

/// How long it took.
pub fn times(measured: &[Measured]) -> String {
    let mut told = String::from(
        "| handler | sequence | interleaving | fault | random, median | p95 | max |\n\
         |---|--:|--:|--:|--:|--:|--:|\n",
    );
    for it in measured.iter().filter(|it| breaks(it.exhibit).is_some()) {
        told.push_str(&format!("| {}", it.exhibit.name));
        for (_, reach) in modest(it) {
            let took = reach.times.first().map(|it| milliseconds(*it));
            told.push_str(&format!(" | {}", took.as_deref().unwrap_or("-")));
        }
        told.push_str(&cells(&it.random().times, milliseconds));
        told.push_str(" |\n");
    }
    told
}

/// The engines that draw nothing.
fn modest(measured: &Measured) -> impl Iterator<Item = (Engine, &Reach)> {
    let engines = Engine::ALL.into_iter().zip(&measured.engines);
    engines.filter(|(engine, _)| *engine != Engine::Random)
}

fn cells<T: Copy>(ascending: &[T], cell: impl Fn(T) -> String) -> String {
    let cells = match quantiles(ascending) {
        None => ["-", "-", "-"].map(str::to_owned),
        Some(quantiles) => quantiles.map(cell),
    };
    format!(" | {}", cells.join(" | "))
}

fn size(size: Size) -> String {
    match size.faults {
        0 => size.steps.to_string(),
        faults => format!("{}+{faults}f", size.steps - faults),
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1_000.0)
}
