//! Any Lambda handler, in any language, unmodified: real processes, driven through
//! schedules of at-least-once delivery against a real DynamoDB API.
//!
//! ```text
//!                 runtime_api                       gate
//!   schedule ───▶ next invocation ─▶ the handler's ─▶ each table call is held, ─▶ DynamoDB API
//!                 ◀─ its answer      process          until the schedule says so
//! ```
//!
//! - [`function`]: how the handler is started, and what its environments are told.
//! - [`environment`]: one of its processes, and the Lambda Runtime API that serves it.
//! - [`gate`]: holds the process's table calls, and answers them as the schedule will.
//! - [`backend`]: the DynamoDB API behind the gate.
//! - [`outside`]: all that the process finds beside its tables.
//! - [`news`]: what processes do, in the order in which they do it.
//! - [`events`], [`plan`], [`documents`]: what is delivered.
//! - [`clock`]: the time that its processes see.
//! - [`lane`], [`run`], [`director`]: a run: who chooses, and what happens then.
//! - [`history`], [`story`]: what happened, and how it is told.
//! - [`golden`], [`mask`]: what the handler leaves when nothing goes wrong.
//! - [`judge`]: which properties a run breaks.
//! - [`search`]: which schedules are played.
//! - [`conduct`]: a whole check, to its verdict.
//! - [`options`], [`template`], [`saved`]: what it is told, and what it keeps.

mod answer;
pub mod backend;
mod clean;
pub mod clock;
pub mod conduct;
mod connection;
pub mod director;
pub mod documents;
pub mod environment;
pub mod events;
pub mod function;
pub mod gate;
pub mod golden;
pub mod history;
pub mod judge;
pub mod lane;
pub mod mask;
pub mod news;
pub mod options;
pub mod outside;
pub mod plan;
pub mod run;
pub mod saved;
pub mod search;
pub mod story;
pub mod template;
pub mod trouble;
