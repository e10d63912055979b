//! An environment: one process of the handler, behind a Runtime API of its own.

#[path = "environment/kit.rs"]
mod kit;
#[path = "environment/life.rs"]
mod life;
#[path = "environment/output.rs"]
mod output;
#[path = "environment/rogues.rs"]
mod rogues;
#[path = "environment/runtime_api.rs"]
mod runtime_api;
#[path = "environment/variables.rs"]
mod variables;
