//! The files that events are read from.

use std::fs;
use std::path::{Path, PathBuf};

use super::EventsError;

/// The most that a function can be invoked with, in bytes
/// ([quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)).
pub(super) const MAX_DOCUMENT_BYTES: usize = 6 << 20;

/// The files among these paths and in the folders among them, each folder's by name.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, EventsError> {
    let mut files = Vec::new();
    for path in paths {
        let unreadable = |error| EventsError::unreadable(path, error);
        if !fs::metadata(path).map_err(unreadable)?.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut inside = Vec::new();
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file.extension().is_some_and(|it| it == "json") && file.is_file() {
                inside.push(file);
            }
        }
        if inside.is_empty() {
            return Err(EventsError::EmptyFolder {
                folder: path.display().to_string(),
            });
        }
        inside.sort();
        files.extend(inside);
    }
    match files.is_empty() {
        true => Err(EventsError::NoFiles),
        false => Ok(files),
    }
}

/// A file's JSON, without the byte order mark that some editors put before it.
pub(super) fn read(path: &Path) -> Result<String, EventsError> {
    let file = || path.display().to_string();
    let bytes = fs::read(path).map_err(|error| EventsError::unreadable(path, error))?;
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(EventsError::TooLarge { file: file() });
    }
    let not_json = |message: String| EventsError::NotJson {
        file: file(),
        message,
    };
    let text = String::from_utf8(bytes).map_err(|error| not_json(error.to_string()))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    serde_json::from_str::<serde::de::IgnoredAny>(text)
        .map_err(|error| not_json(error.to_string()))?;
    Ok(text.to_owned())
}
