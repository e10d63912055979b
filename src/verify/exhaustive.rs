//! Every schedule of small scenes.

use super::{Plan, Stage, Stuck};
use crate::engine::{Limits, explore};
use crate::handlers::Handler;
use crate::monitor::{Monitor, in_order};

pub(super) const NAME: &str = "exhaustive";

pub(super) fn stage(handler: &Handler, plan: Plan, monitor: &Monitor) -> Result<Stage, Stuck> {
    let configurations = handler.configurations.iter().enumerate();
    let jobs = configurations.flat_map(|(number, configuration)| {
        let scenes = plan.scope.scenes(&configuration.hostings).into_iter();
        scenes.map(move |(name, scene)| (number, name, scene))
    });
    let jobs: Vec<_> = jobs.collect();
    monitor.begin("every schedule of small scenes", jobs.len() as u64);
    let limits = Limits {
        shard: plan.shard,
        ..Limits::default()
    };
    let explored = in_order(
        jobs.len(),
        monitor,
        |number, going| {
            let (configuration, _, scene) = &jobs[number];
            let subject = &*handler.configurations[*configuration].subject;
            explore(subject, scene, limits, &mut |found| {
                going.on() && found.violations.is_empty()
            })
        },
        |explored| {
            explored
                .as_ref()
                .map_or(true, |it| !it.violations.is_empty())
        },
    );
    let mut stage = Stage::new(NAME);
    stage.complete = explored.len() == jobs.len();
    for ((configuration, name, _), explored) in jobs.iter().zip(explored) {
        let explored = explored.map_err(|hang| {
            let subject = handler.configurations[*configuration].subject.name();
            Stuck::new(format!("{subject}, in the scene \"{name}\""), hang)
        })?;
        let before = stage.coverage.schedules;
        stage.coverage.add(&explored.coverage);
        stage.complete &= explored.complete;
        let found_at = explored.found_at;
        stage.add(*configuration, explored.violations, |it| {
            before + found_at.get(&it).copied().unwrap_or_default()
        });
    }
    let bounds: Vec<_> = plan
        .scope
        .bounds()
        .iter()
        .map(ToString::to_string)
        .collect();
    stage.notes.push(format!(
        "Scope {}, {} scenes: {}.",
        plan.scope.number(),
        jobs.len(),
        bounds.join("; ")
    ));
    Ok(stage.judged(monitor))
}
