//! The catalogue is complete, and what it names is there: each property has an entry
//! with tests that cite it, each rogue is named by the property that it breaks, and no
//! comment speaks of a property that there is not.
//!
//! A test cites a property by its id, as in RD-4 or RD-1 to RD-3: in the comment above
//! it, in its own lines, at the head of its file, or in its name, as in
//! `rd_1_and_2_an_acknowledged_event_has_a_row`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "catalogue/citations.rs"]
mod citations;
#[path = "catalogue/page.rs"]
mod page;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use citations::{Function, comments, ids, ids_of_a_name};
use redeliver::catalogue::{CHECKLIST, Entry, LIMITS, Test};
use redeliver::gallery::{EXHIBITS, Verdict, exhibit};
use redeliver_model::property::Property;

#[test]
fn every_property_has_an_entry_with_sources_of_aws() {
    let entries = Entry::all().unwrap();
    let properties: Vec<_> = entries.iter().map(|it| it.property).collect();
    assert_eq!(properties, Property::ALL);
    for entry in entries {
        let sourced = entry.why.contains("](https://docs.aws.amazon.com/");
        assert!(sourced, "{} has no source", entry.property.id());
        assert!(entry.citation().starts_with(entry.property.id()));
    }
}

#[test]
fn every_test_that_an_entry_names_is_there_and_cites_the_property() {
    let mut missing = Vec::new();
    for entry in Entry::all().unwrap() {
        let (property, id) = (entry.property, entry.property.id());
        assert!(!entry.tests.is_empty(), "{id}");
        let amiss = entry.tests.iter();
        let amiss = amiss.filter_map(|it| amiss_with(property, it, &source(&it.file)));
        missing.extend(amiss.map(|reason| format!("{id}: {reason}")));
    }
    assert_eq!(missing, [""; 0]);
}

#[test]
fn no_comment_cites_a_property_that_there_is_not() {
    let mut cited = BTreeSet::new();
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        let is_code = file.extension().is_some_and(|it| it == "rs");
        for id in ids(&if is_code { comments(&text) } else { text }) {
            let known = id.parse::<Property>().is_ok();
            assert!(known, "{} cites {id}", file.display());
            cited.insert(id);
        }
    }
    let all = Property::ALL.map(|it| it.id().to_owned());
    assert_eq!(
        cited,
        BTreeSet::from(all),
        "every property is cited somewhere"
    );
}

#[test]
fn every_rogue_is_complete_and_is_named_by_the_property_that_it_breaks() {
    let linked = |it: &str| format!("(crate::gallery::{})", it.replace('-', "_"));
    for rogue in EXHIBITS {
        let Verdict::Wrong { breaks, remedy, .. } = rogue.verdict else {
            continue;
        };
        let review = Entry::of(breaks).unwrap().review;
        let (name, id) = (rogue.name, breaks.id());
        assert!(review.contains(&linked(name)), "{id} does not name {name}");
        for text in [rogue.summary, rogue.source, remedy] {
            assert!(!text.is_empty(), "{name}");
        }
        assert!(!rogue.explanation().is_empty(), "{name}");
    }
}

#[test]
fn every_link_leads_to_a_property_or_to_a_handler_of_its_name() {
    let mut texts = vec![CHECKLIST, LIMITS];
    for entry in Entry::all().unwrap() {
        texts.extend([entry.why, entry.checked, entry.review]);
    }
    let mut links = 0;
    for text in texts {
        for (before, after) in text
            .match_indices("](crate::")
            .map(|(at, _)| text.split_at(at))
        {
            let label = before.rsplit('[').next().unwrap();
            let target = after.strip_prefix("](crate::").unwrap();
            let target = target.split(')').next().unwrap();
            let expected = match label.parse::<Property>() {
                Ok(it) => format!("catalogue::{}", it.id().to_lowercase().replace('-', "_")),
                Err(_) => format!("gallery::{}", label.replace('-', "_")),
            };
            assert_eq!(target, expected);
            assert!(
                label.starts_with("RD-") || exhibit(label).is_some(),
                "{label}"
            );
            links += 1;
        }
    }
    assert!(links > 80, "only {links}");
}

#[test]
fn the_checklist_fits_a_page_and_asks_about_every_property() {
    assert!(CHECKLIST.lines().count() <= 70);
    let cited: BTreeSet<_> = ids(CHECKLIST).into_iter().collect();
    assert_eq!(cited.len(), Property::ALL.len());
}

/// What is amiss with a test that an entry names.
fn amiss_with(property: Property, test: &Test, source: &str) -> Option<String> {
    let Test { file, name } = test;
    let Some(function) = Function::named(name, source) else {
        return Some(format!("{file} has no function {name}"));
    };
    if !function.is_test {
        return Some(format!("{name} in {file} is no test"));
    }
    let mut cited = ids(&function.lines);
    cited.extend(ids(&citations::head(source)));
    cited.extend(ids_of_a_name(name));
    let cites = cited.iter().any(|it| it == property.id());
    (!cites).then(|| format!("{name} in {file} does not cite {}", property.id()))
}

#[test]
fn a_test_that_is_not_there_is_none_or_cites_nothing_is_noticed() {
    let source = "//! RD-2 to RD-4.\n\n/// RD-5\n#[test]\nfn one() {\n    two();\n}\n\n\
                  fn two() {}\n\n#[test]\nfn rd_1_and_7_three() {\n    \"RD-9\";\n}\n";
    let amiss = |id: &str, name: &str| {
        let name = name.to_owned();
        let file = "a.rs".to_owned();
        amiss_with(id.parse().unwrap(), &Test { file, name }, source)
    };
    for id in ["RD-2", "RD-3", "RD-4", "RD-5"] {
        assert_eq!(amiss(id, "one"), None, "{id}");
    }
    for id in ["RD-1", "RD-7", "RD-9"] {
        assert_eq!(amiss(id, "rd_1_and_7_three"), None, "{id}");
    }
    assert!(
        amiss("RD-6", "one")
            .unwrap()
            .ends_with("does not cite RD-6")
    );
    assert!(amiss("RD-5", "rd_1_and_7_three").is_some());
    assert_eq!(amiss("RD-2", "two").unwrap(), "two in a.rs is no test");
    assert_eq!(amiss("RD-2", "on").unwrap(), "a.rs has no function on");
}

fn source(file: &str) -> String {
    let path = root().join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of code or text that is ours.
fn sources() -> Vec<PathBuf> {
    let mut folders: Vec<_> = [
        "handler",
        "model",
        "src",
        "tests",
        "fuzz/src",
        "ci/benchmark/src",
    ]
    .map(|it| root().join(it))
    .into();
    let mut files: Vec<_> = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"]
        .map(|it| root().join(it))
        .into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let skipped = path.ends_with("target") || path.ends_with("node_modules");
            match path.is_dir() {
                true if skipped => {}
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files.retain(|it| it.extension().is_some_and(|it| it == "rs" || it == "md"));
    files
}
