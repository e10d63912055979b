//! For a program. Texts with links are Markdown.

use redeliver::catalogue::Entry;
use redeliver::gallery::{EXHIBITS, Exhibit, Verdict};
use redeliver_model::property::Property;
use serde_json::{Value, json};

use super::{CHAPTERS, Subject, judged, rogues};

pub(super) fn of(subject: &Subject) -> Value {
    match subject {
        Subject::All(entries) => all(entries),
        Subject::Chapter(name, text) => chapter(name, text),
        Subject::Handler(exhibit) => handler(exhibit),
        Subject::Property(entry) => property(entry),
    }
}

fn all(entries: &[Entry]) -> Value {
    let properties: Vec<_> = entries.iter().map(property).collect();
    let handlers: Vec<_> = EXHIBITS.iter().map(handler).collect();
    let chapters = CHAPTERS.map(|(name, text)| chapter(name, text));
    json!({ "properties": properties, "handlers": handlers, "chapters": chapters })
}

fn chapter(name: &str, text: &str) -> Value {
    json!({ "name": name, "text": text })
}

fn property(entry: &Entry) -> Value {
    let property = entry.property;
    let tests = entry.tests.iter();
    let tests = tests.map(|it| json!({ "file": it.file, "name": it.name }));
    json!({
        "id": property.id(),
        "name": property.name(),
        "statement": property.statement(),
        "judges": judged(property),
        "broken_by": rogues(property),
        "why": entry.why,
        "checked": entry.checked,
        "tests": tests.collect::<Vec<_>>(),
        "review": entry.review,
        "citation": entry.citation(),
    })
}

fn handler(exhibit: &Exhibit) -> Value {
    let remedy = match exhibit.verdict {
        Verdict::Right => None,
        Verdict::Wrong { remedy, .. } => Some(remedy),
    };
    json!({
        "name": exhibit.name,
        "summary": exhibit.summary,
        "explanation": exhibit.explanation(),
        "breaks": exhibit.breaks().map(Property::id),
        "remedy": remedy,
        "source": exhibit.source,
        "code": exhibit.handler(),
    })
}
