//! What the test suites share: backends to run on, a gate to break them with, and
//! seeds.

#![allow(
    dead_code,
    reason = "each suite is a crate of its own and uses a part of this"
)]

pub(crate) mod backend;
pub(crate) mod gate;
pub(crate) mod seed;
