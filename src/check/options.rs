//! What a check is told: on the command line, and in a configuration file for the same
//! options.

mod configuration;
mod value;

pub use configuration::{CONFIGURATION, ConfigurationError};
pub use value::{Acceptance, Command, Effects, Preset, Seconds, Variable};

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use super::template::Table;

/// The options of a check. What is not said is not there.
///
/// On the command line names have hyphens; in the file they have underscores.
#[derive(Clone, Debug, Default, PartialEq, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[group(skip)]
pub struct Arguments {
    /// The events: JSON files, and folders of such, each as the function is invoked
    /// with it
    #[arg(long, value_name = "PATH", conflicts_with = "generate", help_heading = EVENTS)]
    pub events: Vec<PathBuf>,
    /// Makes so many distinct S3 events instead
    #[arg(long, value_name = "N", help_heading = EVENTS)]
    pub generate: Option<usize>,
    /// Lets every third generated event be a removal
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = EVENTS)]
    pub removals: Option<bool>,
    /// Gives your own S3 events other object keys from schedule to schedule, so that
    /// warm environments can be used again
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = EVENTS)]
    pub rename: Option<bool>,

    /// A table, by its name and key attributes; an attribute that is no text has its
    /// type, as in orders:customer:at=N
    #[arg(long, value_name = "NAME:PK[:SK]", help_heading = HANDLER)]
    pub table: Vec<Table>,
    /// A SAM or CloudFormation template: tables, environment variables, timeout,
    /// retries, partial batches
    #[arg(long, value_name = "FILE", help_heading = HANDLER)]
    pub template: Option<PathBuf>,
    /// The function, by its logical id in the template
    #[arg(long, value_name = "ID", help_heading = HANDLER)]
    pub function: Option<String>,
    /// An environment variable of the handler
    #[arg(long, value_name = "NAME=VALUE", help_heading = HANDLER)]
    #[serde(deserialize_with = "value::variables")]
    pub env: Vec<Variable>,
    /// The function's timeout: 3, 2.5 or 500ms
    #[arg(long, value_name = "SECONDS", help_heading = HANDLER)]
    pub timeout: Option<Seconds>,
    /// The DynamoDB API behind the handler, as an http URL; without it, the embedded one
    #[arg(long, value_name = "URL", help_heading = HANDLER)]
    pub dynamodb: Option<String>,
    /// The S3 objects that the handler reads, each as BUCKET/KEY or KEY in a folder; what
    /// is not there is made to fit the events
    #[arg(long, value_name = "DIR", help_heading = HANDLER)]
    pub objects: Option<PathBuf>,
    /// What other reads of the handler's are answered
    #[arg(long, value_name = "FILE", help_heading = HANDLER)]
    pub stub: Option<PathBuf>,
    /// Another version of the handler, mixed with the first as in a rolling deployment
    #[arg(long, value_name = "COMMAND", help_heading = HANDLER)]
    pub and: Option<Command>,

    /// How many random schedules are played
    #[arg(long, value_name = "N", help_heading = SCHEDULES)]
    pub schedules: Option<u64>,
    /// How long the check may take: 90, 10m or 2h
    #[arg(long, value_name = "SECONDS", help_heading = SCHEDULES)]
    pub max_time: Option<Seconds>,
    /// What every random choice follows from; without it, a seed is drawn and printed
    #[arg(long, value_name = "S", help_heading = SCHEDULES)]
    pub seed: Option<u64>,
    /// Plays the I-th of N parts of everything, for as many machines
    #[arg(long, value_name = "I/N", help_heading = SCHEDULES)]
    #[serde(deserialize_with = "value::optional_shard")]
    pub shard: Option<redeliver_model::schedule::Shard>,
    /// How many schedules are played at once: by default, four for each core
    #[arg(long, value_name = "N", help_heading = SCHEDULES)]
    pub lanes: Option<std::num::NonZeroU8>,
    /// How many things may go wrong in one schedule
    #[arg(long, value_name = "N", help_heading = SCHEDULES)]
    pub faults: Option<u32>,
    /// How often each notification is delivered at most
    #[arg(long, value_name = "N", help_heading = SCHEDULES)]
    pub deliveries: Option<usize>,
    /// Lets the handler report the failed messages of a queue's batch
    /// (ReportBatchItemFailures)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = SCHEDULES)]
    pub partial_batch: Option<bool>,

    /// Judges that an older event never replaces a newer one (RD-12)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = JUDGE)]
    pub latest_state: Option<bool>,
    /// An attribute that may change with every delivery
    #[arg(long, value_name = "NAME", help_heading = JUDGE)]
    pub ignore_attribute: Vec<String>,
    /// What a log line says of an event that was inserted, as a regular expression
    #[arg(long, value_name = "REGEX", help_heading = JUDGE)]
    pub inserted_pattern: Option<String>,
    /// What a log line says of a duplicate that was skipped, as a regular expression
    #[arg(long, value_name = "REGEX", help_heading = JUDGE)]
    pub duplicate_pattern: Option<String>,
    /// What a log line says of an event whose row was found to be the request's own, as a
    /// regular expression
    #[arg(long, value_name = "REGEX", help_heading = JUDGE)]
    pub confirmed_pattern: Option<String>,
    /// Log patterns that are known
    #[arg(long, value_enum, value_name = "NAME", help_heading = JUDGE)]
    pub preset: Option<Preset>,
    /// Judges what the handler does beyond its rows as well (RD-11, RD-13)
    #[arg(long, value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "once", help_heading = JUDGE)]
    pub effects: Option<Effects>,
    /// A plain http URL, changing requests to which and below which are effects
    #[arg(long, value_name = "URL", help_heading = JUDGE)]
    pub effect_url: Vec<String>,
    /// What the team has decided to live with; in the configuration file alone
    #[arg(skip)]
    pub accept: Vec<Acceptance>,

    /// Where counterexamples are saved, and looked for
    #[arg(long, value_name = "DIR", help_heading = SCHEDULES)]
    pub saved: Option<PathBuf>,
    /// The configuration file; without it, redeliver.toml if there is one
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// The handler, as it is started: after --, as in -- python3 -m awslambdaric app.handler
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

const EVENTS: &str = "Events";
const HANDLER: &str = "The handler and its surroundings";
const JUDGE: &str = "What is judged";
const SCHEDULES: &str = "Schedules";

impl Arguments {
    /// These options, and what the configuration file says where they say nothing. The
    /// file is the one that they name, else `redeliver.toml` in this folder if it is
    /// there.
    ///
    /// # Errors
    ///
    /// A file that is named and cannot be read, or that says what is no option.
    pub fn completed(self, folder: &Path) -> Result<Self, ConfigurationError> {
        let found = folder.join(CONFIGURATION);
        let file = match &self.config {
            Some(named) => named.clone(),
            None if found.is_file() => found,
            None => return Ok(self),
        };
        Ok(self.or(configuration::read(&file)?))
    }

    /// What `self` says, and what `other` says where `self` says nothing. Variables are
    /// taken from both, each by its name.
    fn or(self, other: Self) -> Self {
        fn list<T>(own: Vec<T>, other: Vec<T>) -> Vec<T> {
            if own.is_empty() { other } else { own }
        }
        // The source of the events is one choice.
        let (events, generate) = match (&self.events[..], self.generate) {
            ([], None) => (other.events, other.generate),
            _ => (self.events, self.generate),
        };
        let is_own = |it: &Variable| self.env.iter().any(|own| own.name == it.name);
        let others = other.env.into_iter().filter(|it| !is_own(it));
        let env = others.collect::<Vec<_>>().into_iter().chain(self.env);
        Self {
            events,
            generate,
            removals: self.removals.or(other.removals),
            rename: self.rename.or(other.rename),
            table: list(self.table, other.table),
            template: self.template.or(other.template),
            function: self.function.or(other.function),
            env: env.collect(),
            timeout: self.timeout.or(other.timeout),
            dynamodb: self.dynamodb.or(other.dynamodb),
            objects: self.objects.or(other.objects),
            stub: self.stub.or(other.stub),
            and: self.and.or(other.and),
            schedules: self.schedules.or(other.schedules),
            max_time: self.max_time.or(other.max_time),
            seed: self.seed.or(other.seed),
            shard: self.shard.or(other.shard),
            lanes: self.lanes.or(other.lanes),
            faults: self.faults.or(other.faults),
            deliveries: self.deliveries.or(other.deliveries),
            partial_batch: self.partial_batch.or(other.partial_batch),
            latest_state: self.latest_state.or(other.latest_state),
            ignore_attribute: list(self.ignore_attribute, other.ignore_attribute),
            inserted_pattern: self.inserted_pattern.or(other.inserted_pattern),
            duplicate_pattern: self.duplicate_pattern.or(other.duplicate_pattern),
            confirmed_pattern: self.confirmed_pattern.or(other.confirmed_pattern),
            preset: self.preset.or(other.preset),
            effects: self.effects.or(other.effects),
            effect_url: list(self.effect_url, other.effect_url),
            accept: list(self.accept, other.accept),
            saved: self.saved.or(other.saved),
            config: self.config.or(other.config),
            command: list(self.command, other.command),
        }
    }

    /// The same, with paths that are relative taken from this folder.
    fn from(self, folder: &Path) -> Self {
        let placed = |path: PathBuf| folder.join(path);
        Self {
            events: self.events.into_iter().map(placed).collect(),
            template: self.template.map(placed),
            objects: self.objects.map(placed),
            stub: self.stub.map(placed),
            saved: self.saved.map(placed),
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
