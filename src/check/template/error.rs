//! What is wrong with a template.

use std::fmt;
use std::io;

use crate::report::printable;

/// Why a template does not say what it should.
#[derive(Debug)]
#[non_exhaustive]
pub enum TemplateError {
    /// It is no YAML and no JSON.
    Malformed {
        /// The file.
        file: String,
        /// What is wrong, and where.
        message: String,
    },
    /// It has no function.
    NoFunction {
        /// The file.
        file: String,
    },
    /// It has no `Resources`.
    NoResources {
        /// The file.
        file: String,
    },
    /// It has several functions, and none was named.
    SeveralFunctions {
        /// The file.
        file: String,
        /// Their logical ids.
        functions: Vec<String>,
    },
    /// A table says nothing of its key.
    TableWithoutKey {
        /// The file.
        file: String,
        /// Its logical id.
        table: String,
    },
    /// It is larger than CloudFormation takes.
    TooLarge {
        /// The file.
        file: String,
    },
    /// It has no function of this name.
    UnknownFunction {
        /// The file.
        file: String,
        /// The name.
        function: String,
        /// The logical ids of those that it has.
        functions: Vec<String>,
    },
    /// It cannot be read.
    Unreadable {
        /// The file.
        file: String,
        /// Why not.
        error: io::Error,
    },
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |all: &[String]| printable(&all.join(", "));
        match self {
            Self::Malformed { file, message } => write!(
                f,
                "{} is neither YAML nor JSON: {}",
                printable(file),
                printable(message)
            ),
            Self::NoFunction { file } => write!(
                f,
                "{} has no function: give the template that has it, or leave --template out and \
                 say what it would with --table, --env and --timeout",
                printable(file)
            ),
            Self::NoResources { file } => write!(
                f,
                "{} has no Resources: it is no SAM or CloudFormation template",
                printable(file)
            ),
            Self::SeveralFunctions { file, functions } => write!(
                f,
                "{} has several functions: choose one with --function: {}",
                printable(file),
                list(functions)
            ),
            Self::TableWithoutKey { file, table } => write!(
                f,
                "{}: the table {} does not say what its key is: give it a KeySchema and \
                 AttributeDefinitions, or say it with --table",
                printable(file),
                printable(table)
            ),
            Self::TooLarge { file } => write!(
                f,
                "{} is larger than 1 MB, the most that CloudFormation takes",
                printable(file)
            ),
            Self::UnknownFunction {
                file,
                function,
                functions,
            } => write!(
                f,
                "{} has no function {}; it has {}",
                printable(file),
                printable(function),
                list(functions)
            ),
            Self::Unreadable { file, error } => {
                write!(f, "{} cannot be read: {error}", printable(file))
            }
        }
    }
}

impl std::error::Error for TemplateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } => Some(error),
            _ => None,
        }
    }
}
