//! The model's table against a DynamoDB API: the calls of random runs of the handler,
//! as far as they were carried out, are made to both, and must be answered alike and
//! leave the same items.

use std::fmt;

use redeliver_model::event::IdentityPolicy;
use redeliver_model::history::{Call, History, Step};
use redeliver_model::scene;
use redeliver_model::schedule::{Choice, Fate, Random};
use redeliver_model::table::{Condition, FailedCondition, Operation, Reply, Write};
use serde_json::json;

use super::{Plan, Stage, Stuck};
use crate::backend::{self, Check, Effort, NotExamined};
use crate::dynamodb::{Client, Embedded, InvalidEndpoint, NotStarted, Request, items, reply};
use crate::engine::Seeded;
use crate::handlers::Handler;
use crate::monitor::Monitor;
use crate::report::{Verdict, counted, printable};
use crate::simulation::play;

pub(super) const NAME: &str = "dynamodb";

/// How many runs are made to the API, each configuration and policy in turn.
const RUNS: u64 = 180;

/// A DynamoDB API that has been tested first.
#[derive(Debug)]
pub struct Api {
    client: Client,
    name: String,
    returns_items: bool,
    /// What makes it unfit to compare with.
    unfit: Option<String>,
    _embedded: Option<Embedded>,
}

impl Api {
    /// The API at this URL, or else the embedded one.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub async fn open(url: Option<&str>) -> Result<Self, NoApi> {
        let (endpoint, embedded) = match url {
            Some(url) => (url.to_owned(), None),
            None => {
                let embedded = Embedded::start().await.map_err(NoApi::NotStarted)?;
                (embedded.endpoint(), Some(embedded))
            }
        };
        let client = Client::new(&endpoint).map_err(NoApi::Invalid)?;
        let little = Effort {
            keys: 2,
            writers: 4,
        };
        let findings = backend::examine(&client, little).await;
        let findings = findings.map_err(NoApi::NotExamined)?;
        let amiss = |wanted: bool| {
            findings.iter().find(|it| {
                let holds = matches!(it.verdict, backend::Verdict::Holds(_));
                !holds && (it.check == Check::ItemReturned) == wanted
            })
        };
        let unfit = amiss(false).map(|it| {
            let detail = printable(it.verdict.detail());
            format!(
                "it fails `redeliver backend`: {}: {detail}",
                it.check.name()
            )
        });
        Ok(Self {
            client,
            name: url.map_or_else(|| "the embedded DynamoDB".to_owned(), printable),
            returns_items: amiss(true).is_none(),
            unfit,
            _embedded: embedded,
        })
    }
}

pub(super) async fn stage(
    handler: &Handler,
    plan: Plan,
    api: &Api,
    monitor: &Monitor,
) -> Result<Stage, Stuck> {
    let mut stage = Stage::new(NAME);
    stage.judges = false;
    if let Some(unfit) = &api.unfit {
        stage.verdict = Verdict::Inconclusive;
        stage.complete = false;
        stage.notes.push(format!("{}: {unfit}.", api.name));
        return Ok(stage);
    }
    monitor.begin("the DynamoDB API", RUNS);
    for number in (0..RUNS).filter(|&number| plan.shard.has(number)) {
        if monitor.is_interrupted() {
            stage.complete = false;
            break;
        }
        let history = run(handler, plan.seed, number)?;
        stage.coverage.schedules += 1;
        stage.coverage.faults += history.faults() as u64;
        match api.compare(&history, number).await {
            Ok(calls) => stage.coverage.calls += calls,
            Err(difference) => {
                stage.verdict = Verdict::Violated;
                stage.complete = false;
                stage.notes.push(format!(
                    "Run {number}: {}. The model's table is not what {} is.",
                    printable(&difference),
                    api.name
                ));
                return Ok(stage);
            }
        }
        monitor.advance(1);
    }
    stage.notes.push(format!(
        "The calls of {} made to {} as well: the same replies{}, the same items.",
        counted(stage.coverage.schedules, "random run"),
        api.name,
        match api.returns_items {
            true => "",
            false => " (but for the items of failed conditions, which it does not return)",
        }
    ));
    Ok(stage.judged(monitor))
}

/// A random run, each configuration and policy in turn.
fn run(handler: &Handler, seed: u64, number: u64) -> Result<History, Stuck> {
    let place = |of: usize, divided: u64| (number / divided % of as u64) as usize;
    let configurations = &handler.configurations;
    let subject = &*configurations[place(configurations.len(), 3)].subject;
    let mut entropy = Seeded::case(seed, number);
    let policy = IdentityPolicy::ALL[place(3, 1)];
    let scene = scene::generate(&mut entropy, policy);
    let staged = subject.stage(&scene);
    let mut chooser = Random::new(&mut entropy);
    let history = play(&*staged, &scene, &mut chooser, None);
    let at = || format!("{}, at random with seed {seed}", subject.name());
    let history = history.map_err(|hang| Stuck::new(at(), hang))?;
    Ok(history.unwrap_or_default())
}

impl Api {
    /// Makes the calls of a run in a table of their own. Returns how many they were,
    /// or the first difference.
    async fn compare(&self, history: &History, number: u64) -> Result<u64, String> {
        let table = format!("redeliver-verify-{}-{number}", std::process::id());
        let create = json!({
            "TableName": table,
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            "BillingMode": "PAY_PER_REQUEST",
        });
        self.ask("CreateTable", &create).await?;
        let mut calls = 0;
        for (step, happened) in (1..).zip(&history.steps) {
            for Carried {
                operation,
                expected,
            } in carried_out(happened)
            {
                let Some(Request { name, input }) = Request::of(&table, &operation) else {
                    continue;
                };
                let answer = self.client.call(name, &input).await;
                let actual = reply(&operation, answer);
                let actual = actual.map_err(|it| format!("step {step}: {name}: {it}"))?;
                calls += 1;
                let expected = expected.map(|it| self.as_told(it));
                if let Some(expected) = expected.filter(|it| *it != actual) {
                    return Err(format!(
                        "step {step}: to {name}, it answers {actual:?}, and the model {expected:?}"
                    ));
                }
            }
        }
        let scan = json!({ "TableName": table, "ConsistentRead": true });
        let stored = items(&self.ask("Scan", &scan).await?).map_err(|it| it.to_string())?;
        if stored != history.table {
            let model = &history.table;
            return Err(format!(
                "in the end it has {stored:?}, and the model {model:?}"
            ));
        }
        self.ask("DeleteTable", &json!({ "TableName": table }))
            .await?;
        Ok(calls)
    }

    async fn ask(
        &self,
        name: &str,
        input: &serde_json::Value,
    ) -> Result<serde_json::Value, String> {
        let answer = self.client.call(name, input).await;
        answer.map_err(|failure| format!("{name}: {failure}"))
    }

    /// The model's reply without what the API or the client does not tell.
    fn as_told(&self, reply: Reply) -> Reply {
        match reply {
            Reply::ConditionFailed(_) if !self.returns_items => {
                Reply::ConditionFailed(FailedCondition::default())
            }
            reply => reply,
        }
    }
}

/// An operation that a table carried out, and how it was answered, if that is known.
struct Carried {
    operation: Operation,
    expected: Option<Reply>,
}

/// What a table carried out in a step, in order.
fn carried_out(step: &Step) -> Vec<Carried> {
    let carried = |operation: &Operation, expected: Option<&Reply>| Carried {
        operation: operation.clone(),
        expected: expected.cloned(),
    };
    // No API deletes what has expired when it is asked to.
    if step.choice == Choice::Sweep {
        let deleted = step.changes.iter().map(|change| Carried {
            operation: Operation::Write {
                write: Write::Delete {
                    key: change.key.clone(),
                    condition: Condition::ItemExists,
                },
                return_item: false,
            },
            expected: Some(Reply::Written),
        });
        return deleted.collect();
    }
    let Some(Call { operation, reply }) = &step.call else {
        return Vec::new();
    };
    let once = |expected| vec![carried(operation, expected)];
    let Choice::Call(_, fate) = step.choice else {
        return once(None);
    };
    match fate {
        Fate::Answered => once(reply.as_ref()),
        Fate::ReplyLost | Fate::ServerErrorAfterWrite => once(None),
        Fate::Conflict | Fate::Late | Fate::ServerError | Fate::Stale | Fate::Throttled => {
            Vec::new()
        }
        // The SDK sends a transaction with a token, by which the API knows it again.
        Fate::Resent => match &**operation {
            Operation::Transact { .. } => once(None),
            _ => vec![carried(operation, None), carried(operation, reply.as_ref())],
        },
        Fate::Unprocessed => match &**operation {
            Operation::Batch { writes } => {
                let done = writes.split_last().map_or(&[][..], |(_, done)| done);
                let writes = done.to_vec();
                vec![carried(&Operation::Batch { writes }, None)]
            }
            _ => Vec::new(),
        },
    }
}

/// There is no API to compare with.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoApi {
    /// The endpoint is none.
    Invalid(InvalidEndpoint),
    /// It does not do anything.
    NotExamined(NotExamined),
    /// The embedded one could not be started.
    NotStarted(NotStarted),
}

impl fmt::Display for NoApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => error.fmt(f),
            Self::NotExamined(error) => error.fmt(f),
            Self::NotStarted(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoApi {}

#[cfg(test)]
mod tests {
    use redeliver_model::scene::{Scene, created, sequenced};
    use redeliver_model::schedule::Replay;

    use super::*;
    use crate::handlers::subject;

    fn played(schedule: &[&str]) -> History {
        let subject = subject("reference with expiry").unwrap();
        let record = sequenced(created("b", "a"), "9", "etag-1");
        let scene = Scene::of(&[&[record]], 2).with_faults(1).with_waits(1);
        let schedule: Vec<Choice> = schedule.iter().map(|it| it.parse().unwrap()).collect();
        let staged = subject.stage(&scene);
        let mut chooser = Replay::new(&schedule);
        let history = play(&*staged, &scene, &mut chooser, None).unwrap().unwrap();
        assert_eq!(chooser.skipped(), 0, "{schedule:?}");
        history
    }

    /// Whatever befalls a call, a table either carries it out or not.
    #[tokio::test]
    async fn what_the_models_table_carries_out_the_api_is_asked_to() {
        let api = Api::open(None).await.unwrap();
        let befalls = [
            "answered",
            "conflict",
            "reply-lost",
            "resent",
            "server-error",
            "server-error-after-write",
            "throttled",
        ];
        let mut runs: Vec<_> = befalls
            .iter()
            .map(|fate| played(&["start 1", &format!("call 1.1#1 {fate}")]))
            .collect();
        let late = [
            "start 1",
            "call 1.1#1 late",
            "return 1.1",
            "apply-late 1.1#1",
        ];
        runs.push(played(&late));
        for in_flight in ["applied", "late", "never"] {
            runs.push(played(&["start 1", &format!("crash 1.1 {in_flight}")]));
        }
        let first = ["start 1", "call 1.1#1 answered", "return 1.1"];
        let expired = ["wait sixteen-days", "sweep"];
        let swept = played(&[&first[..], &expired[..]].concat());
        // Written, deleted, and written again by the second delivery.
        assert_eq!(api.compare(&swept, 100).await, Ok(3));
        for (number, history) in (0..).zip(&runs) {
            let compared = api.compare(history, number).await;
            assert!(compared.is_ok(), "run {number}: {compared:?}");
        }
    }
}
