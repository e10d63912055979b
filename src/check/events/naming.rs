//! What events are called in reports.

use std::collections::{BTreeMap, BTreeSet};

use redeliver_handler::ObjectEvent;

use super::{Events, Renaming, Source};
use crate::report::printable;

/// The longest name, in characters.
const MAX_CHARS: usize = 60;

/// A name for each event, each different: the object's key, with what tells it from
/// the others where the key does not; the place in its file if it is about no object.
pub(super) fn names(events: &Events) -> Vec<String> {
    let objects = (0..events.len()).map(|event| events.object_event(event, Renaming::default()));
    let objects: Vec<Option<ObjectEvent>> = objects.collect();
    let buckets = objects.iter().flatten().map(|it| it.bucket.as_str());
    let several = buckets.collect::<BTreeSet<_>>().len() > 1;
    let name = |(number, object): (usize, &Option<ObjectEvent>)| match (object, &events.source) {
        (Some(object), _) if several => format!("{}/{}", object.bucket, object.key),
        (Some(object), _) => object.key.clone(),
        (None, Source::Own(own)) => own.place(number).to_owned(),
        (None, Source::Generated(_)) => format!("event {}", number + 1),
    };
    let names: Vec<String> = objects.iter().enumerate().map(name).collect();
    let names = names.iter().map(|it| shortened(&printable(it))).collect();
    let names = told_apart(names, &objects, |it| {
        Some(format!("version {}", it.version_id.as_deref()?))
    });
    let names = told_apart(names, &objects, |it| {
        Some(format!("sequencer {}", it.sequencer.as_ref()?))
    });
    numbered(names)
}

fn shortened(name: &str) -> String {
    match name.chars().count() {
        0..=MAX_CHARS => name.to_owned(),
        _ => name.chars().take(MAX_CHARS - 1).chain(['…']).collect(),
    }
}

/// The names, where several are alike with what is said of their objects.
fn told_apart(
    names: Vec<String>,
    objects: &[Option<ObjectEvent>],
    say: impl Fn(&ObjectEvent) -> Option<String>,
) -> Vec<String> {
    let counts = counts(&names);
    let named = names.iter().zip(objects).map(|(name, object)| {
        let said = object.as_ref().and_then(&say);
        match said.filter(|_| counts[name] > 1) {
            Some(said) => format!("{name} ({})", shortened(&printable(&said))),
            None => name.clone(),
        }
    });
    named.collect()
}

/// The names, where several are alike with a number each.
fn numbered(names: Vec<String>) -> Vec<String> {
    let mut numbered: Vec<String> = Vec::new();
    for name in &names {
        let others = (2..).map(|number| format!("{name} #{number}"));
        let free = |it: &String| !numbered.contains(it) && (it == name || !names.contains(it));
        let chosen = std::iter::once(name.clone()).chain(others).find(free);
        numbered.push(chosen.expect("there are more numbers than names"));
    }
    numbered
}

fn counts(names: &[String]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name.clone()).or_default() += 1;
    }
    counts
}
