//! A report as a page: one file that needs no network and no script.
//!
//! It is XHTML as well as HTML, so that a strict parser can be held to it. Nothing in it
//! depends on when or where it was made: the same run gives the same bytes.

mod sections;

pub(crate) use sections::shown;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use redeliver_model::property::Property;

use super::diagram::Diagram;
use super::markup::Markup;
use super::{Verdict, picture, printable};

/// How a page looks.
const STYLE: &str = include_str!("page/page.css");

/// What a browser is to keep from whatever might have got into the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// What a command has found, as it is shown on a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The command: `redeliver verify`.
    pub command: String,
    /// What is said of the handler, in a line.
    pub title: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What more is said below the title, in sentences.
    pub summary: Vec<String>,
    /// Handler, engine, seed and the like.
    pub facts: Vec<Fact>,
    /// The counterexamples, or what else is shown.
    pub runs: Vec<Run>,
    /// How much was played, stage by stage.
    pub stages: Option<Table>,
    /// What is to be said of properties.
    pub properties: Vec<Judgement>,
    /// Whatever else was covered, or was not.
    pub coverage: Vec<Fact>,
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub value: Value,
}

/// What a fact is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A command to be typed.
    Command(String),
    /// A property, which the page states.
    Property(Property),
    /// A text.
    Text(String),
}

impl Fact {
    /// A fact in words.
    pub fn text(name: &'static str, text: impl Into<String>) -> Self {
        let value = Value::Text(text.into());
        Self { name, value }
    }

    /// A command that does it.
    pub fn command(name: &'static str, command: impl Into<String>) -> Self {
        let value = Value::Command(command.into());
        Self { name, value }
    }

    /// The property that it is about.
    pub fn property(property: Property) -> Self {
        let value = Value::Property(property);
        let name = "Property";
        Self { name, value }
    }
}

/// A run that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What is said of it, in a line.
    pub title: String,
    /// What is to be known of it.
    pub facts: Vec<Fact>,
    /// The run.
    pub diagram: Diagram,
    /// What to compare it with, if there is anything.
    pub beside: Option<Beside>,
}

/// What a run is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// What it is, in a line.
    pub title: String,
    /// How it came about, in sentences.
    pub caption: String,
    /// What it is.
    pub shown: Compared,
}

/// What a run is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Another run.
    Run(Box<Diagram>),
    /// Tables as they should be.
    Table(Table),
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The columns' names, and whether they hold numbers.
    pub columns: Vec<(&'static str, bool)>,
    /// The rows, cell by cell.
    pub rows: Vec<Vec<String>>,
    /// What is to be said of it, in sentences.
    pub notes: Vec<String>,
}

/// What is to be said of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The property.
    pub property: Property,
    /// The verdict; none where the handler is not judged by it here.
    pub verdict: Option<Verdict>,
    /// How much says so, or why it is not more than inconclusive.
    pub detail: String,
}

impl Page {
    /// The page as a document.
    pub fn html(&self) -> String {
        let title = format!("{}: {}", self.command, self.title);
        document(&title, "", |it| self.sections(it))
    }

    /// Writes the page to a file, whole or not at all.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), NotWritten> {
        write(&self.html(), path)
    }
}

/// A document of its own, in the style of all reports, with some style of its own.
pub(crate) fn document(
    title: &str,
    style: &'static str,
    content: impl FnOnce(&mut Markup),
) -> String {
    let mut markup = Markup::default();
    markup.fixed("<!DOCTYPE html>");
    let namespace = ("xmlns", "http://www.w3.org/1999/xhtml");
    markup.element("html", &[namespace, ("lang", "en")], |it| {
        it.element("head", &[], |it| head(it, title, style));
        it.element("body", &[], |it| it.element("main", &[], content));
    });
    markup.finish() + "\n"
}

fn head(markup: &mut Markup, title: &str, style: &'static str) {
    markup.empty("meta", &[("charset", "utf-8")]);
    let policy = [
        ("http-equiv", "Content-Security-Policy"),
        ("content", POLICY),
    ];
    markup.empty("meta", &policy);
    let viewport = [
        ("name", "viewport"),
        ("content", "width=device-width, initial-scale=1"),
    ];
    markup.empty("meta", &viewport);
    markup.empty(
        "meta",
        &[("name", "color-scheme"), ("content", "light dark")],
    );
    markup.of_text("title", &[], title);
    markup.element("style", &[], |it| {
        it.fixed(picture::COLOURS);
        it.fixed(STYLE);
        it.fixed(picture::STYLE);
        it.fixed(style);
    });
}

/// Writes a page to a file, whole or not at all.
///
/// # Errors
///
/// If it cannot be written.
pub fn write(page: &str, path: &Path) -> Result<(), NotWritten> {
    place(path)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = std::fs::write(&beside, page);
    written
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| {
            // What was begun is of no use to anybody.
            let _ = std::fs::remove_file(&beside);
            let path = path.to_owned();
            NotWritten { path, error }
        })
}

/// Whether a page can be written there, as far as that can be told without writing it.
///
/// # Errors
///
/// If there is no such directory, or it is one itself.
pub fn place(path: &Path) -> Result<(), NotWritten> {
    let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
    let error = match directory {
        Some(directory) if !directory.is_dir() => io::ErrorKind::NotFound,
        _ if path.is_dir() => io::ErrorKind::IsADirectory,
        _ => return Ok(()),
    };
    Err(NotWritten {
        path: path.to_owned(),
        error: error.into(),
    })
}

/// A report that cannot be written.
#[derive(Debug)]
pub struct NotWritten {
    path: PathBuf,
    error: io::Error,
}

impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the report cannot be written to {}: {}; give --report a file in a directory that \
             is there and may be written to",
            printable(&self.path.to_string_lossy()),
            self.error
        )
    }
}

impl std::error::Error for NotWritten {}
