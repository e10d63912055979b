//! One run with real processes: choices are taken until nothing is left to happen.
//!
//! The processes run by themselves until each of them waits: for its table calls, which
//! the gate holds, or for its next invocation. Then the director chooses.

mod attempts;
mod calls;
mod held;
mod options;
mod redrive;

use std::time::Duration;

use redeliver_model::delivery::{InvocationId, Route};
use redeliver_model::schedule::{CallId, Choice, InFlight};
use tokio::time::Instant;

use super::answer::{self, Raw};
use super::director::Director;
use super::documents::Documents;
use super::events::Document;
use super::history::{Answer, History, Invocation, Step, Told};
use super::lane::Lane;
use super::news::{EnvironmentId, Happened, News};
use super::plan::Plan;
use super::trouble::Trouble;
use attempts::{Attempts, Ending};
use calls::Marred;
use held::{Asked, Held, Met};

/// The most table calls of one run. A handler that makes more will not come to an end.
const MOST_CALLS: usize = 1_000;

/// Lambda waits one minute before the second attempt of an asynchronous invocation, and
/// two before the third
/// ([retry behavior](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html)).
const DELAY: Duration = Duration::from_secs(60);

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
            let Some(position) = director.choose(&options) else {
                return Ok(None);
            };
            let choice = options[position];
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

    /// Waits until every invocation under way has answered, is held at the gate, or has
    /// been silent for so long that it must be sleeping.
    async fn settle(&mut self) -> Result<(), Trouble> {
        let settle = self.lane.setting.settle;
        loop {
            let calls_at_once = self.lane.calls_at_once;
            let unsettled = self.live.iter().filter(|live| match live.answer {
                Some(_) => !live.waits,
                None => live.pending.is_empty() || calls_at_once,
            });
            let heard = unsettled.filter_map(|live| {
                let slot = self.lane.slots.iter().find(|it| it.id == live.environment);
                slot.map(|slot| slot.heard + settle)
            });
            let Some(until) = heard.max() else {
                return Ok(());
            };
            let begun = Instant::now();
            if begun >= until {
                return Ok(());
            }
            match self.lane.next_news(until).await {
                Some(news) => self.note(news).await?,
                None => {
                    self.lane.tally.silent += begun.elapsed();
                    return Ok(());
                }
            }
        }
    }

    /// Whether an invocation whose time is up has not come to its end.
    fn is_overdue(&self) -> bool {
        let now = self.lane.clock.now();
        let mut unanswered = self.live.iter().filter(|it| it.answer.is_none());
        unanswered.any(|it| it.deadline <= now)
    }

    /// Waits for something to happen by itself: a client sends a call again, a process
    /// answers, or its time is up.
    async fn wait_for_news(&mut self) -> Result<(), Trouble> {
        let begun = Instant::now();
        let asleep = self.live.iter().filter(|it| it.is_asleep());
        let deadline = asleep.map(|it| self.lane.clock.on_the_machine(it.deadline));
        let news = self.lane.next_news(deadline.min().unwrap_or(begun)).await;
        self.lane.tally.silent += begun.elapsed();
        match news {
            Some(news) => {
                self.note(news).await?;
                self.settle().await
            }
            None => self.time_out().await,
        }
    }

    /// Whatever has not answered when its time is up is ended, as Lambda does.
    async fn time_out(&mut self) -> Result<(), Trouble> {
        let now = self.lane.clock.now();
        let mut late: Vec<_> = self.live.iter_mut().collect();
        late.retain(|it| it.is_asleep() && it.deadline <= now);
        let mut ended = Vec::new();
        for live in late {
            live.answer.get_or_insert(Raw::TimedOut);
            live.waits = true;
            ended.push(live.environment);
        }
        for environment in ended {
            self.lane.end_environment(environment).await;
        }
        Ok(())
    }

    /// Notes what an environment did.
    async fn note(&mut self, news: News) -> Result<(), Trouble> {
        let position = self.live.iter().position(|it| it.environment == news.from);
        let Some(position) = position else {
            return self.note_of_idle(news).await;
        };
        let live = &mut self.live[position];
        match news.what {
            Happened::Answered { body, .. } => {
                live.answer.get_or_insert(Raw::Succeeded(body));
            }
            Happened::Called(held) => return self.called(position, Held::Call(held)).await,
            Happened::Effect(held) => return self.called(position, Held::Effect(held)).await,
            Happened::EffectGivenUp { effect } => self.gave_up(
                position,
                |it| matches!(it, Held::Effect(held) if held.number == effect),
            ),
            Happened::Exited { how } => {
                live.answer.get_or_insert(Raw::Exited(how));
                live.waits = true;
                self.lane.end_environment(news.from).await;
            }
            Happened::Failed { error, .. } | Happened::InitFailed { error } => {
                live.answer.get_or_insert(Raw::Failed(error));
            }
            Happened::Refused(_) => {}
            Happened::GaveUp { call } => self.gave_up(
                position,
                |it| matches!(it, Held::Call(held) if held.number == call),
            ),
            Happened::Misused { how } => {
                live.answer.get_or_insert(Raw::Misused(how));
                live.waits = true;
                self.lane.end_environment(news.from).await;
            }
            Happened::Waits => {
                live.waits = true;
                if let Some(slot) = self.lane.slot_of(news.from) {
                    slot.environment.freeze();
                }
                self.leave_pending(position);
            }
        }
        Ok(())
    }

    /// An environment without an invocation did something: it ended, or a call was still
    /// on its way when it was frozen.
    async fn note_of_idle(&mut self, news: News) -> Result<(), Trouble> {
        let Some(slot) = self.lane.slot_of(news.from) else {
            return Ok(());
        };
        match news.what {
            Happened::Called(held) => {
                let last = slot.last;
                self.called_by_nobody(last, Held::Call(held));
            }
            Happened::Effect(held) => {
                let last = slot.last;
                self.called_by_nobody(last, Held::Effect(held));
            }
            Happened::Exited { .. } | Happened::Misused { .. } | Happened::InitFailed { .. } => {
                self.lane.end_environment(news.from).await;
            }
            Happened::Answered { .. }
            | Happened::EffectGivenUp { .. }
            | Happened::Failed { .. }
            | Happened::GaveUp { .. }
            | Happened::Refused(_)
            | Happened::Waits => {}
        }
        Ok(())
    }

    /// A call of no invocation under way is left over from the last one, if there was one.
    fn called_by_nobody(&mut self, last: Option<InvocationId>, held: Held) {
        match last {
            Some(invocation) => {
                let number = u32::MAX;
                self.leave(CallId { invocation, number }, held);
            }
            None => held.break_connection(),
        }
    }

    /// Takes one of the options.
    async fn take(&mut self, choice: Choice) -> Result<(), Trouble> {
        self.faults += u32::from(choice.is_fault());
        let step = Step {
            choice,
            at: self.lane.clock.now().saturating_duration_since(self.begun),
            call: None,
            effect: None,
            answer: None,
        };
        self.played.history.steps.push(step);
        match choice {
            Choice::ApplyLate(call) => return self.apply_late(call).await,
            Choice::Call(call, fate) => return self.answer_call(call, fate).await,
            Choice::Crash(invocation, in_flight) => {
                return self.crash(invocation, in_flight).await;
            }
            Choice::DropLate(call) => self.drop_late(call),
            Choice::Return(invocation) => return self.hear_of(invocation).await,
            Choice::Start(delivery) => return self.start(delivery).await,
            // Never among the options of a run with processes.
            Choice::Sweep | Choice::TimeOut(_) | Choice::Wait(_) => {}
        }
        Ok(())
    }

    async fn start(&mut self, delivery: usize) -> Result<(), Trouble> {
        let Some(attempt) = self.attempts.start(delivery) else {
            return Ok(());
        };
        let is_retry = attempt.id.attempt > 1;
        if is_retry && self.patience == Patience::Deadlines {
            self.let_delay_pass(attempt.id, self.attempts.route(delivery))
                .await?;
        }
        let mut meanwhile = Vec::new();
        let environment = self.lane.environment_for(&mut meanwhile).await?;
        for news in meanwhile {
            self.note(news).await?;
        }
        let route = self.attempts.route(delivery);
        let sending = self.plan.copy_of(delivery) as u64;
        let receive = attempt.id.attempt;
        let document = self
            .documents
            .document(&attempt.events, route, sending, receive)?;
        let request_id = self.lane.request_id(attempt.id, route);
        let deadline = self
            .lane
            .invoke(environment, attempt.id, &request_id, &document)?;
        self.last_deadline = self.last_deadline.max(deadline);
        let invocation = Invocation {
            id: attempt.id,
            request_id,
            events: attempt.events.clone(),
            environment: self.number_of(environment),
            step: self.played.history.steps.len() - 1,
            too_soon: is_retry && self.patience == Patience::None,
            is_last_attempt: attempt.is_last,
        };
        self.played.history.invocations.push(invocation);
        let live = Live {
            id: attempt.id,
            environment,
            events: attempt.events,
            deadline,
            pending: Vec::new(),
            calls_made: 0,
            marred: Vec::new(),
            document,
            answer: None,
            waits: false,
        };
        let position = self.live.partition_point(|it| it.id < live.id);
        self.live.insert(position, live);
        Ok(())
    }

    /// Lets the time pass after which a retry comes: Lambda's delay where that takes no
    /// time, and otherwise what locks need. A queue's messages come again when no
    /// invocation that received them can still run.
    async fn let_delay_pass(&mut self, retry: InvocationId, route: Route) -> Result<(), Trouble> {
        let due = match self.lane.clock.is_owned() && route.queue().is_none() {
            true => self.lane.clock.now() + DELAY * (retry.attempt - 1),
            false => self.last_deadline,
        };
        self.lane.pass_until(due).await
    }

    /// An environment's number in the order of their first use.
    fn number_of(&mut self, environment: EnvironmentId) -> usize {
        let known = self.environments.iter().position(|it| *it == environment);
        known.unwrap_or_else(|| {
            self.environments.push(environment);
            self.environments.len() - 1
        })
    }

    async fn crash(
        &mut self,
        invocation: InvocationId,
        in_flight: InFlight,
    ) -> Result<(), Trouble> {
        let Some(position) = self.live.iter().position(|it| it.id == invocation) else {
            return Ok(());
        };
        let crashed = self.live.remove(position);
        self.lane.end_environment(crashed.environment).await;
        for Pending { id, held } in crashed.pending {
            let asked = held.asked();
            match in_flight {
                InFlight::Applied => {
                    let performed = asked.carry_out(self.lane).await?;
                    let told = Told::Nothing;
                    self.note_call(id, asked, Met { told, performed });
                }
                InFlight::Late if asked.is_write() => self.late.push(Late {
                    id,
                    asked,
                    held: None,
                }),
                InFlight::Late | InFlight::Never => {}
            }
        }
        self.attempts.end(invocation, Ending::Failed);
        Ok(())
    }

    /// Lambda hears that an invocation has returned.
    async fn hear_of(&mut self, invocation: InvocationId) -> Result<(), Trouble> {
        let Some(position) = self.live.iter().position(|it| it.id == invocation) else {
            return Ok(());
        };
        let returned = self.live.remove(position);
        let raw = returned.answer.unwrap_or(Raw::TimedOut);
        let route = self.attempts.route(invocation.delivery);
        let partial = route.queue().is_some_and(|it| it.partial_batches);
        let batch = partial.then_some(&returned.document);
        let heard = answer::heard(&raw, &returned.events, batch);
        let output = self.lane.rest(returned.environment);
        let contents = self.lane.contents().await?;
        let ending = match (heard.failed.is_empty(), heard.acknowledged.is_empty()) {
            (true, _) => Ending::Acknowledged,
            (false, true) => Ending::Failed,
            (false, false) => Ending::FailedPartly(heard.failed.clone()),
        };
        self.attempts.end(invocation, ending);
        if let Some(step) = self.played.history.steps.last_mut() {
            step.answer = Some(Answer {
                succeeded: heard.failed.is_empty(),
                acknowledged: heard.acknowledged,
                error: heard.error,
                contents,
                output,
            });
        }
        Ok(())
    }
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
