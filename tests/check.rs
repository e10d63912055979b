//! `redeliver check`, part by part and as a whole.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "check/command.rs"]
mod command;
#[path = "check/environment.rs"]
mod environment;
#[path = "check/gate.rs"]
mod gate;
#[path = "check/listening.rs"]
mod listening;
#[path = "check/outside.rs"]
mod outside;
