//! A whole check: from the first clean delivery to the verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use redeliver_model::delivery::{Queue, Route};
use redeliver_model::property::Property;
use redeliver_model::schedule::{Choice, Shard};
use tokio::time::Instant;

use super::backend::{Backend, KeySchema};
use super::documents::Documents;
use super::events::{Events, Renaming};
use super::function::Function;
use super::golden::Goldens;
use super::judge::{Judge, Options};
use super::lane::{Lane, Setting};
use super::options::Effects;
use super::outside::{Elsewhere, Provisions};
use super::plan::Plan;
use super::run::Patience;
use super::search::{
    Drawn, Found, Ingredients, Job, REPETITIONS, Repeated, Repeats, Shared, Tally, Tree,
    Violations, Worker, collect, confirm, drive, keep, minimise, small_plans,
};
use super::trouble::Trouble;
use crate::dynamodb::Embedded;
use crate::monitor::Monitor;
use crate::report::Verdict;

/// The most events that take part at once: of four, there are 65 orders of subsets.
pub const MOST_EVENTS: usize = 3;

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
    /// The tables, with their keys.
    pub tables: BTreeMap<String, KeySchema>,
    /// The DynamoDB API; the embedded one, if absent.
    pub dynamodb: Option<String>,
    /// What the handler finds beside its tables.
    pub provisions: Provisions,
    /// How many lanes there are at once.
    pub lanes: usize,
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
    pub saved: Vec<(Property, Plan, Vec<Choice>)>,
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
}

/// A counterexample, and how often it showed.
#[derive(Debug)]
pub struct Shown {
    /// The counterexample.
    pub found: Found,
    /// How often it showed again, of [`REPETITIONS`] times.
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
        events,
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
    let (mut workers, _embedded) =
        workers(&setting, dynamodb.as_deref(), lanes, &tables, &provisions).await?;
    let events = Arc::new(events);
    let mut outcome = Outcome {
        names: (0..events.len())
            .map(|it| events.name(it).to_owned())
            .collect(),
        ..Outcome::default()
    };

    let set_aside = preflight(&mut workers, &events, &mut outcome.notes).await?;
    let part = taking_part(&events, &set_aside, &options);
    let left_out = events.len() - set_aside.len() - part.len();
    if left_out > 0 && !events.is_generated() {
        outcome.notes.push(format!(
            "{left_out} more events were delivered cleanly only: at most {MOST_EVENTS} take part \
             in schedules. Check the others by themselves."
        ));
    }
    let renamings = match rename {
        true => (schedules / 8).clamp(16, MOST_RENAMINGS) as usize,
        false => 1,
    };
    let (collected, goldens) = collect(
        workers, &events, &part, &set_aside, renamings, &ignored, &monitor,
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
            accepted_routes(&mut workers[0], &events, &part, &first.tables).await?
        }
        _ => Vec::new(),
    };
    outcome.tables = tables_in_words(workers[0].lane_mut());
    outcome.clock = "Retries start at once; where that decides anything, the schedule is played \
                     again with retries that wait for all deadlines before them."
        .to_owned();
    let shared = Arc::new(Shared {
        ingredients: ingredients(&events, &part, &routes, queue, deliveries, faults),
        events,
        goldens,
        effects,
        options,
        monitor: Arc::clone(&monitor),
    });
    let budget = |share: f64| begun + max_time.mul_f64(share);
    let mut violations = Violations::new();
    let mut to_repeat = Repeats::default();

    monitor.begin("what was violated before", saved.len() as u64);
    outcome.before.complete = true;
    for (property, plan, schedule) in saved {
        let job = Job::Script {
            plan,
            schedule,
            patience: Patience::Deadlines,
        };
        if let Some(mut ran) = workers[0].run(&shared, &job).await? {
            outcome.before.tally.count(&ran);
            ran.findings.violations.retain(|it| it.property == property);
            keep(&mut violations, &ran);
        }
        monitor.advance(1);
    }

    let mut calmly_complete = true;
    if exhaustive && violations.is_empty() && !only_saved {
        monitor.begin("every schedule of small plans", 0);
        let tree = Tree::new(small_plans(&shared.ingredients), shard);
        let (back, tree, result) = drive(workers, &shared, tree, budget(EXHAUSTIVE)).await;
        workers = back;
        result?;
        outcome.exhaustive = Stage {
            tally: tree.tally,
            complete: tree.is_complete(),
        };
        calmly_complete = tree.is_calmly_complete();
        to_repeat = to_repeat.and(tree.to_repeat);
        violations.extend(tree.violations);
    }
    if violations.is_empty() && !only_saved {
        monitor.begin("random schedules", schedules);
        let drawn = Drawn::new(seed, schedules, shard);
        let (back, drawn, result) = drive(workers, &shared, drawn, budget(RANDOM)).await;
        workers = back;
        result?;
        outcome.random = Stage {
            tally: drawn.tally,
            complete: drawn.is_complete(),
        };
        to_repeat = to_repeat.and(drawn.to_repeat);
        violations.extend(drawn.violations);
    }
    let mut left = to_repeat.waiting();
    if violations.is_empty() && left > 0 {
        monitor.begin("again, with retries that wait", left);
        let repeated = Repeated::new(to_repeat);
        let (back, repeated, result) = drive(workers, &shared, repeated, budget(1.0)).await;
        workers = back;
        result?;
        left = repeated.left();
        outcome.patient = Stage {
            tally: repeated.tally,
            complete: left == 0,
        };
        violations.extend(repeated.violations);
    }

    leave_to_batch_isolation(&mut violations);
    for found in violations.into_values() {
        let shown = show(&mut workers[0], &shared, found).await?;
        match shown.reproduced {
            0 => outcome.not_reproduced.push(shown),
            _ => outcome.violations.push(shown),
        }
    }
    judge(&mut outcome, &shared, left, calmly_complete);
    accept(&mut outcome, accepted);
    let mut refused = BTreeSet::new();
    for worker in workers {
        let lane = worker.end().await;
        refused.extend(lane.refused().iter().cloned());
        outcome.lanes = outcome.lanes.and(lane.tally());
    }
    outcome.notes.extend(refused);
    outcome.took = begun.elapsed();
    Ok(outcome)
}

/// One worker on each lane, each with a DynamoDB API of its own, unless one is given.
async fn workers(
    setting: &Arc<Setting>,
    dynamodb: Option<&str>,
    lanes: usize,
    tables: &BTreeMap<String, KeySchema>,
    provisions: &Provisions,
) -> Result<(Vec<Worker>, Vec<Embedded>), Trouble> {
    let mut workers = Vec::new();
    let mut all_embedded = Vec::new();
    // Lanes on one API would share their tables.
    let lanes = if dynamodb.is_some() { 1 } else { lanes.max(1) };
    for _ in 0..lanes {
        let endpoint = match dynamodb {
            Some(endpoint) => endpoint.to_owned(),
            None => {
                let embedded = Embedded::start().await.map_err(Trouble::backend)?;
                let endpoint = embedded.endpoint();
                all_embedded.push(embedded);
                endpoint
            }
        };
        let backend = Backend::new(&endpoint).map_err(Trouble::backend)?;
        let lane = Lane::new(
            Arc::clone(setting),
            backend,
            Elsewhere::new(provisions.clone()),
        );
        for (name, key) in tables {
            lane.create_table(name, key.clone()).await?;
        }
        workers.push(Worker::new(lane));
    }
    Ok((workers, all_embedded))
}

/// Delivers each event once, alone, with nothing going wrong. Those that fail are set
/// aside, with the reasons.
async fn preflight(
    workers: &mut [Worker],
    events: &Events,
    notes: &mut Vec<String>,
) -> Result<BTreeMap<usize, String>, Trouble> {
    let (first, others) = workers.split_first_mut().ok_or(Trouble::NoEvents)?;
    let lane = first.lane_mut();
    let queue = lane.setting.queue;
    let documents = Documents::new(events, Renaming::default(), queue);
    let mut set_aside = BTreeMap::new();
    let mut calls = 0;
    let mut output = Vec::new();
    for event in 0..events.len() {
        let route = documents.route_of(event);
        let clean = lane.deliver_clean(&documents, &[event], route).await?;
        calls += clean.calls;
        output.extend(clean.output.clone());
        if let Some(error) = clean.failed {
            set_aside.insert(event, error);
        }
    }
    if set_aside.len() == events.len() {
        let error = set_aside.into_values().next().unwrap_or_default();
        return Err(Trouble::FailsAtOnce { error, output });
    }
    if calls == 0 {
        return Err(Trouble::NoCalls { output });
    }
    for (event, error) in &set_aside {
        notes.push(format!(
            "{} fails even when it is delivered alone and nothing goes wrong ({}); it is set \
             aside.",
            events.name(*event),
            error
        ));
    }
    // What the first lane has learnt of the tables, the others need not find out.
    let known = lane.tables();
    lane.end_environments().await;
    for other in others {
        for (name, key) in &known {
            other.lane_mut().create_table(name, key.clone()).await?;
        }
    }
    Ok(set_aside)
}

/// The routes by which the handler takes generated events: those by which the first one
/// leaves what it leaves when it comes as it is.
async fn accepted_routes(
    worker: &mut Worker,
    events: &Events,
    part: &[usize],
    goldens: &Goldens,
) -> Result<Vec<Route>, Trouble> {
    let Some(&event) = part.first() else {
        return Ok(Vec::new());
    };
    let lane = worker.lane_mut();
    let queue = lane.setting().queue;
    let documents = Documents::new(events, Renaming::default(), queue);
    let mut accepted = Vec::new();
    for route in events.routes(event, queue) {
        // Each is a life of its own.
        lane.end_environments().await;
        lane.begin_life(&documents).await?;
        let clean = lane.deliver_clean(&documents, &[event], route).await?;
        let contents = lane.contents().await?;
        if clean.failed.is_none() && goldens.is_left_by(&[event], &contents) {
            accepted.push(route);
        }
    }
    lane.end_environments().await;
    Ok(accepted)
}

fn tables_in_words(lane: &Lane) -> Vec<String> {
    let tables = lane.tables();
    let words = tables.iter().map(|(name, key)| match &key.sort {
        Some(sort) => format!("{name} ({}, {})", key.partition.name, sort.name),
        None => format!("{name} ({})", key.partition.name),
    });
    words.collect()
}

/// The events that take part in schedules: for handlers that keep the latest state, two
/// of one object before all others.
fn taking_part(
    events: &Events,
    set_aside: &BTreeMap<usize, String>,
    options: &Options,
) -> Vec<usize> {
    let is_sound = |event: &usize| !set_aside.contains_key(event);
    let objects = options.latest_state.iter().flat_map(|it| &it.objects);
    let of_one_object = objects.filter(|it| it.iter().filter(|it| is_sound(it)).count() > 1);
    let first = of_one_object.flatten().copied().filter(is_sound).take(2);
    let mut part: Vec<usize> = first.collect();
    for event in (0..events.len()).filter(is_sound) {
        if part.len() < MOST_EVENTS && !part.contains(&event) {
            part.push(event);
        }
    }
    part
}

/// What plans are made of.
fn ingredients(
    events: &Events,
    part: &[usize],
    routes: &[Route],
    queue: Queue,
    deliveries: usize,
    faults: u32,
) -> Ingredients {
    let by = |event: usize| match routes {
        [] => events.routes(event, queue),
        routes => routes.to_vec(),
    };
    Ingredients {
        events: part.iter().map(|&it| (it, by(it))).collect(),
        together: together(events, part, queue),
        deliveries,
        faults,
    }
}

/// Events that may come in one notification: those that did in the user's own files, and
/// the first two of generated ones.
fn together(events: &Events, part: &[usize], queue: Queue) -> Vec<Vec<usize>> {
    let natural = events.natural_notifications(queue).into_iter();
    let natural = natural.filter(|it| it.events.len() > 1);
    let mut together: Vec<Vec<usize>> = natural
        .map(|it| it.events)
        .filter(|it| it.iter().all(|event| part.contains(event)))
        .collect();
    if together.is_empty() && events.is_generated() && part.len() > 1 {
        together.push(part[..2].to_vec());
    }
    together
}

/// Makes a counterexample as small as may be, and sees how often it shows.
async fn show(worker: &mut Worker, shared: &Shared, found: Found) -> Result<Shown, Trouble> {
    let originally = found.history.steps.len();
    let until = Instant::now() + TIME_TO_MINIMISE;
    let found = match confirm(worker, shared, &found).await? {
        0 => {
            return Ok(Shown {
                found,
                reproduced: 0,
                originally,
            });
        }
        _ => minimise(worker, shared, found, until).await?,
    };
    let reproduced = confirm(worker, shared, &found).await?;
    Ok(Shown {
        found,
        reproduced,
        originally,
    })
}

/// What shows where events come together is said once, if it needs nothing else.
fn leave_to_batch_isolation(violations: &mut Violations) {
    if violations.contains_key(&Property::BatchIsolation) {
        violations.retain(|property, found| {
            let mut notifications = found.plan.notifications.iter();
            *property == Property::BatchIsolation || notifications.all(|it| it.events.len() == 1)
        });
    }
}

/// Takes what is accepted for no violation.
fn accept(outcome: &mut Outcome, accepted: Vec<(Property, String)>) {
    for (property, reason) in accepted {
        match outcome.verdicts.get_mut(&property) {
            Some(judged) if judged.verdict == Verdict::Violated => {
                judged.verdict = Verdict::Holds;
                judged.detail = format!("violated, and accepted: {reason}");
                outcome
                    .violations
                    .retain(|it| it.found.violation.property != property);
                outcome.accepted.push((property, reason));
            }
            _ => outcome.accepted_in_vain.push((property, reason)),
        }
    }
}

/// What is to be said of each property.
fn judge(outcome: &mut Outcome, shared: &Shared, left: u64, calmly_complete: bool) {
    let judge = Judge {
        goldens: &shared.goldens[0].tables,
        options: &shared.options,
    };
    let of_goldens = judge.judge_goldens();
    let mut all: Vec<Property> = vec![
        Property::UniqueRows,
        Property::AcknowledgedMeansRecorded,
        Property::FirstWriteWins,
        Property::OrderDoesNotMatter,
        Property::Convergence,
        Property::HonestFailure,
        Property::BatchIsolation,
    ];
    if shared.options.reports.is_some() {
        all.push(Property::OneInsertReported);
    }
    if shared.effects.is_some() {
        all.push(Property::EffectsNotLost);
    }
    if shared.effects == Some(Effects::Once) {
        all.push(Property::EffectsNotDoubled);
    }
    if shared.options.latest_state.is_some() {
        all.retain(|it| *it != Property::FirstWriteWins && *it != Property::OrderDoesNotMatter);
        all.push(Property::NoStaleOverwrite);
    }
    for property in all {
        let judged = Judged {
            verdict: Verdict::Holds,
            detail: String::new(),
        };
        outcome.verdicts.insert(property, judged);
    }
    let mut say = |property: Property, verdict: Verdict, detail: String| {
        let judged = outcome.verdicts.entry(property).or_insert(Judged {
            verdict,
            detail: String::new(),
        });
        if judged.detail.is_empty() || verdict > judged.verdict {
            *judged = Judged { verdict, detail };
        }
    };
    if shared.effects.is_some() && shared.goldens[0].effects.proves_nothing() {
        let why =
            "No event has an effect when it is delivered alone: nothing is proved of effects.";
        say(
            Property::EffectsNotLost,
            Verdict::Inconclusive,
            why.to_owned(),
        );
    }
    for violation in of_goldens.violations {
        say(violation.property, Verdict::Violated, violation.why);
    }
    for (property, why) in of_goldens.inconclusive {
        say(property, Verdict::Inconclusive, why);
    }
    for shown in &outcome.violations {
        let violation = &shown.found.violation;
        say(violation.property, Verdict::Violated, violation.why.clone());
    }
    for shown in &outcome.not_reproduced {
        let detail = format!(
            "It was seen violated once, and not again in {REPETITIONS} repetitions: the handler \
             does not do the same each time."
        );
        say(
            shown.found.violation.property,
            Verdict::Inconclusive,
            detail,
        );
    }
    if left > 0 && outcome.violations.is_empty() {
        let detail = format!(
            "In {left} schedules a retry came too soon to tell, and there was no time to play \
             them again with retries that wait. Give more --max-time, or a shorter --timeout."
        );
        say(Property::Convergence, Verdict::Inconclusive, detail);
    }
    if !calmly_complete && outcome.violations.is_empty() {
        let detail = "There was not even time for every order of two deliveries to which nothing \
                      happens. Give more --max-time."
            .to_owned();
        say(Property::UniqueRows, Verdict::Inconclusive, detail);
    }
}
