//! Futures that are polled by hand, and the table that suspends them.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use redeliver_model::delivery::InvocationId;
use redeliver_model::history::Answer;
use redeliver_model::table::{Operation, Reply};

use crate::table::Table;

/// The table that handlers in the simulation call. A call suspends the invocation
/// that makes it until the schedule lets it go on.
#[derive(Clone, Debug, Default)]
pub struct SimulatedTable {
    calls: Arc<Mutex<Calls>>,
}

/// The invocation that is being polled, and the call of each that waits.
#[derive(Debug, Default)]
struct Calls {
    polled: Option<InvocationId>,
    waiting: BTreeMap<InvocationId, Waiting>,
}

#[derive(Debug)]
enum Waiting {
    ForReply(Arc<Operation>),
    ToGoOn(Reply),
}

impl SimulatedTable {
    fn calls(&self) -> MutexGuard<'_, Calls> {
        // One thread polls one future at a time: a panic in a handler ends the run.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets an invocation run to its next call or its end.
    pub(super) fn poll(
        &self,
        invocation: InvocationId,
        future: &mut Pin<Box<dyn Future<Output = Answer> + Send>>,
    ) -> Poll<Answer> {
        self.calls().polled = Some(invocation);
        future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    }

    /// The call that an invocation waits for.
    pub(super) fn pending(&self, invocation: InvocationId) -> Option<Arc<Operation>> {
        match self.calls().waiting.get(&invocation) {
            Some(Waiting::ForReply(operation)) => Some(Arc::clone(operation)),
            Some(Waiting::ToGoOn(_)) | None => None,
        }
    }

    /// Answers the call that an invocation waits for.
    pub(super) fn answer(&self, invocation: InvocationId, reply: Reply) {
        self.calls()
            .waiting
            .insert(invocation, Waiting::ToGoOn(reply));
    }

    /// Forgets the call of an invocation that has crashed.
    pub(super) fn forget(&self, invocation: InvocationId) {
        self.calls().waiting.remove(&invocation);
    }
}

impl Table for SimulatedTable {
    fn call(&self, operation: Operation) -> Pin<Box<dyn Future<Output = Reply> + Send + '_>> {
        let mut operation = Some(Arc::new(operation));
        Box::pin(poll_fn(move |_| {
            let mut calls = self.calls();
            let Some(invocation) = calls.polled else {
                return Poll::Pending;
            };
            if let Some(operation) = operation.take() {
                calls
                    .waiting
                    .insert(invocation, Waiting::ForReply(operation));
                return Poll::Pending;
            }
            match calls.waiting.remove(&invocation) {
                Some(Waiting::ToGoOn(reply)) => Poll::Ready(reply),
                Some(still_waiting) => {
                    calls.waiting.insert(invocation, still_waiting);
                    Poll::Pending
                }
                None => Poll::Pending,
            }
        }))
    }
}
