//! What comes before the first schedule: lanes, and a clean delivery of each event.

use std::collections::BTreeMap;
use std::sync::Arc;

use redeliver_model::delivery::Route;

use crate::check::backend::{Backend, TableSchema};
use crate::check::clock::Clock;
use crate::check::documents::Documents;
use crate::check::events::{Events, Renaming};
use crate::check::function::Function;
use crate::check::golden::Goldens;
use crate::check::lane::{Lane, Setting};
use crate::check::outside::{Elsewhere, Provisions};
use crate::check::search::Worker;
use crate::check::trouble::Trouble;
use crate::dynamodb::Embedded;

/// What the lanes of a check are made of.
pub(super) struct Places<'a> {
    /// The DynamoDB API; the embedded one, if absent.
    pub(super) dynamodb: Option<&'a str>,
    /// The tables, by name.
    pub(super) tables: &'a BTreeMap<String, TableSchema>,
    /// What the handler finds beside its tables.
    pub(super) provisions: &'a Provisions,
    /// Whether the handler's processes are made to believe the lane's time.
    pub(super) owns_time: bool,
}

/// Whether the time of these functions may be owned: not if they have other plans with
/// their variables, and not for two versions at once, of which only one would be looked
/// at.
pub(super) fn may_own_time(functions: &[Function]) -> bool {
    match functions {
        [only] => !only.variables.contains_key("LD_PRELOAD"),
        _ => false,
    }
}

/// How the time of the handler is kept.
pub(super) fn clock_in_words(lane: &Lane) -> String {
    match lane.clock.is_owned() {
        true => {
            "The handler's time is the kit's: retries come after Lambda's minute or two, and that \
                 takes no time."
        }
        false => {
            "The handler's time is the machine's. Retries start at once; where that decides \
                  anything, the schedule is played again with retries that wait for all deadlines \
                  before them."
        }
    }
    .to_owned()
}

/// One worker on each lane, each with a DynamoDB API of its own, unless one is given.
pub(super) async fn workers(
    setting: &Arc<Setting>,
    lanes: u8,
    places: &Places<'_>,
) -> Result<(Vec<Worker>, Vec<Embedded>), Trouble> {
    let dynamodb = places.dynamodb;
    let mut workers = Vec::new();
    let mut all_embedded = Vec::new();
    // Lanes on one API would share their tables.
    let lanes = if dynamodb.is_some() { 1 } else { lanes.max(1) };
    for number in 0..lanes {
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
        let clock = match places.owns_time {
            true => {
                // Checks that run side by side have clocks of their own.
                let name = format!("{}-{number}", std::process::id());
                Clock::owned(&name).map_err(Trouble::clock)?
            }
            false => Clock::of_the_machine(),
        };
        let elsewhere = Elsewhere::new(places.provisions.clone());
        let lane = Lane::new(number, Arc::clone(setting), backend, elsewhere, clock);
        for (name, table) in places.tables {
            lane.create_table(name, table.clone()).await?;
        }
        workers.push(Worker::new(lane));
    }
    Ok((workers, all_embedded))
}

/// Delivers each event once, alone, with nothing going wrong. Those that fail are set
/// aside, with the reasons.
pub(super) async fn preflight(
    workers: &mut [Worker],
    events: &mut Events,
    notes: &mut Vec<String>,
) -> Result<BTreeMap<usize, String>, Trouble> {
    let (first, others) = workers.split_first_mut().ok_or(Trouble::NoEvents)?;
    let lane = first.lane_mut();
    let mut first_time = deliver_each(lane, events).await?;
    if events.is_generated() && first_time.proves_nothing(events) {
        for route in events.routes(0, lane.setting.queue).into_iter().skip(1) {
            events.prefer(route);
            let this_way = deliver_each(lane, events).await?;
            if !this_way.proves_nothing(events) {
                notes.push(format!(
                    "The handler does not take events as S3 sends them; they come {}.",
                    in_words(route)
                ));
                first_time = this_way;
                break;
            }
        }
    }
    let Delivered {
        set_aside,
        calls,
        output,
    } = first_time;
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
    // What the first lane has learnt of time and tables, the others need not find out.
    let owns_time = lane.owns_time();
    let known = lane.tables();
    lane.end_environments().await;
    if !owns_time {
        lane.clock.disown();
    }
    for other in others {
        if !owns_time {
            other.lane_mut().clock.disown();
        }
        for (name, key) in &known {
            other.lane_mut().create_table(name, key.clone()).await?;
        }
    }
    Ok(set_aside)
}

/// What came of delivering each event once, in a life of their own.
struct Delivered {
    /// The events that failed, with the reasons.
    set_aside: BTreeMap<usize, String>,
    calls: u64,
    output: Vec<String>,
}

impl Delivered {
    fn proves_nothing(&self, events: &Events) -> bool {
        self.set_aside.len() == events.len() || self.calls == 0
    }
}

async fn deliver_each(lane: &mut Lane, events: &Events) -> Result<Delivered, Trouble> {
    let documents = Documents::new(events, Renaming::default(), lane.setting.queue);
    lane.begin_life(&documents).await?;
    let mut delivered = Delivered {
        set_aside: BTreeMap::new(),
        calls: 0,
        output: Vec::new(),
    };
    for event in 0..events.len() {
        let route = documents.route_of(event);
        let clean = lane.deliver_clean(&documents, &[event], route).await?;
        delivered.calls += clean.calls;
        delivered.output.extend(clean.output);
        if let Some(error) = clean.failed {
            delivered.set_aside.insert(event, error);
        }
    }
    Ok(delivered)
}

fn in_words(route: Route) -> &'static str {
    match route {
        Route::Direct => "as they are",
        Route::EventBridge => "through EventBridge",
        Route::Sns => "through SNS",
        Route::Sqs(_) => "through SQS",
        Route::SqsOfSns(_) => "through SNS and SQS",
    }
}

/// The routes by which the handler takes generated events: those by which the first one
/// leaves what it leaves when it comes as it is.
pub(super) async fn accepted_routes(
    worker: &mut Worker,
    events: &Events,
    casts: &[Vec<usize>],
    goldens: &Goldens,
) -> Result<Vec<Route>, Trouble> {
    let Some(&event) = casts.first().and_then(|it| it.first()) else {
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

pub(super) fn tables_in_words(lane: &Lane) -> Vec<String> {
    let tables = lane.tables();
    let words = tables.iter().map(|(name, key)| match &key.sort {
        Some(sort) => format!("{name} ({}, {})", key.partition.name, sort.name),
        None => format!("{name} ({})", key.partition.name),
    });
    words.collect()
}
