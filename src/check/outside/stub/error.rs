//! What can be wrong with a file of answers.

use std::{fmt, io};

/// The answers of a file cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum StubError {
    /// An entry says too little, or what cannot be.
    Entry {
        /// The file.
        file: String,
        /// Which entry, from 1.
        number: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// It is no list of answers.
    NotStubs {
        /// The file.
        file: String,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// It is larger than 16 MB.
    TooLarge {
        /// The file.
        file: String,
    },
    /// It cannot be read.
    Unreadable {
        /// The file.
        file: String,
        /// Why not.
        source: io::Error,
    },
}

impl fmt::Display for StubError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry { file, number, why } => write!(f, "{file}, entry {number}: {why}"),
            Self::NotStubs { file, source } => write!(
                f,
                "{file} is no list of answers: {source}; write one like \
                 [{{\"service\": \"ssm\", \"operation\": \"GetParameter\", \"match\": \
                 {{\"Name\": \"limit\"}}, \"body\": {{\"Parameter\": {{\"Value\": \"7\"}}}}}}]"
            ),
            Self::TooLarge { file } => {
                write!(
                    f,
                    "{file} is larger than 16 MB; are these the answers of --stub?"
                )
            }
            Self::Unreadable { file, source } => {
                write!(
                    f,
                    "{file} cannot be read: {source}; give a file with answers"
                )
            }
        }
    }
}

impl std::error::Error for StubError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotStubs { source, .. } => Some(source),
            Self::Unreadable { source, .. } => Some(source),
            Self::Entry { .. } | Self::TooLarge { .. } => None,
        }
    }
}
