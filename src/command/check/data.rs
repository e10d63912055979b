//! A check for a program or a build server.

use redeliver::check::conduct::{Shown, Stage};
use redeliver::check::search::REPETITIONS;
use redeliver::report::{TestCase, TestSuite, Verdict, counted};
use redeliver_model::property::Property;
use serde_json::{Value, json};

use super::super::quoted;
use super::Told;

impl Told<'_> {
    pub(super) fn json(&self) -> Value {
        let outcome = self.outcome;
        let properties = outcome.verdicts.iter().map(|(property, judged)| {
            json!({
                "id": property.id(),
                "name": property.name(),
                "verdict": word(judged.verdict),
                "detail": judged.detail,
            })
        });
        let stage = |stage: &Stage| {
            json!({
                "schedules": stage.tally.schedules,
                "withFaults": stage.tally.with_faults,
                "complete": stage.complete,
                "seconds": stage.took.as_secs_f64(),
            })
        };
        let violations = outcome.violations.iter().zip(self.paths);
        let violations = violations.map(|(shown, path)| {
            let path = path.to_string_lossy();
            let mut told = counterexample(shown);
            told["saved"] = json!(path);
            told["replay"] = json!(format!("redeliver replay {}", quoted(&path)));
            told
        });
        let with_reasons = |them: &[(Property, String)]| -> Vec<Value> {
            let them = them.iter();
            them.map(|(property, reason)| json!({ "property": property.id(), "reason": reason }))
                .collect()
        };
        json!({
            "verdict": word(outcome.verdict()),
            "seed": self.seed,
            "events": outcome.names,
            "tables": outcome.tables,
            "notes": outcome.notes,
            "stages": {
                "before": stage(&outcome.before),
                "exhaustive": stage(&outcome.exhaustive),
                "random": stage(&outcome.random),
                "patient": stage(&outcome.patient),
            },
            "calls": outcome.lanes.calls,
            "ownRetries": outcome.lanes.own_retries,
            "starts": outcome.lanes.starts,
            "secondsOfLanes": {
                "starting": outcome.lanes.starting.as_secs_f64(),
                "backingOff": outcome.lanes.backing_off.as_secs_f64(),
                "silent": outcome.lanes.silent.as_secs_f64(),
                "untilDeadlines": outcome.lanes.waiting.as_secs_f64(),
            },
            "notRepeated": outcome.not_repeated(),
            "properties": properties.collect::<Vec<_>>(),
            "violations": violations.collect::<Vec<_>>(),
            "notReproduced": outcome.not_reproduced.iter().map(counterexample).collect::<Vec<_>>(),
            "accepted": with_reasons(&outcome.accepted),
            "acceptedInVain": with_reasons(&outcome.accepted_in_vain),
        })
    }

    pub(super) fn suites(&self) -> Vec<TestSuite> {
        let outcome = self.outcome;
        let cases = outcome.verdicts.iter().map(|(property, judged)| TestCase {
            name: format!("{} {}", property.id(), property.name()),
            verdict: judged.verdict,
            detail: match judged.detail.as_str() {
                "" => format!("in {}", counted(outcome.schedules(), "schedule")),
                detail => detail.to_owned(),
            },
        });
        vec![TestSuite {
            name: "redeliver check".to_owned(),
            cases: cases.collect(),
        }]
    }
}

fn counterexample(shown: &Shown) -> Value {
    let found = &shown.found;
    let size = found.size();
    json!({
        "property": found.violation.property.id(),
        "step": found.violation.step.map(|it| it + 1),
        "because": found.violation.why,
        "faults": size.faults,
        "steps": size.steps,
        "originally": shown.originally,
        "reproduced": shown.reproduced,
        "of": REPETITIONS,
        "plan": found.plan,
        "schedule": found.schedule(),
    })
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Violated => "violated",
    }
}
