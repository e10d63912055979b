//! What the tests have in common.

mod entropy;
mod handlers;
mod judging;
mod operations;
mod stage;

pub(crate) use entropy::*;
pub(crate) use handlers::*;
pub(crate) use judging::*;
pub(crate) use operations::*;
pub(crate) use stage::*;
