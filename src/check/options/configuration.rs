//! The configuration file.

use std::fmt;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;

use clap::Args;

use super::Arguments;
use crate::report::printable;

/// The file that is read if it is there.
pub const CONFIGURATION: &str = "redeliver.toml";

/// Reads a configuration file. Its paths start from its folder.
pub(super) fn read(file: &Path) -> Result<Arguments, ConfigurationError> {
    let name = file.display().to_string();
    match fs::read_to_string(file) {
        Ok(text) => Ok(parse(&name, &text)?.from(file.parent().unwrap_or(Path::new("")))),
        Err(error) => Err(ConfigurationError::Unreadable { file: name, error }),
    }
}

pub(super) fn parse(file: &str, text: &str) -> Result<Arguments, ConfigurationError> {
    let malformed = |error: toml::de::Error| ConfigurationError::Malformed {
        file: file.to_owned(),
        line: error.span().map(|it| line(text, it)),
        message: error.message().to_owned(),
    };
    let table: toml::Table = toml::from_str(text).map_err(malformed)?;
    let known = options();
    if let Some(unknown) = table.keys().find(|it| !known.contains(it)) {
        return Err(ConfigurationError::UnknownOption {
            file: file.to_owned(),
            closest: closest(unknown, known),
            option: unknown.clone(),
        });
    }
    let arguments: Arguments = toml::from_str(text).map_err(malformed)?;
    if !arguments.events.is_empty() && arguments.generate.is_some() {
        return Err(ConfigurationError::EventsTwice {
            file: file.to_owned(),
        });
    }
    Ok(arguments)
}

/// The names of all options, as the file has them.
fn options() -> Vec<String> {
    let command = Arguments::augment_args(clap::Command::new("check"));
    let names = command.get_arguments().map(|it| it.get_id().to_string());
    let mut names: Vec<String> = names.filter(|it| it != "config").collect();
    names.push("accept".to_owned());
    names
}

/// The option that a name is most like, if it is like one.
fn closest(name: &str, known: Vec<String>) -> Option<String> {
    let like = |it: &String| strsim::jaro_winkler(&name.replace('-', "_"), it);
    let closest = known.into_iter().max_by(|a, b| like(a).total_cmp(&like(b)));
    closest.filter(|it| like(it) >= LIKENESS)
}

/// How alike two names are at least, of 1, when one was meant for the other.
const LIKENESS: f64 = 0.8;

fn line(text: &str, span: Range<usize>) -> usize {
    let before = text.as_bytes().iter().take(span.start);
    1 + before.filter(|it| **it == b'\n').count()
}

/// What is wrong with a configuration file.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// It says both where the events are and how many to make.
    EventsTwice {
        /// The file.
        file: String,
    },
    /// It is no TOML, or a value is not of its option's kind.
    Malformed {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: Option<usize>,
        /// What is wrong.
        message: String,
    },
    /// It says what is no option.
    UnknownOption {
        /// The file.
        file: String,
        /// What it says.
        option: String,
        /// The option that is most like it.
        closest: Option<String>,
    },
    /// It cannot be read.
    Unreadable {
        /// The file.
        file: String,
        /// Why not.
        error: io::Error,
    },
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EventsTwice { file } => write!(
                f,
                "{}: it has both events and generate: keep one of them",
                printable(file)
            ),
            Self::Malformed {
                file,
                line,
                message,
            } => {
                f.write_str(&printable(file))?;
                if let Some(line) = line {
                    write!(f, ", line {line}")?;
                }
                write!(f, ": {}", printable(message))
            }
            Self::UnknownOption {
                file,
                option,
                closest,
            } => {
                let (file, option) = (printable(file), printable(option));
                write!(f, "{file}: there is no option \"{option}\"; ")?;
                match closest {
                    Some(closest) => write!(f, "did you mean \"{closest}\"?"),
                    None => f.write_str("`redeliver check --help` lists all"),
                }
            }
            Self::Unreadable { file, error } => {
                write!(f, "{} cannot be read: {error}", printable(file))
            }
        }
    }
}

impl std::error::Error for ConfigurationError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } => Some(error),
            _ => None,
        }
    }
}
