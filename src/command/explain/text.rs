//! For a person.

use redeliver::catalogue::{self, Entry, HEADINGS, Unreadable, flow};
use redeliver::gallery::{EXHIBITS, Exhibit, Verdict};
use redeliver_model::property::Property;

use super::{Subject, judged, rogues};

pub(super) fn told(subject: &Subject) -> Result<String, Unreadable> {
    match subject {
        Subject::All(entries) => Ok(list(entries)),
        Subject::Chapter(_, text) => catalogue::told(text),
        Subject::Handler(exhibit) => Ok(handler(exhibit)),
        Subject::Property(entry) => property(entry),
    }
}

fn list(entries: &[Entry]) -> String {
    let mut told = String::from("Properties\n");
    for Entry { property, .. } in entries {
        told.push_str(&format!("  {:<6} {}\n", property.id(), property.name()));
    }
    let mut section = |title: &str, rogues: bool| {
        told.push_str(&format!("\n{title}\n"));
        let wanted = |it: &&Exhibit| it.breaks().is_some() == rogues;
        for exhibit in EXHIBITS.iter().filter(wanted) {
            let id = exhibit.breaks().map_or("", Property::id);
            told.push_str(&format!("  {id:<6} {}\n", exhibit.name));
            flow("         ", exhibit.summary, &mut told);
        }
    };
    section("Right handlers", false);
    section("Rogues, and what each breaks", true);
    told.push_str("\nChapters\n  checklist  questions for a review, in the order of reading\n");
    told.push_str("  limits     what none of this proves\n");
    told
}

fn property(entry: &Entry) -> Result<String, Unreadable> {
    let property = entry.property;
    let mut told = format!("{} {}\n\n", property.id(), property.name());
    flow("", property.statement(), &mut told);
    told.push('\n');
    let judged = judged(property).join("; ");
    flow(
        "",
        &format!("Judges handlers that keep: {judged}"),
        &mut told,
    );
    let rogues = rogues(property).join(", ");
    flow("", &format!("Broken by: {rogues}"), &mut told);
    flow("", &format!("Cite it as: {}", entry.citation()), &mut told);
    told.push('\n');
    let parts = HEADINGS.into_iter();
    let parts = parts.zip([entry.why, entry.checked, entry.review]);
    let parts = parts.map(|(heading, text)| format!("# {heading}\n\n{text}\n\n"));
    told.push_str(&catalogue::told(&parts.collect::<String>())?);
    Ok(told)
}

fn handler(exhibit: &Exhibit) -> String {
    let name = exhibit.name;
    let mut told = format!("{name}\n\n");
    let mut paragraph = |label: &str, text: &str| flow("", &format!("{label}{text}"), &mut told);
    paragraph("What it does: ", exhibit.summary);
    let explanation = exhibit.explanation();
    match exhibit.verdict {
        Verdict::Right => {
            paragraph("", "It is right, and must never be caught.");
            explanation.iter().for_each(|it| paragraph("", it));
        }
        Verdict::Wrong { breaks, remedy, .. } => {
            let labels = ["What is wrong: "].into_iter().chain(std::iter::repeat(""));
            for (label, text) in labels.zip(&explanation) {
                paragraph(label, text);
            }
            paragraph("It breaks: ", &format!("{} {}", breaks.id(), breaks.name()));
            paragraph("How to write it right: ", remedy);
        }
    }
    paragraph("Where it was seen: ", exhibit.source);
    told.push_str(&format!(
        "\nSee what happens to it: redeliver gallery {name}\n\nThe code:\n\n"
    ));
    for line in exhibit.handler().lines() {
        let line = format!("    {line}");
        told.push_str(&format!("{}\n", line.trim_end()));
    }
    told
}
