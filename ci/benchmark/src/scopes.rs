//! How many schedules a scope has, and how many are played in a second, as it grows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redeliver::engine::{Limits, explore};
use redeliver::simulation::Reference;
use redeliver_model::delivery::Record;
use redeliver_model::scene::{Scene, created};

/// After how long an exploration is broken off.
const LONGEST: Duration = Duration::from_secs(10);

/// For how long a small scope is explored again and again.
const SHORTEST: Duration = Duration::from_millis(500);

pub(crate) fn explore_each() {
    let pair = ["a", "b"].map(|key| Record::Event(Arc::new(created("b", key))));
    let (a, b) = pair.split_at(1);
    let (one, two, pair) = (&[a], &[a, b], &[&pair[..]]);
    let scopes = [
        ("1 x 2, no fault", Scene::of(one, 2)),
        ("1 x 2, 1 fault", Scene::of(one, 2).with_faults(1)),
        ("1 x 2, 2 faults", Scene::of(one, 2).with_faults(2)),
        ("2 x 2, 1 fault", Scene::of(two, 2).with_faults(1)),
        ("1 x 1, 3 faults", Scene::of(one, 1).with_faults(3)),
        ("1 x 3 of 2 records, no fault", Scene::of(pair, 3)),
    ];
    println!("\nThe scope grows: notifications x deliveries of each, and faults");
    println!(
        "  {:<32}{:<10}{:>12}{:>14}",
        "", "hosting", "schedules", "schedules/s"
    );
    for (name, scene) in scopes {
        explore_often(name, "default", &scene);
        explore_often(name, "managed", &scene.managed());
    }
}

fn explore_often(name: &str, hosting: &str, scene: &Scene) {
    let reference = Reference::default();
    let begun = Instant::now();
    let (mut all, mut extent) = (0, String::new());
    while begun.elapsed() < SHORTEST {
        let mut in_time = |_: &_| begun.elapsed() < LONGEST;
        let limits = Limits {
            runs: u64::MAX,
            ..Limits::default()
        };
        let found = explore(&reference, scene, limits, &mut in_time).expect("no hang");
        assert!(found.violations.is_empty());
        all += found.coverage.schedules;
        let more = if found.complete { "" } else { "> " };
        extent = format!("{more}{}", found.coverage.schedules);
    }
    let rate = all as f64 / begun.elapsed().as_secs_f64();
    println!("  {name:<32}{hosting:<10}{extent:>12}{rate:>14.0}");
}
