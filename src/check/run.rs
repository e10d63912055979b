//! One run with real processes: choices are taken until nothing is left to happen.
//!
//! The processes run by themselves until each of them waits: for its table calls, which
//! the gate holds, or for its next invocation. Then the director chooses.

mod attempts;
mod calls;
mod choosing;
mod held;
mod options;
mod redrive;
mod taking;
mod waiting;

use redeliver_model::delivery::InvocationId;
use redeliver_model::schedule::{CallId, Choice};
use tokio::time::Instant;

use super::answer::Raw;
use super::director::Director;
use super::documents::Documents;
use super::events::Document;
use super::history::History;
use super::lane::Lane;
use super::news::EnvironmentId;
use super::plan::Plan;
use super::trouble::Trouble;
use attempts::Attempts;
use calls::Marred;
use choosing::Chosen;
use held::{Asked, Held};

/// The most table calls of one run. A handler that makes more will not come to an end.
const MOST_CALLS: usize = 1_000;

/// How a run goes about time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patience {
    /// A retry starts at once, and is said to have started too soon.
    #[default]
    None,
    /// A retry starts when nothing else is under way, and when Lambda would start it, if
    /// the kit owns the handler's time; otherwise, when every invocation before it would
    /// have timed out. Whatever was locked for that long is free again. On Lambda, retries
    /// overlap with other invocations as well; that is what runs without patience are for.
    Deadlines,
}

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Played {
    /// What happened.
    pub history: History,
    /// What might have been chosen at each step.
    pub options: Vec<Vec<Choice>>,
    /// Whether an invocation went on after its time was up, because the kit or the
    /// machine was busy. On Lambda it would have been ended: the run says nothing.
    pub is_overdue: bool,
}

impl Lane {
    /// Plays a plan, as the director will have it. Nothing is returned if the director
    /// breaks the run off.
    ///
    /// # Errors
    ///
    /// If the handler cannot be run, or the DynamoDB API does not answer.
    pub async fn play(
        &mut self,
        plan: &Plan,
        documents: &Documents<'_>,
        patience: Patience,
        director: &mut dyn Director,
    ) -> Result<Option<Played>, Trouble> {
        self.begin_life(documents).await?;
        let mut run = Run::new(self, plan, documents, patience);
        let played = run.play(director).await;
        let left = std::mem::take(&mut run.live);
        // Whatever was under way when the run was broken off has no place in the next.
        for live in left {
            self.end_environment(live.environment).await;
        }
        played
    }
}

/// A run under way.
struct Run<'a> {
    lane: &'a mut Lane,
    plan: &'a Plan,
    documents: &'a Documents<'a>,
    patience: Patience,
    attempts: Attempts,
    /// The invocations under way, in the order of their names.
    live: Vec<Live>,
    /// The writes that had not been applied when their callers gave up.
    late: Vec<Late>,
    /// The environments in the order of their first use.
    environments: Vec<EnvironmentId>,
    begun: Instant,
    /// The latest deadline of all invocations so far.
    last_deadline: Instant,
    faults: u32,
    calls: usize,
    played: Played,
}

/// An invocation that has neither crashed nor been heard of to return.
struct Live {
    id: InvocationId,
    environment: EnvironmentId,
    events: Vec<usize>,
    document: Document,
    deadline: Instant,
    pending: Vec<Pending>,
    calls_made: u32,
    /// The calls to which something happened.
    marred: Vec<Marred>,
    answer: Option<Raw>,
    /// It has answered, and asks for the next invocation.
    waits: bool,
}

impl Live {
    /// Whether it does nothing that can be seen, and has not answered.
    fn is_asleep(&self) -> bool {
        match self.answer {
            Some(_) => !self.waits,
            None => self.pending.is_empty(),
        }
    }
}

/// A call that is held at the gate.
struct Pending {
    id: CallId,
    held: Held,
}

/// A write that nobody waits for any more.
struct Late {
    id: CallId,
    asked: Asked,
    /// Its connection, if it is still open.
    held: Option<Held>,
}

impl<'a> Run<'a> {
    fn new(
        lane: &'a mut Lane,
        plan: &'a Plan,
        documents: &'a Documents<'a>,
        patience: Patience,
    ) -> Self {
        let begun = lane.clock.now();
        let attempts = Attempts::new(plan, lane.setting.attempts);
        Self {
            lane,
            plan,
            documents,
            patience,
            attempts,
            live: Vec::new(),
            late: Vec::new(),
            environments: Vec::new(),
            begun,
            last_deadline: begun,
            faults: 0,
            calls: 0,
            played: Played::default(),
        }
    }

    async fn play(&mut self, director: &mut dyn Director) -> Result<Option<Played>, Trouble> {
        loop {
            self.settle().await?;
            let mut options = self.options();
            while let Some(wanted) = director.wants() {
                if options.contains(&wanted) {
                    break;
                }
                if self.may_become_possible(wanted) {
                    self.wait_for_news().await?;
                    options = self.options();
                } else {
                    director.go_without();
                }
            }
            if options.is_empty() {
                if self.live.is_empty() {
                    break;
                }
                self.wait_for_news().await?;
                continue;
            }
            let Some(Chosen { choice, options }) = self.choose(options, director).await? else {
                return Ok(None);
            };
            self.played.options.push(options);
            self.played.is_overdue |= self.is_overdue();
            self.take(choice).await?;
        }
        let history = &mut self.played.history;
        history.dead = self.attempts.dead();
        history.contents = self.lane.contents().await?;
        self.redrive().await?;
        Ok(Some(std::mem::take(&mut self.played)))
    }
}
