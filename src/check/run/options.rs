//! What may happen next.

use redeliver_model::schedule::{Choice, Fate, InFlight};

use super::{Live, Patience, Run};

/// The most invocations at once.
const MOST_AT_ONCE: usize = 8;

impl Run<'_> {
    /// What may happen next; nothing once the run has come to rest, or while everything
    /// under way sleeps.
    ///
    /// What goes on without a fault comes first, so that the first option, taken again
    /// and again, leads to the end without one.
    pub(super) fn options(&self) -> Vec<Choice> {
        let mut options = Vec::new();
        for live in &self.live {
            match live.answer {
                Some(_) if live.waits => options.push(Choice::Return(live.id)),
                Some(_) => {}
                None => {
                    let calls = live.pending.iter();
                    options.extend(calls.map(|it| Choice::Call(it.id, Fate::Answered)));
                }
            }
        }
        if self.live.len() < MOST_AT_ONCE {
            let due = self.attempts.due();
            let due = due.filter(|&it| !self.attempts.is_retry(it) || self.may_retry());
            options.extend(due.map(Choice::Start));
        }
        let nothing_else = options.is_empty() && self.live.is_empty();
        for late in &self.late {
            if nothing_else {
                options.push(Choice::DropLate(late.id));
            }
            options.push(Choice::ApplyLate(late.id));
        }
        if self.faults < self.plan.faults {
            self.live.iter().for_each(|it| faults_of(it, &mut options));
        }
        options
    }

    fn may_retry(&self) -> bool {
        match self.patience {
            Patience::Deadlines => self.live.is_empty(),
            Patience::None => true,
        }
    }

    /// Whether a choice that cannot be taken now may be taken later, when an invocation
    /// under way has done something.
    pub(super) fn may_become_possible(&self, choice: Choice) -> bool {
        let Some(invocation) = choice.invocation() else {
            return false;
        };
        let live = self.live.iter().find(|it| it.id == invocation);
        live.is_some_and(Live::is_asleep)
    }
}

fn faults_of(live: &Live, options: &mut Vec<Choice>) {
    let mut in_flight = false;
    if live.answer.is_none() {
        for call in &live.pending {
            let asked = call.held.asked();
            let fates = asked.fates().iter();
            options.extend(fates.map(|&fate| Choice::Call(call.id, fate)));
            in_flight |= asked.is_write();
        }
    }
    let crashes: &[InFlight] = match in_flight {
        true => &[InFlight::Applied, InFlight::Late, InFlight::Never],
        false => &[InFlight::Never],
    };
    options.extend(crashes.iter().map(|&it| Choice::Crash(live.id, it)));
}
