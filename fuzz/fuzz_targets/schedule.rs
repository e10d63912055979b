//! Schedules out of bytes, played to the handler that `REDELIVER_HANDLER` names.

#![no_main]

use std::process::exit;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use redeliver::handlers::Handler;
use redeliver::simulation::leave_out_panics_of_handlers;
use redeliver_fuzz::schedule;

static HANDLER: LazyLock<Handler> = LazyLock::new(|| {
    schedule::handler().unwrap_or_else(|error| {
        eprintln!("{error}");
        exit(2)
    })
});

fuzz_target!(
    init: {
        // A handler that panics is told in the history, and no crash of the target.
        leave_out_panics_of_handlers();
        LazyLock::force(&HANDLER);
    },
    |bytes: &[u8]| schedule::check_handler(&HANDLER, bytes)
);
