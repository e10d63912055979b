//! Is a DynamoDB API fit to judge a handler by?
//!
//! Some emulators let several conditional writers win, forget to return the item
//! that made a condition fail, or count a key's length in characters. A kit that
//! blames the handler for that is useless, so the API is tested first.

mod check;

use std::fmt;

use serde_json::json;

pub use check::Check;

use crate::dynamodb::{Client, Failure};

/// How hard a DynamoDB API is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// How many keys are fought for, one after another.
    pub keys: u32,
    /// How many writers fight for each key at once.
    pub writers: u32,
}

impl Default for Effort {
    /// 50 keys and 16 writers: a few seconds on the embedded API, and plenty for an
    /// emulator without a lock around condition and write.
    fn default() -> Self {
        Self {
            keys: 50,
            writers: 16,
        }
    }
}

/// Runs every check against the API behind `client`, in a table of its own that
/// is deleted in the end.
///
/// # Errors
///
/// If the table cannot be created: then nothing can be said of the API.
pub async fn examine(client: &Client, effort: Effort) -> Result<Vec<Finding>, NotExamined> {
    let table = format!("redeliver-backend-{}", std::process::id());
    let create = json!({
        "TableName": table,
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "BillingMode": "PAY_PER_REQUEST",
    });
    client
        .call("CreateTable", &create)
        .await
        .map_err(NotExamined)?;
    let mut findings = Vec::new();
    for check in Check::ALL {
        let verdict = check.run(client, &table, effort).await;
        findings.push(Finding { check, verdict });
    }
    // The verdicts stand, whether or not the API can tidy up.
    let _ = client
        .call("DeleteTable", &json!({ "TableName": table }))
        .await;
    Ok(findings)
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub check: Check,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a check, with how much was seen, or what was seen instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The API does as DynamoDB does, as far as was seen.
    Holds(String),
    /// The API does otherwise.
    Violated(String),
    /// The API did not answer, or not so that anything follows.
    Inconclusive(String),
}

impl Verdict {
    /// The verdict in one word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Holds(_) => "holds",
            Self::Violated(_) => "VIOLATED",
            Self::Inconclusive(_) => "inconclusive",
        }
    }

    /// What was seen.
    pub fn detail(&self) -> &str {
        match self {
            Self::Holds(detail) | Self::Violated(detail) | Self::Inconclusive(detail) => detail,
        }
    }
}

/// The API would not even create a table.
#[derive(Clone, Debug, PartialEq)]
pub struct NotExamined(Failure);

impl fmt::Display for NotExamined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the table to test with could not be created, so nothing was tested: {}",
            self.0
        )
    }
}

impl std::error::Error for NotExamined {}
