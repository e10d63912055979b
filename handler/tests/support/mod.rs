//! What the tests of the parser share: documents from the folder, and documents
//! and envelopes written from events. What stands in files of its own here is used by
//! the fuzz targets' oracles as well (`fuzz/src`).

// Each test crate compiles this module for itself and uses its own part of it.
#![allow(dead_code)]

pub(crate) mod agreement;
pub(crate) mod identity;
pub(crate) mod random_document;
pub(crate) mod written;

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;
use redeliver_handler::{Notification, ObjectEvent, Parsed};

/// The shortest event that there is, without its surroundings.
pub(crate) const MINIMAL: &str =
    r#"{"Records":[{"s3":{"bucket":{"name":"lambda-idempotency-demo"},"object":{"key":"a"}}}]}"#;

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/documents")
}

/// Every document of the folder, under its name without `.json`, in order.
pub(crate) fn documents() -> Vec<(String, Vec<u8>)> {
    names_ending_in(".json")
        .into_iter()
        .map(|name| {
            let document = fs::read(folder().join(format!("{name}.json"))).unwrap();
            (name, document)
        })
        .collect()
}

pub(crate) fn names_ending_in(extension: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(extension)?.to_owned()))
        .collect();
    names.sort();
    names
}

/// Counterexamples are not saved: a failure worth keeping becomes a document of
/// the folder, with a name and an expectation, where every test and the fuzzer
/// find it.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(cases),
    };
    eprintln!("PROPTEST_RNG_SEED={seed} repeats this run");
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..config
    }
}

/// The one event that a document holds.
pub(crate) fn only_event(notification: &Notification) -> &ObjectEvent {
    match notification.records.as_slice() {
        [record] => match &record.parsed {
            Parsed::Event(event) => event,
            other => panic!("no event: {other:?}"),
        },
        records => panic!("{} records", records.len()),
    }
}
