//! The model's own tests. They are one program, so that it is linked once for each
//! mutant.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod attempts;
mod calls;
mod case;
mod commuting;
mod convergence;
mod deliveries;
mod delivery;
mod effects;
mod event;
mod expectation;
mod goal;
mod history;
mod keys;
mod latest_state;
mod operation;
mod property;
mod rows;
mod scene;
mod schedule;
mod strategy;
mod support;
mod table;
mod world;
