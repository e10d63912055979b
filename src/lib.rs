//! Redeliver finds out in `cargo test` what people otherwise find out in
//! production: whether an event-driven handler survives at-least-once delivery.
//!
//! S3, SNS, EventBridge and Lambda's own queue deliver the same event twice, late,
//! out of order, to two invocations at once, and again after a crash. A handler is
//! right only if none of that can be seen in its table.
//!
//! The [`book`] explains it, in this order:
//!
//! 1. [Background](book::background): what AWS promises.
//! 2. [The model](book::the_model): what can happen, as one machine.
//! 3. [Writing a check](book::writing_a_check): scenes, engines, verdicts.
//! 4. [Checking a handler of your own](harness), in Rust.
//! 5. [Checking a handler in any language](book::any_handler), as processes.
//! 6. [Reading a counterexample](book::reading_a_counterexample).
//! 7. [Limitations](book::limitations): what none of this proves.
//!
//! The [`catalogue`] is there to be cited: the properties RD-1 to RD-13, and a
//! [checklist](catalogue::checklist) for reviewers. The [`gallery`] has the handlers
//! that look right and break them.
//!
//! # Modules
//!
//! - [`harness`]: a handler of your own, from here to its counterexample.
//! - [`simulation`]: a real handler under a schedule, on the model's table.
//! - [`engine`]: who chooses the schedules: all of them, some at random, a saved one.
//! - [`table`]: the port that handlers for the simulation are written against.
//! - [`dynamodb`]: a DynamoDB API in this very process, and a client for any.
//! - `check`: any Lambda handler, in any language, as real processes (on Linux).
//! - [`backend`]: is a DynamoDB API fit to judge a handler by?
//! - [`walkthrough`]: the problem and its solution in six steps.
//!
//! The last four, and what the command is made of, need the feature `dynamodb`, which
//! is on by default; `check` needs the feature of its name.
//!
//! The reference handler is the crate [`redeliver_handler`], the model the crate
//! [`redeliver_model`].

/// The model: what is delivered, what may go wrong, and what must hold.
pub use redeliver_model as model;

#[cfg(feature = "dynamodb")]
pub mod backend;
pub mod book;
pub mod catalogue;
#[cfg(all(feature = "check", target_os = "linux"))]
pub mod check;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
pub mod engine;
pub mod gallery;
pub mod handlers;
pub mod harness;
pub mod monitor;
pub mod report;
pub mod saved;
pub mod simulation;
pub mod table;
#[cfg(feature = "dynamodb")]
pub mod verify;
#[cfg(feature = "dynamodb")]
pub mod walkthrough;
