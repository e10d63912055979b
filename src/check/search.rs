//! Which schedules are played, and what they show.
//!
//! First every schedule of small plans, those first that differ least from a delivery
//! to which nothing happens; then plans and schedules at random. Each is played on
//! whichever lane is free.

mod confirm;
mod effects;
mod exhaustive;
mod goldens;
mod minimise;
mod plans;
mod random;
mod repeats;
mod violations;
mod worker;

pub use confirm::{REPETITIONS, confirm};
pub use exhaustive::Tree;
pub use goldens::{Golden, collect};
pub use minimise::minimise;
pub use plans::{Cast, Ingredients, small_plans};
pub use random::Drawn;
pub use repeats::{Repeated, Repeats};
pub use violations::{Found, Violations};
pub use worker::{Shared, Worker};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redeliver_model::schedule::Choice;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::history::History;
use super::judge::Findings;
use super::plan::Plan;
use super::run::Patience;
use super::trouble::Trouble;

/// What is to be played next.
#[derive(Clone, Debug)]
pub enum Job {
    /// A random plan, and a random schedule of it.
    Random {
        /// The check's seed.
        seed: u64,
        /// The number of the case.
        number: u64,
    },
    /// A schedule of a plan; after its end, whatever remains runs to its end without
    /// faults.
    Script {
        /// What is delivered.
        plan: Plan,
        /// What happens.
        schedule: Vec<Choice>,
        /// How long retries wait.
        patience: Patience,
    },
}

/// What came of a job.
#[derive(Clone, Debug)]
pub struct Ran {
    /// How long its retries waited.
    pub patience: Patience,
    /// What was delivered.
    pub plan: Plan,
    /// What happened.
    pub history: History,
    /// What might have been chosen at each step.
    pub options: Vec<Vec<Choice>>,
    /// How many choices of the script could not be taken.
    pub left_out: usize,
    /// Whether it was too slow to say anything.
    pub is_overdue: bool,
    /// What the judge says.
    pub findings: Findings,
}

/// Where jobs come from, and what is made of what came of them.
pub trait Source: Send + 'static {
    /// The next job; none if there is none now.
    fn next(&mut self) -> Option<Job>;

    /// Takes what came of a job.
    fn done(&mut self, job: &Job, ran: Ran);
}

/// What has been played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many schedules.
    pub schedules: u64,
    /// In how many of them something went wrong.
    pub with_faults: u64,
    /// How many did not repeat what a run before them did with the same choices, and as
    /// much patience.
    pub not_repeated: u64,
    /// How many were too slow to say anything, each time that they were played.
    pub unjudged: u64,
    /// How many steps they had.
    pub steps: u64,
}

impl Tally {
    /// Counts a run that begins as another one did.
    pub(super) fn count(&mut self, ran: &Ran) {
        self.count_by_itself(ran);
        self.not_repeated += u64::from(ran.left_out > 0);
    }

    /// Counts a run that need not go as another one did.
    fn count_by_itself(&mut self, ran: &Ran) {
        self.schedules += 1;
        self.unjudged += u64::from(ran.is_overdue);
        self.steps += ran.history.steps.len() as u64;
        self.with_faults += u64::from(ran.history.size().faults > 0);
    }
}

/// Plays all jobs of a source, on all workers at once, until the time is up or `stop`
/// says so. The workers come back, and the source, and the first trouble if there was
/// any.
pub async fn drive<S: Source>(
    workers: Vec<Worker>,
    shared: &Arc<Shared>,
    source: S,
    until: Instant,
) -> (Vec<Worker>, S, Result<(), Trouble>) {
    let common = Arc::new(Common {
        source: Mutex::new((source, 0)),
        changed: Notify::new(),
    });
    let mut tasks = JoinSet::new();
    for mut worker in workers {
        let (common, shared) = (Arc::clone(&common), Arc::clone(shared));
        tasks.spawn(async move {
            let outcome = work(&mut worker, &shared, &common, until).await;
            if outcome.is_err() {
                common.changed.notify_waiters();
            }
            (worker, outcome)
        });
    }
    let mut workers = Vec::new();
    let mut outcome = Ok(());
    while let Some(joined) = tasks.join_next().await {
        match joined {
            Ok((worker, result)) => {
                workers.push(worker);
                outcome = outcome.and(result);
            }
            Err(error) => outcome = outcome.and(Err(Trouble::Lost(error.to_string()))),
        }
    }
    // Every task has ended, and nobody else has it.
    let common = Arc::into_inner(common).expect("no task outlives the join");
    let (source, _) = common
        .source
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    (workers, source, outcome)
}

struct Common<S> {
    /// The source, and how many of its jobs are under way.
    source: Mutex<(S, usize)>,
    changed: Notify,
}

impl<S> Common<S> {
    fn lock(&self) -> MutexGuard<'_, (S, usize)> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn work<S: Source>(
    worker: &mut Worker,
    shared: &Shared,
    common: &Common<S>,
    until: Instant,
) -> Result<(), Trouble> {
    loop {
        if Instant::now() >= until || shared.monitor.is_interrupted() {
            return Ok(());
        }
        let changed = common.changed.notified();
        let next = {
            let (source, under_way) = &mut *common.lock();
            let next = source.next();
            *under_way += usize::from(next.is_some());
            match (next, *under_way) {
                (None, 0) => return Ok(()),
                (next, _) => next,
            }
        };
        let Some(job) = next else {
            // Another worker's job may bring more.
            let _ = tokio::time::timeout_at(until, changed).await;
            continue;
        };
        let ran = worker.run(shared, &job).await;
        let (source, under_way) = &mut *common.lock();
        *under_way -= 1;
        let ran = ran?;
        if let Some(ran) = ran {
            shared.monitor.advance(1);
            source.done(&job, ran);
        }
        common.changed.notify_waiters();
    }
}
