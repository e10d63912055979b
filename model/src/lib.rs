//! What at-least-once delivery may do to a handler, as a pure state machine: no
//! I/O, no async, no clock and no randomness of its own.
//!
//! This crate is a place holder until the state machine lands.
