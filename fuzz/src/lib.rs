//! What must hold of any input, one module for each fuzz target.
//!
//! Nothing here knows libFuzzer: `tests/fuzz_targets.rs` of the root compiles these
//! very files, and plain `cargo test` plays every seed and every regression to them.

#![forbid(unsafe_code)]

pub mod identity;
pub mod parse_event;
pub mod replay_file;
pub mod schedule;

// What the tests of the handler know already.
#[path = "../../handler/tests/support/agreement.rs"]
mod agreement;
#[path = "../../handler/tests/support/identity.rs"]
mod stated;
#[path = "../../handler/tests/support/written.rs"]
mod written;

/// Checks one input, and panics if anything is wrong with what comes of it.
pub type Check = fn(&[u8]);

/// Every target, by its name.
pub const TARGETS: [(&str, Check); 4] = [
    ("identity", identity::check),
    ("parse_event", parse_event::check),
    ("replay_file", replay_file::check),
    ("schedule", schedule::check),
];
