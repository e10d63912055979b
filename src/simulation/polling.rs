//! Polling a handler that may panic.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::task::{Context, Poll};
use std::thread;

use redeliver_model::history::Answer;

use crate::table::Boxed;

thread_local! {
    static IS_POLLED: Cell<bool> = const { Cell::new(false) };
}

/// From now on, no panic of a handler is reported on standard error, in the whole
/// process: it is part of what is played, and told in the history. Every other panic
/// is reported as before.
pub fn leave_out_panics_of_handlers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_POLLED.get() {
                report(panic);
            }
        }));
    });
}

/// Polls a handler's future once.
pub(super) fn poll(
    future: &mut Boxed<'static, Answer>,
    context: &mut Context<'_>,
) -> thread::Result<Poll<Answer>> {
    IS_POLLED.set(true);
    let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
    IS_POLLED.set(false);
    polled
}
