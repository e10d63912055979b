//! The golden tables: what each order of the events leaves when nothing goes wrong.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use super::Worker;
use crate::check::backend::Contents;
use crate::check::documents::Documents;
use crate::check::events::{Events, Renaming};
use crate::check::golden::Goldens;
use crate::check::mask::Mask;
use crate::check::outside::Effect;
use crate::check::outside::golden::{EffectMask, GoldenEffects};
use crate::check::trouble::Trouble;
use crate::monitor::Monitor;

/// How far apart two golden runs are at least, so that whatever holds seconds differs.
const APART: Duration = Duration::from_secs(2);

/// The tables that orders of events leave, for one renaming: by the order.
type Tables = BTreeMap<Vec<usize>, (Contents, Vec<Effect>)>;

/// What a handler does when nothing goes wrong, under one renaming of the events.
#[derive(Clone, Debug)]
pub struct Golden {
    /// What it leaves in its tables.
    pub tables: Goldens,
    /// What it does beside.
    pub effects: GoldenEffects,
}

/// Collects the golden tables of so many renamings, for the events of each cast.
/// Those that fail in a clean run are `set_aside`, with the reasons.
///
/// # Errors
///
/// If the handler cannot be run, or the DynamoDB API does not answer.
pub async fn collect(
    workers: Vec<Worker>,
    events: &Arc<Events>,
    casts: &[Vec<usize>],
    set_aside: &BTreeMap<usize, String>,
    renamings: usize,
    ignored: &BTreeSet<String>,
    monitor: &Arc<Monitor>,
) -> Result<(Vec<Worker>, Vec<Golden>), Trouble> {
    let mut orders: Vec<Vec<usize>> = casts.iter().flat_map(|cast| orders(cast)).collect();
    orders.extend(set_aside.keys().map(|&event| vec![event]));
    monitor.begin("golden tables", (orders.len() * (renamings + 1)) as u64);
    let (mut workers, first) = tables(workers, events, &orders, 0..renamings, monitor).await?;
    // All at once, where the lanes go by the machine's clock.
    let due: Vec<_> = workers
        .iter()
        .map(|it| it.lane.clock.now() + APART)
        .collect();
    for (worker, due) in workers.iter_mut().zip(due) {
        worker.lane.pass_until(due).await?;
    }
    let (workers, again) = tables(workers, events, &orders, 0..1, monitor).await?;
    let pairs = || first[0].iter().map(|(order, it)| (it, &again[0][order]));
    let contents: Vec<_> = pairs().map(|(one, other)| (&one.0, &other.0)).collect();
    let mask = Mask::learn(&contents).ignoring(ignored.iter().cloned());
    let effects: Vec<_> = pairs().map(|(one, other)| (&*one.1, &*other.1)).collect();
    let effect_mask = EffectMask::learn(&effects);
    let names: Vec<_> = (0..events.len())
        .map(|it| events.name(it).to_owned())
        .collect();
    let golden = |all: &Tables| {
        let (tables, effects): (BTreeMap<_, _>, BTreeMap<_, _>) = all
            .iter()
            .map(|(order, (contents, effects))| {
                (
                    (order.clone(), contents.clone()),
                    (order.clone(), effects.clone()),
                )
            })
            .unzip();
        let (names, set_aside) = (names.clone(), set_aside.clone());
        Golden {
            tables: Goldens::new(names.clone(), &tables, set_aside, mask.clone()),
            effects: GoldenEffects::new(names, &effects, effect_mask.clone()),
        }
    };
    let goldens = first.iter().map(golden).collect();
    Ok((workers, goldens))
}

/// For each renaming, the tables that all orders and their beginnings leave. Each order
/// has an environment of its own: no environment meets a name in two lives.
async fn tables(
    workers: Vec<Worker>,
    events: &Arc<Events>,
    orders: &[Vec<usize>],
    renamings: std::ops::Range<usize>,
    monitor: &Arc<Monitor>,
) -> Result<(Vec<Worker>, Vec<Tables>), Trouble> {
    let waiting: Arc<Mutex<VecDeque<Vec<usize>>>> =
        Arc::new(Mutex::new(orders.iter().cloned().collect()));
    let mut tasks = JoinSet::new();
    for mut worker in workers {
        let (events, waiting, monitor) = (
            Arc::clone(events),
            Arc::clone(&waiting),
            Arc::clone(monitor),
        );
        let renamings = renamings.clone();
        tasks.spawn(async move {
            let mut found = vec![Tables::new(); renamings.len()];
            loop {
                let next = waiting
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .pop_front();
                let Some(order) = next else {
                    worker.lane.end_environments().await;
                    return Ok((worker, found));
                };
                worker.lane.end_environments().await;
                let queue = worker.lane.setting.queue;
                for renaming in renamings.clone() {
                    let documents = Documents::new(&events, Renaming(renaming as u32), queue);
                    let tables = &mut found[renaming - renamings.start];
                    leave(&mut worker, &documents, &order, tables).await?;
                    monitor.advance(1);
                }
            }
        });
    }
    let mut workers = Vec::new();
    let mut all = vec![Tables::new(); renamings.len()];
    while let Some(joined) = tasks.join_next().await {
        let joined: Result<(Worker, Vec<Tables>), Trouble> =
            joined.map_err(|error| Trouble::Lost(error.to_string()))?;
        let (worker, found) = joined?;
        workers.push(worker);
        for (all, found) in all.iter_mut().zip(found) {
            all.extend(found);
        }
    }
    Ok((workers, all))
}

/// What an order leaves, and each of its beginnings.
async fn leave(
    worker: &mut Worker,
    documents: &Documents<'_>,
    order: &[usize],
    tables: &mut Tables,
) -> Result<(), Trouble> {
    worker.lane.begin_life(documents).await?;
    tables.insert(Vec::new(), (Contents::new(), Vec::new()));
    let mut performed = Vec::new();
    for (position, &event) in order.iter().enumerate() {
        let route = documents.route_of(event);
        let clean = worker
            .lane
            .deliver_clean(documents, &[event], route)
            .await?;
        performed.extend(clean.performed);
        let contents = worker.lane.contents().await?;
        let order = order[..=position].to_vec();
        tables.insert(order, (contents, performed.clone()));
    }
    Ok(())
}

/// All orders of all of them.
fn orders(events: &[usize]) -> Vec<Vec<usize>> {
    if events.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (position, &first) in events.iter().enumerate() {
        let mut rest = events.to_vec();
        rest.remove(position);
        for mut order in orders(&rest) {
            order.insert(0, first);
            all.push(order);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginnings_of_all_orders_are_all_orders_of_all_subsets() {
        for (events, tables) in [(0, 1), (1, 2), (2, 5), (3, 16), (4, 65)] {
            let all: Vec<usize> = (0..events).collect();
            let beginnings: std::collections::BTreeSet<Vec<usize>> = orders(&all)
                .iter()
                .flat_map(|order| (0..=order.len()).map(|end| order[..end].to_vec()))
                .collect();
            assert_eq!(beginnings.len(), tables);
        }
    }
}
