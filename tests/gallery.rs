//! The gallery: every rogue is caught, by the engines that are said to catch it and by
//! no other, and for the property that it is said to break, RD-1 to RD-13. The right
//! handlers are never caught.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;

use redeliver::engine::{minimise, replay};
use redeliver::gallery::measure::{Measured, cases, goals, goals_of, measure};
use redeliver::gallery::{EXHIBITS, Engine, Exhibit, Verdict, exhibit, trial};
use redeliver::simulation::{Reference, leave_out_panics_of_handlers};
use redeliver_model::goal::Goal;
use redeliver_model::history::Report;
use redeliver_model::scene::{Scene, created, sequenced};
use redeliver_model::schedule::{Case, Choice, Size};

const SEED: u64 = 1;

/// On how many seeds the random engine is measured.
const SEEDS: u64 = 100;

/// The witness of each rogue: a literal schedule, played again.
#[test]
fn every_rogues_smallest_counterexample_is_what_it_is_said_to_be() {
    leave_out_panics_of_handlers();
    for exhibit in EXHIBITS {
        let Verdict::Wrong {
            breaks,
            smallest,
            scene,
            schedule,
            ..
        } = exhibit.verdict
        else {
            continue;
        };
        let schedule: Vec<Choice> = schedule.iter().map(|it| it.parse().unwrap()).collect();
        let faults = schedule.iter().filter(|choice| choice.is_fault()).count();
        let scene = scene().with_faults(faults as u32);
        let replayed = replay(exhibit, &Case { scene, schedule }).unwrap();
        assert_eq!(replayed.skipped, 0, "{}", exhibit.name);
        let broken: Vec<_> = replayed.violations.iter().map(|it| it.property).collect();
        assert!(
            broken.contains(&breaks),
            "{} breaks {broken:?}",
            exhibit.name
        );
        assert_eq!(Size::of(&replayed.history), smallest, "{}", exhibit.name);
    }
}

#[test]
fn every_rogue_is_caught_by_the_engines_that_are_said_to_and_by_no_other() {
    leave_out_panics_of_handlers();
    for exhibit in EXHIBITS {
        let Verdict::Wrong {
            breaks, caught_by, ..
        } = exhibit.verdict
        else {
            continue;
        };
        let catches = |engine: &Engine| {
            let trial = trial(exhibit, Some(breaks), *engine, SEED).unwrap();
            trial.caught.is_some()
        };
        let caught: Vec<_> = Engine::ALL.into_iter().filter(catches).collect();
        assert_eq!(caught, caught_by, "{}", exhibit.name);
    }
}

#[test]
fn every_random_counterexample_shrinks_to_the_smallest() {
    leave_out_panics_of_handlers();
    for exhibit in EXHIBITS {
        let Verdict::Wrong {
            breaks, smallest, ..
        } = exhibit.verdict
        else {
            continue;
        };
        for seed in 0..3 {
            let caught = trial(exhibit, Some(breaks), Engine::Random, seed).unwrap();
            let smallest_found = minimise(exhibit, caught.caught.unwrap()).unwrap();
            assert_eq!(
                smallest_found.size(),
                smallest,
                "{}, seed {seed}",
                exhibit.name
            );
        }
    }
}

#[test]
fn the_right_handlers_are_never_caught() {
    let right = |exhibit: &&Exhibit| matches!(exhibit.verdict, Verdict::Right);
    for exhibit in EXHIBITS.iter().filter(right) {
        for engine in Engine::ALL {
            let trial = trial(exhibit, None, engine, SEED).unwrap();
            let violation = trial.caught.map(|it| (it.violation, it.case));
            assert_eq!(violation, None, "{}, {}", exhibit.name, engine.name());
        }
    }
    for cache in [0, 8] {
        for expire_after_days in [None, Some(15)] {
            let reference = Reference {
                cache,
                expire_after_days,
            };
            for engine in Engine::ALL {
                let trial = trial(&reference, None, engine, SEED).unwrap();
                let violation = trial.caught.map(|it| (it.violation, it.case));
                assert_eq!(violation, None, "{reference:?}, {}", engine.name());
            }
        }
    }
}

/// RD-4: an event stands twice in a notification, and its row expires between the two
/// writes: the first is confirmed in one life of the row, the second is its insertion
/// in the next.
#[test]
fn one_invocation_may_report_two_lives_of_a_row_as_its_own() {
    let invoice = || created("lambda-idempotency-demo", "invoice.txt");
    let twice = [
        sequenced(invoice(), "9", "etag-1"),
        sequenced(invoice(), "9", "etag-1"),
    ];
    let scene = Scene::of(&[&twice], 1).with_faults(1).with_waits(1);
    let schedule = [
        "start 1",
        "crash 1.1 applied",
        "wait sixteen-days",
        "start 1",
        "call 1.2#1 answered",
        "sweep",
        "call 1.2#2 answered",
    ];
    let schedule = schedule.iter().map(|it| it.parse().unwrap()).collect();
    let reference = Reference {
        cache: 0,
        expire_after_days: Some(15),
    };
    let replayed = replay(&reference, &Case { scene, schedule }).unwrap();
    assert_eq!(replayed.skipped, 0);
    let answers = replayed.history.answers().last();
    let (_, _, answer) = answers.unwrap();
    let reports = answer.records().iter().map(|it| it.report);
    let reports: Vec<_> = reports.collect();
    assert_eq!(reports, [Some(Report::Confirmed), Some(Report::Inserted)]);
    assert_eq!(replayed.violations, []);
}

/// What the random engine is worth: on every one of a hundred seeds it catches every
/// rogue, and every counterexample shrinks to the smallest. `REDELIVER_ROGUE=NAME`
/// measures one rogue alone. What is written down of it is what is measured.
#[test]
#[ignore = "takes minutes: cargo test --test gallery -- --ignored --nocapture"]
fn every_rogue_is_caught_at_random_on_every_seed_and_shrinks_to_the_smallest() {
    leave_out_panics_of_handlers();
    let named = std::env::var("REDELIVER_ROGUE").ok();
    let wanted = |exhibit: &&Exhibit| named.as_ref().is_none_or(|it| it == exhibit.name);
    let mut amiss = Vec::new();
    for exhibit in EXHIBITS.iter().filter(wanted) {
        let Verdict::Wrong { smallest, .. } = exhibit.verdict else {
            continue;
        };
        let measured = measure(exhibit, 0..SEEDS).unwrap();
        if measured.random().missed > 0 {
            amiss.push(format!("{} is not always caught", exhibit.name));
        }
        if measured.sizes.keys().any(|it| *it != smallest) {
            amiss.push(format!("{} shrinks to {:?}", exhibit.name, measured.sizes));
        }
        let row = row(&measured);
        println!("{row}");
        if !MEASURED.contains(&row) {
            amiss.push(format!("{} is not as it is written down", exhibit.name));
        }
    }
    assert_eq!(amiss, [""; 0]);
}

/// What `redeliver gallery --measure` has written down.
const MEASURED: &str = include_str!("../src/gallery/measured.md");

/// The row of an exhibit, as far as the seeds determine it.
fn row(measured: &Measured) -> String {
    let table = cases(std::slice::from_ref(measured));
    table.lines().last().unwrap().to_owned()
}

/// Some rogues that are soon measured: the same seeds give the same figures, to the byte.
#[test]
fn what_is_measured_is_what_is_written_down() {
    for name in ["condition-as-error", "stamped-row", "random-id"] {
        let measured = measure(exhibit(name).unwrap(), 0..SEEDS).unwrap();
        let row = row(&measured);
        assert!(
            MEASURED.lines().any(|it| it == row),
            "{row}\nis not in src/gallery/measured.md, whose first line says what writes it"
        );
    }
    let reached = goals_of(Reference::default(), 0..SEEDS).unwrap();
    assert!(MEASURED.contains(&goals(&reached, SEEDS as usize)));
}

#[test]
fn every_exhibit_and_every_situation_is_measured() {
    for exhibit in EXHIBITS {
        let cell = format!("| {} |", exhibit.name);
        assert!(MEASURED.contains(&cell), "{}", exhibit.name);
    }
    for goal in Goal::ALL {
        let cell = format!("| {} | {SEEDS} of {SEEDS} |", goal.name());
        assert!(MEASURED.contains(&cell), "{}", goal.name());
    }
}

/// A rogue that is not caught on some seed, or not made as small as can be, is seen in
/// its row.
#[test]
fn what_is_amiss_is_seen_in_the_row() {
    let mut measured = measure(exhibit("stamped-row").unwrap(), 0..3).unwrap();
    assert!(
        row(&measured).ends_with("| 6 | 6 ×3 |"),
        "{}",
        row(&measured)
    );
    let random = measured.engines.last_mut().unwrap();
    random.schedules.pop();
    random.missed += 1;
    let larger = Size {
        faults: 1,
        steps: 8,
    };
    measured.sizes = BTreeMap::from([(larger, 2)]);
    let row = row(&measured);
    assert!(row.contains("| 2 of 3 |"), "{row}");
    assert!(row.ends_with("| 6 | 7+1f ×2 |"), "{row}");
}
