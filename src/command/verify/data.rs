//! A verification for a program or a build server.

use redeliver::report::{TestCase, TestSuite, Verdict, counted};
use redeliver::verify::{Found, Reach, Reached, Stage};
use serde_json::{Value, json};

use super::super::quoted;
use super::Told;

impl Told<'_> {
    pub(super) fn json(&self) -> Value {
        let verification = self.verification;
        let stages = verification.stages.iter().map(|it| {
            json!({
                "stage": it.name,
                "verdict": word(it.verdict),
                "schedules": it.coverage.schedules,
                "calls": it.coverage.calls,
                "faults": it.coverage.faults,
                "complete": it.complete,
                "notes": it.notes,
            })
        });
        let properties = verification.properties.iter().map(|it| {
            json!({
                "id": it.property.id(),
                "name": it.property.name(),
                "verdict": word(it.verdict),
                "schedules": it.schedules,
            })
        });
        let goals = verification.goals.iter().map(|it| {
            json!({
                "goal": it.goal.name(),
                "reached": it.reached,
                "required": it.reach == Reach::Required,
            })
        });
        let found = verification.found.iter().zip(self.paths);
        let found = found.map(
            |(
                Found {
                    handler,
                    counterexample,
                    ..
                },
                path,
            )| {
                let path = path.to_string_lossy();
                json!({
                    "handler": handler,
                    "property": counterexample.violation.property.id(),
                    "step": counterexample.violation.step + 1,
                    "because": counterexample.violation.because,
                    "faults": counterexample.size().faults,
                    "steps": counterexample.size().steps,
                    "schedule": counterexample.case.schedule,
                    "saved": path,
                    "replay": format!("redeliver replay {}", quoted(&path)),
                })
            },
        );
        json!({
            "command": "verify",
            "handler": self.handler.name,
            "seed": self.plan.seed,
            "scope": self.plan.scope.number(),
            "shard": format!("{}/{}", self.plan.shard.index + 1, self.plan.shard.count),
            "verdict": word(verification.verdict()),
            "stages": stages.collect::<Vec<_>>(),
            "not_played": verification.not_played,
            "properties": properties.collect::<Vec<_>>(),
            "goals": goals.collect::<Vec<_>>(),
            "counterexamples": found.collect::<Vec<_>>(),
            "repeat": super::repeat(self.arguments, self.plan),
        })
    }

    pub(super) fn suites(&self) -> Vec<TestSuite> {
        let verification = self.verification;
        let suite = |name: &str, cases| TestSuite {
            name: format!("redeliver verify {}: {name}", self.handler.name),
            cases,
        };
        let stages = verification.stages.iter().map(stage_case);
        let properties = verification.properties.iter().map(|it| {
            let mut found = verification.found.iter();
            let found = found.find(|found| found.counterexample.violation.property == it.property);
            TestCase {
                name: format!("{} {}", it.property.id(), it.property.name()),
                verdict: it.verdict,
                detail: match found {
                    Some(found) => found.counterexample.violation.to_string(),
                    None => self.with_seed(&counted(it.schedules, "schedule")),
                },
            }
        });
        let goals = verification.goals.iter().map(goal_case);
        vec![
            suite("stages", stages.collect()),
            suite("properties", properties.collect()),
            suite("situations", goals.collect()),
        ]
    }

    fn with_seed(&self, text: &str) -> String {
        format!("{text}, seed {}", self.plan.seed)
    }
}

fn stage_case(stage: &Stage) -> TestCase {
    let coverage = &stage.coverage;
    TestCase {
        name: stage.name.to_owned(),
        verdict: stage.verdict,
        detail: format!(
            "{}, {}, {}, {}. {}",
            counted(coverage.schedules, "schedule"),
            counted(coverage.calls, "table call"),
            counted(coverage.faults, "fault"),
            if stage.complete {
                "complete"
            } else {
                "INCOMPLETE"
            },
            stage.notes.join(" ")
        ),
    }
}

fn goal_case(reached: &Reached) -> TestCase {
    TestCase {
        name: reached.goal.name().to_owned(),
        verdict: reached.verdict(),
        detail: match (reached.reached, reached.reach) {
            (true, _) => "reached",
            (false, Reach::ByHandler) => "not reached, which depends on the handler",
            (false, Reach::EndedEarly) => "not reached before the end",
            (false, Reach::ByShard) => "not reached in this shard",
            (false, Reach::Required) => "NOT REACHED, so nothing is proved of it",
            (false, Reach::TooLittle) => "not reached: nothing goes wrong in this scope",
        }
        .to_owned(),
    }
}

/// A verdict as programs read it.
fn word(verdict: Verdict) -> String {
    verdict.name().to_lowercase()
}
