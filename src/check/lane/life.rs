//! The lives of a lane's tables, and what each has for itself.

use redeliver_model::delivery::{InvocationId, Route};

/// The lives of a lane's tables so far. No two lives have a request id in common, be they
/// of one lane or of several: what holds a request id is told by its being another one
/// each time.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Lives {
    lane: u8,
    begun: u32,
}

impl Lives {
    /// The lives of the lane of this number, none of which has begun.
    pub(super) fn of_lane(lane: u8) -> Self {
        Self { lane, begun: 0 }
    }

    /// The next one begins.
    pub(super) fn begin(&mut self) {
        self.begun += 1;
    }

    /// The request id of an attempt: Lambda's own retries keep theirs, a queue's messages
    /// get a new one each time they are received.
    pub(in crate::check) fn request_id(self, attempt: InvocationId, route: Route) -> String {
        let named = match route.queue() {
            Some(_) => attempt.attempt,
            None => 1,
        };
        let (name, delivery) = (self.name(), attempt.delivery + 1);
        format!("{name}-0000-4000-8000-{delivery:06x}{named:06x}")
    }

    /// The root of the traces of all its invocations.
    pub(super) fn trace_id(self) -> String {
        format!("Root=1-{}-000000000000000000000001", self.name())
    }

    fn name(self) -> String {
        format!("{:02x}{:06x}", self.lane, self.begun)
    }
}

#[cfg(test)]
mod tests {
    use redeliver_model::delivery::Queue;

    use super::*;

    const FIRST: InvocationId = InvocationId {
        delivery: 0,
        attempt: 1,
    };

    #[test]
    fn no_two_lives_have_a_request_id_in_common() {
        let mut ids = std::collections::BTreeSet::new();
        for lane in [0, 1, 255] {
            let mut lives = Lives::of_lane(lane);
            for _ in 0..3 {
                lives.begin();
                assert!(ids.insert(lives.request_id(FIRST, Route::Direct)));
            }
        }
    }

    #[test]
    fn a_retry_of_lambda_keeps_its_request_id_and_a_message_gets_another() {
        let lives = Lives::of_lane(0);
        let again = InvocationId {
            attempt: 2,
            ..FIRST
        };
        let id = |attempt, route| lives.request_id(attempt, route);
        assert_eq!(id(FIRST, Route::Direct), id(again, Route::Direct));
        let queue = Route::Sqs(Queue {
            receives: 3,
            partial_batches: false,
        });
        assert_ne!(id(FIRST, queue), id(again, queue));
    }
}
