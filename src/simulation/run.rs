//! One run: choices are taken until nothing is left to happen.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use redeliver_model::delivery::{Deliveries, Ending, InvocationId, Standing};
use redeliver_model::history::{Answer, Call, History, ItemChange, Step};
use redeliver_model::schedule::{Choice, Chooser, Fate, InFlight};
use redeliver_model::table::{Failure, Key, Operation, Reply, Table};

use super::executor::SimulatedTable;
use super::options::Options;
use super::{Delivery, Environment, Scene, Subject};

/// The most calls of one run. A handler that makes more will not come to an end.
const MOST_CALLS: usize = 1_000;

/// A run under way.
pub struct Run<'a> {
    pub(super) scene: &'a Scene,
    pub(super) deliveries: Deliveries<'a>,
    pub(super) invocations: BTreeMap<InvocationId, Invocation>,
    /// The writes that have not been applied when their callers gave up.
    pub(super) late: Vec<(InvocationId, Arc<Operation>)>,
    pub(super) faults: u32,
    pub(super) port: SimulatedTable,
    table: Table,
    environment: Arc<dyn Environment>,
    history: History,
    calls: usize,
}

/// An invocation that has neither crashed nor been heard of to return.
pub(super) struct Invocation {
    future: Pin<Box<dyn Future<Output = Answer> + Send>>,
    pub(super) answer: Option<Answer>,
    /// Lambda has taken it for timed out, and does not hear of it any more.
    pub(super) zombie: bool,
}

impl<'a> Run<'a> {
    /// Plays `scene` to `subject`, as `chooser` will have it; without choices that
    /// lead only to histories that another order of commuting calls leads to, if
    /// `reduced`. Nothing is returned if the chooser breaks off, or if only such
    /// choices remain.
    ///
    /// # Errors
    ///
    /// If the handler hangs.
    pub fn play(
        subject: &dyn Subject,
        scene: &'a Scene,
        chooser: &mut dyn Chooser,
        reduced: bool,
    ) -> Result<Option<History>, Hang> {
        let port = SimulatedTable::default();
        let mut run = Self {
            scene,
            deliveries: Deliveries::new(&scene.notifications),
            invocations: BTreeMap::new(),
            late: Vec::new(),
            faults: 0,
            environment: subject.environment(port.clone()),
            port,
            table: Table::default(),
            history: History::default(),
            calls: 0,
        };
        let mut options = Options::new(reduced && !subject.shares_memory());
        loop {
            let (possible, choices) = options.of(&run);
            if !possible {
                return Ok(Some(run.finish()));
            }
            if choices.is_empty() {
                return Ok(None);
            }
            let Some(position) = chooser.choose(&choices) else {
                return Ok(None);
            };
            let choice = choices[position];
            options.taken(choice, &run);
            run.take(choice)?;
        }
    }

    fn take(&mut self, choice: Choice) -> Result<(), Hang> {
        self.faults += u32::from(choice.is_fault());
        let mut step = Step {
            choice,
            call: None,
            answer: None,
            changes: Vec::new(),
        };
        match choice {
            Choice::ApplyLate(invocation) => {
                let operation = self.take_late(invocation);
                self.execute(&operation, &mut step);
                step.call = operation.map(|operation| Call {
                    operation,
                    reply: None,
                });
            }
            Choice::Call(invocation, fate) => self.call(invocation, fate, &mut step)?,
            Choice::Crash(invocation, in_flight) => self.crash(invocation, in_flight, &mut step),
            Choice::DropLate(invocation) => {
                self.take_late(invocation);
            }
            Choice::Return(invocation) => step.answer = self.hear_of(invocation),
            Choice::Start(delivery) => self.start(delivery)?,
            Choice::TimeOut(invocation) => {
                if let Some(it) = self.invocations.get_mut(&invocation) {
                    it.zombie = true;
                }
                self.deliveries.end(invocation, Ending::Failed);
            }
        }
        self.history.steps.push(step);
        Ok(())
    }

    fn start(&mut self, delivery: usize) -> Result<(), Hang> {
        let invocation = self.deliveries.start(delivery);
        let request_id = self.deliveries.request_id(invocation);
        self.history
            .request_ids
            .insert(invocation, request_id.clone());
        let future = Arc::clone(&self.environment).invoke(Delivery {
            notification: self.deliveries.notification_number(delivery),
            request_id,
            now: self.deliveries.now(),
        });
        let answer = None;
        let zombie = false;
        let started = Invocation {
            future,
            answer,
            zombie,
        };
        self.invocations.insert(invocation, started);
        self.go_on(invocation)
    }

    /// Lets an invocation run to its next call or its end.
    fn go_on(&mut self, invocation: InvocationId) -> Result<(), Hang> {
        let Some(running) = self.invocations.get_mut(&invocation) else {
            return Ok(());
        };
        match self.port.poll(invocation, &mut running.future) {
            Poll::Ready(answer) => running.answer = Some(answer),
            Poll::Pending if self.port.pending(invocation).is_some() => self.calls += 1,
            Poll::Pending => return Err(Hang::WaitsForNothing(invocation)),
        }
        match self.calls > MOST_CALLS {
            true => Err(Hang::CallsForEver(invocation)),
            false => Ok(()),
        }
    }

    fn call(&mut self, invocation: InvocationId, fate: Fate, step: &mut Step) -> Result<(), Hang> {
        let Some(operation) = self.port.pending(invocation) else {
            return Ok(());
        };
        let call = Some(Arc::clone(&operation));
        let reply = match fate {
            Fate::Answered => self.execute(&call, step),
            Fate::Conflict => Reply::Failed(Failure::Conflict),
            Fate::Late => {
                self.late.push((invocation, Arc::clone(&operation)));
                Reply::Failed(Failure::NoReply)
            }
            Fate::ReplyLost => {
                self.execute(&call, step);
                Reply::Failed(Failure::NoReply)
            }
            Fate::Resent => {
                self.execute(&call, step);
                self.execute(&call, step)
            }
            Fate::ServerError => Reply::Failed(Failure::ServerError),
            Fate::ServerErrorAfterWrite => {
                self.execute(&call, step);
                Reply::Failed(Failure::ServerError)
            }
            Fate::Stale => match &*operation {
                Operation::Read { key, .. } => self.table.read_stale(key),
                _ => self.execute(&call, step),
            },
            Fate::Throttled => Reply::Failed(Failure::Throttled),
        };
        step.call = Some(Call {
            operation,
            reply: Some(reply.clone()),
        });
        self.port.answer(invocation, reply);
        self.go_on(invocation)
    }

    fn crash(&mut self, invocation: InvocationId, in_flight: InFlight, step: &mut Step) {
        let operation = self.port.pending(invocation);
        match in_flight {
            InFlight::Applied => {
                self.execute(&operation, step);
                step.call = operation.map(|operation| Call {
                    operation,
                    reply: None,
                });
            }
            InFlight::Late => self.late.extend(operation.map(|it| (invocation, it))),
            InFlight::Never => {}
        }
        self.port.forget(invocation);
        let crashed = self.invocations.remove(&invocation);
        if crashed.is_some_and(|it| !it.zombie) {
            self.deliveries.end(invocation, Ending::Failed);
        }
    }

    /// Lambda hears that an invocation has returned, unless it has given it up.
    fn hear_of(&mut self, invocation: InvocationId) -> Option<Answer> {
        let returned = self.invocations.remove(&invocation)?;
        let answer = returned.answer.filter(|_| !returned.zombie)?;
        let ending = match answer.acknowledged.iter().all(|&it| it) {
            true => Ending::Acknowledged,
            false => Ending::Failed,
        };
        self.deliveries.end(invocation, ending);
        Some(answer)
    }

    fn take_late(&mut self, invocation: InvocationId) -> Option<Arc<Operation>> {
        let position = self.late.iter().position(|(late, _)| *late == invocation)?;
        Some(self.late.remove(position).1)
    }

    /// Carries out a call on the table, and notes what changed.
    fn execute(&mut self, operation: &Option<Arc<Operation>>, step: &mut Step) -> Reply {
        let Some(operation) = operation else {
            return Reply::Written;
        };
        let keys = operation.keys().into_iter().map(str::to_owned);
        let before: Vec<(Key, _)> = keys
            .map(|key| {
                let item = self.table.items().get(&key).cloned();
                (key, item)
            })
            .collect();
        let reply = self.table.execute(operation, self.deliveries.now());
        let changes = before.into_iter().filter_map(|(key, before)| {
            let after = self.table.items().get(&key).cloned();
            (before != after).then_some(ItemChange { key, before, after })
        });
        step.changes.extend(changes);
        reply
    }

    fn finish(mut self) -> History {
        let notifications = self.scene.notifications.iter();
        let deliveries = notifications
            .flat_map(|it| std::iter::repeat_n(it.records.clone(), it.deliveries as usize));
        self.history.deliveries = deliveries.collect();
        let dead = |&delivery: &usize| self.deliveries.standing(delivery) == Standing::Dead;
        self.history.dead_letters = (0..self.history.deliveries.len()).filter(dead).collect();
        self.history.table = self.table.items().clone();
        self.history
    }
}

/// A handler that will not come to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hang {
    /// It makes one call after another.
    CallsForEver(InvocationId),
    /// It waits for something other than its table.
    WaitsForNothing(InvocationId),
}

impl fmt::Display for Hang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CallsForEver(_) => write!(
                f,
                "the handler hangs: {MOST_CALLS} table calls in one run, and no end in sight"
            ),
            Self::WaitsForNothing(_) => f.write_str(
                "the handler hangs: it waits for something other than a table call, which the \
                 simulation cannot give it",
            ),
        }
    }
}

impl std::error::Error for Hang {}
