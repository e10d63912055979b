//! `redeliver explain`: a property, a handler of the gallery, or a chapter of the
//! catalogue; or all of it as one page.

mod data;
mod text;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use redeliver::catalogue::{CHECKLIST, Entry, LIMITS, page};
use redeliver::gallery::{EXHIBITS, Exhibit, exhibit};
use redeliver::handlers::UnknownName;
use redeliver::report::page::write;
use redeliver::report::printable;
use redeliver_model::property::{Keeps, Property};

use super::{Ended, Outcome};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A property such as RD-4, a name from the gallery, `checklist` or `limits`;
    /// without it, lists all
    name: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Writes the whole catalogue as one page instead
    #[arg(long, value_name = "FILE.html", conflicts_with_all = ["name", "format"])]
    report: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For a person
    Text,
    /// For a program
    Json,
}

/// What there is to explain.
enum Subject {
    All(Vec<Entry>),
    Chapter(&'static str, &'static str),
    Handler(&'static Exhibit),
    Property(Entry),
}

/// The chapters, by name.
const CHAPTERS: [(&str, &str); 2] = [("checklist", CHECKLIST), ("limits", LIMITS)];

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let told = match &arguments.report {
        Some(file) => report(file)?,
        None => {
            let subject = Subject::named(arguments.name.as_deref())?;
            match arguments.format {
                Format::Text => text::told(&subject)?,
                Format::Json => format!("{:#}\n", data::of(&subject)),
            }
        }
    };
    Ok(Ended {
        told,
        status: 0,
        suites: Vec::new(),
    })
}

fn report(file: &Path) -> Result<String, Box<dyn std::error::Error>> {
    write(&page()?, file)?;
    let named = printable(&file.to_string_lossy());
    Ok(format!("The catalogue is in {named}.\n"))
}

impl Subject {
    fn named(name: Option<&str>) -> Result<Self, Box<dyn std::error::Error>> {
        let Some(name) = name else {
            return Ok(Self::All(Entry::all()?));
        };
        if let Ok(property) = name.parse::<Property>() {
            return Ok(Self::Property(Entry::of(property)?));
        }
        if let Some(exhibit) = exhibit(name) {
            return Ok(Self::Handler(exhibit));
        }
        let mut chapters = CHAPTERS.into_iter();
        match chapters.find(|(it, _)| it.eq_ignore_ascii_case(name)) {
            Some((name, text)) => Ok(Self::Chapter(name, text)),
            None => Err(unknown(name).into()),
        }
    }
}

fn unknown(name: &str) -> UnknownName {
    let mut known: Vec<_> = Property::ALL.iter().map(|it| it.id().to_owned()).collect();
    known.extend(EXHIBITS.iter().map(|it| it.name.to_owned()));
    known.extend(CHAPTERS.map(|(name, _)| name.to_owned()));
    UnknownName::new(name, "property or handler", &known)
}

/// What the handlers keep that a property judges.
fn judged(property: Property) -> Vec<&'static str> {
    let all = [
        (Keeps::Rows, "a row for each event"),
        (
            Keeps::Effects,
            "a row for each event and an effect beyond it",
        ),
        (Keeps::LatestState, "the latest state of each object"),
    ];
    let judged = all.into_iter().filter(|(keeps, _)| property.judges(*keeps));
    judged.map(|(_, name)| name).collect()
}

/// The handlers of the gallery that break a property.
fn rogues(property: Property) -> Vec<&'static str> {
    let rogues = EXHIBITS.iter().filter(|it| it.breaks() == Some(property));
    rogues.map(|it| it.name).collect()
}
