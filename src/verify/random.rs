//! Random schedules.

use redeliver_model::schedule::Shard;

use super::{Plan, Stage, Stuck};
use crate::engine::{Draw, at_random};
use crate::handlers::Handler;
use crate::monitor::{Monitor, in_order};
use crate::report::grouped;

pub(super) const NAME: &str = "random";

/// How many schedules are one job.
const BLOCK: u64 = 250;

struct Job {
    configuration: usize,
    draw: Draw,
}

pub(super) fn stage(handler: &Handler, plan: Plan, monitor: &Monitor) -> Result<Stage, Stuck> {
    let jobs = jobs(handler.configurations.len() as u64, plan);
    monitor.begin("random schedules", jobs.len() as u64);
    let drawn = in_order(
        jobs.len(),
        monitor,
        |number, going| {
            let Job {
                configuration,
                draw,
            } = &jobs[number];
            let subject = &*handler.configurations[*configuration].subject;
            at_random(subject, *draw, &mut |found| {
                going.on() && found.violations.is_empty()
            })
        },
        |drawn| drawn.as_ref().map_or(true, |it| !it.violations.is_empty()),
    );
    let mut stage = Stage::new(NAME);
    stage.complete = drawn.len() == jobs.len();
    for (
        Job {
            configuration,
            draw,
        },
        drawn,
    ) in jobs.iter().zip(drawn)
    {
        let drawn = drawn.map_err(|hang| {
            let subject = handler.configurations[*configuration].subject.name();
            Stuck::new(
                format!("{subject}, at random with seed {}", plan.seed),
                hang,
            )
        })?;
        let before = stage.coverage.schedules;
        stage.coverage.add(&drawn.coverage);
        stage.complete &= drawn.complete;
        let found_at = drawn.found_at;
        stage.add(*configuration, drawn.violations, |it| {
            // Of its numbers, a shard plays each so-and-so-manyth.
            let number = found_at.get(&it).copied().unwrap_or_default();
            before + number / draw.shard.count.max(1) + 1
        });
    }
    let all = grouped(plan.schedules);
    stage.notes.push(match plan.shard.count {
        0 | 1 => format!("{all} schedules under every policy and configuration in turn."),
        count => {
            let number = plan.shard.index + 1;
            format!("Shard {number} of {count} of {all} schedules.")
        }
    });
    Ok(stage.judged(monitor))
}

/// The configurations share the schedules evenly. Each has random decisions of its
/// own.
fn jobs(configurations: u64, plan: Plan) -> Vec<Job> {
    let mut jobs = Vec::new();
    for configuration in 0..configurations {
        let left_over = u64::from(configuration < plan.schedules % configurations);
        let cases = plan.schedules / configurations + left_over;
        let blocks = cases.div_ceil(BLOCK);
        jobs.extend((0..blocks).map(|block| Job {
            configuration: configuration as usize,
            draw: Draw {
                seed: plan.seed.wrapping_add(configuration),
                cases,
                shard: part_of(plan.shard, block, blocks),
                policy: None,
            },
        }));
    }
    jobs
}

/// A part of a part of all.
fn part_of(shard: Shard, part: u64, parts: u64) -> Shard {
    Shard {
        index: shard.index + shard.count * part,
        count: shard.count * parts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Scope;

    #[test]
    fn every_schedule_is_in_one_job_of_one_shard() {
        let mut drawn = Vec::new();
        for index in 0..3 {
            let plan = Plan {
                seed: 7,
                schedules: 1_001,
                scope: Scope::NONE,
                shard: Shard { index, count: 3 },
            };
            for Job {
                configuration,
                draw,
            } in jobs(2, plan)
            {
                let cases = (0..draw.cases).filter(|&it| draw.shard.has(it));
                drawn.extend(cases.map(|case| (configuration, case)));
            }
        }
        drawn.sort_unstable();
        let all = (0..501).map(|it| (0, it)).chain((0..500).map(|it| (1, it)));
        assert_eq!(drawn, all.collect::<Vec<_>>());
    }
}
