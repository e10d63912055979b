//! Everything but the handler: deliveries, invocations, the table and time, as one
//! state machine.
//!
//! Whoever drives it asks what may happen next ([`World::options`]), takes one of
//! these choices ([`World::take`]), does what that demands of the handler, and says
//! what the handler did then: it made a call, gave one up, or answered. The handler
//! may be futures in one thread or processes behind HTTP; the machine is the same.

mod calls;
mod options;
mod reduction;

pub use reduction::Reduction;

use std::sync::Arc;

use crate::delivery::{Deliveries, Ending, Form, InvocationId, Positions, Standing};
use crate::event::Text;
use crate::history::{Answer, Call, Delivered, History, Invocation, Step};
use crate::scene::{Hosting, Scene, TIMEOUT};
use crate::schedule::{CallId, Choice, InFlight};
use crate::table::{Operation, Reply, Seconds, Table};

/// A run under way.
pub struct World<'a> {
    scene: &'a Scene,
    deliveries: Deliveries<'a>,
    /// The invocations under way, in the order of their names.
    live: Vec<Live>,
    /// The calls that they wait for, in the order of theirs.
    pending: Vec<PendingCall>,
    /// The writes that had not been applied when their callers gave up.
    late: Vec<PendingCall>,
    environments: Vec<Environment>,
    table: Table,
    now: Seconds,
    faults: u32,
    waits: u32,
    history: History,
    /// The request ids of all runs in this world, made once.
    request_ids: Vec<(InvocationId, Text)>,
}

/// A call, and what it asks for.
type PendingCall = (CallId, Arc<Operation>);

/// An invocation that has neither crashed nor been heard of to return.
struct Live {
    id: InvocationId,
    environment: usize,
    deadline: Seconds,
    calls_made: u32,
    answer: Option<Answer>,
    /// Lambda has taken it for timed out, and does not hear of it any more.
    zombie: bool,
}

/// Whether an environment is to be had. One whose invocation crashed never is again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Environment {
    Busy,
    Idle,
}

/// What a choice demands of the handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// This invocation ends here and now.
    End(InvocationId),
    /// Nothing.
    Nothing,
    /// This call is answered, and its invocation goes on.
    Resume(CallId, Reply),
    /// This invocation starts.
    Start(InvocationId),
}

impl<'a> World<'a> {
    /// The world in which nothing has happened yet.
    pub fn new(scene: &'a Scene) -> Self {
        Self {
            scene,
            deliveries: Deliveries::new(&scene.notifications),
            live: Vec::new(),
            pending: Vec::new(),
            late: Vec::new(),
            environments: Vec::new(),
            table: Table::default(),
            now: 0,
            faults: 0,
            waits: 0,
            history: History::default(),
            request_ids: Vec::new(),
        }
    }

    /// The same world, in which nothing has happened yet again. A million runs after
    /// one another go on in the same memory.
    pub fn begin_again(&mut self) {
        let Self {
            scene: _,
            deliveries,
            live,
            pending,
            late,
            environments,
            table,
            now,
            faults,
            waits,
            history,
            request_ids: _,
        } = self;
        deliveries.begin_again();
        live.clear();
        pending.clear();
        late.clear();
        environments.clear();
        table.clear();
        (*now, *faults, *waits) = (0, 0, 0);
        history.clear();
    }

    /// The time.
    pub fn now(&self) -> Seconds {
        self.now
    }

    /// What happened until now.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The table as it is now.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The number of the notification that a delivery delivers.
    pub fn notification(&self, delivery: usize) -> usize {
        self.deliveries.notification_number(delivery)
    }

    /// How a delivery's copy of its notification is written.
    pub fn form(&self, delivery: usize) -> Form {
        self.deliveries.form(delivery)
    }

    /// When an invocation under way will have timed out.
    pub fn deadline(&self, invocation: InvocationId) -> Option<Seconds> {
        self.find(invocation).map(|live| live.deadline)
    }

    /// Whether an invocation under way waits for a call of its own.
    pub fn is_waiting(&self, invocation: InvocationId) -> bool {
        !self.all_pending(invocation).is_empty()
    }

    /// Takes one of the [options](Self::options), and says what it demands of the
    /// handler.
    pub fn take(&mut self, choice: Choice) -> Demand {
        self.faults += u32::from(choice.is_fault());
        let mut step = Step {
            choice,
            at: self.now,
            call: None,
            answer: None,
            changes: Vec::new(),
            performed: 0,
        };
        let demand = match choice {
            Choice::ApplyLate(call) => {
                if let Some(operation) = self.take_late(call) {
                    self.execute(&operation, &mut step);
                    let reply = None;
                    step.call = Some(Call { operation, reply });
                }
                Demand::Nothing
            }
            Choice::Call(call, fate) => self.answer_call(call, fate, &mut step),
            Choice::Crash(invocation, in_flight) => {
                self.crash(invocation, in_flight, &mut step);
                Demand::End(invocation)
            }
            Choice::DropLate(call) => {
                self.take_late(call);
                Demand::Nothing
            }
            Choice::Return(invocation) => {
                step.answer = self.hear_of(invocation);
                Demand::Nothing
            }
            Choice::Start(delivery) => {
                let demand = self.start(delivery);
                step.at = self.now;
                demand
            }
            Choice::Sweep => {
                self.table.sweep(self.now, &mut step.changes);
                Demand::Nothing
            }
            Choice::TimeOut(invocation) => {
                self.time_out(invocation);
                step.at = self.now;
                Demand::Nothing
            }
            Choice::Wait(wait) => {
                self.now += wait.seconds();
                self.waits += 1;
                step.at = self.now;
                Demand::Nothing
            }
        };
        self.history.steps.push(step);
        demand
    }

    /// Notes what an invocation answered. Lambda hears of it when it is chosen to.
    /// Calls that are still under way are left to themselves.
    pub fn answered(&mut self, invocation: InvocationId, answer: Answer) {
        if let Some(position) = self.position(invocation) {
            self.live[position].answer = Some(answer);
            while let Some((call, operation)) = self.take_first_pending(invocation) {
                self.leave(call, operation);
            }
        }
    }

    /// What happened, when nothing is left to happen.
    pub fn finish(mut self) -> History {
        self.close();
        self.into_history()
    }

    /// What has happened.
    pub fn into_history(self) -> History {
        self.history
    }

    /// Completes the history, when nothing is left to happen.
    pub fn close(&mut self) {
        let delivered = (0..self.deliveries.count()).map(|number| Delivered {
            notification: self.deliveries.notification_number(number),
            form: self.deliveries.form(number),
            dead: match self.deliveries.standing(number) {
                Standing::Dead => self.deliveries.remaining(number),
                _ => Positions::first(0),
            },
        });
        self.history.deliveries.extend(delivered);
        self.history.table = self.table.take_items();
    }

    fn start(&mut self, delivery: usize) -> Demand {
        let (id, from) = self.deliveries.start(delivery);
        self.now = self.now.max(from);
        let environment = self.occupy_environment();
        let request_id = self.request_id(id);
        self.history.invocations.push(Invocation {
            id,
            request_id,
            records: self.deliveries.remaining(delivery),
            environment,
            at: self.now,
            step: self.history.steps.len(),
        });
        let live = Live {
            id,
            environment,
            deadline: self.now + TIMEOUT,
            calls_made: 0,
            answer: None,
            zombie: false,
        };
        let position = self.live.partition_point(|it| it.id < id);
        self.live.insert(position, live);
        Demand::Start(id)
    }

    /// Asynchronous invocations keep their request ids over their retries.
    fn request_id(&mut self, invocation: InvocationId) -> Text {
        let InvocationId { delivery, attempt } = invocation;
        let is_queued = self
            .deliveries
            .notification(delivery)
            .route
            .queue()
            .is_some();
        let attempt = if is_queued { attempt } else { 1 };
        let named = InvocationId { delivery, attempt };
        if let Some((_, known)) = self.request_ids.iter().find(|(it, _)| *it == named) {
            return known.clone();
        }
        let request_id: Text = match is_queued {
            true => format!("request-{}.{attempt}", delivery + 1).into(),
            false => format!("request-{}", delivery + 1).into(),
        };
        self.request_ids.push((named, request_id.clone()));
        request_id
    }

    /// The first idle environment, or else a new one.
    fn occupy_environment(&mut self) -> usize {
        let idle = |it: &Environment| match self.scene.hosting {
            Hosting::Default => *it == Environment::Idle,
            Hosting::Managed => true,
        };
        let number = self.environments.iter().position(idle);
        let number = number.unwrap_or_else(|| {
            self.environments.push(Environment::Idle);
            self.environments.len() - 1
        });
        self.environments[number] = Environment::Busy;
        number
    }

    fn crash(&mut self, invocation: InvocationId, in_flight: InFlight, step: &mut Step) {
        let Some(position) = self.position(invocation) else {
            return;
        };
        let crashed = self.live.remove(position);
        while let Some((call, operation)) = self.take_first_pending(invocation) {
            match in_flight {
                InFlight::Applied => {
                    self.execute(&operation, step);
                    let reply = None;
                    step.call = Some(Call { operation, reply });
                }
                InFlight::Late => self.leave(call, operation),
                InFlight::Never => {}
            }
        }
        if !crashed.zombie {
            self.deliveries.end(invocation, Ending::Failed, self.now);
        }
    }

    /// Lambda hears that an invocation has returned, unless it has given it up.
    fn hear_of(&mut self, invocation: InvocationId) -> Option<Answer> {
        let position = self.position(invocation)?;
        let returned = self.live.remove(position);
        if self.scene.hosting == Hosting::Default {
            self.environments[returned.environment] = Environment::Idle;
        }
        let answer = returned.answer.filter(|_| !returned.zombie)?;
        let queue = self
            .deliveries
            .notification(invocation.delivery)
            .route
            .queue();
        let partial = queue.is_some_and(|queue| queue.partial_batches);
        let ending = match &answer {
            Answer::Panicked(_) => Ending::Failed,
            Answer::Returned(records) if records.iter().all(|it| it.acknowledged) => {
                Ending::Acknowledged
            }
            Answer::Returned(records) if partial => {
                let handed = self.deliveries.remaining(invocation.delivery);
                let failed = |place: usize| records.get(place).is_none_or(|it| !it.acknowledged);
                Ending::FailedPartly(handed.filter(failed))
            }
            Answer::Returned(_) => Ending::Failed,
        };
        self.deliveries.end(invocation, ending, self.now);
        Some(answer)
    }

    fn time_out(&mut self, invocation: InvocationId) {
        if let Some(position) = self.position(invocation) {
            self.live[position].zombie = true;
            self.now = self.now.max(self.live[position].deadline);
            self.deliveries.end(invocation, Ending::Failed, self.now);
        }
    }

    /// Whether an attempt may start without time having to pass.
    fn starts_now(&self, delivery: usize) -> bool {
        matches!(self.deliveries.standing(delivery), Standing::Due(from) if from <= self.now)
    }

    /// Whether the attempt that is under way, or would be the next, is the last that
    /// is permitted.
    fn is_at_last_attempt(&self, delivery: usize) -> bool {
        let permitted = self.deliveries.notification(delivery).route.attempts();
        let begun = self.deliveries.attempts(delivery);
        match self.deliveries.standing(delivery) {
            Standing::Due(_) => begun + 1 >= permitted,
            _ => begun >= permitted,
        }
    }

    fn position(&self, invocation: InvocationId) -> Option<usize> {
        self.live.iter().position(|it| it.id == invocation)
    }

    fn find(&self, invocation: InvocationId) -> Option<&Live> {
        self.live.iter().find(|it| it.id == invocation)
    }
}
