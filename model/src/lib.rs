//! The model that Redeliver judges handlers by: at-least-once delivery as a pure
//! state machine, the reference semantics of DynamoDB's table calls, the schedules
//! that lead through both, and the catalogue of properties that every history must
//! have.
//!
//! - [`event`]: what happened to objects, and when two happenings are the same one.
//! - [`delivery`]: notifications, deliveries, attempts, retries, dead letters.
//! - [`table`]: what a table does with a call.
//! - [`scene`]: what is played to a handler, and how much may go wrong.
//! - [`world`]: all of this as one machine, in which one thing happens at a time.
//! - [`schedule`]: what happens next, and who decides it.
//! - [`history`]: what happened.
//! - [`property`]: RD-1 and so on, each with its check.
//! - [`goal`]: situations that a run must have reached to prove anything.
//! - `strategy` (feature `proptest`): scenes and schedules for property tests.
//!
//! Nothing here does I/O, waits, reads a clock or draws a random number, and
//! nothing here knows a handler: the crate `redeliver` brings the two together.

pub mod delivery;
pub mod event;
pub mod goal;
pub mod history;
pub mod property;
pub mod scene;
pub mod schedule;
#[cfg(feature = "proptest")]
pub mod strategy;
pub mod table;
pub mod world;
