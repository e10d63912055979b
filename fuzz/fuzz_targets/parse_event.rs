//! Any bytes as a document for the parser.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redeliver_fuzz::parse_event;

fuzz_target!(|document: &[u8]| parse_event::check(document));
