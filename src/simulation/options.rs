//! What may happen next.

use std::sync::Arc;

use redeliver_model::delivery::InvocationId;
use redeliver_model::schedule::{Choice, Fate, InFlight};
use redeliver_model::table::Operation;

use super::run::Run;

/// Enumerates what may happen next, and leaves out what leads only where another
/// order of commuting calls leads as well.
///
/// Two calls of different invocations commute if they touch no item in common.
/// Of all the orders that such swaps lead to, one has no call of an earlier
/// invocation right behind a commuting call of a later one: that one is played,
/// the others are cut. A start, a return, a crash and a late write commute with
/// nothing.
pub(super) struct Options {
    reduced: bool,
    /// The call that was carried out last, if the last choice was one.
    last: Option<(InvocationId, Arc<Operation>)>,
}

impl Options {
    pub(super) fn new(reduced: bool) -> Self {
        Self {
            reduced,
            last: None,
        }
    }

    /// Remembers what is about to happen.
    pub(super) fn taken(&mut self, choice: Choice, run: &Run<'_>) {
        self.last = match choice {
            Choice::Call(invocation, _) => {
                let operation = run.port.pending(invocation);
                operation.map(|operation| (invocation, operation))
            }
            _ => None,
        };
    }

    /// Whether anything may happen, and which of it is worth playing.
    pub(super) fn of(&self, run: &Run<'_>) -> (bool, Vec<Choice>) {
        let all = possible(run);
        let any = !all.is_empty();
        let worth = |choice: &Choice| !self.reduced || !self.comes_too_late(*choice, run);
        (any, all.into_iter().filter(worth).collect())
    }

    /// Whether a call could have been made before the last one just as well, and
    /// its invocation comes before.
    fn comes_too_late(&self, choice: Choice, run: &Run<'_>) -> bool {
        let (Some((last, operation)), Choice::Call(invocation, _)) = (&self.last, choice) else {
            return false;
        };
        let pending = run.port.pending(invocation);
        invocation < *last && pending.is_some_and(|it| it.keys().is_disjoint(&operation.keys()))
    }
}

fn possible(run: &Run<'_>) -> Vec<Choice> {
    let mut choices: Vec<Choice> = run.deliveries.due().map(Choice::Start).collect();
    let faults = run.faults < run.scene.faults;
    for (&id, invocation) in &run.invocations {
        match run.port.pending(id) {
            Some(operation) => {
                choices.push(Choice::Call(id, Fate::Answered));
                if faults {
                    let fates = fates(&operation).iter();
                    choices.extend(fates.map(|&fate| Choice::Call(id, fate)));
                    let crashes = crashes(&operation).iter();
                    choices.extend(crashes.map(|&in_flight| Choice::Crash(id, in_flight)));
                }
            }
            None => {
                choices.push(Choice::Return(id));
                if faults {
                    choices.push(Choice::Crash(id, InFlight::Never));
                }
            }
        }
        if faults && run.scene.zombies && !invocation.zombie {
            choices.push(Choice::TimeOut(id));
        }
    }
    // A write that is never applied is dropped when nothing else is left, since
    // nobody can tell when it was.
    let nothing_else = choices.is_empty();
    for (position, &(id, _)) in run.late.iter().enumerate() {
        let first_of_its_invocation = run.late.iter().position(|it| it.0 == id) == Some(position);
        if first_of_its_invocation {
            choices.push(Choice::ApplyLate(id));
            if nothing_else {
                choices.push(Choice::DropLate(id));
            }
        }
    }
    choices
}

/// What may go wrong with a call.
fn fates(operation: &Operation) -> &'static [Fate] {
    match operation {
        Operation::Read {
            consistent: false, ..
        } => &[Fate::ServerError, Fate::Stale, Fate::Throttled],
        Operation::Read {
            consistent: true, ..
        } => &[Fate::ServerError, Fate::Throttled],
        _ => &[
            Fate::Conflict,
            Fate::Late,
            Fate::ReplyLost,
            Fate::Resent,
            Fate::ServerError,
            Fate::ServerErrorAfterWrite,
            Fate::Throttled,
        ],
    }
}

/// What may become of a call whose caller crashes.
fn crashes(operation: &Operation) -> &'static [InFlight] {
    match operation.is_write() {
        true => &[InFlight::Applied, InFlight::Late, InFlight::Never],
        false => &[InFlight::Never],
    }
}
