//! A whole check: from the first clean delivery to the verdict.

mod casting;
mod preflight;
mod verdicts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use redeliver_model::delivery::Queue;
use redeliver_model::property::Property;
use redeliver_model::schedule::Shard;
use tokio::time::Instant;

use super::backend::TableSchema;
use super::events::Events;
use super::function::Function;
use super::golden::Goldens;
use super::judge::Options;
use super::lane::Setting;
use super::options::Effects;
use super::outside::{Provisions, Refusal};
use super::run::Patience;
use super::saved::Saved;
use super::search::{
    Drawn, Found, Job, Repeated, Repeats, Shared, Tally, Tree, Violations, collect, drive,
    small_plans,
};
use super::trouble::Trouble;
use crate::monitor::Monitor;
use crate::report::Verdict;
use casting::{casts, ingredients, too_large};
use preflight::{
    Places, accepted_routes, clock_in_words, may_own_time, preflight, tables_in_words, workers,
};
use verdicts::{accept, conclude_nothing, judge, show, slowness};

/// The most names that an event has, so that environments can stay warm.
const MOST_RENAMINGS: u64 = 128;

/// The share of the time after which schedules are played at random.
const EXHAUSTIVE: f64 = 0.6;

/// The share after which what was undecided is played again.
const RANDOM: f64 = 0.8;

/// How long what was found may be made smaller.
const TIME_TO_MINIMISE: Duration = Duration::from_secs(120);

/// What is to be checked, and how.
#[derive(Debug)]
pub struct Request {
    /// The handler; with a second version of it, if both are to run side by side.
    pub functions: Vec<Function>,
    /// The queue of events that come from one.
    pub queue: Queue,
    /// Attributes that may differ.
    pub ignored: BTreeSet<String>,
    /// The events.
    pub events: Events,
    /// Whether the events may be renamed.
    pub rename: bool,
    /// The tables, by name.
    pub tables: BTreeMap<String, TableSchema>,
    /// The DynamoDB API; the embedded one, if absent.
    pub dynamodb: Option<String>,
    /// What the handler finds beside its tables.
    pub provisions: Provisions,
    /// How many lanes there are at once.
    pub lanes: u8,
    /// How runs are judged.
    pub options: Options,
    /// Whether effects beside the rows are judged, and how.
    pub effects: Option<Effects>,
    /// The most deliveries of one notification.
    pub deliveries: usize,
    /// The most faults of a run.
    pub faults: u32,
    /// Whether every schedule of small plans is played.
    pub exhaustive: bool,
    /// How many random cases are played.
    pub schedules: u64,
    /// Determines them.
    pub seed: u64,
    /// Which part of everything is played.
    pub shard: Shard,
    /// How long the search may take, what it takes to make a counterexample smaller
    /// aside.
    pub max_time: Duration,
    /// After how long a silent environment is taken to be sleeping.
    pub settle: Duration,
    /// How many attempts an asynchronous invocation has.
    pub attempts: u32,
    /// What was violated before, to be played first.
    pub saved: Vec<Saved>,
    /// Whether nothing else is played.
    pub only_saved: bool,
    /// What a team has decided to live with, and why.
    pub accepted: Vec<(Property, String)>,
}

/// What a check came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// For each property that is judged, what is to be said of it.
    pub verdicts: BTreeMap<Property, Judged>,
    /// What is violated, each by the smallest counterexample.
    pub violations: Vec<Shown>,
    /// What was seen once, and not again.
    pub not_reproduced: Vec<Shown>,
    /// What is violated, and accepted, with the reasons.
    pub accepted: Vec<(Property, String)>,
    /// What is accepted, and not violated any more.
    pub accepted_in_vain: Vec<(Property, String)>,
    /// What a user should know.
    pub notes: Vec<String>,
    /// How the handler's time is kept.
    pub clock: String,
    /// The tables, with their keys, in words.
    pub tables: Vec<String>,
    /// What was violated before, played again.
    pub before: Stage,
    /// Of all schedules of small plans, what was played.
    pub exhaustive: Stage,
    /// Of the random cases, what was played.
    pub random: Stage,
    /// Of those in which a retry came too soon, what was played again with retries that
    /// wait.
    pub patient: Stage,
    /// What the lanes saw.
    pub lanes: super::lane::Tally,
    /// How long it all took.
    pub took: Duration,
    /// The names of the events.
    pub names: Vec<String>,
    /// What the handler leaves when nothing goes wrong; none if that was never found out.
    pub goldens: Option<Goldens>,
}

/// What is said of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is not more than inconclusive, or how it is violated.
    pub detail: String,
}

/// A part of the search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    /// What was played.
    pub tally: Tally,
    /// Whether that was all.
    pub complete: bool,
    /// How long it took.
    pub took: Duration,
}

impl Stage {
    /// What was played since then. What proves nothing leaves a stage incomplete.
    fn since(begun: Instant, tally: Tally, complete: bool) -> Self {
        Self {
            tally,
            complete: complete && tally.unjudged == 0,
            took: begun.elapsed(),
        }
    }
}

/// A counterexample, and how often it showed.
#[derive(Debug)]
pub struct Shown {
    /// The counterexample.
    pub found: Found,
    /// How often it showed again, of [`REPETITIONS`](super::search::REPETITIONS) times.
    pub reproduced: u32,
    /// How many steps it had before it was made smaller.
    pub originally: usize,
}

impl Outcome {
    /// How many schedules were played.
    pub fn schedules(&self) -> u64 {
        let stages = [self.before, self.exhaustive, self.random, self.patient];
        stages.iter().map(|it| it.tally.schedules).sum()
    }

    /// How many schedules did not go as the same choices had gone before.
    pub fn not_repeated(&self) -> u64 {
        let stages = [self.before, self.exhaustive, self.random, self.patient];
        stages.iter().map(|it| it.tally.not_repeated).sum()
    }

    /// The verdict of all.
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.verdicts.values().map(|it| it.verdict);
        verdicts.max().unwrap_or(Verdict::Inconclusive)
    }
}

/// Checks a handler.
///
/// # Errors
///
/// If the handler cannot be run, fails on its first clean delivery, or makes no table
/// call; or the DynamoDB API does not answer.
pub async fn check(request: Request, monitor: Arc<Monitor>) -> Result<Outcome, Trouble> {
    let begun = Instant::now();
    let Request {
        functions,
        queue,
        ignored,
        mut events,
        rename,
        tables,
        dynamodb,
        provisions,
        lanes,
        options,
        effects,
        deliveries,
        faults,
        exhaustive,
        schedules,
        seed,
        shard,
        max_time,
        settle,
        attempts,
        saved,
        only_saved,
        accepted,
    } = request;
    let setting = Arc::new(Setting {
        functions,
        queue,
        attempts,
        judges_effects: effects.is_some(),
        settle,
    });
    let places = Places {
        dynamodb: dynamodb.as_deref(),
        tables: &tables,
        provisions: &provisions,
        owns_time: may_own_time(&setting.functions),
    };
    let (mut workers, _embedded) = workers(&setting, lanes, &places).await?;
    let mut outcome = Outcome {
        names: (0..events.len())
            .map(|it| events.name(it).to_owned())
            .collect(),
        ..Outcome::default()
    };

    let set_aside = preflight(&mut workers, &mut events, &mut outcome.notes).await?;
    let events = Arc::new(events);
    let casts = casts(&events, &set_aside, &options, queue);
    outcome.notes.extend(too_large(&events, &set_aside, queue));
    let renamings = match rename {
        true => (schedules / 8).clamp(16, MOST_RENAMINGS) as usize,
        false => 1,
    };
    let (collected, goldens) = collect(
        workers, &events, &casts, &set_aside, renamings, &ignored, &monitor,
    )
    .await?;
    let mut workers = collected;
    if let Some(first) = goldens.first() {
        let notes = first.tables.notes();
        outcome.notes.extend(notes.iter().map(ToString::to_string));
        let notes = first.effects.notes();
        let notes = notes.iter().filter(|_| effects.is_some());
        outcome.notes.extend(notes.map(ToString::to_string));
    }

    let routes = match (events.is_generated(), goldens.first()) {
        (true, Some(first)) => {
            accepted_routes(&mut workers[0], &events, &casts, &first.tables).await?
        }
        _ => Vec::new(),
    };
    outcome.tables = tables_in_words(workers[0].lane_mut());
    let owns_time = workers[0].lane_mut().clock.is_owned();
    outcome.clock = clock_in_words(workers[0].lane_mut());
    let shared = Arc::new(Shared {
        ingredients: ingredients(&events, casts, &routes, queue, deliveries, faults),
        events,
        goldens,
        effects,
        options,
        owns_time,
        monitor: Arc::clone(&monitor),
    });
    let budget = |share: f64| begun + max_time.mul_f64(share);
    let acceptable = accepted.iter().map(|(property, _)| *property);
    let acceptable: BTreeSet<Property> = acceptable.collect();
    let mut violations = Violations::accepting(acceptable.clone());
    let mut to_repeat = Repeats::default();

    monitor.begin("what was violated before", saved.len() as u64);
    outcome.before.complete = true;
    for saved in saved {
        let property = saved.property;
        let job = Job::Script {
            plan: saved.plan,
            schedule: saved.schedule,
            patience: match saved.patient {
                true => Patience::Deadlines,
                false => Patience::None,
            },
        };
        if let Some(mut ran) = workers[0].run(&shared, &job).await? {
            outcome.before.tally.count(&ran);
            ran.findings.violations.retain(|it| it.property == property);
            violations.keep(&ran);
        }
        monitor.advance(1);
    }

    let mut calmly_complete = true;
    if exhaustive && !violations.any_unexpected() && !only_saved {
        monitor.begin("every schedule of small plans", 0);
        let begun = Instant::now();
        let patience = match owns_time {
            true => Patience::Deadlines,
            false => Patience::None,
        };
        let tree = Tree::new(
            small_plans(&shared.ingredients),
            shard,
            patience,
            violations,
        );
        let (back, tree, result) = drive(workers, &shared, tree, budget(EXHAUSTIVE)).await;
        workers = back;
        result?;
        outcome.exhaustive = Stage::since(begun, tree.tally, tree.is_complete());
        calmly_complete = tree.is_calmly_complete();
        to_repeat = to_repeat.and(tree.to_repeat);
        violations = tree.violations;
    }
    if !violations.any_unexpected() && !only_saved {
        monitor.begin("random schedules", schedules);
        let begun = Instant::now();
        let drawn = Drawn::new(seed, schedules, shard, violations);
        let (back, drawn, result) = drive(workers, &shared, drawn, budget(RANDOM)).await;
        workers = back;
        result?;
        outcome.random = Stage::since(begun, drawn.tally, drawn.is_complete());
        to_repeat = to_repeat.and(drawn.to_repeat);
        violations = drawn.violations;
    }
    let mut left = to_repeat.waiting();
    if !violations.any_unexpected() && left > 0 {
        monitor.begin("again, with retries that wait", left);
        let begun = Instant::now();
        let repeated = Repeated::new(to_repeat, violations);
        let (back, repeated, result) = drive(workers, &shared, repeated, budget(1.0)).await;
        workers = back;
        result?;
        left = repeated.left();
        outcome.patient = Stage::since(begun, repeated.tally, left == 0);
        violations = repeated.violations;
    }

    for found in violations.into_distinct() {
        let is_acceptable = acceptable.contains(&found.violation.property);
        let shown = show(&mut workers[0], &shared, found, is_acceptable).await?;
        match shown.reproduced {
            0 => outcome.not_reproduced.push(shown),
            _ => outcome.violations.push(shown),
        }
    }
    let mut refused = BTreeSet::new();
    for worker in workers {
        let lane = worker.end().await;
        refused.extend(lane.refused().iter().cloned());
        outcome.lanes = outcome.lanes.and(lane.tally());
    }
    judge(&mut outcome, &shared, &acceptable, left, calmly_complete);
    if refused.iter().any(Refusal::makes_inconclusive) {
        conclude_nothing(&mut outcome);
    }
    accept(&mut outcome, accepted);
    outcome.goldens = shared.goldens.first().map(|it| it.tables.clone());
    outcome
        .notes
        .extend(refused.iter().map(ToString::to_string));
    outcome.notes.extend(slowness(&outcome));
    outcome.took = begun.elapsed();
    Ok(outcome)
}
