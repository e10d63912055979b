//! What an environment may ask for when: it is initialised, then it asks for an
//! invocation, answers it, asks for the next.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Method, Response, StatusCode};
use tokio::sync::oneshot;

use super::super::NotInvoked;
use super::requests::{answer_with, error, too_large};
use crate::check::news::{EnvironmentId, Happened, News, Sender};

/// How often it is told that the API was misused. A handler may go on with that.
const MISUSES_TOLD: u32 = 100;

/// Of what a process sent, so much is repeated.
const LONGEST_QUOTATION: usize = 100;

type Handed = Response<Full<Bytes>>;

/// Where an environment is in its life. All that happens is told in its order.
#[derive(Debug)]
pub(super) struct Lifecycle {
    environment: EnvironmentId,
    news: Sender,
    misuses: AtomicU32,
    phase: Mutex<Phase>,
}

#[derive(Debug)]
enum Phase {
    /// It has not asked for anything.
    Initialising,
    /// It asked for an invocation, and waits here for it.
    Waiting(oneshot::Sender<Handed>),
    /// It was handed this invocation.
    Invoked {
        request_id: String,
        /// The invocation itself, if the connection it was asked for on was closed.
        undelivered: Option<Handed>,
    },
    /// It answered its invocation.
    Answered,
}

/// What comes of asking for an invocation.
#[derive(Debug)]
pub(super) enum Next {
    Invocation(Handed),
    Wait(oneshot::Receiver<Handed>),
}

/// How an invocation ended.
pub(super) enum Answer {
    Success(Bytes),
    Failure(Bytes),
    /// With an answer that Lambda does not take, which it makes a failure of.
    TooLarge,
}

impl Lifecycle {
    pub(super) fn new(environment: EnvironmentId, news: Sender) -> Self {
        Self {
            environment,
            news,
            misuses: AtomicU32::new(0),
            phase: Mutex::new(Phase::Initialising),
        }
    }

    pub(super) fn next(&self) -> Result<Next, Refusal> {
        let mut phase = self.phase();
        match &mut *phase {
            Phase::Initialising | Phase::Answered => self.tell(Happened::Waits),
            // It asks again because its connection was closed, which is no news.
            Phase::Waiting(hand) if hand.is_closed() => {}
            Phase::Waiting(_) => return Err(Refusal::asked_again()),
            Phase::Invoked {
                request_id,
                undelivered,
            } => {
                let undelivered = undelivered.take();
                return undelivered
                    .map(Next::Invocation)
                    .ok_or_else(|| Refusal::not_answered(request_id));
            }
        }
        let (hand, handed) = oneshot::channel();
        *phase = Phase::Waiting(hand);
        Ok(Next::Wait(handed))
    }

    pub(super) fn invoke(&self, request_id: String, invocation: Handed) -> Result<(), NotInvoked> {
        let mut phase = self.phase();
        let invoked = Phase::Invoked {
            request_id,
            undelivered: None,
        };
        match std::mem::replace(&mut *phase, invoked) {
            Phase::Waiting(hand) => {
                if let (Err(returned), Phase::Invoked { undelivered, .. }) =
                    (hand.send(invocation), &mut *phase)
                {
                    *undelivered = Some(returned);
                }
                Ok(())
            }
            other => {
                *phase = other;
                Err(NotInvoked::NotWaiting)
            }
        }
    }

    pub(super) fn answer(&self, request_id: &str, answer: Answer) -> Result<(), Refusal> {
        let mut phase = self.phase();
        match &*phase {
            Phase::Invoked { request_id: it, .. } if it == request_id => {}
            _ => return Err(Refusal::not_its_invocation(request_id)),
        }
        *phase = Phase::Answered;
        let request_id = request_id.to_owned();
        self.tell(match answer {
            Answer::Success(body) => Happened::Answered { request_id, body },
            Answer::Failure(error) => Happened::Failed { request_id, error },
            Answer::TooLarge => Happened::Failed {
                request_id,
                error: too_large(),
            },
        });
        Ok(())
    }

    pub(super) fn init_failed(&self, error: Bytes) -> Result<(), Refusal> {
        // The lock is held until it has been told.
        let phase = self.phase();
        if !matches!(*phase, Phase::Initialising) {
            return Err(Refusal::initialised());
        }
        self.tell(Happened::InitFailed { error });
        Ok(())
    }

    pub(super) fn misused(&self, how: String) {
        if self.misuses.fetch_add(1, Ordering::Relaxed) < MISUSES_TOLD {
            self.tell(Happened::Misused { how });
        }
    }

    fn tell(&self, what: Happened) {
        let from = self.environment;
        // Nobody listens any more: nobody needs to know.
        let _ = self.news.send(News { from, what });
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is not granted, in the words of Lambda's own error types.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    /// What was done that may not be done.
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn no_such_resource(method: &Method, path: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            kind: "NotFound",
            message: format!("asked for what there is not: {method} {}", quoted(path)),
        }
    }

    pub(super) fn asked_again() -> Self {
        Self::invalid_transition("asked for an invocation while it waited for one".to_owned())
    }

    fn not_answered(request_id: &str) -> Self {
        let request_id = quoted(request_id);
        let message = format!("asked for an invocation before it answered {request_id}");
        Self::invalid_transition(message)
    }

    fn not_its_invocation(request_id: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "InvalidRequestID",
            message: format!(
                "answered {}, which is not its invocation or is answered already",
                quoted(request_id)
            ),
        }
    }

    fn initialised() -> Self {
        let message = "reported an initialisation error after its initialisation".to_owned();
        Self::invalid_transition(message)
    }

    fn invalid_transition(message: String) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            kind: "InvalidStateTransition",
            message,
        }
    }

    pub(super) fn response(&self) -> Response<Full<Bytes>> {
        answer_with(self.status, error(self.kind, &self.message))
    }
}

fn quoted(sent: &str) -> String {
    let quoted: String = sent.chars().take(LONGEST_QUOTATION).collect();
    format!("{quoted:?}")
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::*;

    fn lifecycle() -> (Lifecycle, UnboundedReceiver<News>) {
        let (sender, news) = unbounded_channel();
        (Lifecycle::new(EnvironmentId(1), sender), news)
    }

    fn invocation() -> Handed {
        answer_with(StatusCode::OK, Bytes::new())
    }

    #[test]
    fn an_invocation_is_not_lost_with_the_connection_that_it_was_asked_for_on() {
        let (lifecycle, _news) = lifecycle();
        drop(lifecycle.next().unwrap());
        lifecycle.invoke("1".to_owned(), invocation()).unwrap();
        let next = lifecycle.next().unwrap();
        assert!(matches!(next, Next::Invocation(_)));
        assert!(lifecycle.next().is_err());
        lifecycle
            .answer("1", Answer::Success(Bytes::new()))
            .unwrap();
    }

    #[test]
    fn that_it_asks_again_because_its_connection_was_closed_is_no_news() {
        let (lifecycle, mut news) = lifecycle();
        drop(lifecycle.next().unwrap());
        let Next::Wait(mut waiting) = lifecycle.next().unwrap() else {
            panic!("there is no invocation yet");
        };
        assert!(matches!(news.try_recv().unwrap().what, Happened::Waits));
        assert!(news.try_recv().is_err());
        lifecycle.invoke("1".to_owned(), invocation()).unwrap();
        waiting.try_recv().unwrap();
    }
}
