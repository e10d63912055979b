//! The calls that invocations make, and what befalls them.

use std::sync::Arc;

use super::{Demand, PendingCall, World};
use crate::delivery::InvocationId;
use crate::history::{Call, Step};
use crate::schedule::{CallId, Fate};
use crate::table::{Failure, Operation, Reason, Reply};

impl World<'_> {
    /// Notes that an invocation has made a call, and waits for it to be answered.
    pub fn called(&mut self, invocation: InvocationId, operation: Operation) -> CallId {
        let Some(position) = self.position(invocation) else {
            let number = 0;
            return CallId { invocation, number };
        };
        let live = &mut self.live[position];
        live.calls_made += 1;
        let number = live.calls_made;
        let call = CallId { invocation, number };
        let place = self.pending.partition_point(|(it, _)| *it < call);
        self.pending.insert(place, (call, Arc::new(operation)));
        call
    }

    /// Notes that an invocation does not wait for a call any more, though it has not
    /// been answered: it may be applied later or never.
    pub fn abandoned(&mut self, call: CallId) {
        if let Some(operation) = self.take_pending(call) {
            self.leave(call, operation);
        }
    }

    pub(super) fn answer_call(&mut self, call: CallId, fate: Fate, step: &mut Step) -> Demand {
        let Some(operation) = self.take_pending(call) else {
            return Demand::Nothing;
        };
        let reply = match fate {
            Fate::Answered => self.execute(&operation, step),
            Fate::Conflict => conflict(&operation),
            Fate::Late => {
                self.late.push((call, Arc::clone(&operation)));
                Reply::Failed(Failure::NoReply)
            }
            Fate::ReplyLost => {
                self.execute(&operation, step);
                Reply::Failed(Failure::NoReply)
            }
            Fate::Resent => self.execute_and_resend(&operation, step),
            Fate::ServerError => Reply::Failed(Failure::ServerError),
            Fate::ServerErrorAfterWrite => {
                self.execute(&operation, step);
                Reply::Failed(Failure::ServerError)
            }
            Fate::Stale => match &*operation {
                Operation::Read { key, .. } => self.table.read_stale(key),
                _ => self.execute(&operation, step),
            },
            Fate::Throttled => Reply::Failed(Failure::Throttled),
            Fate::Unprocessed => match &*operation {
                Operation::Batch { writes } => {
                    self.table.execute_in_part(writes, &mut step.changes)
                }
                _ => self.execute(&operation, step),
            },
        };
        let told = Some(reply.clone());
        step.call = Some(Call {
            operation,
            reply: told,
        });
        Demand::Resume(call, reply)
    }

    /// A transaction that succeeded does so again: the SDK gives every call a
    /// request token if its caller does not, and sends the same one again.
    fn execute_and_resend(&mut self, operation: &Operation, step: &mut Step) -> Reply {
        let first = self.execute(operation, step);
        match (operation, &first) {
            (Operation::Transact { .. }, Reply::Written) => first,
            _ => self.execute(operation, step),
        }
    }

    /// Carries out a call, and notes what it changed.
    pub(super) fn execute(&mut self, operation: &Operation, step: &mut Step) -> Reply {
        step.performed += u32::from(matches!(operation, Operation::Effect(_)));
        self.table.execute(operation, self.now, &mut step.changes)
    }

    /// A call that nobody waits for any more. A read has no consequence.
    pub(super) fn leave(&mut self, call: CallId, operation: Arc<Operation>) {
        if operation.is_write() {
            self.late.push((call, operation));
        }
    }

    /// The calls that an invocation waits for.
    pub(super) fn all_pending(&self, invocation: InvocationId) -> &[PendingCall] {
        let name = |(call, _): &PendingCall| call.invocation;
        let begin = self.pending.partition_point(|it| name(it) < invocation);
        let end = self.pending.partition_point(|it| name(it) <= invocation);
        &self.pending[begin..end]
    }

    /// A call that an invocation waits for; none if it does not.
    pub(super) fn pending(&self, call: CallId) -> &[PendingCall] {
        match self.pending_position(call) {
            Some(position) => &self.pending[position..=position],
            None => &[],
        }
    }

    fn pending_position(&self, call: CallId) -> Option<usize> {
        self.pending.iter().position(|(id, _)| *id == call)
    }

    fn take_pending(&mut self, call: CallId) -> Option<Arc<Operation>> {
        let position = self.pending_position(call)?;
        Some(self.pending.remove(position).1)
    }

    pub(super) fn take_first_pending(&mut self, invocation: InvocationId) -> Option<PendingCall> {
        let mut calls = self.pending.iter();
        let position = calls.position(|(call, _)| call.invocation == invocation)?;
        Some(self.pending.remove(position))
    }

    pub(super) fn take_late(&mut self, call: CallId) -> Option<Arc<Operation>> {
        let position = self.late.iter().position(|(late, _)| *late == call)?;
        Some(self.late.remove(position).1)
    }
}

/// What a call is answered with while a transaction is at work on its item.
fn conflict(operation: &Operation) -> Reply {
    match operation {
        Operation::Transact { writes, .. } => {
            let mut reasons = vec![Reason::None; writes.len()];
            if let Some(first) = reasons.first_mut() {
                *first = Reason::Conflict;
            }
            Reply::Cancelled(reasons)
        }
        _ => Reply::Failed(Failure::Conflict),
    }
}
