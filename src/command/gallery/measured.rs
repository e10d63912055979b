//! `redeliver gallery --measure`: what every engine is worth.

use redeliver::gallery::EXHIBITS;
use redeliver::gallery::measure::{goals_of, markdown, measure};
use redeliver::monitor::in_order;
use redeliver::simulation::Reference;

use crate::command::{Ended, Outcome, Output};

/// On how many seeds the random engine is measured.
const SEEDS: u64 = 100;

pub(super) fn run(output: Output) -> Outcome {
    let monitor = output.monitor();
    let measured = in_order(
        EXHIBITS.len(),
        &monitor,
        |number, _| {
            let measured = measure(&EXHIBITS[number], 0..SEEDS);
            eprintln!("measured: {}", EXHIBITS[number].name);
            measured
        },
        Result::is_err,
    );
    if monitor.is_interrupted() {
        return Err("interrupted, so that there is nothing to write down".into());
    }
    let measured = measured.into_iter().collect::<Result<Vec<_>, _>>()?;
    let reached = goals_of(Reference::default(), 0..SEEDS)?;
    let told = markdown(&measured, &reached, SEEDS as usize);
    Ok(Ended::saying(told))
}
