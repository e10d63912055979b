//! Futures that are polled by hand, and the host that suspends them.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use redeliver_model::delivery::InvocationId;
use redeliver_model::table::{Operation, Reply, Seconds};

use crate::table::{Boxed, Table};

/// What handlers in the simulation have of the world: a table, and a clock. A call
/// to the table suspends the invocation that makes it until the schedule lets it go
/// on.
#[derive(Clone, Debug, Default)]
pub struct Host {
    desk: Arc<Mutex<Desk>>,
}

/// What passes between the handler's futures and the run.
#[derive(Debug, Default)]
struct Desk {
    now: Seconds,
    polled: Option<InvocationId>,
    tickets: u64,
    waiting: Vec<(Ticket, Waker)>,
    replies: Vec<(Ticket, Reply)>,
    news: News,
}

/// What the run does not know yet.
#[derive(Debug, Default)]
pub(super) struct News {
    /// The calls that have been made.
    pub(super) made: Vec<MadeCall>,
    /// The calls that nobody waits for any more.
    pub(super) given_up: Vec<Ticket>,
}

/// What a call is known by between its future and the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// A call that has been made.
#[derive(Debug)]
pub(super) struct MadeCall {
    pub(super) ticket: Ticket,
    pub(super) invocation: InvocationId,
    pub(super) operation: Operation,
}

impl Host {
    /// The table, with the operations by name.
    pub fn table(&self) -> &dyn Table {
        self
    }

    /// The time.
    pub fn now(&self) -> Seconds {
        self.desk().now
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // One thread polls one future at a time, so nobody else holds the lock; and
        // a handler's panic leaves the desk as it was.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, calls are made by this invocation, at this time.
    pub(super) fn turn_to(&self, invocation: InvocationId, now: Seconds) {
        let mut desk = self.desk();
        desk.polled = Some(invocation);
        desk.now = now;
    }

    /// Answers a call, and wakes whoever waits for it.
    pub(super) fn answer(&self, ticket: Ticket, reply: Reply) {
        let mut desk = self.desk();
        desk.replies.push((ticket, reply));
        let waiting = desk.waiting.iter().position(|(it, _)| *it == ticket);
        let waker = waiting.map(|position| desk.waiting.swap_remove(position).1);
        drop(desk);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Hands over what has happened since the last time, in exchange for empty lists.
    pub(super) fn take_news(&self, news: &mut News) {
        std::mem::swap(&mut self.desk().news, news);
    }

    /// Whoever has been dropped needs no answer.
    pub(super) fn forget_given_up(&self) {
        self.desk().news.given_up.clear();
    }

    /// Another run begins, and nobody of this one is left.
    pub(super) fn begin_again(&self) {
        let mut desk = self.desk();
        let Desk {
            now,
            polled,
            tickets: _,
            waiting,
            replies,
            news,
        } = &mut *desk;
        *now = 0;
        *polled = None;
        waiting.clear();
        replies.clear();
        news.made.clear();
        news.given_up.clear();
    }
}

impl Table for Host {
    fn call(&self, operation: Operation) -> Boxed<'_, Reply> {
        Box::pin(Call {
            host: self,
            state: State::Unsent(Some(operation)),
        })
    }
}

struct Call<'a> {
    host: &'a Host,
    state: State,
}

enum State {
    Answered,
    Sent(Ticket),
    Unsent(Option<Operation>),
}

impl Future for Call<'_> {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Reply> {
        let mut desk = self.host.desk();
        match &mut self.state {
            State::Unsent(operation) => {
                let (Some(invocation), Some(operation)) = (desk.polled, operation.take()) else {
                    return Poll::Pending;
                };
                let ticket = Ticket(desk.tickets);
                desk.tickets += 1;
                desk.news.made.push(MadeCall {
                    ticket,
                    invocation,
                    operation,
                });
                desk.waiting.push((ticket, context.waker().clone()));
                self.state = State::Sent(ticket);
                Poll::Pending
            }
            State::Sent(ticket) => {
                let answered = desk.replies.iter().position(|(it, _)| it == ticket);
                let Some(position) = answered else {
                    return Poll::Pending;
                };
                let (_, reply) = desk.replies.swap_remove(position);
                self.state = State::Answered;
                Poll::Ready(reply)
            }
            State::Answered => Poll::Pending,
        }
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if let State::Sent(ticket) = self.state {
            let mut desk = self.host.desk();
            desk.waiting.retain(|(it, _)| *it != ticket);
            desk.replies.retain(|(it, _)| *it != ticket);
            desk.news.given_up.push(ticket);
        }
    }
}
