//! How fast documents are parsed, compared with what a function would do that has no
//! parser of its own: `serde_json::from_slice::<S3Event>`, of `aws_lambda_events`.
//!
//! The documents are those that the parser is tested with. Many of them `S3Event`
//! refuses, and then it has read less of them: so those that it accepts race by
//! themselves as well. The aim is one and a half times its speed. A third contestant only
//! makes sure that a document is JSON, without opening any envelope in it: whoever reads
//! by serde_json has to do that, and more.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use aws_lambda_events::event::s3::S3Event;
use redeliver_handler::parse_event;
use serde::de::IgnoredAny;

use crate::race::{Contestant, Race};

/// How long a contestant parses at a stretch: too short to be interrupted often.
const TURN: Duration = Duration::from_micros(500);

/// How many documents are named at either end.
const EXTREMES: usize = 5;

struct Document {
    name: String,
    bytes: Vec<u8>,
}

impl Document {
    fn is_accepted(&self) -> bool {
        serde_json::from_slice::<S3Event>(&self.bytes).is_ok()
    }
}

pub(crate) fn race_s3_event() {
    let all: Vec<&Document> = documents().leak().iter().collect();
    let (accepted, refused): (Vec<_>, Vec<_>) = all.iter().partition(|it| it.is_accepted());
    for (which, documents) in [
        ("documents in all", &all),
        ("that S3Event accepts", &accepted),
        ("that it refuses", &refused),
    ] {
        println!("\n{} {which}", documents.len());
        race(documents).print(&["S3Event"]);
    }

    let ratio = |it| race(&[it]).ratio("parse_event", "S3Event");
    let mut ratios: Vec<_> = all.iter().map(|it| (ratio(it), it)).collect();
    ratios.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let (worst, best) = (&ratios[..EXTREMES], &ratios[ratios.len() - EXTREMES..]);
    println!("\nOne by one, the worst and the best");
    for (ratio, document) in worst.iter().chain(best) {
        let refused = match document.is_accepted() {
            true => "",
            false => "    S3Event refuses it",
        };
        println!("  {:<46}{ratio:>16.2}{refused}", document.name);
    }
}

fn race(documents: &[&'static Document]) -> Race {
    let contestant = |name, parse: fn(&[u8])| {
        let documents = documents.to_vec();
        Contestant::new(name, move || {
            documents.iter().for_each(|it| parse(black_box(&it.bytes)));
            documents.len() as u64
        })
    };
    let contestants = vec![
        contestant("S3Event", |bytes| {
            drop(black_box(serde_json::from_slice::<S3Event>(bytes)));
        }),
        contestant("parse_event", |bytes| drop(black_box(parse_event(bytes)))),
        contestant("is it JSON?", |bytes| {
            drop(black_box(serde_json::from_slice::<IgnoredAny>(bytes)));
        }),
    ];
    Race::run(contestants, TURN)
}

/// The documents of the parser's tests, by name.
fn documents() -> Vec<Document> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../handler/tests/documents");
    let files = fs::read_dir(folder).expect("the folder is part of the repository");
    let paths = files.map(|it| it.expect("the folder can be listed").path());
    let of_json = paths.filter(|it| it.extension().is_some_and(|it| it == "json"));
    let mut documents: Vec<Document> = of_json
        .map(|path| Document {
            name: path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            bytes: fs::read(path).expect("the document can be read"),
        })
        .collect();
    documents.sort_by(|one, other| one.name.cmp(&other.name));
    documents
}
