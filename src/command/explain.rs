//! `redeliver explain`: a property, or a handler of the gallery.

use clap::{Args, ValueEnum};
use redeliver::gallery::{EXHIBITS, Exhibit, Verdict, exhibit};
use redeliver::handlers::UnknownName;
use redeliver::report::wrapped;
use redeliver_model::property::{Keeps, Property};
use serde_json::{Value, json};

use super::{Ended, Outcome};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A property such as RD-4, or a name from the gallery; without it, lists all
    name: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For a person
    Text,
    /// For a program
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let (text, data) = match arguments.name.as_deref() {
        None => (list(), list_as_json()),
        Some(name) => match (name.parse::<Property>(), exhibit(name)) {
            (Ok(property), _) => (property_text(property), property_as_json(property)),
            (Err(_), Some(exhibit)) => (exhibit_text(exhibit), exhibit_as_json(exhibit)),
            (Err(_), None) => return Err(unknown(name).into()),
        },
    };
    Ok(Ended {
        told: match arguments.format {
            Format::Text => text,
            Format::Json => format!("{data:#}\n"),
        },
        status: 0,
    })
}

fn unknown(name: &str) -> UnknownName {
    let mut known: Vec<_> = Property::ALL.iter().map(|it| it.id().to_owned()).collect();
    known.extend(EXHIBITS.iter().map(|it| it.name.to_owned()));
    UnknownName::new(name, "property or handler", &known)
}

fn list() -> String {
    let mut told = String::from("Properties\n");
    for property in Property::ALL {
        told.push_str(&format!("  {:<6} {}\n", property.id(), property.name()));
    }
    let mut section = |title: &str, rogues: bool| {
        let wanted = |it: &&Exhibit| breaks(it).is_some() == rogues;
        if EXHIBITS.iter().any(|it| wanted(&it)) {
            told.push_str(&format!("\n{title}\n"));
        }
        for exhibit in EXHIBITS.iter().filter(wanted) {
            let id = breaks(exhibit).map_or("", Property::id);
            told.push_str(&format!("  {id:<6} {}\n", exhibit.name));
            for line in wrapped(exhibit.summary, 71) {
                told.push_str(&format!("         {line}\n"));
            }
        }
    };
    section("Right handlers", false);
    section("Rogues, and what each breaks", true);
    told
}

fn list_as_json() -> Value {
    let properties: Vec<_> = Property::ALL.into_iter().map(property_as_json).collect();
    let handlers: Vec<_> = EXHIBITS.iter().map(exhibit_as_json).collect();
    json!({ "properties": properties, "handlers": handlers })
}

fn breaks(exhibit: &Exhibit) -> Option<Property> {
    match exhibit.verdict {
        Verdict::Right => None,
        Verdict::Wrong { breaks, .. } => Some(breaks),
    }
}

fn judged(property: Property) -> String {
    let all = [
        (Keeps::Rows, "a row for each event"),
        (
            Keeps::Effects,
            "a row for each event and an effect beyond it",
        ),
        (Keeps::LatestState, "the latest state of each object"),
    ];
    let judged = all.into_iter().filter(|(keeps, _)| property.judges(*keeps));
    let judged: Vec<_> = judged.map(|(_, name)| name).collect();
    judged.join("; ")
}

fn rogues(property: Property) -> Vec<&'static str> {
    let rogues = EXHIBITS.iter().filter(|it| breaks(it) == Some(property));
    rogues.map(|it| it.name).collect()
}

fn property_text(property: Property) -> String {
    let mut told = format!("{} {}\n\n", property.id(), property.name());
    paragraph("", property.statement(), &mut told);
    told.push('\n');
    paragraph("Judges handlers that keep: ", &judged(property), &mut told);
    let rogues = rogues(property);
    if !rogues.is_empty() {
        paragraph("Broken by: ", &rogues.join(", "), &mut told);
    }
    told
}

fn property_as_json(property: Property) -> Value {
    json!({
        "id": property.id(),
        "name": property.name(),
        "statement": property.statement(),
        "broken_by": rogues(property),
    })
}

fn exhibit_text(exhibit: &Exhibit) -> String {
    let mut told = format!("{}\n\n", exhibit.name);
    paragraph("What it does: ", exhibit.summary, &mut told);
    match exhibit.verdict {
        Verdict::Right => paragraph("", "It is right, and must never be caught.", &mut told),
        Verdict::Wrong { breaks, remedy, .. } => {
            let broken = format!("{} {}", breaks.id(), breaks.name());
            paragraph("It breaks: ", &broken, &mut told);
            paragraph("How to write it right: ", remedy, &mut told);
        }
    }
    paragraph("Where it was seen: ", exhibit.source, &mut told);
    let name = exhibit.name;
    told.push_str(&format!(
        "\nSee what happens to it: redeliver gallery {name}\n"
    ));
    told
}

fn exhibit_as_json(exhibit: &Exhibit) -> Value {
    let remedy = match exhibit.verdict {
        Verdict::Right => None,
        Verdict::Wrong { remedy, .. } => Some(remedy),
    };
    json!({
        "name": exhibit.name,
        "summary": exhibit.summary,
        "breaks": breaks(exhibit).map(Property::id),
        "remedy": remedy,
        "source": exhibit.source,
    })
}

fn paragraph(label: &str, text: &str, told: &mut String) {
    for line in wrapped(&format!("{label}{text}"), 80) {
        told.push_str(&line);
        told.push('\n');
    }
}
