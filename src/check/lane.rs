//! A lane: environments of the handler, and the DynamoDB API that they share with
//! nobody else. Runs on different lanes disturb one another in nothing.

mod life;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use redeliver_model::delivery::{InvocationId, Queue};
use redeliver_model::schedule::Fate;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::backend::{Backend, Contents, KeySchema, TableSchema};
use super::clock::Clock;
use super::documents::Documents;
use super::environment::{Captured, Environment, Invocation, Surroundings};
use super::events::Document;
use super::function::Function;
use super::gate::{Gate, HeldCall, Unknown, key_on_first_use};
use super::news::{EnvironmentId, Happened, News, Sender};
use super::outside::{Elsewhere, Outside, Refusal};
use super::trouble::Trouble;
use life::Lives;
pub use tally::Tally;

/// How long an environment may take until it asks for its first invocation. Lambda gives
/// it ten seconds
/// ([lifecycle](https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html));
/// machines that run tests are busier than Lambda's.
const LONGEST_START: Duration = Duration::from_secs(30);

/// The environments of a lane, and what is behind them.
pub struct Lane {
    pub(super) setting: Arc<Setting>,
    pub(super) backend: Backend,
    pub(super) elsewhere: Elsewhere,
    pub(super) clock: Clock,
    /// What the handler asked for and nobody serves.
    refused: BTreeSet<Refusal>,
    pub(super) slots: Vec<Slot>,
    sender: Sender,
    news: mpsc::UnboundedReceiver<News>,
    next_id: u64,
    pub(super) lives: Lives,
    /// Whether an invocation was ever seen to make two calls at once.
    pub(super) calls_at_once: bool,
    /// Whether the handler was ever seen to make a call after it had answered.
    pub(super) works_on: bool,
    pub(super) tally: Tally,
}

/// What is the same for all lanes of a check.
#[derive(Debug)]
pub struct Setting {
    /// How the handler's environments are started. Of several, they take turns.
    pub functions: Vec<Function>,
    /// The queue of events that come from one.
    pub queue: Queue,
    /// How many attempts an asynchronous invocation has.
    pub attempts: u32,
    /// Whether effects are held as table calls are, rather than performed as they come.
    pub judges_effects: bool,
    /// After how long a silent environment is taken to be sleeping.
    pub settle: Duration,
}

/// An environment, and what it does.
pub(super) struct Slot {
    pub(super) id: EnvironmentId,
    pub(super) environment: Environment,
    /// Open as long as the environment is there.
    _doors: (Gate, Outside),
    state: State,
    /// Whose call it is when one comes while nothing is under way.
    pub(super) last: Option<InvocationId>,
    /// When it was last heard of, or given something to do.
    pub(super) heard: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Busy,
    Idle,
    Starting,
}

impl Lane {
    /// A lane without environments yet, of which no other one has this number: request ids
    /// are nobody else's.
    pub fn new(
        number: u8,
        setting: Arc<Setting>,
        backend: Backend,
        elsewhere: Elsewhere,
        clock: Clock,
    ) -> Self {
        let (sender, news) = mpsc::unbounded_channel();
        Self {
            setting,
            backend,
            elsewhere,
            clock,
            refused: BTreeSet::new(),
            slots: Vec::new(),
            sender,
            news,
            next_id: 0,
            lives: Lives::of_lane(number),
            calls_at_once: false,
            works_on: false,
            tally: Tally::default(),
        }
    }

    /// Creates a table, unless it is there.
    ///
    /// # Errors
    ///
    /// If it has another key, or the DynamoDB API does not answer.
    pub async fn create_table(
        &self,
        name: &str,
        table: impl Into<TableSchema>,
    ) -> Result<(), Trouble> {
        let table = table.into();
        let found = self.backend.find_table(name).await;
        match found.map_err(Trouble::backend)? {
            Some(other) if other != table.key => Err(Trouble::OtherKey {
                table: name.to_owned(),
            }),
            Some(_) => Ok(()),
            None => {
                let created = self.backend.create_table(name, table).await;
                created.map_err(Trouble::backend)
            }
        }
    }

    /// What the handler asked for and nobody serves.
    pub fn refused(&self) -> &BTreeSet<Refusal> {
        &self.refused
    }

    /// Whether the lane's clock is the one that its processes go by.
    pub fn owns_time(&self) -> bool {
        let heeds = |library: PathBuf| {
            let mut environments = self.slots.iter().map(|it| &it.environment);
            environments.all(|it| it.heeds(&library))
        };
        self.clock.library().is_some_and(heeds)
    }

    /// Lets time pass, by the lane's clock.
    ///
    /// # Errors
    ///
    /// If the processes cannot be told the time.
    pub(super) async fn pass_until(&mut self, time: Instant) -> Result<(), Trouble> {
        let begun = Instant::now();
        let passed = self.clock.pass_until(time).await.map_err(Trouble::clock);
        self.tally.waiting += begun.elapsed();
        passed
    }

    /// The tables that are known, with their keys.
    pub fn tables(&self) -> BTreeMap<String, KeySchema> {
        self.backend.schemas().clone()
    }

    /// What is the same for all lanes.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// What the lane has seen until now.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Ends all environments: what they remember is gone.
    pub async fn end_environments(&mut self) {
        for slot in self.slots.drain(..) {
            slot.environment.end().await;
        }
    }

    /// What the tables hold.
    pub(super) async fn contents(&self) -> Result<Contents, Trouble> {
        let contents = self.backend.contents(&self.known_tables()).await;
        contents.map_err(Trouble::backend)
    }

    /// A new life begins: the tables are empty, and there are the objects that the events
    /// speak of.
    pub(super) async fn begin_life(&mut self, documents: &Documents<'_>) -> Result<(), Trouble> {
        self.lives.begin();
        self.elsewhere.begin(documents.objects());
        let cleared = self.backend.clear(&self.known_tables()).await;
        cleared.map_err(Trouble::backend)
    }

    fn known_tables(&self) -> BTreeSet<String> {
        self.backend.schemas().keys().cloned().collect()
    }

    /// What happens next, if anything does until then.
    pub(super) async fn next_news(&mut self, until: Instant) -> Option<News> {
        // Neither end of the channel is dropped while there is a lane.
        let news = loop {
            let news = timeout_at(until, self.news.recv()).await.ok().flatten()?;
            match news.what {
                Happened::Effect(held) if !self.setting.judges_effects => {
                    held.meet(Fate::Answered, &self.elsewhere);
                }
                Happened::Refused(refusal) => {
                    self.refused.insert(refusal);
                }
                _ => break news,
            }
        };
        if let Some(slot) = self.slots.iter_mut().find(|it| it.id == news.from) {
            slot.heard = Instant::now();
        }
        Some(news)
    }

    /// The slot of an environment, unless that has been ended.
    pub(super) fn slot_of(&mut self, id: EnvironmentId) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|it| it.id == id)
    }

    /// Creates the table of a call that uses it for the first time, if its key can be
    /// told from the call.
    pub(super) async fn create_on_first_use(&self, held: &HeldCall) -> Result<(), Trouble> {
        let Some(Unknown::Table(table)) = &held.call.unknown else {
            return Ok(());
        };
        match key_on_first_use(&held.call, table) {
            Some(first_use) => self.create_table(table, first_use.key).await,
            None => Err(Trouble::UnknownTable {
                table: table.clone(),
            }),
        }
    }

    /// An environment that waits for an invocation: the first that does, or a new one.
    /// Whatever others do while it starts is left in `meanwhile`.
    pub(super) async fn environment_for(
        &mut self,
        meanwhile: &mut Vec<News>,
    ) -> Result<EnvironmentId, Trouble> {
        match self.slots.iter().find(|it| it.state == State::Idle) {
            Some(idle) => Ok(idle.id),
            None => self.start_environment(meanwhile).await,
        }
    }

    /// Starts an environment and waits until it asks for its first invocation.
    async fn start_environment(
        &mut self,
        meanwhile: &mut Vec<News>,
    ) -> Result<EnvironmentId, Trouble> {
        let begun = Instant::now();
        let id = EnvironmentId(self.next_id);
        self.next_id += 1;
        self.tally.starts += 1;
        let gate = Gate::open(id, &self.backend, self.sender.clone()).await;
        let gate = gate.map_err(Trouble::gate)?;
        let outside = Outside::open(id, &self.elsewhere, self.sender.clone()).await;
        let outside = outside.map_err(Trouble::gate)?;
        // The versions of a rolling deployment take turns.
        let function = &self.setting.functions[id.0 as usize % self.setting.functions.len()];
        let mut variables = outside.variables(&function.variables);
        variables.extend(self.clock.variables());
        let surroundings = Surroundings {
            dynamodb: gate.endpoint(),
            others: outside.endpoint(),
            proxy: outside.proxy(),
            variables,
        };
        let sender = self.sender.clone();
        let environment = Environment::start(function, id, &surroundings, sender).await;
        let environment = environment.map_err(Trouble::NotStarted)?;
        self.slots.push(Slot {
            id,
            environment,
            _doors: (gate, outside),
            state: State::Starting,
            last: None,
            heard: begun,
        });
        loop {
            let Some(news) = self.next_news(begun + LONGEST_START).await else {
                let how = "it did not ask for its first invocation";
                return Err(self.did_not_start(id, how).await);
            };
            if news.from != id {
                meanwhile.push(news);
                continue;
            }
            match news.what {
                Happened::Waits => break,
                // What it calls while it starts is no part of any invocation.
                Happened::Called(held) => self.let_through(held).await?,
                Happened::InitFailed { error } => {
                    let error = String::from_utf8_lossy(&error).into_owned();
                    return Err(self.did_not_start(id, &error).await);
                }
                Happened::Exited { how } | Happened::Misused { how } => {
                    return Err(self.did_not_start(id, &how).await);
                }
                Happened::Effect(held) => {
                    held.meet(Fate::Answered, &self.elsewhere);
                }
                Happened::Answered { .. }
                | Happened::EffectGivenUp { .. }
                | Happened::Failed { .. }
                | Happened::GaveUp { .. }
                | Happened::Refused(_) => {}
            }
        }
        if let Some(slot) = self.slot_of(id) {
            slot.state = State::Idle;
            slot.environment.freeze();
        }
        self.tally.starting += begun.elapsed();
        let left_out = self.clock.leave_out(begun.elapsed());
        left_out.map_err(Trouble::clock)?;
        Ok(id)
    }

    async fn did_not_start(&mut self, id: EnvironmentId, how: &str) -> Trouble {
        Trouble::DidNotStart {
            how: how.to_owned(),
            output: self.end_environment(id).await,
        }
    }

    /// Carries out a call, and answers it.
    pub(super) async fn let_through(&self, held: HeldCall) -> Result<(), Trouble> {
        self.create_on_first_use(&held).await?;
        let reply = self.backend.carry_out(&held.call).await;
        held.answer(reply.map_err(Trouble::backend)?);
        Ok(())
    }

    /// Hands an attempt to an environment that waits for one, and returns when that will
    /// have timed out, by the lane's clock.
    pub(super) fn invoke(
        &mut self,
        id: EnvironmentId,
        attempt: InvocationId,
        request_id: &str,
        document: &Document,
    ) -> Result<Instant, Trouble> {
        let timeout = self.setting.functions[0].timeout;
        let invocation = Invocation {
            request_id: request_id.to_owned(),
            deadline: self.clock.time_of_day() + timeout,
            document: document.body.clone(),
            trace_id: self.lives.trace_id(),
            client_context: None,
            cognito_identity: None,
        };
        let Some(slot) = self.slot_of(id) else {
            return Err(Trouble::Lost("an environment".to_owned()));
        };
        slot.state = State::Busy;
        slot.last = Some(attempt);
        slot.heard = Instant::now();
        let invoked = slot.environment.invoke(invocation);
        invoked.map_err(|error| Trouble::Lost(error.to_string()))?;
        Ok(self.clock.now() + timeout)
    }

    /// An environment's invocation is over: it waits for the next, frozen, unless it has
    /// ended. What it wrote meanwhile is returned.
    pub(super) fn rest(&mut self, id: EnvironmentId) -> Vec<String> {
        match self.slot_of(id) {
            Some(slot) => {
                slot.state = State::Idle;
                lines(slot.environment.take_output())
            }
            None => Vec::new(),
        }
    }

    /// The same, where the environment has not been frozen yet.
    pub(super) fn rest_frozen(&mut self, id: EnvironmentId) -> Vec<String> {
        if let Some(slot) = self.slot_of(id) {
            slot.environment.freeze();
        }
        self.rest(id)
    }

    /// Ends an environment and everything that it started. What it wrote at last is
    /// returned.
    pub(super) async fn end_environment(&mut self, id: EnvironmentId) -> Vec<String> {
        match self.slots.iter().position(|it| it.id == id) {
            Some(position) => {
                let slot = self.slots.remove(position);
                lines(slot.environment.end().await)
            }
            None => Vec::new(),
        }
    }
}

fn lines(captured: Captured) -> Vec<String> {
    captured.lines().map(|line| line.text.clone()).collect()
}
