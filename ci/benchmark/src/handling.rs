//! What all contestants have in common: the event, and the handler that meets it.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use redeliver::simulation::Host;
use redeliver::table::{ReferencePort, Table};
use redeliver_handler::record::{Report, Settings};
use redeliver_handler::table::EpochSeconds;
use redeliver_handler::{Handler, Invocation, KeyedNotification, Outcome, parse_event};

const DOCUMENT: &[u8] = br#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3",
    "awsRegion":"us-east-1","eventTime":"2026-11-18T09:46:40.000Z","eventName":"ObjectCreated:Put",
    "userIdentity":{"principalId":"AWS:REDELIVER"},"requestParameters":{"sourceIPAddress":"192.0.2.1"},
    "s3":{"bucket":{"name":"b"},"object":{"key":"invoice.txt","eTag":"etag-1","sequencer":"9"}}}]}"#;

/// What an invocation is handed.
pub(crate) enum Input {
    /// A document, to be parsed and keyed.
    Document,
    /// The same, parsed and keyed.
    Keyed(KeyedNotification),
}

impl Input {
    pub(crate) fn document() -> Self {
        Self::Document
    }

    pub(crate) fn keyed() -> Self {
        Self::Keyed(keyed())
    }

    /// One invocation of the handler.
    pub(crate) async fn handle<T: Table>(
        &self,
        handler: &Handler<ReferencePort<T>>,
        invocation: &Invocation,
    ) -> Report {
        match self {
            Self::Document => handler.record(&keyed(), invocation).await,
            Self::Keyed(notification) => handler.record(notification, invocation).await,
        }
    }
}

/// The kit's port, with no table of its own yet.
pub(crate) fn port() -> ReferencePort<Host> {
    ReferencePort::new(Host::default())
}

pub(crate) fn keyed() -> KeyedNotification {
    Settings::default().key(parse_event(DOCUMENT))
}

/// Invocations that meet in threads, on a table that never lets them wait.
pub(crate) struct Threads {
    input: Input,
    invocations: Vec<Invocation>,
}

impl Threads {
    pub(crate) fn new(invocations: usize, input: Input) -> Arc<Self> {
        let invocations = (1..=invocations).map(|number| Invocation {
            request_id: format!("request-{number}").into(),
            now: EpochSeconds(0),
        });
        let invocations = invocations.collect();
        Arc::new(Self { input, invocations })
    }

    pub(crate) fn count(&self) -> usize {
        self.invocations.len()
    }

    pub(crate) fn invoke<T: Table>(
        &self,
        handler: &Handler<ReferencePort<T>>,
        number: usize,
    ) -> Outcome {
        let handled = pin!(self.input.handle(handler, &self.invocations[number]));
        match handled.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(mut report) => report.outcomes.remove(0).outcome,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    /// One invocation has inserted the row, and the others have found it.
    pub(crate) fn judge(&self, outcomes: &[Outcome]) {
        let count = |wanted| outcomes.iter().filter(|it| **it == wanted).count();
        let expected = (1, self.count() - 1);
        assert_eq!(
            (count(Outcome::Inserted), count(Outcome::Duplicate)),
            expected
        );
    }
}
