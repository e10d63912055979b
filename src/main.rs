//! The `redeliver` command.

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use redeliver::backend::{self, Effort, Finding, Verdict};
use redeliver::dynamodb::{Client, Embedded};
use redeliver::walkthrough;
use serde_json::json;

/// Finds out in a test what people find out in production: whether a handler
/// survives at-least-once delivery.
///
/// Exit status: 0 holds, 1 violated, 2 wrong usage or cannot run, 3 inconclusive.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 80)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tests a DynamoDB API: is it fit to judge handlers by?
    Backend {
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
    },
    /// Shows the problem and its solution in six steps, on the embedded DynamoDB
    Walkthrough,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For a person
    Text,
    /// For a program
    Json,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Backend {
            url,
            keys,
            writers,
            format,
        } => examine(url, Effort { keys, writers }, format).await,
        Command::Walkthrough => walk().await,
    };
    done.unwrap_or_else(|error| {
        eprintln!("redeliver: {error}");
        ExitCode::from(2)
    })
}

async fn walk() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let embedded = Embedded::start().await?;
    let steps = walkthrough::walk(&Client::new(&embedded.endpoint())?).await?;
    for (number, step) in (1..).zip(&steps) {
        println!("Step {number}. {step}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn examine(
    url: Option<String>,
    effort: Effort,
    format: Format,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let (name, findings) = match url {
        Some(url) => {
            let findings = backend::examine(&Client::new(&url)?, effort).await?;
            (url, findings)
        }
        None => {
            let embedded = Embedded::start().await?;
            let client = Client::new(&embedded.endpoint())?;
            let findings = backend::examine(&client, effort).await?;
            ("the embedded DynamoDB".to_owned(), findings)
        }
    };
    match format {
        Format::Text => print_findings(&name, &findings),
        Format::Json => println!("{}", findings_as_json(&name, &findings)),
    }
    Ok(exit_status(&findings))
}

fn print_findings(name: &str, findings: &[Finding]) {
    println!("{name}");
    for Finding { check, verdict } in findings {
        println!(
            "  {:<13} {:<22} {}",
            verdict.name(),
            check.name(),
            verdict.detail()
        );
        if !matches!(verdict, Verdict::Holds(_)) {
            println!("  {:<13} {:<22} So {}.", "", "", check.consequence());
        }
    }
}

fn findings_as_json(name: &str, findings: &[Finding]) -> serde_json::Value {
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
fn exit_status(findings: &[Finding]) -> ExitCode {
    let status = |finding: &Finding| match finding.verdict {
        Verdict::Holds(_) => 0,
        Verdict::Inconclusive(_) => 1,
        Verdict::Violated(_) => 2,
    };
    match findings.iter().map(status).max() {
        Some(2) => ExitCode::from(1),
        Some(1) => ExitCode::from(3),
        _ => ExitCode::SUCCESS,
    }
}
