//! Two events that are easily taken for one another.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redeliver_fuzz::identity;

fuzz_target!(|bytes: &[u8]| identity::check(bytes));
