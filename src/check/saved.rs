//! Counterexamples of checks in files, to be played again.
//!
//! A file says how the check was called, and which schedule of which plan violated which
//! property:
//!
//! ```json
//! { "redeliver": 1, "check": ["--table", "t:id", "--", "python3", …], "property": "RD-4",
//!   "plan": { … }, "schedule": ["start 1", "call 1.1#1 resent", …], "patient": false }
//! ```

use std::path::{Path, PathBuf};

use redeliver_model::property::Property;
use redeliver_model::schedule::Choice;
use serde::{Deserialize, Serialize};

use super::plan::Plan;
use crate::saved::{NotSaved, Problem, Unusable, VERSION, fnv1a, is_of_check, paths_in};

/// A counterexample, as it is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// How the check was called: everything after `redeliver check`.
    pub arguments: Vec<String>,
    /// The property that is violated.
    pub property: Property,
    /// What is delivered.
    pub plan: Plan,
    /// What happens.
    pub schedule: Vec<Choice>,
    /// Whether retries wait for the deadlines before them.
    pub patient: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    redeliver: u64,
    check: Vec<String>,
    property: String,
    plan: Plan,
    schedule: Vec<Choice>,
    patient: bool,
}

impl Saved {
    /// What the text of a file says.
    ///
    /// # Errors
    ///
    /// If it says nothing that can be played.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let malformed = |error: serde_json::Error| Problem::Malformed(error.to_string());
        let any: serde_json::Value = serde_json::from_str(text).map_err(malformed)?;
        // Another version may have other keys, so it comes first.
        match &any["redeliver"] {
            version if version.as_u64() == Some(VERSION) => {}
            serde_json::Value::Null => return Err(Problem::NoVersion),
            version => return Err(Problem::OtherVersion(version.to_string())),
        }
        let document: Document = serde_json::from_str(text).map_err(malformed)?;
        let property = document.property.parse();
        let property = property.map_err(|error: redeliver_model::property::UnknownProperty| {
            Problem::NotApplicable(error.to_string())
        })?;
        document.plan.check().map_err(Problem::NotApplicable)?;
        Ok(Self {
            arguments: document.check,
            property,
            plan: document.plan,
            schedule: document.schedule,
            patient: document.patient,
        })
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let document = Document {
            redeliver: VERSION,
            check: self.arguments.clone(),
            property: self.property.id().to_owned(),
            plan: self.plan.clone(),
            schedule: self.schedule.clone(),
            patient: self.patient,
        };
        // Texts, numbers and lists of them have no way to fail.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }

    /// Writes the file into `directory`, which is made if it is not there. The same
    /// counterexample has the same name.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn save(&self, directory: &Path) -> Result<PathBuf, NotSaved> {
        let digest = fnv1a(self.text().as_bytes());
        let path = directory.join(format!("{}-check-{digest:016x}.json", self.property.id()));
        let written = std::fs::create_dir_all(directory);
        let written = written.and_then(|()| std::fs::write(&path, self.text()));
        match written {
            Ok(()) => Ok(path),
            Err(error) => Err(NotSaved::new(path, error)),
        }
    }
}

/// Every check's counterexample that is saved in `directory`; nothing if it is not there.
///
/// # Errors
///
/// If a file cannot be used.
pub fn all_in(directory: &Path) -> Result<Vec<Saved>, Unusable> {
    let mut all = Vec::new();
    for path in paths_in(directory)? {
        let unusable = |problem| Unusable::new(path.clone(), problem);
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| unusable(Problem::Unreadable(error)))?;
        if is_of_check(&text) {
            all.push(Saved::parse(&text).map_err(unusable)?);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::plan::Notification;
    use redeliver_model::delivery::Route;

    fn saved() -> Saved {
        Saved {
            arguments: vec!["--".to_owned(), "python3".to_owned()],
            property: Property::OneInsertReported,
            plan: Plan {
                notifications: vec![Notification {
                    events: vec![0],
                    route: Route::Direct,
                    deliveries: 1,
                }],
                faults: 1,
            },
            schedule: ["start 1", "call 1.1#1 resent"]
                .map(|it| it.parse().unwrap())
                .to_vec(),
            patient: false,
        }
    }

    #[test]
    fn what_is_saved_is_read_again() {
        assert!(is_of_check(&saved().text()));
        assert_eq!(Saved::parse(&saved().text()).unwrap(), saved());
    }

    #[test]
    fn what_cannot_be_played_is_refused() {
        for (wrong, right) in [
            ("\"redeliver\": 2", "\"redeliver\": 1"),
            ("\"deliveries\": 0", "\"deliveries\": 1"),
            ("\"deliveries\": 1000", "\"deliveries\": 1"),
            ("RD-99", "RD-4"),
            ("\"events\": [],\"x\": [", "\"events\": ["),
        ] {
            let text = saved().text().replace(right, wrong);
            assert!(Saved::parse(&text).is_err(), "{wrong}");
        }
    }
}
