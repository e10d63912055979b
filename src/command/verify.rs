//! `redeliver verify`: a handler, verified stage by stage.

mod data;
mod page;
mod text;

use std::path::PathBuf;

use clap::Args;
use redeliver::handlers::{Handler, REFERENCE};
use redeliver::report::junit;
use redeliver::saved::{DIRECTORY, all_in};
use redeliver::verify::{Api, Plan, Scope, Verification, verify};
use redeliver_model::schedule::Shard;

use super::{Format, Outcome, Output, Report, fresh_seed, quoted};

/// How many random schedules there are by default.
const SCHEDULES: u64 = 20_000;

/// The scope by default.
const SCOPE: u8 = 2;

/// Verifies the reference handler, or one of the gallery's.
///
/// First whatever was saved before is played again, then every schedule of small
/// scenes, then random schedules. For the reference handler, the calls of random runs
/// are then made to a DynamoDB API as well, and the gallery's rogues are played, which
/// must be caught. The first stage that finds a violation ends it: the counterexample
/// is made small, told step by step, and saved.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The handler: "reference", or a name from the gallery
    #[arg(long, value_name = "NAME", default_value = REFERENCE)]
    handler: String,
    /// How large the scenes are of which every schedule is played: 0 for none, 1 for
    /// some seconds, 3 for a long while
    #[arg(long, value_name = "0..3", default_value_t = SCOPE, value_parser = clap::value_parser!(u8).range(0..=i64::from(Scope::LARGEST)))]
    scope: u8,
    /// How many random schedules are played
    #[arg(long, value_name = "N", default_value_t = SCHEDULES)]
    schedules: u64,
    /// What every random choice follows from; without it, a seed is drawn and printed
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Plays the I-th of N parts of everything, for as many machines
    #[arg(long, value_name = "I/N", default_value = "1/1")]
    shard: Shard,
    /// The DynamoDB API, as an http URL; without it, the embedded one
    #[arg(long, value_name = "URL")]
    dynamodb: Option<String>,
    /// Where counterexamples are saved, and looked for
    #[arg(long, value_name = "DIR", default_value = DIRECTORY)]
    saved: PathBuf,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    report: Report,
}

/// A verification, with all that is to be told of it.
struct Told<'a> {
    arguments: &'a Arguments,
    handler: &'a Handler,
    plan: Plan,
    verification: &'a Verification,
    /// Where each counterexample was saved.
    paths: &'a [PathBuf],
}

pub(crate) async fn run(arguments: &Arguments) -> Outcome {
    arguments.report.check()?;
    let handler = Handler::named(&arguments.handler)?;
    let saved = all_in(&arguments.saved)?;
    // Whether there is an API shows at once, not after the longer stages.
    let api = match handler.is_reference() {
        true => Some(Api::open(arguments.dynamodb.as_deref()).await?),
        false => None,
    };
    let plan = Plan {
        seed: arguments.seed.unwrap_or_else(fresh_seed),
        schedules: arguments.schedules,
        scope: Scope::new(arguments.scope),
        shard: arguments.shard,
    };
    let monitor = arguments.output.monitor();
    let verification = verify(&handler, plan, &saved, api.as_ref(), &monitor).await;
    monitor.clear();
    let verification = verification.map_err(|stuck| {
        let repeat = repeat(arguments, plan);
        format!("{stuck}. Nothing more was played; `{repeat}` comes there again")
    })?;
    let found = verification.found.iter();
    let paths = found.map(|it| it.to_save().save(&arguments.saved));
    let told = Told {
        arguments,
        handler: &handler,
        plan,
        verification: &verification,
        paths: &paths.collect::<Result<Vec<_>, _>>()?,
    };
    let suites = told.suites();
    let text = match arguments.output.format {
        Format::Json => format!("{:#}\n", told.json()),
        Format::Junit => junit(&suites),
        Format::Text => told.text(),
    };
    let runs = match arguments.report.is_wanted() {
        true => told.runs()?,
        false => Vec::new(),
    };
    let (report, output) = (&arguments.report, arguments.output);
    Ok(
        report.ended(verification.verdict(), text, suites, output, || {
            told.page(runs)
        }),
    )
}

/// The command that does the same again.
fn repeat(arguments: &Arguments, plan: Plan) -> String {
    let mut command = format!("redeliver verify --seed {}", plan.seed);
    let mut add = |differs: bool, option: String| {
        if differs {
            command.push_str(&format!(" {option}"));
        }
    };
    let name = &arguments.handler;
    let url = arguments.dynamodb.as_deref().unwrap_or_default();
    add(name != REFERENCE, format!("--handler {}", quoted(name)));
    add(
        arguments.scope != SCOPE,
        format!("--scope {}", arguments.scope),
    );
    add(
        plan.schedules != SCHEDULES,
        format!("--schedules {}", plan.schedules),
    );
    add(plan.shard.count > 1, format!("--shard {}", plan.shard));
    add(!url.is_empty(), format!("--dynamodb {}", quoted(url)));
    command
}
