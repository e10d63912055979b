//! The model that Redeliver judges handlers by: at-least-once delivery as a pure
//! state machine, the reference semantics of DynamoDB's table calls, the schedules
//! that lead through both, and the catalogue of properties that every history must
//! have.
//!
//! - [`delivery`]: notifications, deliveries, attempts, retries, dead letters.
//! - [`table`]: what a table does with a call.
//! - [`schedule`]: what happens next, and who decides it.
//! - [`history`]: what happened.
//! - [`property`]: RD-1 and so on, each with its check.
//!
//! Nothing here does I/O, waits, reads a clock or draws a random number, and
//! nothing here knows a handler: the crate `redeliver` brings the two together.

pub mod delivery;
pub mod history;
pub mod property;
pub mod schedule;
pub mod table;
