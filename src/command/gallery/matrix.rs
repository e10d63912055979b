//! Every handler of the gallery against every engine.

use redeliver::engine::minimise;
use redeliver::gallery::{EXHIBITS, Engine, Exhibit, Trial, Verdict as Kind};
use redeliver::monitor::in_order;
use redeliver::report::{TestCase, TestSuite, Verdict, grouped, junit, wrapped};
use redeliver::simulation::Hang;
use redeliver::verify::hunt;
use redeliver_model::property::Property;
use redeliver_model::schedule::Size;
use serde_json::json;

use crate::command::{Ended, Format, Outcome, Output, fresh_seed};

/// How wide the column of names is.
const NAME: usize = 25;

/// How wide the column of an engine is.
fn width(engine: Engine) -> usize {
    engine.name().len().max(8) + 1
}

/// What came of a handler.
struct Row {
    exhibit: &'static Exhibit,
    /// By engine, in the order of [`Engine::ALL`].
    trials: Vec<Trial>,
    /// The size of the smallest counterexample that was found.
    size: Option<Size>,
}

pub(super) fn run(seed: Option<u64>, output: Output) -> Outcome {
    let seed = seed.unwrap_or_else(fresh_seed);
    let monitor = output.monitor();
    monitor.begin("the gallery", EXHIBITS.len() as u64);
    let rows = in_order(
        EXHIBITS.len(),
        &monitor,
        |number, _| row(&EXHIBITS[number], seed),
        |_| false,
    );
    monitor.clear();
    let rows = rows.into_iter().collect::<Result<Vec<_>, _>>()?;
    let unfinished = match rows.len() < EXHIBITS.len() {
        true => Verdict::Inconclusive,
        false => Verdict::Holds,
    };
    let verdicts = rows.iter().map(Row::verdict);
    let verdict = verdicts.max().unwrap_or_default().max(unfinished);
    let suites = vec![TestSuite {
        name: "redeliver gallery".to_owned(),
        cases: rows.iter().map(|row| row.case(seed)).collect(),
    }];
    let told = match output.format {
        Format::Json => {
            let rows: Vec<_> = rows.iter().map(Row::data).collect();
            let verdict = verdict.name().to_lowercase();
            let data = json!({
                "command": "gallery", "seed": seed, "verdict": verdict, "handlers": rows,
            });
            format!("{data:#}\n")
        }
        Format::Junit => junit(&suites),
        Format::Text => text(&rows, seed, verdict, output),
    };
    Ok(Ended::with(verdict, told, suites))
}

fn row(exhibit: &'static Exhibit, seed: u64) -> Result<Row, Hang> {
    let mut trials = Vec::new();
    for engine in Engine::ALL {
        trials.push(hunt(exhibit, engine, seed)?);
    }
    let caught = trials.iter().filter_map(|it| it.caught.as_ref());
    let smallest = caught.min_by_key(|it| it.size());
    // What the random engine finds is large: it shows whether it can be made small.
    let random = trials.last().and_then(|it| it.caught.as_ref());
    let size = match (random, smallest) {
        (Some(random), _) => Some(minimise(exhibit, random.clone())?.size()),
        (None, Some(smallest)) => Some(smallest.size()),
        (None, None) => None,
    };
    Ok(Row {
        exhibit,
        trials,
        size,
    })
}

fn breaks(exhibit: &Exhibit) -> Option<Property> {
    match exhibit.verdict {
        Kind::Right => None,
        Kind::Wrong { breaks, .. } => Some(breaks),
    }
}

impl Row {
    fn is_expected(&self, engine: Engine) -> bool {
        match self.exhibit.verdict {
            Kind::Right => false,
            Kind::Wrong { caught_by, .. } => caught_by.contains(&engine),
        }
    }

    fn trials(&self) -> impl Iterator<Item = (Engine, &Trial)> {
        Engine::ALL.into_iter().zip(&self.trials)
    }

    /// What is otherwise than it is said to be, in sentences.
    fn amiss(&self) -> Vec<String> {
        let name = self.exhibit.name;
        let mut amiss = Vec::new();
        for (engine, trial) in self.trials() {
            let engine_name = engine.name();
            match (self.is_expected(engine), trial.caught.is_some()) {
                (true, false) => amiss.push(format!("{engine_name} does not catch {name}.")),
                (false, true) => amiss.push(format!("{engine_name} must not catch {name}.")),
                (true, true) | (false, false) => {}
            }
        }
        if let Kind::Wrong { smallest, .. } = self.exhibit.verdict
            && let Some(size) = self.size.filter(|size| *size != smallest)
        {
            amiss.push(format!(
                "the smallest counterexample found to {name} has {} steps and {} faults, and is \
                 said to have {} and {}.",
                size.steps, size.faults, smallest.steps, smallest.faults
            ));
        }
        amiss
    }

    fn verdict(&self) -> Verdict {
        match self.amiss().is_empty() {
            true => Verdict::Holds,
            false => Verdict::Violated,
        }
    }

    fn smallest(&self) -> Option<Size> {
        match self.exhibit.verdict {
            Kind::Right => None,
            Kind::Wrong { smallest, .. } => Some(smallest),
        }
    }

    fn data(&self) -> serde_json::Value {
        let trials = self.trials().map(|(engine, trial)| {
            json!({
                "engine": engine.name(),
                "caught": trial.caught.is_some(),
                "expected": self.is_expected(engine),
                "schedules": trial.schedules,
                "complete": trial.complete,
            })
        });
        json!({
            "name": self.exhibit.name,
            "breaks": breaks(self.exhibit).map(Property::id),
            "verdict": self.verdict().name().to_lowercase(),
            "trials": trials.collect::<Vec<_>>(),
            "smallest_found": self.size,
            "smallest_known": self.smallest(),
        })
    }

    fn case(&self, seed: u64) -> TestCase {
        let trials = self.trials().map(|(engine, trial)| {
            let caught = if trial.caught.is_some() {
                "caught"
            } else {
                "not caught"
            };
            format!("{} {caught} in {}", engine.name(), trial.schedules)
        });
        let mut detail = self.amiss();
        detail.push(trials.collect::<Vec<_>>().join(", "));
        detail.push(format!("seed {seed}"));
        TestCase {
            name: self.exhibit.name.to_owned(),
            verdict: self.verdict(),
            detail: detail.join(" "),
        }
    }

    /// The handler, for each engine the schedules until it was caught, and the length
    /// of its counterexample against the known minimum.
    fn line(&self) -> String {
        let id = breaks(self.exhibit).map_or("right", Property::id);
        let mut line = format!("{id:<6}{:<NAME$}", self.exhibit.name);
        // A long name has a line of its own.
        if self.exhibit.name.chars().count() > NAME {
            line.push_str(&format!("\n{:width$}", "", width = 6 + NAME));
        }
        for (engine, trial) in self.trials() {
            let cell = match trial.caught {
                Some(_) => grouped(trial.schedules),
                None if trial.complete => "-".to_owned(),
                None => "(-)".to_owned(),
            };
            let amiss = self.is_expected(engine) != trial.caught.is_some();
            let mark = if amiss { "!" } else { "" };
            let cell = format!("{cell}{mark}");
            line.push_str(&format!("{cell:>width$}", width = width(engine)));
        }
        let steps = |size: Option<Size>| size.map_or("-".to_owned(), |it| it.steps.to_string());
        let steps = match self.smallest() {
            None => "-".to_owned(),
            known => format!("{} of {}", steps(self.size), steps(known)),
        };
        line.push_str(&format!("{steps:>9}"));
        line
    }
}

fn text(rows: &[Row], seed: u64, verdict: Verdict, output: Output) -> String {
    let mut told = String::new();
    if !output.quiet {
        told.push_str(&format!(
            "The gallery, each handler against each engine. Seed {seed}.\n"
        ));
        for line in wrapped(
            "In a cell: the schedules until it was caught; - not caught in all there are, or in \
             1,000 random cases; (-) not caught, INCOMPLETE: there are more. In the end: the steps \
             of its smallest counterexample, found and known.",
            80,
        ) {
            told.push_str(&format!("{line}\n"));
        }
        told.push_str(&format!("\n{:width$}", "", width = 6 + NAME));
        for engine in Engine::ALL {
            let name = engine.name();
            told.push_str(&format!("{name:>width$}", width = width(engine)));
        }
        told.push_str(&format!("{:>9}\n", "steps"));
        for row in rows {
            told.push_str(&format!("{}\n", row.line()));
        }
        told.push('\n');
    }
    for line in rows
        .iter()
        .flat_map(Row::amiss)
        .flat_map(|it| wrapped(&it, 80))
    {
        told.push_str(&format!("{line}\n"));
    }
    if rows.len() < EXHIBITS.len() {
        let missing = EXHIBITS.len() - rows.len();
        told.push_str(&format!(
            "Interrupted: {missing} handlers were not played.\n"
        ));
    }
    let schedules = rows.iter().flat_map(|it| &it.trials).map(|it| it.schedules);
    told.push_str(&format!(
        "Verdict: {}, in {} schedules.\nRepeat it: redeliver gallery --seed {seed}\n",
        output.style().verdict(verdict, 0),
        grouped(schedules.sum())
    ));
    told
}

#[cfg(test)]
mod tests {
    use redeliver::gallery::exhibit;

    use super::*;

    #[test]
    fn what_is_otherwise_than_it_is_said_to_be_is_found_out() {
        let rogue = exhibit("check-then-put").unwrap();
        let as_said = row(rogue, 1).unwrap();
        assert_eq!(
            (as_said.amiss(), as_said.verdict()),
            (Vec::new(), Verdict::Holds)
        );
        assert!(as_said.line().ends_with(" 8 of 8"), "{}", as_said.line());
        let mut otherwise = *rogue;
        let Kind::Wrong {
            caught_by,
            smallest,
            ..
        } = &mut otherwise.verdict
        else {
            panic!("it is a rogue");
        };
        *caught_by = &[Engine::Sequence, Engine::Fault, Engine::Random];
        smallest.steps = 7;
        let found = row(Box::leak(Box::new(otherwise)), 1).unwrap();
        assert_eq!(
            found.amiss(),
            [
                "sequence does not catch check-then-put.",
                "interleaving must not catch check-then-put.",
                "the smallest counterexample found to check-then-put has 8 steps and 0 faults, \
                 and is said to have 7 and 0.",
            ]
        );
        assert_eq!(found.verdict(), Verdict::Violated);
    }
}
