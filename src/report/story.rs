//! A run of the simulation, step by step, in words.

mod call;

use std::collections::BTreeMap;

use redeliver_model::delivery::{Form, Notification, Record, Route};
use redeliver_model::event::{Happening, ObjectEvent};
use redeliver_model::history::{Answer, History, Report, Step};
use redeliver_model::property::Violation;
use redeliver_model::scene::{Hosting, Scene};
use redeliver_model::schedule::{CallId, Choice, InFlight};
use redeliver_model::table::{Item, Key, Operation, Seconds, Value};

use super::diagram::{self, Attributes, Breach, Diagram, Ending, Epilogue, Event, letter};
use super::printable;

/// How much of an item's key is shown at most.
const LONGEST_KEY: usize = 120;

/// What was delivered, what happened step by step, with the step at which a property
/// breaks marked, and what is left in the table. Every line ends with a line break.
pub fn story(scene: &Scene, history: &History, violation: Option<&Violation>) -> String {
    diagram(scene, history, violation).text()
}

/// A run of the simulation as a diagram.
pub fn diagram(scene: &Scene, history: &History, violation: Option<&Violation>) -> Diagram {
    let keys = keys(history);
    let teller = Teller {
        scene,
        history,
        numbers: keys.iter().cloned().zip(0..).collect(),
    };
    let steps = history.steps.iter().enumerate();
    let mut diagram = Diagram {
        setting: teller.setting(),
        deliveries: teller.deliveries(),
        items: keys.iter().enumerate().map(item).collect(),
        watched: true,
        invocations: teller.invocations(),
        steps: steps.map(|(number, it)| teller.step(number, it)).collect(),
        end: teller.end(),
        breach: None,
    };
    diagram.breach = violation.map(|it| Breach {
        property: it.property,
        step: it.step.min(history.steps.len()),
        sentence: it.to_string(),
        because: diagram.by_names(&it.because),
    });
    diagram
}

/// The keys of the items of a run, in the order in which they come up.
fn keys(history: &History) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut note = |key: &Key| {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    };
    for step in &history.steps {
        if let Some(call) = &step.call {
            call.operation.keys().for_each(&mut note);
        }
        step.changes.iter().for_each(|it| note(&it.key));
    }
    history.table.keys().for_each(&mut note);
    keys
}

fn item((number, key): (usize, &Key)) -> diagram::Item {
    let shown = printable(key);
    let shortened = match shown.chars().count() {
        0..=LONGEST_KEY => shown,
        _ => shown.chars().take(LONGEST_KEY - 1).chain(['…']).collect(),
    };
    diagram::Item {
        name: letter(number, "item"),
        words: format!("the item {shortened}"),
        key: key.to_string(),
    }
}

struct Teller<'a> {
    scene: &'a Scene,
    history: &'a History,
    /// The number of each item.
    numbers: BTreeMap<Key, usize>,
}

impl Teller<'_> {
    fn setting(&self) -> String {
        let policy = self.scene.policy.name();
        let hosting = match self.scene.hosting {
            Hosting::Default => "each environment runs one invocation at a time",
            Hosting::Managed => "Managed Instances: one environment runs all invocations at once",
        };
        format!("Identity policy: {policy}. Hosting: {hosting}.")
    }

    fn deliveries(&self) -> Vec<String> {
        let delivered = self.history.deliveries.iter().enumerate();
        let told = delivered.map(|(number, it)| {
            let mut earlier = self.history.deliveries[..number].iter();
            let first = earlier.position(|other| other.notification == it.notification);
            let what = match first {
                Some(first) => format!("delivery {} once more", first + 1),
                None => notification(&self.scene.notifications[it.notification]),
            };
            match it.form {
                Form::Original => what,
                Form::Revised => format!("{what}, in the form of a later event version"),
            }
        });
        told.collect()
    }

    fn invocations(&self) -> Vec<diagram::Invocation> {
        let invocations = self.history.invocations.iter();
        let invocations = invocations.map(|it| diagram::Invocation {
            name: format!("{}.{}", it.id.delivery + 1, it.id.attempt),
            environment: it.environment + 1,
        });
        invocations.collect()
    }

    fn step(&self, number: usize, step: &Step) -> diagram::Step {
        let mut invocations = self.history.invocations.iter();
        let who = match step.choice {
            Choice::Start(_) => invocations.position(|it| it.step == number),
            choice => invocations.position(|it| Some(it.id) == choice.invocation()),
        };
        let (what, befalls) = self.what_happens(step, who);
        let touched = step.call.iter().flat_map(|it| it.operation.keys());
        let changes = step.changes.iter().map(|it| diagram::Change {
            item: self.number(&it.key),
            before: it.before.as_ref().map(attributes),
            after: it.after.as_ref().map(attributes),
        });
        diagram::Step {
            time: duration(step.at),
            who,
            event: self.event(number, step),
            what,
            befalls,
            output: Vec::new(),
            touched: touched.map(|it| self.number(it)).collect(),
            changes: changes.collect(),
        }
    }

    fn end(&self) -> (String, Vec<Epilogue>) {
        let first = match self.history.table.is_empty() {
            true => "Nothing is left in the table.",
            false => "Left in the table:",
        };
        let left = self.history.table.iter();
        let left = left.map(|(key, item)| Epilogue::Left(self.number(key), attributes(item)));
        (first.to_owned(), left.collect())
    }

    /// What happens, and what befalls a call.
    fn what_happens(&self, step: &Step, who: Option<usize>) -> (String, Option<String>) {
        let late = |id: CallId| format!("call {} that was given up", id.number);
        let asked = || step.call.as_ref().map(|it| self.operation(&it.operation));
        let what = match step.choice {
            Choice::ApplyLate(id) => {
                format!(
                    "{} is applied now: {}",
                    late(id),
                    asked().unwrap_or_default()
                )
            }
            Choice::Call(_, fate) => match &step.call {
                Some(call) => {
                    let befalls = self.outcome(fate, call.reply.as_ref());
                    return (self.operation(&call.operation), Some(befalls));
                }
                None => fate.name().to_owned(),
            },
            Choice::Crash(_, in_flight) => match (in_flight, asked()) {
                (InFlight::Applied, Some(asked)) => {
                    format!("crashes; its call is applied all the same: {asked}")
                }
                (InFlight::Late, _) => "crashes; its call may be applied later".to_owned(),
                (InFlight::Applied | InFlight::Never, _) => "crashes".to_owned(),
            },
            Choice::DropLate(id) => format!("{} is never applied", late(id)),
            Choice::Return(_) => answer(step.answer.as_ref()),
            Choice::Start(delivery) => match who.map(|it| &self.history.invocations[it]) {
                None => format!("delivery {} starts", delivery + 1),
                Some(it) => format!(
                    "attempt {} of delivery {} starts, {}, in environment {}",
                    it.id.attempt,
                    delivery + 1,
                    it.request_id,
                    it.environment + 1
                ),
            },
            Choice::Sweep => "DynamoDB deletes the items that have expired".to_owned(),
            Choice::TimeOut(_) => "times out; it runs on beside its retry".to_owned(),
            Choice::Wait(wait) => format!("time passes: {}", duration(wait.seconds())),
        };
        (what, None)
    }

    fn event(&self, number: usize, step: &Step) -> Event {
        let is_effect = |operation: &Operation| matches!(operation, Operation::Effect(_));
        let outside = step
            .call
            .as_ref()
            .is_some_and(|it| is_effect(&it.operation));
        match step.choice {
            Choice::ApplyLate(_) => Event::Afterwards { outside },
            Choice::Call(_, fate) => {
                let reply = step.call.as_ref().and_then(|it| it.reply.as_ref());
                let fate = call::fate(fate, reply);
                Event::Call { fate, outside }
            }
            Choice::Crash(_, in_flight) => Event::Crash {
                applied: in_flight == InFlight::Applied && step.call.is_some(),
            },
            Choice::DropLate(_) | Choice::Sweep | Choice::Wait(_) => Event::Meanwhile,
            Choice::Return(_) => Event::Return(match &step.answer {
                None => Ending::Unheard,
                Some(answer) if answer.is_acknowledgement() => Ending::Acknowledged,
                Some(_) => Ending::Failed,
            }),
            Choice::Start(delivery) => self.arrival(number, delivery),
            Choice::TimeOut(_) => Event::TimeOut,
        }
    }

    fn arrival(&self, number: usize, delivery: usize) -> Event {
        let invocations = &self.history.invocations;
        let started = invocations.iter().find(|it| it.step == number);
        let attempt = started.map_or(1, |it| it.id.attempt);
        let before = invocations.iter().filter(|it| it.step < number);
        let before: Vec<usize> = before.map(|it| it.id.delivery).collect();
        let notification = |delivery: usize| {
            let delivered = self.history.deliveries.get(delivery);
            delivered.map(|it| it.notification)
        };
        Event::arrival(delivery, attempt, &before, notification)
    }

    fn number(&self, key: &str) -> usize {
        // Every key of the history has been noted.
        self.numbers.get(key).copied().unwrap_or_default()
    }

    fn name(&self, key: &str) -> String {
        letter(self.number(key), "item")
    }
}

fn answer(answer: Option<&Answer>) -> String {
    let records = match answer {
        None => return "returns, but nobody hears of it any more".to_owned(),
        Some(Answer::Panicked(message)) => return format!("panics: {message}"),
        Some(Answer::Returned(records)) => records,
    };
    let said = records.iter().enumerate().map(|(place, record)| {
        let said = match record.report {
            Some(Report::Confirmed) => "Confirmed, its own row",
            Some(Report::Duplicate) => "Duplicate",
            Some(Report::Inserted) => "Inserted",
            None if record.acknowledged => "nothing to say",
            None => "failed",
        };
        match records.len() {
            1 => said.to_owned(),
            _ => format!("record {} {said}", place + 1),
        }
    });
    let said = said.collect::<Vec<_>>().join(", ");
    match records.iter().filter(|it| it.acknowledged).count() {
        0 if !records.is_empty() => format!("returns an error: {said}"),
        all if all == records.len() => format!("returns success: {said}"),
        _ => format!("returns, naming the failed: {said}"),
    }
}

fn notification(notification: &Notification) -> String {
    let route = match notification.route {
        Route::Direct => "S3 to Lambda",
        Route::EventBridge => "S3 to EventBridge to Lambda",
        Route::Sns => "S3 to SNS to Lambda",
        Route::Sqs(_) => "S3 to SQS to Lambda",
        Route::SqsOfSns(_) => "S3 to SNS to SQS to Lambda",
    };
    let records = notification.records.iter().map(|record| match record {
        Record::Event(event) => self::event(event),
        Record::Unreadable(flaw) => format!("a record that nobody can read ({flaw:?})"),
    });
    let records: Vec<_> = records.collect();
    format!("{route}: {}", records.join("; "))
}

fn event(event: &ObjectEvent) -> String {
    let happening = match event.happening {
        Happening::Created => "created",
        Happening::Removed => "removed",
    };
    let mut told = format!("{}/{} {happening}", event.bucket, event.key);
    let fields = [
        ("version", &event.version_id),
        ("sequencer", &event.sequencer),
        ("ETag", &event.e_tag),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            told.push_str(&format!(", {name} {value}"));
        }
    }
    told
}

fn attributes(item: &Item) -> Attributes {
    let all = item.iter();
    all.map(|(name, value)| (name.to_string(), scalar(value)))
        .collect()
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("\"{text}\""),
    }
}

fn duration(seconds: Seconds) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{minutes}m{:02}s", seconds % 60),
        3_600..86_400 => format!("{hours}h{:02}m", minutes % 60),
        _ => format!("{days}d{:02}h", hours % 24),
    }
}
