//! What it takes for a run to go as it does.

use super::{CallFate, Diagram, Event, Step};

impl Diagram {
    /// What happens until the breach, or else until the end, that need not happen in a
    /// quiet hour: duplicates, overlaps, faults; each with the first step that shows it.
    pub fn takes(&self) -> Vec<String> {
        let last = self.breach.as_ref().map_or(self.steps.len(), |it| it.step);
        let mut takes = Vec::new();
        for (number, step) in self.steps.iter().enumerate().take(last + 1) {
            for what in self.taken_by(number, step) {
                if !takes.iter().any(|(known, _)| *known == what) {
                    takes.push((what, number + 1));
                }
            }
        }
        match takes.is_empty() {
            true => vec!["a single delivery, with nothing going wrong".to_owned()],
            false => takes
                .into_iter()
                .map(|(what, step)| format!("{what} (step {step})"))
                .collect(),
        }
    }

    fn taken_by(&self, number: usize, step: &Step) -> Vec<&'static str> {
        match step.event {
            Event::Arrival {
                attempt,
                again,
                out_of_order,
                ..
            } => {
                let under_way = (0..self.invocations.len()).filter(|it| {
                    let (start, end) = self.life(*it);
                    start < number && number < end
                });
                let facts = [
                    (again && attempt == 1, "a duplicate"),
                    (attempt > 1, "a retry"),
                    (out_of_order, "deliveries out of order"),
                    (under_way.count() > 0, "two invocations at once"),
                ];
                let true_ones = facts.into_iter().filter(|(is, _)| *is);
                true_ones.map(|(_, what)| what).collect()
            }
            Event::Call { fate, .. } => match fate {
                CallFate::Done | CallFate::Read | CallFate::ConditionFailed => Vec::new(),
                CallFate::Stale => vec!["a read of an earlier state"],
                CallFate::ReplyLost => {
                    vec!["a call that is carried out without its caller hearing so"]
                }
                CallFate::Refused => vec!["a refused call"],
                CallFate::Late => vec!["a write that may come late"],
            },
            Event::Afterwards { .. } => vec!["a write that comes late"],
            Event::Crash { .. } => vec!["a crash"],
            Event::TimeOut => vec!["a timeout"],
            Event::Return(_) => Vec::new(),
            Event::Meanwhile => vec!["time that passes"],
        }
    }
}
