//! A verification for a person.

use redeliver::report::{Verdict, counted, grouped, story, wrapped};
use redeliver::verify::{Reach, Reached};

use super::super::quoted;
use super::Told;

/// How wide the text is.
const WIDTH: usize = 80;

impl Told<'_> {
    pub(super) fn text(&self) -> String {
        let mut told = String::new();
        if !self.arguments.output.quiet {
            self.head(&mut told);
            self.stages(&mut told);
            self.not_played(&mut told);
            self.properties(&mut told);
            self.goals(&mut told);
        }
        self.counterexamples(&mut told);
        self.verdict(&mut told);
        told
    }

    fn head(&self, told: &mut String) {
        let what = match self.handler.is_reference() {
            true => "The reference handler",
            false => &format!("The gallery's {}", self.handler.name),
        };
        let seed = self.plan.seed;
        told.push_str(&format!(
            "{what}, under every identity policy. Seed {seed}.\n"
        ));
        let names = self.handler.configurations.iter();
        let names: Vec<_> = names.map(|it| it.subject.name()).collect();
        if names.len() > 1 {
            paragraph(&format!("Configurations: {}.", names.join(", ")), 0, told);
        }
    }

    fn stages(&self, told: &mut String) {
        told.push_str(&format!(
            "\n{:<12}{:<14}{:>11}{:>13}{:>11}\n",
            "Stage", "Verdict", "schedules", "table calls", "faults"
        ));
        for stage in &self.verification.stages {
            let coverage = &stage.coverage;
            told.push_str(&format!(
                "{:<12}{}{:>11}{:>13}{:>11}  {}\n",
                stage.name,
                self.arguments.output.style().verdict(stage.verdict, 14),
                grouped(coverage.schedules),
                grouped(coverage.calls),
                grouped(coverage.faults),
                if stage.complete {
                    "complete"
                } else {
                    "INCOMPLETE"
                },
            ));
            for note in &stage.notes {
                paragraph(note, 12, told);
            }
        }
    }

    fn not_played(&self, told: &mut String) {
        let names = &self.verification.not_played;
        if !names.is_empty() {
            paragraph(
                &format!("Not played any more: {}.", names.join(", ")),
                0,
                told,
            );
        }
    }

    fn properties(&self, told: &mut String) {
        told.push_str(&format!(
            "\n{:<38}{:<14}{:>11}\n",
            "Property", "Verdict", "schedules"
        ));
        for judgement in &self.verification.properties {
            let property = judgement.property;
            told.push_str(&format!(
                "{:<7}{:<31}{}{:>11}\n",
                property.id(),
                property.name(),
                self.arguments.output.style().verdict(judgement.verdict, 14),
                grouped(judgement.schedules),
            ));
        }
    }

    fn goals(&self, told: &mut String) {
        told.push('\n');
        for (label, names) in self.situations() {
            paragraph(&format!("{label}: {names}."), 0, told);
        }
    }

    /// The situations that were reached, and those that were not, by the reasons.
    pub(super) fn situations(&self) -> Vec<(&'static str, String)> {
        let goals = &self.verification.goals;
        let mut situations = Vec::new();
        let mut list = |label, wanted: &dyn Fn(&Reached) -> bool| {
            let names: Vec<_> = goals
                .iter()
                .filter(|it| wanted(it))
                .map(|it| it.goal.name())
                .collect();
            if !names.is_empty() {
                situations.push((label, names.join(", ")));
            }
        };
        let missing = |reach| move |it: &Reached| !it.reached && it.reach == reach;
        list("Situations reached", &|it| it.reached);
        list(
            "NOT REACHED, so nothing is proved of them",
            &missing(Reach::Required),
        );
        list(
            "Not reached, which depends on the handler",
            &missing(Reach::ByHandler),
        );
        list("Not reached before the end", &missing(Reach::EndedEarly));
        list("Not reached in this shard", &missing(Reach::ByShard));
        list(
            "Not reached, since nothing goes wrong in this scope",
            &missing(Reach::TooLittle),
        );
        situations
    }

    fn counterexamples(&self, told: &mut String) {
        for (number, (found, path)) in self.verification.found.iter().zip(self.paths).enumerate() {
            let counterexample = &found.counterexample;
            let violation = &counterexample.violation;
            let size = counterexample.size();
            told.push_str(&format!(
                "\n{} {}, {} by {}, in {} with {}.\n",
                violation.property.id(),
                violation.property.name(),
                self.arguments.output.style().verdict(Verdict::Violated, 0),
                found.handler,
                counted(size.steps as u64, "step"),
                counted(size.faults as u64, "fault"),
            ));
            // The smallest comes first; the others often are the same again.
            match number {
                0 => {
                    told.push('\n');
                    let scene = &counterexample.case.scene;
                    told.push_str(&story(scene, &counterexample.history, Some(violation)));
                }
                _ => paragraph(&redeliver::report::printable(&violation.because), 0, told),
            }
            let path = quoted(&path.to_string_lossy());
            told.push_str(&format!("Play it again: redeliver replay {path}\n"));
        }
    }

    fn verdict(&self, told: &mut String) {
        let verdict = self.verification.verdict();
        let judged = self.verification.stages.iter().filter(|it| it.judges);
        let schedules = judged.map(|it| it.coverage.schedules).sum();
        told.push_str(&format!(
            "\nVerdict: {}, in {}.\n",
            self.arguments.output.style().verdict(verdict, 0),
            counted(schedules, "schedule"),
        ));
        let repeat = super::repeat(self.arguments, self.plan);
        told.push_str(&format!("Repeat it: {repeat}\n"));
    }
}

fn paragraph(text: &str, indent: usize, told: &mut String) {
    for line in wrapped(text, WIDTH - indent) {
        told.push_str(&format!("{:indent$}{line}\n", ""));
    }
}
