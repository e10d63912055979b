//! Every schedule of small scopes: the reference handler holds in all of them, RD-1 to
//! RD-10.
//!
//! The numbers of schedules are pinned. One that has changed means that a scope has:
//! see that it lost nothing before you write down the new one.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::Arc;

use redeliver::engine::{Exploration, Limits, explore, replay};
use redeliver::gallery::{EXHIBITS, exhibit};
use redeliver::simulation::{
    Delivery, Environment, Hang, Host, Reference, Staged, Subject, leave_out_panics_of_handlers,
};
use redeliver::table::Boxed;
use redeliver_model::delivery::{Flaw, InvocationId, Queue, Record, Route};
use redeliver_model::goal::Goal;
use redeliver_model::history::Answer;
use redeliver_model::property::{Bookkeeping, Property, Sighting};
use redeliver_model::scene::{Scene, created, sequenced, standard};
use redeliver_model::schedule::Shard;
use redeliver_model::table::Key;

fn invoice() -> Record {
    let invoice = created("lambda-idempotency-demo", "invoice.txt");
    sequenced(invoice, "0055AED6DCD90281E5", "etag-1")
}

fn receipt() -> Record {
    let receipt = created("lambda-idempotency-demo", "receipt.txt");
    sequenced(receipt, "0055AED6DCD90281E6", "etag-2")
}

const PLAIN: Reference = Reference {
    cache: 0,
    expire_after_days: None,
};

fn all_of(subject: &dyn Subject, scene: &Scene, limits: Limits) -> Exploration {
    explore(subject, scene, limits, &mut |_| true).unwrap()
}

/// Every property holds in every schedule, of which there are so many.
fn holds(reference: Reference, scene: &Scene, schedules: u64) -> Exploration {
    let found = all_of(&reference, scene, Limits::default());
    if let Some(counterexample) = found.violations.values().next() {
        panic!("{}: {:?}", counterexample.violation, counterexample.case);
    }
    assert!(found.complete);
    assert_eq!(found.coverage.schedules, schedules);
    found
}

/// RD-1 to RD-10, and every goal that one delivery can reach.
#[test]
fn the_reference_handler_holds_when_one_delivery_meets_three_faults() {
    let scene = Scene::of(&[&[invoice()]], 1).with_faults(3).managed();
    let found = holds(PLAIN, &scene, 78_120);
    let unreachable = BTreeSet::from([
        Goal::DuplicateAfterSuccess,
        Goal::DuplicateInProgress,
        Goal::Reorder,
    ]);
    let missing: BTreeSet<_> = Goal::ALL.into_iter().collect();
    let missing: BTreeSet<_> = missing.difference(&found.coverage.goals).copied().collect();
    assert_eq!(missing, unreachable);
}

#[test]
fn the_reference_handler_holds_when_two_deliveries_meet_two_faults() {
    let scene = Scene::of(&[&[invoice()]], 2).with_faults(2);
    holds(PLAIN, &scene, 277_716);
}

#[test]
fn the_reference_handler_holds_when_two_deliveries_meet_a_fault_on_managed_instances() {
    let scene = Scene::of(&[&[invoice()]], 2).with_faults(1).managed();
    holds(PLAIN, &scene, 2_637);
}

/// Each of four deliveries may meet the fault, of every kind, at every point.
#[test]
fn the_reference_handler_holds_when_two_notifications_are_delivered_twice_and_meet_a_fault() {
    let scene = Scene::of(&[&[invoice()], &[receipt()]], 2).with_faults(1);
    let found = holds(PLAIN, &scene, 630_500);
    assert!(found.coverage.goals.contains(&Goal::Reorder));
}

#[test]
fn the_reference_handler_holds_when_three_deliveries_of_two_records_overlap() {
    let scene = Scene::of(&[&[invoice(), receipt()]], 3);
    holds(PLAIN, &scene, 3_039);
}

#[test]
fn the_reference_handler_holds_when_its_invocations_share_a_cache() {
    let cached = Reference { cache: 8, ..PLAIN };
    let scene = Scene::of(&[&[invoice()]], 2).with_faults(1).managed();
    holds(cached, &scene, 1_789);
}

/// Rows expire after fifteen days, and sixteen may pass, once or twice.
#[test]
fn the_reference_handler_holds_when_its_rows_expire() {
    for (cache, schedules) in [(0, 548), (8, 538)] {
        let expiring = Reference {
            cache,
            expire_after_days: Some(15),
        };
        let scene = Scene::of(&[&[invoice()]], 2).with_waits(2);
        holds(expiring, &scene, schedules);
    }
}

#[test]
fn the_reference_handler_holds_behind_a_queue() {
    for (partial_batches, schedules) in [(false, 2_939), (true, 1_967)] {
        let mut scene = Scene::of(&[&[invoice(), receipt()]], 1).with_faults(2);
        scene.notifications[0].route = Route::Sqs(Queue {
            receives: 3,
            partial_batches,
        });
        holds(PLAIN, &scene, schedules);
    }
}

/// A rejected record dooms its notification, and nothing else.
#[test]
fn the_reference_handler_holds_beside_a_record_that_cannot_be_read() {
    let unreadable = Record::Unreadable(Flaw::BadEscape);
    let scene = Scene::of(&[&[invoice(), unreadable, receipt()]], 1).with_faults(1);
    holds(PLAIN, &scene, 133);
}

/// Lanes, clashes, routes, forms and policies: the small scenes of the gallery.
#[test]
fn the_reference_handler_holds_in_every_standard_scene_with_a_fault() {
    for (name, scene) in standard() {
        let found = all_of(&PLAIN, &scene.with_faults(1), Limits::default());
        assert!(found.complete, "{name}");
        assert_eq!(found.violations.keys().next(), None, "{name}");
    }
}

/// Which properties are broken, and in how few faults and steps.
fn verdicts(found: &Exploration) -> Vec<(Property, usize, usize)> {
    let violations = found.violations.iter();
    violations
        .map(|(property, it)| (*property, it.size().faults, it.size().steps))
        .collect()
}

/// The reduction cuts orders of choices that commute. Played in full, the same scopes
/// give the same verdicts, with counterexamples of the same size: for the reference
/// handler, and for every handler of the gallery that makes few enough calls.
#[test]
fn the_reduced_exploration_loses_no_verdict() {
    leave_out_panics_of_handlers();
    let scenes = [
        Scene::of(&[&[invoice()], &[receipt()]], 1),
        Scene::of(&[&[invoice(), receipt()]], 2),
        Scene::of(&[&[invoice()], &[receipt()]], 1).with_faults(1),
    ];
    let in_full = Limits {
        reduced: false,
        runs: 20_000,
        ..Limits::default()
    };
    let reference: &dyn Subject = &PLAIN;
    let exhibits = EXHIBITS.iter().map(|it| it as &dyn Subject);
    let subjects: Vec<_> = exhibits.chain([reference]).collect();
    let mut compared = Vec::new();
    for scene in &scenes {
        let before = compared.len();
        for subject in &subjects {
            let full = all_of(*subject, scene, in_full);
            if !full.complete {
                continue;
            }
            let reduced = all_of(*subject, scene, Limits::default());
            let name = subject.name();
            assert!(reduced.complete, "{name}");
            assert_eq!(verdicts(&reduced), verdicts(&full), "{name}");
            compared.push(full.coverage.schedules - reduced.coverage.schedules);
        }
        let cut: u64 = compared[before..].iter().sum();
        println!("{} handlers, {cut} schedules cut", compared.len() - before);
        assert!(compared.len() - before > 20 && cut > 0);
    }
}

/// Many machines divide a scope: nothing is played twice, and nothing left out.
#[test]
fn the_shards_of_a_scope_are_the_whole() {
    let scene = Scene::of(&[&[invoice()]], 2).with_faults(1);
    for count in [1, 2, 3, 7] {
        let parts = (0..count).map(|index| {
            let shard = Shard { index, count };
            let part = all_of(
                &PLAIN,
                &scene,
                Limits {
                    shard,
                    ..Limits::default()
                },
            );
            assert!(part.complete);
            part.coverage.schedules
        });
        assert_eq!(parts.sum::<u64>(), 1_722, "{count} shards");
    }
}

#[test]
fn a_bound_that_is_hit_is_said() {
    let scene = Scene::of(&[&[invoice()]], 2);
    let limits = Limits {
        runs: 5,
        ..Limits::default()
    };
    let found = all_of(&PLAIN, &scene, limits);
    assert!(!found.complete);
    assert_eq!(found.coverage.schedules, 5);
}

/// A counterexample can be played again: the same choices give the same history.
#[test]
fn the_same_schedule_gives_the_same_history() {
    let rogue = exhibit("check-then-put").unwrap();
    let scene = Scene::of(&[&[invoice()]], 2);
    let found = all_of(rogue, &scene, Limits::default());
    for counterexample in found.violations.values() {
        let again = replay(rogue, &counterexample.case).unwrap();
        assert_eq!(again.skipped, 0);
        assert_eq!(again.history, counterexample.history);
        assert!(again.violations.contains(&counterexample.violation));
    }
}

#[test]
fn a_handler_that_waits_for_something_else_is_said_to_hang() {
    struct Sleeper;

    impl Subject for Sleeper {
        fn name(&self) -> &str {
            "sleeper"
        }

        fn stage(&self, _: &Scene) -> Box<dyn Staged> {
            Box::new(Self)
        }
    }

    impl Bookkeeping for Sleeper {
        fn row(&self, sighting: Sighting<'_>) -> Key {
            sighting.event.key.clone()
        }
    }

    impl Staged for Sleeper {
        fn environment(&self, _: Host) -> Arc<dyn Environment> {
            Arc::new(Self)
        }
    }

    impl Environment for Sleeper {
        fn invoke(self: Arc<Self>, _: Delivery) -> Boxed<'static, Answer> {
            Box::pin(pending())
        }
    }

    let scene = Scene::of(&[&[invoice()]], 1);
    let first = InvocationId {
        delivery: 0,
        attempt: 1,
    };
    let hang = explore(&Sleeper, &scene, Limits::default(), &mut |_| true).unwrap_err();
    assert_eq!(hang, Hang::WaitsForNothing(first));
    assert!(
        hang.to_string()
            .contains("attempt 1 of delivery 1 waits for")
    );
}
