//! The fuzz targets' checks, on every seed and every regression, without a fuzzer.

#![allow(clippy::unwrap_used)]

// What is public there is so for libFuzzer's programs.
#[allow(dead_code, unreachable_pub)]
#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fuzz::{Check, TARGETS};

/// How many inputs there must be, so that none is lost unnoticed.
const INPUTS: usize = 98;

#[test]
fn every_seed_and_every_regression_passes_the_check_of_its_target() {
    let mut played = 0;
    for (name, check) in TARGETS {
        let regressions = files_in(&fuzz_folder().join("regressions").join(name));
        assert!(!regressions.is_empty(), "no regression of {name}");
        for file in seeds(name).into_iter().chain(regressions) {
            play(check, &file);
            played += 1;
        }
    }
    assert!(played >= INPUTS, "only {played} inputs");
}

/// A panic says what is wrong, but not with which file.
fn play(check: Check, file: &Path) {
    let input = fs::read(file).unwrap();
    if std::panic::catch_unwind(|| check(&input)).is_err() {
        panic!("{} does not pass, see above", file.display());
    }
}

#[test]
fn every_target_has_its_program_and_nothing_else_is_fuzzed() {
    let known: BTreeSet<String> = TARGETS.map(|(name, _)| name.to_owned()).into();
    let stem = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let names = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(fuzz_folder().join(folder)).unwrap();
        entries.map(|entry| stem(&entry.unwrap().path())).collect()
    };
    assert_eq!(names("fuzz_targets"), known);
    assert_eq!(names("regressions"), known);
    assert!(names("seeds").is_subset(&known));

    let manifest = fs::read_to_string(fuzz_folder().join("Cargo.toml")).unwrap();
    let programs = manifest.split("[[bin]]\nname = \"").skip(1);
    let programs = programs.map(|rest| rest.split('"').next().unwrap().to_owned());
    assert_eq!(programs.collect::<BTreeSet<String>>(), known);
}

/// The documents that the parser's own tests read are its seeds as well.
fn seeds(name: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seeds = match name {
        "parse_event" => files_in(&root.join("handler/tests/documents")),
        _ => files_in(&fuzz_folder().join("seeds").join(name)),
    };
    seeds.retain(|file| file.extension().is_some_and(|it| it == "json"));
    seeds
}

fn fuzz_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The files in a folder, in order; none if it is not there.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
