//! The reference handler of [Redeliver]: it records S3 object events in a
//! DynamoDB table, each as exactly one row, however often, in whatever order and
//! by however many invocations at once it is delivered.
//!
//! An invocation goes through these modules from left to right:
//!
//! ```text
//! bytes ─ notification ─▶ object events ─ keyed ─▶ idempotency keys ─ record ─▶ outcomes
//!          (object_key)               (identity)                      │
//!                                                   recorded_keys ────┤
//!                                                   table, dynamodb ──┘
//! ```
//!
//! - [`notification`] reads any document that can carry S3 events: [`parse_event`].
//! - [`identity`] says when two object events are the same one, and hashes that
//!   into the table's partition key.
//! - [`keyed`] decides what is to be done with each record, as far as no invocation
//!   changes it: a notification is keyed once, and recorded as often as it comes.
//! - [`record`] is the handler: for every event, insert unless present.
//! - [`table`] is the port it writes through; [`dynamodb`] (feature `aws`) is the
//!   port on aws-sdk-dynamodb.
//! - [`recorded_keys`] is the optional cache that spares a warm environment the
//!   writes it knows to be superfluous.
//!
//! The handler takes time and the invocation's request id as arguments, never
//! from its environment, so that a test can play any schedule to it.
//!
//! ```
//! use redeliver_handler::{IdentityPolicy, Parsed, parse_event};
//!
//! let document = br#"{"Records":[{"s3":{"bucket":{"name":"lambda-idempotency-demo"},
//!                                       "object":{"key":"red+flower.jpg"}}}]}"#;
//! let notification = parse_event(document);
//! let Parsed::Event(event) = &notification.records[0].parsed else { panic!() };
//! assert_eq!(event.key, "red flower.jpg");
//!
//! let identity = IdentityPolicy::Object.identify(event)?;
//! assert_eq!(identity.idempotency_key().to_string().len(), 64);
//! # Ok::<(), redeliver_handler::identity::Unidentifiable>(())
//! ```
//!
//! [Redeliver]: https://crates.io/crates/redeliver

pub mod configuration;
#[cfg(feature = "aws")]
pub mod dynamodb;
pub mod identity;
pub mod keyed;
pub mod notification;
pub mod object_event;
pub mod object_key;
pub mod record;
pub mod recorded_keys;
pub mod table;

pub use identity::{IdempotencyKey, IdentityPolicy};
pub use keyed::KeyedNotification;
pub use notification::{Ignored, Notification, Parsed, Rejected, parse_event};
pub use object_event::ObjectEvent;
pub use record::{Handler, Invocation, Outcome};
