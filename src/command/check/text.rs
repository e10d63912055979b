//! A check for a person.

use redeliver::check::conduct::{Shown, Stage};
use redeliver::check::search::REPETITIONS;
use redeliver::check::story::story;
use redeliver::report::{Verdict, counted, grouped, printable, wrapped};

use super::super::quoted;
use super::Told;

/// How wide the text is.
const WIDTH: usize = 80;

impl Told<'_> {
    pub(super) fn text(&self) -> String {
        let mut told = String::new();
        if !self.quiet {
            self.head(&mut told);
            self.stages(&mut told);
            self.properties(&mut told);
        }
        self.accepted(&mut told);
        self.counterexamples(&mut told);
        self.verdict(&mut told);
        told
    }

    fn head(&self, told: &mut String) {
        let outcome = self.outcome;
        let events: Vec<_> = outcome.names.iter().map(|it| printable(it)).collect();
        let command = self.command.iter().map(|it| quoted(it));
        let command: Vec<_> = command.collect();
        paragraph(&format!("Handler: {}", command.join(" ")), told);
        paragraph(&format!("Events: {}", events.join(", ")), told);
        paragraph(&format!("Tables: {}", outcome.tables.join(", ")), told);
        paragraph(&format!("Seed {}. {}", self.seed, outcome.clock), told);
        for note in &outcome.notes {
            told.push('\n');
            paragraph(&format!("Note: {}", printable(note)), told);
        }
    }

    fn stages(&self, told: &mut String) {
        told.push_str(&format!(
            "\n{:<30}{:>11}{:>13}\n",
            "Stage", "schedules", "with faults"
        ));
        let outcome = self.outcome;
        let mut line = |name: &str, stage: &Stage| {
            if stage.tally.schedules == 0 {
                return;
            }
            told.push_str(&format!(
                "{name:<30}{:>11}{:>13}  {}\n",
                grouped(stage.tally.schedules),
                grouped(stage.tally.with_faults),
                if stage.complete {
                    "complete"
                } else {
                    "INCOMPLETE"
                },
            ));
        };
        line("what was violated before", &outcome.before);
        line("every schedule of small plans", &outcome.exhaustive);
        line("at random", &outcome.random);
        line("again, with retries that wait", &outcome.patient);
        let not_repeated = outcome.not_repeated();
        if not_repeated > 0 {
            let what = format!(
                "{} did not go as the same choices had gone before: the handler is not \
                 deterministic, and what follows from these was left out.",
                counted(not_repeated, "schedule")
            );
            paragraph(&what, told);
        }
        let lanes = outcome.lanes;
        let seconds = |it: std::time::Duration| format!("{:.1} s", it.as_secs_f64());
        let what = format!(
            "{}, {} by clients themselves; {} of environments. {} in all; of the time of all \
             lanes, {} for starts, {} while clients backed off, {} in silence, and {} until \
             deadlines.",
            counted(lanes.calls, "table call"),
            counted(lanes.own_retries, "retry").replace("retrys", "retries"),
            counted(lanes.starts, "start"),
            seconds(outcome.took),
            seconds(lanes.starting),
            seconds(lanes.backing_off),
            seconds(lanes.silent),
            seconds(lanes.waiting),
        );
        paragraph(&what, told);
    }

    fn properties(&self, told: &mut String) {
        told.push_str(&format!("\n{:<38}{}\n", "Property", "Verdict"));
        for (property, judged) in &self.outcome.verdicts {
            told.push_str(&format!(
                "{:<7}{:<31}{}\n",
                property.id(),
                property.name(),
                self.style.verdict(judged.verdict, 0),
            ));
            if judged.verdict == Verdict::Inconclusive {
                for line in wrapped(&printable(&judged.detail), WIDTH - 7) {
                    told.push_str(&format!("       {line}\n"));
                }
            }
        }
    }

    fn accepted(&self, told: &mut String) {
        for (property, reason) in &self.outcome.accepted {
            let what = format!(
                "{} is violated, and accepted: {}",
                property.id(),
                printable(reason)
            );
            told.push('\n');
            paragraph(&what, told);
        }
        for (property, reason) in &self.outcome.accepted_in_vain {
            let what = format!(
                "{} is not violated any more, but still accepted ({}): take the acceptance away.",
                property.id(),
                printable(reason)
            );
            told.push('\n');
            paragraph(&what, told);
        }
    }

    fn counterexamples(&self, told: &mut String) {
        let outcome = self.outcome;
        for (number, (shown, path)) in outcome.violations.iter().zip(self.paths).enumerate() {
            self.counterexample(shown, Verdict::Violated, number == 0, told);
            let path = quoted(&path.to_string_lossy());
            told.push_str(&format!("Play it again: redeliver replay {path}\n"));
        }
        for shown in &outcome.not_reproduced {
            self.counterexample(shown, Verdict::Inconclusive, true, told);
        }
    }

    fn counterexample(&self, shown: &Shown, verdict: Verdict, whole: bool, told: &mut String) {
        let found = &shown.found;
        let violation = &found.violation;
        let size = found.size();
        told.push_str(&format!(
            "\n{} {}, {} in {} with {}.\n",
            violation.property.id(),
            violation.property.name(),
            self.style.verdict(verdict, 0),
            counted(size.steps as u64, "step"),
            counted(size.faults as u64, "fault"),
        ));
        match whole {
            true => {
                told.push('\n');
                let (plan, names) = (&found.plan, &self.outcome.names);
                told.push_str(&story(plan, names, &found.history, Some(violation)));
            }
            false => paragraph(&printable(&violation.why), told),
        }
        let times = match shown.reproduced {
            0 => format!("Seen once, and not again in {REPETITIONS} repetitions."),
            REPETITIONS => format!("Seen again in each of {REPETITIONS} repetitions."),
            times => format!("Seen again in {times} of {REPETITIONS} repetitions."),
        };
        paragraph(&times, told);
    }

    fn verdict(&self, told: &mut String) {
        told.push_str(&format!(
            "\nVerdict: {}, in {}.\n",
            self.style.verdict(self.outcome.verdict(), 0),
            counted(self.outcome.schedules(), "schedule"),
        ));
    }
}

fn paragraph(text: &str, told: &mut String) {
    for line in wrapped(text, WIDTH) {
        told.push_str(&format!("{line}\n"));
    }
}
