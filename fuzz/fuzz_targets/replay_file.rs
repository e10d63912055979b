//! Any bytes as a file with a saved counterexample.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redeliver::simulation::leave_out_panics_of_handlers;
use redeliver_fuzz::replay_file;

// A handler that panics is one that can be played: only the kit's own panics count.
fuzz_target!(init: leave_out_panics_of_handlers(), |file: &[u8]| replay_file::check(file));
