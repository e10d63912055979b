//! Counterexamples in files, to be played again.
//!
//! A file says which handler is played what, and which property that violates:
//!
//! ```json
//! { "redeliver": 1, "handler": "reference with cache", "property": "RD-4",
//!   "scene": { … }, "schedule": ["start 1", "call 1.1#1 reply-lost", …] }
//! ```

mod applicable;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use redeliver_model::property::Property;
use redeliver_model::scene::Scene;
use redeliver_model::schedule::{Case, Choice};
use serde::{Deserialize, Serialize};

use crate::report::printable;

/// Where counterexamples are saved, if nobody says otherwise.
pub const DIRECTORY: &str = ".redeliver";

/// The version of the files that are written and read.
pub(crate) const VERSION: u64 = 1;

/// A counterexample, as it is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The handler's name.
    pub handler: String,
    /// The property that is violated.
    pub property: Property,
    /// What is played.
    pub case: Case,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    redeliver: u64,
    handler: String,
    property: String,
    scene: Scene,
    schedule: Vec<Choice>,
}

impl Saved {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or says nothing that can be played.
    pub fn read(path: &Path) -> Result<Self, Unusable> {
        let text = std::fs::read_to_string(path).map_err(Problem::Unreadable);
        text.and_then(|text| Self::parse(&text))
            .map_err(|problem| Unusable {
                path: path.to_owned(),
                problem,
            })
    }

    /// What the text of a file says.
    ///
    /// # Errors
    ///
    /// If it says nothing that can be played.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let any: serde_json::Value =
            serde_json::from_str(text).map_err(|error| Problem::Malformed(error.to_string()))?;
        // Another version may have other keys, so it comes first.
        match &any["redeliver"] {
            version if version.as_u64() == Some(VERSION) => {}
            serde_json::Value::Null => return Err(Problem::NoVersion),
            version => return Err(Problem::OtherVersion(version.to_string())),
        }
        let document: Document =
            serde_json::from_str(text).map_err(|error| Problem::Malformed(error.to_string()))?;
        let property = document.property.parse();
        let property = property.map_err(|error: redeliver_model::property::UnknownProperty| {
            Problem::NotApplicable(error.to_string())
        })?;
        applicable::check(&document.scene).map_err(Problem::NotApplicable)?;
        Ok(Self {
            handler: document.handler,
            property,
            case: Case {
                scene: document.scene,
                schedule: document.schedule,
            },
        })
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let document = Document {
            redeliver: VERSION,
            handler: self.handler.clone(),
            property: self.property.id().to_owned(),
            scene: self.case.scene.clone(),
            schedule: self.case.schedule.clone(),
        };
        // Texts, numbers and lists of them have no way to fail.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }

    /// The name of the file: the same counterexample has the same.
    pub fn file_name(&self) -> String {
        let handler = self
            .handler
            .replace(|it: char| !it.is_ascii_alphanumeric(), "-");
        let digest = fnv1a(self.text().as_bytes());
        format!("{}-{handler}-{digest:016x}.json", self.property.id())
    }

    /// Writes the file into `directory`, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn save(&self, directory: &Path) -> Result<PathBuf, NotSaved> {
        let path = directory.join(self.file_name());
        let written = std::fs::create_dir_all(directory);
        let written = written.and_then(|()| std::fs::write(&path, self.text()));
        match written {
            Ok(()) => Ok(path),
            Err(error) => Err(NotSaved::new(path, error)),
        }
    }
}

/// The 64-bit FNV-1a hash: short, and the same everywhere.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Everything of simulations that is saved in `directory`, by the names of the files;
/// nothing if it is not there. Counterexamples of checks, which may be there as well,
/// need processes to be played.
///
/// # Errors
///
/// If a file cannot be used.
pub fn all_in(directory: &Path) -> Result<Vec<(PathBuf, Saved)>, Unusable> {
    let mut all = Vec::new();
    for path in paths_in(directory)? {
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| Unusable::new(path.clone(), Problem::Unreadable(error)))?;
        if !is_of_check(&text) {
            let saved = Saved::parse(&text);
            let saved = saved.map_err(|problem| Unusable::new(path.clone(), problem))?;
            all.push((path, saved));
        }
    }
    Ok(all)
}

/// Whether a text is that of a check's counterexample, rather than of a simulation's.
pub fn is_of_check(text: &str) -> bool {
    let any: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    any.get("check").is_some()
}

/// The JSON files in `directory`, by their names; nothing if it is not there.
pub(crate) fn paths_in(directory: &Path) -> Result<Vec<PathBuf>, Unusable> {
    let unusable = |error| Unusable::new(directory.to_owned(), Problem::Unreadable(error));
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unusable)?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(unusable)?.path();
        if path.extension().is_some_and(|it| it == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// A file that cannot be used.
#[derive(Debug)]
pub struct Unusable {
    path: PathBuf,
    problem: Problem,
}

/// Why a file cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// It is no JSON, or not of this form.
    Malformed(String),
    /// It says nothing of a version.
    NoVersion,
    /// What it says cannot be played.
    NotApplicable(String),
    /// It is of another version.
    OtherVersion(String),
    /// It cannot be read.
    Unreadable(io::Error),
}

impl Unusable {
    pub(crate) fn new(path: PathBuf, problem: Problem) -> Self {
        Self { path, problem }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = printable(&self.path.to_string_lossy());
        write!(f, "{path}: {}", self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(
                f,
                "it is no saved counterexample: {}; correct it there, or delete the file",
                printable(error)
            ),
            Self::NoVersion => write!(
                f,
                "it is no saved counterexample: it does not begin with \"redeliver\": {VERSION}; \
                 give a file that `redeliver verify` has saved"
            ),
            Self::NotApplicable(what) => write!(
                f,
                "it cannot be played: {}; correct it, or delete the file",
                printable(what)
            ),
            Self::OtherVersion(version) => write!(
                f,
                "it is of version {}, and this redeliver reads version {VERSION}; play it with the \
                 redeliver that saved it, or delete the file",
                printable(version)
            ),
            Self::Unreadable(error) => write!(f, "it cannot be read: {error}"),
        }
    }
}

impl std::error::Error for Unusable {}

/// A counterexample that could not be saved.
#[derive(Debug)]
pub struct NotSaved {
    path: PathBuf,
    error: io::Error,
}

impl NotSaved {
    pub(crate) fn new(path: PathBuf, error: io::Error) -> Self {
        Self { path, error }
    }
}

impl fmt::Display for NotSaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the counterexample could not be saved as {}: {}; give another place with --saved",
            printable(&self.path.to_string_lossy()),
            self.error
        )
    }
}

impl std::error::Error for NotSaved {}
