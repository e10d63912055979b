#![doc = include_str!("book/own_handler.md")]

mod answers;
mod outcome;
mod trigger;

pub use answers::Answers;
pub use outcome::{Failure, Outcome};

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use redeliver_model::delivery::{Form, Notification, Positions, Route};
use redeliver_model::event::{IdentityPolicy, Text};
use redeliver_model::history::{Answer, RecordAnswer};
use redeliver_model::property::{Bookkeeping, Keeps, Sighting};
use redeliver_model::scene::{self, Scene};
use redeliver_model::schedule::{Case, Shard};
use redeliver_model::table::{Key, Seconds};

use crate::engine::{
    Counterexample, Draw, Limits, Violations, at_random, explore, minimise, replay,
};
use crate::simulation::{Delivery, Environment, Hang, Host, Staged, Subject, document};
use crate::table::Boxed;
use trigger::Trigger;

/// A handler of your own, with what the kit must know of it.
///
/// Unless it is told otherwise, the handler keeps a row for each object (bucket and
/// key), is invoked by S3 itself with well-formed `ObjectCreated` events, and runs on
/// default Lambda, where each environment runs one invocation at a time.
#[derive(Clone)]
pub struct Harness {
    name: String,
    keeps: Keeps,
    trigger: Trigger,
    row: WhereIs,
    tally: Option<WhereIs>,
    writer_attributes: &'static [&'static str],
    shares_memory: bool,
    start: Start,
}

/// Where an event is recorded.
type WhereIs = Arc<dyn Fn(Sighting<'_>) -> Key + Send + Sync>;

/// Starts an environment of the handler.
type Start = Arc<dyn Fn(Host) -> Invoke + Send + Sync>;

/// Invokes the handler in an environment.
type Invoke = Box<dyn Fn(Invocation) -> Boxed<'static, Vec<RecordAnswer>> + Send + Sync>;

/// What the handler is invoked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The event as Lambda hands it over: the JSON text of a notification.
    pub document: Arc<str>,
    /// How many records are in it.
    pub records: usize,
    /// Lambda's request id.
    pub request_id: Text,
    /// When it starts. What the time is later on, the [`Host`] tells.
    pub now: Seconds,
    /// When it will have timed out.
    pub deadline: Seconds,
}

impl Harness {
    /// A handler.
    ///
    /// `row` says under which key it records an event. `start` is what happens once
    /// in an environment, before the first invocation: it is handed the table, and
    /// returns what is called for each invocation. What it returns is as a Lambda
    /// function's result: see [`Answers`].
    pub fn new<I, F>(
        name: impl Into<String>,
        row: impl Fn(Sighting<'_>) -> Key + Send + Sync + 'static,
        start: impl Fn(Host) -> I + Send + Sync + 'static,
    ) -> Self
    where
        I: Fn(Invocation) -> F + Send + Sync + 'static,
        F: Future<Output: Answers> + Send + 'static,
    {
        Self {
            name: name.into(),
            keeps: Keeps::Rows,
            trigger: Trigger::default(),
            row: Arc::new(row),
            tally: None,
            writer_attributes: &[],
            shares_memory: true,
            start: Arc::new(move |host| {
                let invoke = start(host);
                Box::new(move |invocation| {
                    let records = invocation.records;
                    let answer = invoke(invocation);
                    Box::pin(async move { answer.await.answers(records) })
                })
            }),
        }
    }

    /// What the handler keeps, and so what it is judged by.
    pub fn keeps(self, keeps: Keeps) -> Self {
        Self { keeps, ..self }
    }

    /// Its effect is to count events, each in the item with this key.
    pub fn counts_in(self, tally: impl Fn(Sighting<'_>) -> Key + Send + Sync + 'static) -> Self {
        let tally: WhereIs = Arc::new(tally);
        let keeps = Keeps::Effects;
        Self {
            keeps,
            tally: Some(tally),
            ..self
        }
    }

    /// What makes two events the same one.
    pub fn identity(mut self, policy: IdentityPolicy) -> Self {
        self.trigger.policy = policy;
        self
    }

    /// The routes by which events come to it; at least one.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn behind(mut self, routes: impl Into<Vec<Route>>) -> Self {
        self.trigger.routes = routes.into();
        assert!(!self.trigger.routes.is_empty(), "events come by some route");
        self
    }

    /// It runs on Lambda Managed Instances too, where one environment runs several
    /// invocations at once.
    pub fn on_managed_instances(mut self) -> Self {
        self.trigger.managed = true;
        self
    }

    /// It is sent `ObjectRemoved` events too.
    pub fn with_removals(mut self) -> Self {
        self.trigger.removals = true;
        self
    }

    /// It is sent records that nobody can read, too, and those that its identity policy
    /// cannot tell apart. They are to fail visibly, and to leave their neighbours alone.
    pub fn with_unreadable_records(mut self) -> Self {
        self.trigger.unreadable = true;
        self
    }

    /// The attributes of a row that say who wrote it: what may differ when the same
    /// deliveries come in another order.
    pub fn signs_rows_with(self, writer_attributes: &'static [&'static str]) -> Self {
        Self {
            writer_attributes,
            ..self
        }
    }

    /// Its invocations share no memory, so that fewer schedules need to be played on
    /// Managed Instances. If they do share some, races on it may be missed.
    pub fn stateless(self) -> Self {
        Self {
            shares_memory: false,
            ..self
        }
    }

    /// Plays every schedule of the kit's small scenes, but in each of them no more than
    /// `runs`: whole deliveries in every order, their interleavings, one fault at any
    /// point, time passing. What is violated is made as small as can be.
    ///
    /// # Errors
    ///
    /// If the handler hangs.
    pub fn explore(&self, runs: u64) -> Result<Outcome, Hang> {
        let limits = Limits {
            runs,
            ..Limits::default()
        };
        let mut outcome = Outcome {
            complete: true,
            ..Outcome::of(&self.name)
        };
        for scene in self.small_scenes() {
            let found = explore(self, &scene, limits, &mut |_| true)?;
            outcome.coverage.add(&found.coverage);
            outcome.complete &= found.complete;
            for (property, counterexample) in found.violations {
                let known = outcome.violations.get(&property);
                if known.is_none_or(|known| counterexample.size() < known.size()) {
                    outcome.violations.insert(property, counterexample);
                }
            }
        }
        outcome.violations = self.minimised(outcome.violations)?;
        Ok(outcome)
    }

    /// Plays so many random scenes and schedules, which follow from the seed. What is
    /// violated is made as small as can be.
    ///
    /// # Errors
    ///
    /// If the handler hangs.
    pub fn at_random(&self, seed: u64, cases: u64) -> Result<Outcome, Hang> {
        let draw = Draw {
            seed,
            cases,
            shard: Shard::default(),
            policy: Some(self.trigger.policy),
        };
        let found = at_random(self, draw, &mut |_| true)?;
        Ok(Outcome {
            coverage: found.coverage,
            complete: found.complete,
            violations: self.minimised(found.violations)?,
            ..Outcome::of(&self.name)
        })
    }

    /// Plays one case, as the strategies for proptest draw them. Of its scene it takes
    /// what can happen to this handler.
    ///
    /// # Errors
    ///
    /// If a property is violated, or the handler hangs.
    pub fn check(&self, case: &Case) -> Result<(), Failure> {
        let case = Case {
            scene: self.confine(case.scene.clone()),
            schedule: case.schedule.clone(),
        };
        let replayed = replay(self, &case).map_err(Failure::Hang)?;
        let history = replayed.history;
        match replayed.violations.into_iter().next() {
            None => Ok(()),
            Some(violation) => Err(Failure::Violated(Box::new(Counterexample {
                violation,
                case,
                history,
            }))),
        }
    }

    /// Makes a counterexample as small as can be.
    ///
    /// # Errors
    ///
    /// If the handler hangs.
    pub fn minimise(&self, counterexample: Counterexample) -> Result<Counterexample, Hang> {
        minimise(self, counterexample)
    }

    fn minimised(&self, violations: Violations) -> Result<Violations, Hang> {
        let each = violations.into_iter();
        each.map(|(property, it)| Ok((property, self.minimise(it)?)))
            .collect()
    }

    /// The standard scenes, without anything going wrong, with time passing, and with a
    /// fault, as they can happen to this handler.
    fn small_scenes(&self) -> Vec<Scene> {
        let mut scenes = Vec::new();
        for (faults, waits) in [(0, 0), (0, 1), (1, 0)] {
            for (_, scene) in scene::standard() {
                let scene = scene.with_faults(faults).with_waits(waits);
                let hostings = match self.trigger.managed {
                    true => vec![scene.clone(), scene.managed()],
                    false => vec![scene],
                };
                for scene in hostings {
                    for route in &self.trigger.routes {
                        let mut scene = scene.clone();
                        for notification in &mut scene.notifications {
                            notification.route = *route;
                        }
                        let scene = self.confine(scene);
                        if !scenes.contains(&scene) {
                            scenes.push(scene);
                        }
                    }
                }
            }
        }
        scenes
    }
}

impl fmt::Debug for Harness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harness")
            .field("name", &self.name)
            .field("keeps", &self.keeps)
            .field("trigger", &self.trigger)
            .finish_non_exhaustive()
    }
}

impl Subject for Harness {
    fn name(&self) -> &str {
        &self.name
    }

    fn keeps(&self) -> Keeps {
        self.keeps
    }

    fn confine(&self, scene: Scene) -> Scene {
        self.trigger.confine(scene)
    }

    fn stage(&self, scene: &Scene) -> Box<dyn Staged> {
        let mut documents = BTreeMap::new();
        for (number, notification) in scene.notifications.iter().enumerate() {
            let all = Positions::first(notification.records.len());
            for &form in &notification.deliveries {
                let written = || document(notification, form, all).to_string().into();
                documents.entry((number, form)).or_insert_with(written);
            }
        }
        Box::new(OnStage {
            harness: self.clone(),
            script: Arc::new(Script {
                notifications: scene.notifications.clone(),
                documents,
            }),
        })
    }
}

struct OnStage {
    harness: Harness,
    script: Arc<Script>,
}

/// What is delivered, with each notification written once in each form.
struct Script {
    notifications: Vec<Notification>,
    documents: BTreeMap<(usize, Form), Arc<str>>,
}

impl Script {
    fn document(&self, delivery: &Delivery) -> Arc<str> {
        let Delivery {
            notification,
            form,
            records,
            ..
        } = *delivery;
        let whole = &self.notifications[notification];
        let written = self.documents.get(&(notification, form));
        match written.filter(|_| records.count() == whole.records.len()) {
            Some(written) => Arc::clone(written),
            None => document(whole, form, records).to_string().into(),
        }
    }
}

impl Bookkeeping for OnStage {
    fn row(&self, sighting: Sighting<'_>) -> Key {
        (self.harness.row)(sighting)
    }

    fn tally(&self, sighting: Sighting<'_>) -> Option<Key> {
        let tally = self.harness.tally.as_ref();
        tally.map(|tally| tally(sighting))
    }
}

impl Staged for OnStage {
    fn environment(&self, host: Host) -> Arc<dyn Environment> {
        Arc::new(Warm {
            invoke: (self.harness.start)(host),
            script: Arc::clone(&self.script),
        })
    }

    fn shares_memory(&self) -> bool {
        self.harness.shares_memory
    }

    fn writer_attributes(&self) -> &'static [&'static str] {
        self.harness.writer_attributes
    }
}

struct Warm {
    invoke: Invoke,
    script: Arc<Script>,
}

impl Environment for Warm {
    fn invoke(self: Arc<Self>, delivery: Delivery) -> Boxed<'static, Answer> {
        let route = self.script.notifications[delivery.notification].route;
        let partial_batches = route.queue().is_some_and(|queue| queue.partial_batches);
        let answer = (self.invoke)(Invocation {
            document: self.script.document(&delivery),
            records: delivery.records.count(),
            request_id: delivery.request_id,
            now: delivery.now,
            deadline: delivery.deadline,
        });
        Box::pin(async move {
            match partial_batches {
                true => Answer::Returned(answer.await),
                false => Answer::together(answer.await),
            }
        })
    }
}

#[cfg(test)]
mod tests;
