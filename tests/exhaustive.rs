//! Every schedule of small scopes: the reference handler holds in all of them, and
//! each rogue breaks the property that it is known for.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;

use redeliver::exploration::{Counterexample, Exploration, Limits, explore};
use redeliver::gallery::{ROGUES, Rogue};
use redeliver::simulation::{
    Delivery, Environment, Hang, Reference, Run, Scene, SimulatedTable, Subject,
};
use redeliver_handler::record::Settings;
use redeliver_model::delivery::{InvocationId, Notification, Record, Source};
use redeliver_model::history::Answer;
use redeliver_model::property::Property;
use redeliver_model::schedule::Replay;
use redeliver_model::table::Key;

/// What is played to the reference handler: for each notification the names of its
/// objects, how often each is delivered, how much goes wrong, and its cache.
#[derive(Clone, Copy)]
struct Scope {
    notifications: &'static [&'static [&'static str]],
    source: Source,
    deliveries: u32,
    faults: u32,
    cache: usize,
}

const ONE_TWICE: Scope = Scope {
    notifications: &[&["a"]],
    source: Source::Asynchronous,
    deliveries: 2,
    faults: 1,
    cache: 0,
};

impl Scope {
    fn play(self, reduced: bool) -> Exploration {
        let documents: Vec<String> = self.notifications.iter().map(|it| document(it)).collect();
        let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
        let subject = Reference::new(Settings::default(), self.cache, &documents);
        let scene = Scene {
            notifications: subject.notifications(self.source, self.deliveries),
            faults: self.faults,
            zombies: true,
        };
        let limits = Limits {
            reduced,
            ..Limits::default()
        };
        explore(&subject, &scene, limits).unwrap()
    }

    /// Every property holds in every schedule, of which there are so many.
    fn holds_in(self, schedules: u64) {
        let found = self.play(true);
        assert_eq!(found.violations, [].into());
        assert!(found.complete);
        assert_eq!(found.schedules, schedules);
    }
}

#[test]
fn the_reference_handler_holds_when_one_of_two_deliveries_meets_a_fault() {
    ONE_TWICE.holds_in(3402);
}

#[test]
fn the_reference_handler_holds_when_one_delivery_meets_two_faults_in_a_row() {
    let scope = Scope {
        deliveries: 1,
        faults: 2,
        ..ONE_TWICE
    };
    scope.holds_in(2449);
}

#[test]
fn the_reference_handler_holds_when_three_deliveries_of_two_records_overlap() {
    let scope = Scope {
        notifications: &[&["a", "b"]],
        deliveries: 3,
        faults: 0,
        ..ONE_TWICE
    };
    scope.holds_in(3147);
}

#[test]
fn the_reference_handler_holds_behind_a_queue() {
    let scope = Scope {
        source: Source::Queue { receives: 2 },
        ..ONE_TWICE
    };
    scope.holds_in(3402);
}

#[test]
fn the_reference_handler_holds_when_its_invocations_share_a_cache() {
    let scope = Scope {
        cache: 10,
        ..ONE_TWICE
    };
    scope.holds_in(2197);
}

/// A rejected record dooms its notification, and nothing else.
#[test]
fn the_reference_handler_holds_beside_a_record_that_cannot_be_read() {
    let scope = Scope {
        notifications: &[&["a", "%ZZ", "b"]],
        deliveries: 1,
        ..ONE_TWICE
    };
    scope.holds_in(335);
}

#[test]
fn the_reduced_exploration_loses_no_verdict() {
    let without_faults = Scope {
        notifications: &[&["a", "b"]],
        deliveries: 3,
        faults: 0,
        ..ONE_TWICE
    };
    let with_a_fault = Scope {
        notifications: &[&["a"], &["b"]],
        deliveries: 1,
        ..ONE_TWICE
    };
    for scope in [without_faults, with_a_fault] {
        let (reduced, full) = (scope.play(true), scope.play(false));
        assert!(reduced.complete && full.complete);
        assert!(reduced.schedules < full.schedules);
        assert_eq!(reduced.violations, full.violations);
    }
    for rogue in ROGUES {
        let scene = scene(&[&[RECORDED], &[OTHER]], 1, 0);
        let broken = |reduced| {
            let limits = Limits {
                reduced,
                ..Limits::default()
            };
            let found = explore(&rogue.with(&scene.notifications), &scene, limits).unwrap();
            assert!(found.complete);
            found.violations.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(broken(true), broken(false), "{}", rogue.name);
    }
}

#[test]
fn every_rogue_breaks_its_property_in_as_few_steps_as_it_is_known_to() {
    for rogue in ROGUES {
        let (_, counterexample) = caught(rogue);
        assert_eq!(size(&counterexample), rogue.smallest, "{}", rogue.name);
    }
}

/// A counterexample can be played again: the same choices give the same history.
#[test]
fn the_same_schedule_gives_the_same_history() {
    for rogue in ROGUES {
        let (scene, counterexample) = caught(rogue);
        let accused = rogue.with(&scene.notifications);
        let schedule = counterexample.history.schedule();
        let again = Run::play(&accused, &scene, &mut Replay::new(&schedule), false).unwrap();
        let again = again.unwrap();
        assert_eq!(again, counterexample.history);
        let violation = rogue.breaks.violation(&again, &accused.keys());
        assert_eq!(violation, Some(counterexample.violation));
    }
}

#[test]
fn a_bound_that_is_hit_is_said() {
    let scene = scene(&[&[RECORDED]], 2, 0);
    let limits = Limits {
        runs: 5,
        ..Limits::default()
    };
    let found = explore(&ROGUES[0].with(&scene.notifications), &scene, limits).unwrap();
    assert!(!found.complete);
    assert_eq!(found.schedules, 5);
}

#[test]
fn a_handler_that_waits_for_something_else_is_said_to_hang() {
    struct Sleeper;

    impl Subject for Sleeper {
        fn environment(&self, _: SimulatedTable) -> Arc<dyn Environment> {
            Arc::new(Self)
        }

        fn keys(&self) -> Vec<Key> {
            vec!["object-0".to_owned()]
        }

        fn shares_memory(&self) -> bool {
            false
        }
    }

    impl Environment for Sleeper {
        fn invoke(self: Arc<Self>, _: Delivery) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
            Box::pin(pending())
        }
    }

    let scene = scene(&[&[RECORDED]], 1, 0);
    let first = InvocationId {
        delivery: 0,
        attempt: 1,
    };
    let hang = explore(&Sleeper, &scene, Limits::default()).unwrap_err();
    assert_eq!(hang, Hang::WaitsForNothing(first));
}

#[test]
fn every_property_is_broken_by_some_rogue() {
    for property in Property::ALL {
        let breaks = |rogue: &Rogue| rogue.breaks == property;
        assert!(
            ROGUES.iter().any(breaks),
            "{} has shown no teeth",
            property.id()
        );
    }
}

/// The smallest counterexample to the property that a rogue breaks, and its scene.
/// The scenes are the same for every rogue: one delivery and two, of one record; one
/// of two records; one of a record that cannot be read and one that can.
fn caught(rogue: Rogue) -> (Scene, Counterexample) {
    let scenes = [
        scene(&[&[RECORDED]], 1, 1),
        scene(&[&[RECORDED]], 2, 0),
        scene(&[&[RECORDED, OTHER]], 1, 0),
        scene(&[&[REJECTED, RECORDED]], 1, 0),
    ];
    let found = scenes.into_iter().filter_map(|scene| {
        let accused = rogue.with(&scene.notifications);
        let mut found = explore(&accused, &scene, Limits::default()).unwrap();
        assert!(found.complete);
        Some((scene, found.violations.remove(&rogue.breaks)?))
    });
    let smallest = found.min_by_key(|(_, it)| (size(it).1, size(it).0));
    smallest.unwrap_or_else(|| panic!("{} is not caught", rogue.name))
}

/// Steps and faults.
fn size(counterexample: &Counterexample) -> (usize, u32) {
    let steps = &counterexample.history.steps;
    let faults = steps.iter().filter(|step| step.choice.is_fault());
    (steps.len(), faults.count() as u32)
}

const RECORDED: Record = Record::Recordable(0);
const OTHER: Record = Record::Recordable(1);
const REJECTED: Record = Record::Rejected;

/// Notifications with these records, each delivered so often.
fn scene(notifications: &[&[Record]], deliveries: u32, faults: u32) -> Scene {
    let notification = |records: &&[Record]| Notification {
        source: Source::Asynchronous,
        deliveries,
        records: records.to_vec(),
    };
    Scene {
        notifications: notifications.iter().map(notification).collect(),
        faults,
        zombies: true,
    }
}

fn document(names: &[&str]) -> String {
    let record = |name: &&str| {
        format!(r#"{{"s3":{{"bucket":{{"name":"b"}},"object":{{"key":"{name}"}}}}}}"#)
    };
    let records: Vec<_> = names.iter().map(record).collect();
    format!(r#"{{"Records":[{}]}}"#, records.join(","))
}
