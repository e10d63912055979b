//! Redeliver finds out in `cargo test` what people otherwise find out in
//! production: whether an event-driven handler survives at-least-once delivery.
//!
//! S3, SNS, EventBridge and Lambda's own queue deliver the same event twice, late,
//! out of order, to two invocations at once, and again after a crash. A handler is
//! right only if none of that can be seen in its table.
//!
//! What is here so far:
//!
//! - [`dynamodb`]: a DynamoDB API in this very process, and a client for any.
//! - [`backend`]: is a DynamoDB API fit to judge a handler by?
//! - [`walkthrough`]: the problem and its solution in six steps.
//!
//! The reference handler is the crate `redeliver-handler`.

pub mod backend;
pub mod dynamodb;
pub mod walkthrough;
