//! What was saved, played again.

use std::path::PathBuf;

use redeliver_model::property::Property;

use super::{Plan, Stage, Stuck};
use crate::engine::{Counterexample, replay};
use crate::handlers::Handler;
use crate::monitor::Monitor;
use crate::report::{counted, printable};
use crate::saved::Saved;

pub(super) const NAME: &str = "saved";

pub(super) fn stage(
    handler: &Handler,
    plan: Plan,
    saved: &[(PathBuf, Saved)],
    monitor: &Monitor,
) -> Result<Stage, Stuck> {
    let mut stage = Stage::new(NAME);
    let configured = |saved: &Saved| {
        let mut all = handler.configurations.iter();
        all.position(|it| it.subject.name() == saved.handler)
    };
    let (mut played, mut outgrown, mut of_others) = (0, 0, 0);
    for (number, (path, saved)) in (0..).zip(saved) {
        if !plan.shard.has(number) {
            continue;
        }
        let Some(configuration) = configured(saved) else {
            of_others += 1;
            continue;
        };
        if monitor.is_interrupted() {
            stage.complete = false;
            break;
        }
        let subject = &*handler.configurations[configuration].subject;
        let replayed = replay(subject, &saved.case)
            .map_err(|hang| Stuck::new(printable(&path.to_string_lossy()), hang))?;
        played += 1;
        outgrown += u64::from(replayed.skipped > 0);
        stage.coverage.schedules += 1;
        for step in &replayed.history.steps {
            stage.coverage.calls += u64::from(step.call.is_some());
            stage.coverage.faults += u64::from(step.choice.is_fault());
        }
        let violations = replayed.violations.into_iter().map(|violation| {
            let counterexample = Counterexample {
                case: saved.case.clone(),
                history: replayed.history.clone(),
                violation,
            };
            (counterexample.violation.property, counterexample)
        });
        let violations: std::collections::BTreeMap<Property, _> = violations.collect();
        if !violations.is_empty() {
            let ids: Vec<_> = violations.keys().map(|it| it.id()).collect();
            let (path, ids) = (printable(&path.to_string_lossy()), ids.join(", "));
            stage.notes.push(format!("{path} still violates {ids}."));
        }
        let schedules = stage.coverage.schedules;
        stage.add(configuration, violations, |_| schedules);
    }
    if played > 0 {
        let files = counted(played, "saved counterexample");
        stage.notes.insert(0, format!("{files} played again."));
    }
    if of_others > 0 {
        let others = counted(of_others, "saved counterexample");
        stage
            .notes
            .push(format!("{others} of other handlers not played."));
    }
    if outgrown > 0 {
        stage.notes.push(format!(
            "Of these, {outgrown} no longer fit the handler in every step: `redeliver replay` says \
             where.",
        ));
    }
    Ok(stage.judged(monitor))
}
