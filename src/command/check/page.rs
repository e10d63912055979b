//! A check as a page.

use std::collections::BTreeSet;

use redeliver::check::conduct::{Shown, Stage};
use redeliver::check::search::REPETITIONS;
use redeliver::check::story::diagram;
use redeliver::report::page::{Beside, Compared, Fact, Judgement, Page, Run, Table};
use redeliver::report::{Verdict, counted, grouped};

use super::super::{quoted, report};
use super::Told;

impl Told<'_> {
    pub(super) fn page(&self) -> Page {
        let outcome = self.outcome;
        let shown = outcome.violations.iter().zip(self.paths);
        let mut runs: Vec<Run> = shown
            .map(|(shown, path)| {
                let path = quoted(&path.to_string_lossy());
                let again = Fact::command("Play it again", format!("redeliver replay {path}"));
                self.run(shown, Verdict::Violated, Some(again))
            })
            .collect();
        let once = outcome.not_reproduced.iter();
        runs.extend(once.map(|it| self.run(it, Verdict::Inconclusive, None)));
        let properties = outcome.verdicts.iter().map(|(property, it)| Judgement {
            property: *property,
            verdict: Some(it.verdict),
            detail: match it.verdict {
                Verdict::Holds | Verdict::Inconclusive => it.detail.clone(),
                Verdict::Violated => String::new(),
            },
        });
        let command = self.command.iter().map(|it| quoted(it));
        let command = command.collect::<Vec<_>>().join(" ");
        let schedules = counted(outcome.schedules(), "schedule");
        Page {
            command: self.called.to_owned(),
            title: format!("{command}, in {schedules}"),
            verdict: outcome.verdict(),
            summary: Vec::new(),
            facts: self.facts(&command),
            runs,
            stages: Some(self.stages_as_table()),
            properties: properties.collect(),
            coverage: self.covered(),
        }
    }

    fn facts(&self, command: &str) -> Vec<Fact> {
        let outcome = self.outcome;
        let mut facts = vec![
            Fact::command("Handler", command),
            Fact::text("Events", outcome.names.join(", ")),
            Fact::text("Tables", outcome.tables.join(", ")),
            Fact::text("Seed", self.seed.to_string()),
            Fact::command("Repeat it", self.again.clone()),
        ];
        let notes = outcome.notes.iter();
        facts.extend(notes.map(|it| Fact::text("Note", it.clone())));
        facts
    }

    fn run(&self, shown: &Shown, verdict: Verdict, again: Option<Fact>) -> Run {
        let found = &shown.found;
        let property = found.violation.property;
        let happened = match verdict {
            Verdict::Violated => "violated",
            _ => "violated once, and not again",
        };
        let mut facts = vec![
            Fact::property(property),
            Fact::text("Engine", self.engine()),
            Fact::text("Seed", self.seed.to_string()),
            Fact::text("Schedules to failure", self.schedules_to_failure()),
            Fact::text("As found", counted(shown.originally as u64, "step")),
            Fact::text("As shown", report::size(found.size())),
            Fact::text(
                "Seen again",
                format!("in {} of {REPETITIONS} repetitions", shown.reproduced),
            ),
        ];
        facts.extend(again);
        Run {
            title: format!("{} {}, {happened}", property.id(), property.name()),
            facts,
            diagram: diagram(
                &found.plan,
                &self.outcome.names,
                &found.history,
                Some(&found.violation),
            ),
            beside: self.golden(shown),
        }
    }

    /// What the same events leave when nothing goes wrong.
    fn golden(&self, shown: &Shown) -> Option<Beside> {
        let notifications = shown.found.plan.notifications.iter();
        let events: BTreeSet<usize> = notifications.flat_map(|it| it.events.clone()).collect();
        let left = self.outcome.goldens.as_ref()?.left_in_words(&events);
        Some(Beside {
            title: "What the same events leave when nothing goes wrong".to_owned(),
            caption: "Every order of the events, each delivered once, alone. What the handler \
                      writes otherwise each time is left out."
                .to_owned(),
            shown: Compared::Table(Table {
                columns: vec![("Order", false), ("Row", false), ("What is in it", false)],
                rows: left.into_iter().map(Vec::from).collect(),
                notes: Vec::new(),
            }),
        })
    }

    /// The stages that were played, by their names.
    fn played(&self) -> Vec<(&'static str, Stage)> {
        let outcome = self.outcome;
        let all = [
            ("what was violated before", outcome.before),
            ("every schedule of small plans", outcome.exhaustive),
            ("at random", outcome.random),
            ("again, with retries that wait", outcome.patient),
        ];
        let played = all.into_iter().filter(|(_, it)| it.tally.schedules > 0);
        played.collect()
    }

    /// The stage that found what is violated: the first that does ends it.
    fn engine(&self) -> &'static str {
        self.played().last().map_or("", |(name, _)| name)
    }

    fn schedules_to_failure(&self) -> String {
        format!("at most {}", grouped(self.outcome.schedules()))
    }

    fn stages_as_table(&self) -> Table {
        let rows = self.played().into_iter().map(|(name, stage)| {
            let all = if stage.complete {
                "complete"
            } else {
                "INCOMPLETE"
            };
            vec![
                name.to_owned(),
                grouped(stage.tally.schedules),
                grouped(stage.tally.with_faults),
                all.to_owned(),
            ]
        });
        Table {
            columns: vec![
                ("Stage", false),
                ("Schedules", true),
                ("With faults", true),
                ("Covered", false),
            ],
            rows: rows.collect(),
            notes: vec![self.outcome.clock.clone()],
        }
    }

    fn covered(&self) -> Vec<Fact> {
        let outcome = self.outcome;
        let lanes = outcome.lanes;
        let mut covered = vec![
            Fact::text("Table calls", grouped(lanes.calls)),
            Fact::text("By clients themselves", grouped(lanes.own_retries)),
            Fact::text("Environments started", grouped(lanes.starts)),
        ];
        let accepted = outcome.accepted.iter();
        covered.extend(accepted.map(|(property, reason)| {
            Fact::text(
                "Violated, and accepted",
                format!("{}: {reason}", property.id()),
            )
        }));
        covered
    }
}
