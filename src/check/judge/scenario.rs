//! Runs of toy handlers, built by hand.

mod toys;

pub(in crate::check) use toys::*;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use redeliver_model::delivery::{InvocationId, Queue, Route};
use redeliver_model::property::Property;
use redeliver_model::schedule::{CallId, Choice, Fate, InFlight};

use super::{Findings, Judge, LatestState, Options, Reports};
use crate::check::backend::Contents;
use crate::check::gate::{Kind, TableCall, TableRequest};
use crate::check::golden::Goldens;
use crate::check::history::{Answer, Call, History, Invocation, Redrive, Step, Told};
use crate::check::plan::{Notification, Plan};

/// A notification that comes by Lambda's own queue.
pub(in crate::check) fn notification(events: &[usize], deliveries: usize) -> Notification {
    Notification {
        events: events.to_vec(),
        route: Route::Direct,
        deliveries,
    }
}

/// A notification that comes by a queue, with this `maxReceiveCount`.
pub(in crate::check) fn queued(events: &[usize], deliveries: usize, receives: u32) -> Notification {
    Notification {
        events: events.to_vec(),
        route: Route::Sqs(Queue {
            receives,
            partial_batches: true,
        }),
        deliveries,
    }
}

/// A run that is being built.
pub(in crate::check) struct Run {
    pub(in crate::check) plan: Plan,
    pub(in crate::check) history: History,
    pub(in crate::check) tables: Contents,
    calls: BTreeMap<InvocationId, u32>,
    attempts: BTreeMap<usize, u32>,
    now: u64,
}

impl Run {
    pub(in crate::check) fn of(notifications: &[Notification]) -> Self {
        Self {
            plan: Plan {
                notifications: notifications.to_vec(),
                faults: 9,
            },
            history: History::default(),
            tables: Contents::new(),
            calls: BTreeMap::new(),
            attempts: BTreeMap::new(),
            now: 1,
        }
    }

    /// Another number each time, as a clock would give it.
    pub(in crate::check) fn nonce(&mut self) -> u64 {
        self.now += 1;
        self.now
    }

    /// Lets time pass, in seconds.
    pub(in crate::check) fn wait(&mut self, seconds: u64) {
        self.now += seconds;
    }

    fn step(&mut self, choice: Choice) -> &mut Step {
        self.history.steps.push(Step {
            choice,
            at: Duration::from_secs(self.now),
            call: None,
            effect: None,
            answer: None,
        });
        self.history.steps.last_mut().unwrap()
    }

    /// Starts the next attempt of a delivery, with what is left of it.
    pub(in crate::check) fn start(&mut self, delivery: usize) -> InvocationId {
        let notification = self.plan.notification_of(delivery).unwrap();
        let notification = self.plan.notifications[notification].clone();
        let attempt = self.attempts.entry(delivery).or_default();
        *attempt += 1;
        let id = InvocationId {
            delivery,
            attempt: *attempt,
        };
        let left = notification.events.iter().copied();
        let left = left.filter(|it| !self.has_acknowledged(delivery, *it));
        let request_id = match notification.route.queue() {
            Some(_) => format!("r{delivery}-{}", id.attempt),
            None => format!("r{delivery}"),
        };
        let events = left.collect();
        self.history.invocations.push(Invocation {
            id,
            request_id,
            events,
            environment: 0,
            step: self.history.steps.len(),
            too_soon: false,
            is_last_attempt: id.attempt == notification.route.attempts(),
        });
        self.step(Choice::Start(delivery));
        id
    }

    pub(in crate::check) fn has_acknowledged(&self, delivery: usize, event: usize) -> bool {
        self.history.steps.iter().any(|step| {
            let own = step
                .choice
                .invocation()
                .is_some_and(|it| it.delivery == delivery);
            let answer = step.answer.as_ref();
            own && answer.is_some_and(|it| it.acknowledged.contains(&event))
        })
    }

    /// A call about some rows.
    pub(in crate::check) fn call(
        &mut self,
        invocation: InvocationId,
        (operation, condition): (&str, Option<&str>),
        ids: &[&str],
        fate: Fate,
        told: Told,
    ) {
        let number = self.calls.entry(invocation).or_default();
        *number += 1;
        let id = CallId {
            invocation,
            number: *number,
        };
        let asked = Arc::new(TableCall {
            operation: operation.to_owned(),
            rows: ids.iter().map(|id| row(id)).collect(),
            tables: BTreeSet::from(["t".to_owned()]),
            conditions: condition.map(str::to_owned).into_iter().collect(),
            kind: match operation {
                "BatchWriteItem" => Kind::Batch,
                "GetItem" => Kind::Read { consistent: true },
                "TransactWriteItems" => Kind::Transact,
                _ => Kind::Write,
            },
            unknown: None,
            sdk_call: None,
            attempt: None,
            request: TableRequest {
                target: format!("DynamoDB_20120810.{operation}"),
                content_type: "application/x-amz-json-1.0".to_owned(),
                body: Bytes::new(),
            },
        });
        self.step(Choice::Call(id, fate)).call = Some(Call {
            id,
            asked,
            told,
            own_retries: 0,
        });
    }

    /// An insert-if-absent that meets this.
    pub(in crate::check) fn insert(
        &mut self,
        invocation: InvocationId,
        event: usize,
        fate: Fate,
    ) -> Told {
        let was_there = self.tables.contains_key(&row(NAMES[event]));
        let told = match fate {
            Fate::Answered if was_there => Told::FailedCondition,
            Fate::Answered => Told::Done,
            Fate::Resent => Told::FailedCondition,
            Fate::ReplyLost | Fate::Late => Told::Nothing,
            _ => Told::Error("InternalServerError".to_owned()),
        };
        let applied = [
            Fate::Answered,
            Fate::Resent,
            Fate::ReplyLost,
            Fate::ServerErrorAfterWrite,
        ];
        if applied.contains(&fate) {
            let nonce = self.nonce();
            right(&mut self.tables, event, nonce);
        }
        let put = ("PutItem", Some("attribute_not_exists(id)"));
        self.call(invocation, put, &[NAMES[event]], fate, told.clone());
        told
    }

    /// Lambda hears that an invocation acknowledges these of its events.
    pub(in crate::check) fn acknowledge(&mut self, id: InvocationId, events: &[usize]) {
        self.answer(id, events, &[]);
    }

    /// The same, with lines that it wrote.
    pub(in crate::check) fn answer(&mut self, id: InvocationId, events: &[usize], output: &[&str]) {
        let contents = self.tables.clone();
        let output = output.iter().map(|it| (*it).to_owned()).collect();
        let acknowledged = events.to_vec();
        self.step(Choice::Return(id)).answer = Some(Answer {
            succeeded: !acknowledged.is_empty(),
            error: acknowledged.is_empty().then(|| "it failed".to_owned()),
            acknowledged,
            contents,
            output,
        });
    }

    /// Lambda hears that an invocation failed.
    pub(in crate::check) fn fail(&mut self, id: InvocationId) {
        self.answer(id, &[], &[]);
    }

    pub(in crate::check) fn crash(&mut self, id: InvocationId, in_flight: InFlight) {
        self.step(Choice::Crash(id, in_flight));
    }

    /// A call that its caller gave up is applied.
    pub(in crate::check) fn apply_late(&mut self, invocation: InvocationId, number: u32) {
        self.step(Choice::ApplyLate(CallId { invocation, number }));
    }

    /// A whole invocation of a toy handler, which is acknowledged.
    pub(in crate::check) fn deliver(&mut self, delivery: usize, toy: Toy) {
        let id = self.start(delivery);
        let events = self.history.invocations.last().unwrap().events.clone();
        for event in &events {
            let nonce = self.nonce();
            toy(&mut self.tables, *event, nonce);
        }
        self.acknowledge(id, &events);
    }

    /// The run as it ended, its dead letters not delivered again.
    pub(in crate::check) fn end(mut self) -> (Plan, History) {
        let deliveries = 0..self.plan.deliveries();
        let dead = deliveries.map(|delivery| {
            let notification = self.plan.notification_of(delivery).unwrap();
            let events = self.plan.notifications[notification].events.iter().copied();
            events
                .filter(|it| !self.has_acknowledged(delivery, *it))
                .collect()
        });
        self.history.dead = dead.collect();
        self.history.contents = self.tables;
        (self.plan, self.history)
    }

    /// The run as it ended, its dead letters delivered once more.
    pub(in crate::check) fn redriven(self, toy: Toy) -> (Plan, History) {
        let (plan, mut history) = self.end();
        let dead: BTreeSet<usize> = history.dead.iter().flatten().copied().collect();
        if !dead.is_empty() {
            let mut redrive = Redrive {
                contents: history.contents.clone(),
                ..Redrive::default()
            };
            for event in dead {
                toy(&mut redrive.contents, event, 999_999);
                redrive.acknowledged.push(event);
            }
            history.redrive = Some(redrive);
        }
        (plan, history)
    }
}

/// What is found with no options.
pub(in crate::check) fn judged(goldens: &Goldens, (plan, history): (Plan, History)) -> Findings {
    judged_with(goldens, &Options::default(), (plan, history))
}

pub(in crate::check) fn judged_with(
    goldens: &Goldens,
    options: &Options,
    (plan, history): (Plan, History),
) -> Findings {
    Judge { goldens, options }.judge(&plan, &history)
}

/// The options of a handler that keeps the latest state of one object.
pub(in crate::check) fn latest(oldest_first: &[usize]) -> Options {
    Options {
        latest_state: Some(LatestState {
            objects: vec![oldest_first.to_vec()],
        }),
        ..Options::default()
    }
}

/// The options of a handler that reports in the article's words.
pub(in crate::check) fn reporting() -> Options {
    Options {
        reports: Some(Reports {
            inserted: Box::new(|line| line.starts_with("Inserted")),
            duplicate: Box::new(|line| line.starts_with("Duplicate")),
            confirmed: None,
        }),
        ..Options::default()
    }
}

/// The ids of the properties that are violated.
pub(in crate::check) fn violated(findings: &Findings) -> Vec<&'static str> {
    let properties = findings.violations.iter().map(|it| it.property.id());
    properties.collect()
}

/// The sentence about a property.
pub(in crate::check) fn why(findings: &Findings, property: Property) -> &str {
    let found = findings
        .violations
        .iter()
        .find(|it| it.property == property);
    found.map_or("", |it| &it.why)
}
