//! One run: choices are taken until nothing is left to happen.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use redeliver_model::delivery::InvocationId;
use redeliver_model::history::{Answer, History, Step};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::{CallId, Choice, Chooser};
use redeliver_model::table::Reply;
use redeliver_model::world::{Demand, Reduction, World};

use super::executor::{News, Ticket};
use super::polling::poll;
use super::{Delivery, Environment, Host, Staged};
use crate::table::Boxed;

/// The most calls of one run. A handler that makes more will not come to an end.
const MOST_CALLS: usize = 1_000;

/// How often a future may ask to be polled again without making a call.
const MOST_WAKES: usize = 1_000;

/// Plays `scene` to a handler that is staged for it, as `chooser` will have it, but
/// for choices that a `reduction` cuts, if there is one. Nothing is returned if the
/// chooser breaks off, or if only such choices remain.
///
/// # Errors
///
/// If the handler hangs.
pub fn play(
    staged: &dyn Staged,
    scene: &Scene,
    chooser: &mut dyn Chooser,
    reduction: Option<&mut Reduction<'_>>,
) -> Result<Option<History>, Hang> {
    let mut player = Player::new(staged, scene);
    let played = player.play(chooser, reduction)?.is_some();
    Ok(played.then(|| player.world.into_history()))
}

/// A table in the place of the model's. It is shown each step as it happened on the
/// model's, and its reply, if it has one, is what the handler gets.
pub type OtherTable<'a> = &'a mut dyn FnMut(&Step) -> Option<Reply>;

/// Plays `scene` on another table than the model's.
///
/// # Errors
///
/// If the handler hangs.
pub fn play_on(
    table: OtherTable<'_>,
    staged: &dyn Staged,
    scene: &Scene,
    chooser: &mut dyn Chooser,
) -> Result<Option<History>, Hang> {
    let mut player = Player {
        table: Some(table),
        ..Player::new(staged, scene)
    };
    let played = player.play(chooser, None)?.is_some();
    Ok(played.then(|| player.world.into_history()))
}

/// Plays one run after another, all in the same memory: the world, and the handler's
/// futures in it.
pub struct Player<'a> {
    world: World<'a>,
    table: Option<OtherTable<'a>>,
    staged: &'a dyn Staged,
    host: Host,
    environments: Vec<Option<Arc<dyn Environment>>>,
    futures: Vec<(InvocationId, Boxed<'static, Answer>)>,
    tickets: Vec<(Ticket, CallId)>,
    calls: usize,
    woken: Arc<Woken>,
    waker: Waker,
    options: Vec<Choice>,
    news: News,
}

impl<'a> Player<'a> {
    /// Plays `scene` to a handler that is staged for it.
    pub fn new(staged: &'a dyn Staged, scene: &'a Scene) -> Self {
        let woken = Arc::new(Woken::default());
        Self {
            world: World::new(scene),
            table: None,
            staged,
            host: Host::default(),
            environments: Vec::new(),
            futures: Vec::new(),
            tickets: Vec::new(),
            calls: 0,
            waker: Waker::from(Arc::clone(&woken)),
            woken,
            options: Vec::new(),
            news: News::default(),
        }
    }

    /// Plays a run, as [`play`] does.
    ///
    /// # Errors
    ///
    /// If the handler hangs.
    pub fn play(
        &mut self,
        chooser: &mut dyn Chooser,
        mut reduction: Option<&mut Reduction<'_>>,
    ) -> Result<Option<&History>, Hang> {
        self.begin();
        if let Some(reduction) = reduction.as_deref_mut() {
            reduction.begin();
        }
        loop {
            let choice = match chooser.foretell() {
                Some(choice) => choice,
                None => {
                    self.world.options(&mut self.options);
                    if self.options.is_empty() {
                        self.world.close();
                        return Ok(Some(self.world.history()));
                    }
                    if let Some(reduction) = &reduction {
                        reduction.cut(&self.world, &mut self.options);
                    }
                    if self.options.is_empty() {
                        return Ok(None);
                    }
                    match chooser.choose(&self.options) {
                        Some(position) => self.options[position],
                        None => return Ok(None),
                    }
                }
            };
            if let Some(reduction) = reduction.as_deref_mut() {
                reduction.note(&self.world, choice);
            }
            self.take(choice)?;
        }
    }

    fn begin(&mut self) {
        self.world.begin_again();
        self.futures.clear();
        self.environments.clear();
        self.tickets.clear();
        self.calls = 0;
        // What is left of the handler has gone, and with it whatever it gave up.
        self.host.begin_again();
    }

    fn take(&mut self, choice: Choice) -> Result<(), Hang> {
        let demand = self.world.take(choice);
        let steps = &self.world.history().steps;
        let replied = self.table.as_mut().zip(steps.last());
        let replied = replied.and_then(|(table, step)| table(step));
        match demand {
            Demand::End(invocation) => self.end(invocation),
            Demand::Nothing => {}
            Demand::Resume(call, reply) => {
                return self.resume(call, replied.unwrap_or(reply));
            }
            Demand::Start(invocation) => return self.start(invocation),
        }
        // A zombie ends unheard, whether it is done or not.
        if let Choice::Return(invocation) = choice {
            self.end(invocation);
        }
        Ok(())
    }

    fn start(&mut self, id: InvocationId) -> Result<(), Hang> {
        let Some(invocation) = self.world.history().invocation(id) else {
            return Ok(());
        };
        let (number, records) = (invocation.environment, invocation.records);
        let request_id = invocation.request_id.clone();
        let delivery = Delivery {
            notification: self.world.notification(id.delivery),
            form: self.world.form(id.delivery),
            records,
            request_id,
            now: self.world.now(),
            deadline: self.world.deadline(id).unwrap_or_default(),
        };
        if self.environments.len() <= number {
            self.environments.resize_with(number + 1, || None);
        }
        let (staged, host) = (self.staged, &self.host);
        let environment =
            self.environments[number].get_or_insert_with(|| staged.environment(host.clone()));
        let future = Arc::clone(environment).invoke(delivery);
        self.futures.push((id, future));
        self.go_on(id)
    }

    fn resume(&mut self, call: CallId, reply: Reply) -> Result<(), Hang> {
        if let Some(position) = self.tickets.iter().position(|(_, it)| *it == call) {
            let (ticket, _) = self.tickets.swap_remove(position);
            self.host.answer(ticket, reply);
        }
        self.go_on(call.invocation)
    }

    fn end(&mut self, invocation: InvocationId) {
        self.futures.retain(|(id, _)| *id != invocation);
        self.tickets.retain(|(_, it)| it.invocation != invocation);
        // What the dropped future gave up, the world knows of.
        self.host.forget_given_up();
    }

    /// Lets an invocation run until it waits for its calls, or ends.
    fn go_on(&mut self, id: InvocationId) -> Result<(), Hang> {
        let Some(position) = self.futures.iter().position(|(it, _)| *it == id) else {
            return Ok(());
        };
        self.host.turn_to(id, self.world.now());
        for _ in 0..MOST_WAKES {
            self.woken.0.store(false, Ordering::Relaxed);
            let future = &mut self.futures[position].1;
            let mut context = Context::from_waker(&self.waker);
            let polled = poll(future, &mut context);
            self.note_calls();
            match polled {
                Ok(Poll::Pending) if self.woken.0.load(Ordering::Relaxed) => {}
                Ok(Poll::Pending) if self.world.is_waiting(id) => return self.within_bounds(id),
                Ok(Poll::Pending) => return Err(Hang::WaitsForNothing(id)),
                Ok(Poll::Ready(answer)) => {
                    self.world.answered(id, answer);
                    return Ok(());
                }
                Err(panic) => {
                    let answer = Answer::Panicked(message(&*panic));
                    self.world.answered(id, answer);
                    return Ok(());
                }
            }
        }
        Err(Hang::WaitsForNothing(id))
    }

    fn within_bounds(&self, id: InvocationId) -> Result<(), Hang> {
        match self.calls > MOST_CALLS {
            true => Err(Hang::CallsForEver(id)),
            false => Ok(()),
        }
    }

    /// Tells the world which calls have been made, and which given up.
    fn note_calls(&mut self) {
        self.host.take_news(&mut self.news);
        for call in self.news.made.drain(..) {
            self.calls += 1;
            let id = self.world.called(call.invocation, call.operation);
            self.tickets.push((call.ticket, id));
        }
        for ticket in self.news.given_up.drain(..) {
            if let Some(position) = self.tickets.iter().position(|(it, _)| *it == ticket) {
                let (_, call) = self.tickets.swap_remove(position);
                self.world.abandoned(call);
            }
        }
    }
}

/// Whether a future has asked to be polled again.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a message".to_owned())
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
            Self::CallsForEver(id) => write!(
                f,
                "the handler hangs: {MOST_CALLS} table calls in one run, the last by {id}, and no \
                 end in sight"
            ),
            Self::WaitsForNothing(id) => write!(
                f,
                "the handler hangs: {id} waits for something other than a table call, which the \
                 simulation cannot give it"
            ),
        }
    }
}

impl std::error::Error for Hang {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use redeliver_model::delivery::Record;
    use redeliver_model::scene::{Scene, created};
    use redeliver_model::schedule::{Odometer, Replay};

    use super::*;
    use crate::simulation::{Reference, Subject};

    /// Plays every schedule with one player, and each again with a new one.
    fn assert_independent(reference: Reference, scene: &Scene, schedules: usize) {
        let staged = reference.stage(scene);
        let mut player = Player::new(&*staged, scene);
        let (mut odometer, mut played) = (Odometer::default(), BTreeSet::new());
        while odometer.next_run() {
            let history = player.play(&mut odometer, None);
            let history = history.expect("no hang").expect("nothing is cut");
            let schedule = history.schedule();
            let again = play(&*staged, scene, &mut Replay::new(&schedule), None);
            assert_eq!(again.expect("no hang").as_ref(), Some(history));
            assert!(played.insert(schedule), "played twice");
        }
        assert_eq!(played.len(), schedules);
    }

    #[test]
    fn no_run_depends_on_the_one_before() {
        let event = Record::Event(Arc::new(created("b", "invoice.txt")));
        let twice = Scene::of(&[&[event]], 2);
        assert_independent(Reference::default(), &twice.clone().with_faults(1), 1_722);
        let with_memory = Reference {
            cache: 1,
            expire_after_days: Some(1),
        };
        let scene = twice.managed().with_waits(2);
        assert_independent(with_memory, &scene, 472);
    }
}
