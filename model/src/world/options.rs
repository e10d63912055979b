//! What may happen next.

use super::{Live, World};
use crate::scene::Hosting;
use crate::schedule::{Choice, Fate, InFlight, Wait};
use crate::table::{Operation, Seconds};

impl World<'_> {
    /// What may happen next; nothing once the run has come to rest.
    ///
    /// What goes on without a fault comes first, so that the first option, taken
    /// again and again, leads to the end without one.
    pub fn options(&self, options: &mut Vec<Choice>) {
        options.clear();
        for live in &self.live {
            match live.answer {
                None => {
                    let calls = self.all_pending(live.id).iter();
                    options.extend(calls.map(|(call, _)| Choice::Call(*call, Fate::Answered)));
                }
                Some(_) => options.push(Choice::Return(live.id)),
            }
        }
        let due = self.deliveries.due(self.first_deadline());
        options.extend(due.map(Choice::Start));
        // Whether a write that is never applied is dropped sooner or later, nobody
        // can tell: it is dropped when nothing else is left.
        let nothing_else = options.is_empty();
        for (call, _) in &self.late {
            if nothing_else {
                options.push(Choice::DropLate(*call));
            }
            options.push(Choice::ApplyLate(*call));
        }
        if options.is_empty() {
            return;
        }
        if self.table.has_expired(self.now) {
            options.push(Choice::Sweep);
        }
        if self.waits < self.scene.waits {
            let until = self.first_deadline();
            let waits = Wait::ALL.into_iter();
            let waits = waits.filter(|wait| self.now + wait.seconds() <= until);
            options.extend(waits.map(Choice::Wait));
        }
        if self.faults < self.scene.faults {
            self.live
                .iter()
                .for_each(|live| self.faults_of(live, options));
        }
    }

    /// How long time may pass: beyond this, an invocation under way would have timed
    /// out. What has timed out already has no such limit.
    fn first_deadline(&self) -> Seconds {
        let in_time = self.live.iter().filter(|live| !live.zombie);
        in_time
            .map(|live| live.deadline)
            .min()
            .unwrap_or(Seconds::MAX)
    }

    fn faults_of(&self, live: &Live, options: &mut Vec<Choice>) {
        let mut in_flight = false;
        for (call, operation) in self.all_pending(live.id) {
            let fates = fates(operation).iter();
            options.extend(fates.map(|&fate| Choice::Call(*call, fate)));
            in_flight |= operation.is_write();
        }
        let crashes: &[InFlight] = match in_flight {
            true => &[InFlight::Applied, InFlight::Late, InFlight::Never],
            false => &[InFlight::Never],
        };
        options.extend(crashes.iter().map(|&it| Choice::Crash(live.id, it)));
        // The first deadline passes first.
        let is_next = !live.zombie && live.deadline <= self.first_deadline();
        if self.scene.hosting == Hosting::Managed && is_next {
            options.push(Choice::TimeOut(live.id));
        }
    }
}

/// What may go wrong with a call.
fn fates(operation: &Operation) -> &'static [Fate] {
    match operation {
        Operation::Batch { .. } => &[
            Fate::Late,
            Fate::ReplyLost,
            Fate::ServerError,
            Fate::ServerErrorAfterWrite,
            Fate::Throttled,
            Fate::Unprocessed,
        ],
        Operation::Effect(_) => &[
            Fate::Late,
            Fate::ReplyLost,
            Fate::Resent,
            Fate::ServerError,
            Fate::ServerErrorAfterWrite,
            Fate::Throttled,
        ],
        Operation::Read {
            consistent: false, ..
        } => &[Fate::ServerError, Fate::Stale, Fate::Throttled],
        Operation::Read {
            consistent: true, ..
        } => &[Fate::ServerError, Fate::Throttled],
        Operation::Transact { .. } | Operation::Write { .. } => &[
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
