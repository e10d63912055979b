//! A verification as a page.

use redeliver::report::page::{Fact, Judgement, Page, Run, Table};
use redeliver::report::{counted, grouped};
use redeliver::simulation::Hang;

use super::super::{quoted, report};
use super::Told;

impl Told<'_> {
    /// Each counterexample, with the right handler beside it.
    pub(super) fn runs(&self) -> Result<Vec<Run>, Hang> {
        let found = self.verification.found.iter().zip(self.paths);
        let runs = found.map(|(found, path)| {
            let counterexample = &found.counterexample;
            let path = quoted(&path.to_string_lossy());
            let facts = vec![
                Fact::property(counterexample.violation.property),
                Fact::text("Handler", found.handler.clone()),
                Fact::text("Engine", found.stage),
                Fact::text("Seed", self.plan.seed.to_string()),
                Fact::text("Schedules to failure", grouped(found.schedules)),
                Fact::text("As found", report::size(found.originally)),
                Fact::text("As shown", report::size(counterexample.size())),
                Fact::command("Play it again", format!("redeliver replay {path}")),
            ];
            report::run(
                &found.handler,
                &counterexample.case,
                &counterexample.history,
                Some(&counterexample.violation),
                facts,
            )
        });
        runs.collect()
    }

    pub(super) fn page(&self, runs: Vec<Run>) -> Page {
        let verification = self.verification;
        let handler = match self.handler.is_reference() {
            true => "the reference handler",
            false => &self.handler.name,
        };
        let judged = verification.stages.iter().filter(|it| it.judges);
        let schedules = judged.map(|it| it.coverage.schedules).sum();
        let seed = self.plan.seed.to_string();
        let names = self.handler.configurations.iter();
        let names: Vec<_> = names.map(|it| it.subject.name()).collect();
        let properties = verification.properties.iter().map(|it| Judgement {
            property: it.property,
            verdict: Some(it.verdict),
            detail: counted(it.schedules, "schedule"),
        });
        Page {
            command: "redeliver verify".to_owned(),
            title: format!("{handler}, in {}", counted(schedules, "schedule")),
            verdict: verification.verdict(),
            summary: Vec::new(),
            facts: vec![
                Fact::text("Configurations", names.join(", ")),
                Fact::text("Identity policies", "object, version, occurrence"),
                Fact::text("Seed", seed),
                Fact::command("Repeat it", super::repeat(self.arguments, self.plan)),
            ],
            runs,
            stages: Some(self.stages_as_table()),
            properties: properties.collect(),
            coverage: self
                .situations()
                .into_iter()
                .map(|(label, names)| Fact::text(label, names))
                .collect(),
        }
    }

    fn stages_as_table(&self) -> Table {
        let mut table = Table {
            columns: vec![
                ("Stage", false),
                ("Verdict", false),
                ("Schedules", true),
                ("Table calls", true),
                ("Faults", true),
                ("Covered", false),
            ],
            ..Table::default()
        };
        for stage in &self.verification.stages {
            let coverage = &stage.coverage;
            let all = if stage.complete {
                "complete"
            } else {
                "INCOMPLETE"
            };
            table.rows.push(vec![
                stage.name.to_owned(),
                stage.verdict.name().to_owned(),
                grouped(coverage.schedules),
                grouped(coverage.calls),
                grouped(coverage.faults),
                all.to_owned(),
            ]);
            let notes = stage.notes.iter();
            let notes = notes.map(|it| format!("{}: {it}", stage.name));
            table.notes.extend(notes);
        }
        let names = &self.verification.not_played;
        if !names.is_empty() {
            let names = names.join(", ");
            table.notes.push(format!("Not played any more: {names}."));
        }
        table
    }
}
