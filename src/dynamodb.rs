//! The DynamoDB API: one to talk to, and something to talk to it with.
//!
//! The kit speaks the API's JSON over plain HTTP itself, so that it builds without
//! the AWS SDK, and sees and sends exactly what it wants to.

mod answer;
mod client;
mod embedded;
mod recorded;
mod request;

pub use answer::{Unforeseen, items, reply};
pub use client::{Client, Failure, InvalidEndpoint};
pub use embedded::{Embedded, NotStarted};
pub use recorded::RecordedTable;
pub use request::Request;
