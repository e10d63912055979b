//! Whatever is delivered, how often, in what order and by how many invocations at once:
//! the table's contents are the set of unique keys, and the whole catalogue holds.
//!
//! The engine here is proptest: it draws scenes and schedules, plays them to the real
//! handler, and shrinks what it finds.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "unique_keys/ledger.rs"]
mod ledger;
mod support;

use std::cell::RefCell;
use std::collections::BTreeMap;

use ledger::Ledger;
use proptest::prelude::{ProptestConfig, Strategy};
use proptest::sample::select;
use proptest::test_runner::{RngSeed, TestCaseError, TestError, TestRunner};
use redeliver::engine::{Counterexample, minimise, replay};
use redeliver::gallery::{Verdict, exhibit};
use redeliver::simulation::{Reference, Subject, judge, play};
use redeliver_model::event::IdentityPolicy;
use redeliver_model::goal::Goal;
use redeliver_model::schedule::{Case, Replay, Size};
use redeliver_model::strategy::cases;
use support::seed::config;

/// The reference handler with or without a cache and an expiry, and what is played to
/// it, under each policy.
fn handlers_and_cases(expiry: &'static [Option<u32>]) -> impl Strategy<Value = (Reference, Case)> {
    let reference = (select(&[0, 8][..]), select(expiry));
    let reference = reference.prop_map(|(cache, expire_after_days)| Reference {
        cache,
        expire_after_days,
    });
    let case = select(&IdentityPolicy::ALL[..]).prop_flat_map(cases);
    (reference, case)
}

/// RD-1, word for word and without the judge: every key of an acknowledged event is in
/// the table, and no key that is of no acknowledged or dead one. An event that has
/// failed for good may or may not have its row; where none has, the two sets are equal.
#[test]
fn the_tables_contents_are_the_set_of_unique_keys() {
    let ran = TestRunner::new(config(1_000)).run(&handlers_and_cases(&[None]), |(it, case)| {
        let staged = it.stage(&case.scene);
        let mut chooser = Replay::new(&case.schedule);
        let history = play(&*staged, &case.scene, &mut chooser, None);
        let history = history.unwrap().unwrap();
        let ledger = Ledger::of(&history, &case.scene);
        let (acknowledged, all) = (
            ledger.acknowledged_keys(),
            ledger.acknowledged_or_dead_keys(),
        );
        let stored = history.table.keys().cloned().collect();
        if !acknowledged.is_subset(&stored) || !all.is_superset(&stored) {
            let reason = format!("{stored:?} is not between {acknowledged:?} and {all:?}");
            return Err(TestCaseError::fail(reason));
        }
        Ok(())
    });
    ran.unwrap_or_else(|failure| panic!("{failure:#}"));
}

/// RD-1 to RD-10.
#[test]
fn the_whole_catalogue_holds() {
    let missed = RefCell::new(Goal::ALL.to_vec());
    let handlers_and_cases = handlers_and_cases(&[None, Some(15)]);
    let ran = TestRunner::new(config(1_000)).run(&handlers_and_cases, |(it, case)| {
        let staged = it.stage(&case.scene);
        let judge = judge(&it, &*staged, &case.scene).unwrap();
        let mut chooser = Replay::new(&case.schedule);
        let history = play(&*staged, &case.scene, &mut chooser, None);
        let history = history.unwrap().unwrap();
        let mut missed = missed.borrow_mut();
        missed.retain(|goal| !goal.is_reached_by(&history, judge.expectation()));
        match judge.violations(&history).first() {
            None => Ok(()),
            Some(violation) => Err(TestCaseError::fail(violation.to_string())),
        }
    });
    ran.unwrap_or_else(|failure| panic!("{failure:#}"));
    // Schedules in which nothing happens would prove nothing.
    assert_eq!(missed.into_inner(), []);
}

#[test]
fn what_proptest_finds_shrinks_to_the_smallest_counterexample() {
    shrinks_to_the_smallest(0..20);
}

#[test]
#[ignore = "takes half a minute: cargo test --test unique_keys -- --ignored"]
fn what_proptest_finds_from_any_seed_shrinks_to_the_smallest_counterexample() {
    shrinks_to_the_smallest(0..200);
}

/// What proptest finds of a rogue, and shrinks, the kit's own reduction makes as small
/// as it can be. Prints how many were how large in between.
fn shrinks_to_the_smallest(seeds: std::ops::Range<u64>) {
    let rogue = exhibit("check-then-put").unwrap();
    let Verdict::Wrong {
        breaks, smallest, ..
    } = rogue.verdict
    else {
        panic!("{} is right", rogue.name);
    };
    let mut shrunk: BTreeMap<Size, usize> = BTreeMap::new();
    let mut larger = Vec::new();
    for seed in seeds {
        let config = ProptestConfig {
            cases: 1_000,
            rng_seed: RngSeed::Fixed(seed),
            failure_persistence: None,
            max_shrink_iters: 10_000,
            ..ProptestConfig::default()
        };
        let ran = TestRunner::new(config).run(&cases(IdentityPolicy::Object), |case| {
            let replayed = replay(rogue, &case).unwrap();
            match replayed.violations.iter().any(|it| it.property == breaks) {
                false => Ok(()),
                true => Err(TestCaseError::fail(breaks.id())),
            }
        });
        let Err(TestError::Fail(_, case)) = ran else {
            panic!("seed {seed}: {} is not caught", rogue.name);
        };
        let replayed = replay(rogue, &case).unwrap();
        let mut violations = replayed.violations.into_iter();
        let found = Counterexample {
            violation: violations.find(|it| it.property == breaks).unwrap(),
            case,
            history: replayed.history,
        };
        *shrunk.entry(found.size()).or_default() += 1;
        let reduced = minimise(rogue, found).unwrap().size();
        larger.extend((reduced != smallest).then_some((seed, reduced)));
    }
    println!("proptest alone shrinks to {shrunk:?}");
    assert_eq!(larger, []);
}
