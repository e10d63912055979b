//! `redeliver backend`: is a DynamoDB API fit to judge handlers by?

use clap::Args;
use redeliver::backend::{Effort, Finding, Verdict, examine};
use redeliver::dynamodb::{Client, Embedded};
use serde_json::json;

use super::{Ended, Outcome};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The API, as an http URL; without it, the embedded one
    url: Option<String>,
    /// How many keys are fought for
    #[arg(long, default_value_t = Effort::default().keys, value_parser = clap::value_parser!(u32).range(1..))]
    keys: u32,
    /// How many writers fight for each key at once
    #[arg(long, default_value_t = Effort::default().writers, value_parser = clap::value_parser!(u32).range(2..=256))]
    writers: u32,
    /// How the findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// For a person
    Text,
    /// For a program
    Json,
}

pub(crate) async fn run(arguments: Arguments) -> Outcome {
    let Arguments {
        url,
        keys,
        writers,
        format,
    } = arguments;
    let effort = Effort { keys, writers };
    let (name, findings) = match url {
        Some(url) => {
            let findings = examine(&Client::new(&url)?, effort).await?;
            (url, findings)
        }
        None => {
            let embedded = Embedded::start().await?;
            let client = Client::new(&embedded.endpoint())?;
            let findings = examine(&client, effort).await?;
            ("the embedded DynamoDB".to_owned(), findings)
        }
    };
    Ok(Ended {
        told: match format {
            Format::Text => text(&name, &findings),
            Format::Json => format!("{}\n", json(&name, &findings)),
        },
        status: exit_status(&findings),
        suites: Vec::new(),
    })
}

fn text(name: &str, findings: &[Finding]) -> String {
    let mut told = format!("{name}\n");
    for Finding { check, verdict } in findings {
        told.push_str(&format!(
            "  {:<13} {:<22} {}\n",
            verdict.name(),
            check.name(),
            verdict.detail()
        ));
        if !matches!(verdict, Verdict::Holds(_)) {
            let consequence = check.consequence();
            told.push_str(&format!("  {:<13} {:<22} So {consequence}.\n", "", ""));
        }
    }
    told
}

fn json(name: &str, findings: &[Finding]) -> serde_json::Value {
    let finding = |Finding { check, verdict }: &Finding| {
        json!({
            "check": check.name(),
            "verdict": verdict.name().to_lowercase(),
            "detail": verdict.detail(),
        })
    };
    json!({ "backend": name, "findings": findings.iter().map(finding).collect::<Vec<_>>() })
}

/// Violated beats inconclusive beats holds.
fn exit_status(findings: &[Finding]) -> u8 {
    use redeliver::report;
    let verdict = |finding: &Finding| match finding.verdict {
        Verdict::Holds(_) => report::Verdict::Holds,
        Verdict::Inconclusive(_) => report::Verdict::Inconclusive,
        Verdict::Violated(_) => report::Verdict::Violated,
    };
    let verdict = findings.iter().map(verdict).max();
    verdict.unwrap_or_default().exit_status()
}
