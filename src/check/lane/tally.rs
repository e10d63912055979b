//! What a lane has seen.

use std::time::Duration;

/// What a lane has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Table calls that were made.
    pub calls: u64,
    /// Requests that a client sent again by itself.
    pub own_retries: u64,
    /// Environments that were started.
    pub starts: u64,
    /// Time spent in waiting for environments to start.
    pub starting: Duration,
    /// Time from an error or a lost reply until the client sent its call again.
    pub backing_off: Duration,
    /// Time spent in waiting for environments that were silent, whatever for.
    pub silent: Duration,
    /// Time spent in waiting for deadlines.
    pub waiting: Duration,
}

impl Tally {
    /// What two lanes have seen.
    pub fn and(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            own_retries: self.own_retries + other.own_retries,
            starts: self.starts + other.starts,
            starting: self.starting + other.starting,
            backing_off: self.backing_off + other.backing_off,
            silent: self.silent + other.silent,
            waiting: self.waiting + other.waiting,
        }
    }
}
