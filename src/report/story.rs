//! A run told step by step, in eighty columns.

mod call;

use std::collections::BTreeMap;

use redeliver_model::delivery::{Form, Notification, Record, Route};
use redeliver_model::event::{Happening, ObjectEvent};
use redeliver_model::history::{Answer, History, Report, Step};
use redeliver_model::property::Violation;
use redeliver_model::scene::{Hosting, Scene};
use redeliver_model::schedule::{CallId, Choice, InFlight};
use redeliver_model::table::{Item, ItemChange, Key, Seconds, Value};

use super::printable;
use super::text::hanging;

/// Where the words of a step begin.
const INDENT: usize = 21;

/// What was delivered, what happened step by step, with the step at which a property
/// breaks marked, and what is left in the table. Every line ends with a line break.
pub fn story(scene: &Scene, history: &History, violation: Option<&Violation>) -> String {
    let teller = Teller {
        scene,
        history,
        names: names(history),
    };
    let mut told = String::new();
    teller.deliveries(&mut told);
    told.push_str("\n  step    time  who   what happens\n");
    for (number, step) in history.steps.iter().enumerate() {
        let breaks = violation.is_some_and(|it| it.step == number);
        teller.step(number, step, breaks, &mut told);
    }
    let at_the_end = |it: &Violation| it.step >= history.steps.len();
    teller.end(violation.is_some_and(at_the_end), &mut told);
    if let Some(violation) = violation {
        told.push('\n');
        paragraph(&printable(&violation.to_string()), 0, &mut told);
    }
    told
}

/// The items of a run, with a letter for each to speak of it by.
type Names = BTreeMap<Key, String>;

fn names(history: &History) -> Names {
    let mut names = Names::new();
    let mut name = |key: &Key| {
        let number = names.len();
        let letter = || match u8::try_from(number) {
            Ok(number) if number < 26 => char::from(b'A' + number).to_string(),
            _ => format!("item {}", number + 1),
        };
        names.entry(key.clone()).or_insert_with(letter);
    };
    for step in &history.steps {
        if let Some(call) = &step.call {
            call.operation.keys().for_each(&mut name);
        }
        step.changes.iter().for_each(|it| name(&it.key));
    }
    names
}

struct Teller<'a> {
    scene: &'a Scene,
    history: &'a History,
    names: Names,
}

impl Teller<'_> {
    fn deliveries(&self, told: &mut String) {
        let policy = self.scene.policy.name();
        let hosting = match self.scene.hosting {
            Hosting::Default => "each environment runs one invocation at a time",
            Hosting::Managed => "Managed Instances: one environment runs all invocations at once",
        };
        paragraph(
            &format!("Identity policy: {policy}. Hosting: {hosting}."),
            0,
            told,
        );
        for (number, delivered) in self.history.deliveries.iter().enumerate() {
            let earlier = self.history.deliveries[..number].iter();
            let same =
                |it: &usize| self.history.deliveries[*it].notification == delivered.notification;
            let first = (0..earlier.len()).find(same);
            let form = match delivered.form {
                Form::Original => "",
                Form::Revised => ", in the form of a later event version",
            };
            let what = match first {
                Some(first) => format!("delivery {} once more", first + 1),
                None => notification(&self.scene.notifications[delivered.notification]),
            };
            hanging(
                &format!("  delivery {}  ", number + 1),
                &format!("{what}{form}"),
                told,
            );
        }
        for (key, name) in self.by_letter() {
            let key = printable(key);
            let shortened: String = match key.chars().count() {
                0..=120 => key,
                _ => key.chars().take(119).chain(['…']).collect(),
            };
            hanging(
                &format!("  {name:<10}  "),
                &format!("the item {shortened}"),
                told,
            );
        }
    }

    fn by_letter(&self) -> Vec<(&Key, &String)> {
        let mut names: Vec<_> = self.names.iter().collect();
        names.sort_by_key(|(_, name)| (name.len(), *name));
        names
    }

    fn step(&self, number: usize, step: &Step, breaks: bool, told: &mut String) {
        let mark = if breaks { '>' } else { ' ' };
        let (who, what) = self.what_happens(step);
        let time = duration(step.at);
        let head = format!("{mark} {:>4} {time:>7}  {who}", number + 1);
        hanging(&format!("{head:<INDENT$}"), &what, told);
        for change in &step.changes {
            hanging(&" ".repeat(INDENT + 2), &self.change(change), told);
        }
        if breaks {
            told.push_str(&format!("{:INDENT$}^ here it breaks\n", ""));
        }
    }

    fn end(&self, breaks: bool, told: &mut String) {
        let mark = if breaks { '>' } else { ' ' };
        let end = match self.history.table.is_empty() {
            true => "Nothing is left in the table.",
            false => "Left in the table:",
        };
        told.push_str(&format!(
            "{mark}  end{:width$}{end}\n",
            "",
            width = INDENT - 6
        ));
        for (key, item) in &self.history.table {
            let what = format!("{}: {}", self.name(key), attributes(item));
            hanging(&" ".repeat(INDENT + 2), &what, told);
        }
        if breaks {
            told.push_str(&format!("{:INDENT$}^ here it breaks\n", ""));
        }
    }

    /// Who does something, and what.
    fn what_happens(&self, step: &Step) -> (String, String) {
        let who = step.choice.invocation();
        let who = who.map_or_else(String::new, |it| {
            format!("{}.{}", it.delivery + 1, it.attempt)
        });
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
                    let outcome = self.outcome(fate, call.reply.as_ref());
                    format!("{}: {outcome}", self.operation(&call.operation))
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
            Choice::Start(delivery) => return self.start(step, delivery),
            Choice::Sweep => "DynamoDB deletes the items that have expired".to_owned(),
            Choice::TimeOut(_) => "times out; it runs on beside its retry".to_owned(),
            Choice::Wait(wait) => format!("time passes: {}", duration(wait.seconds())),
        };
        (who, what)
    }

    fn start(&self, step: &Step, delivery: usize) -> (String, String) {
        let mut all = self.history.steps.iter();
        let number = all.position(|it| std::ptr::eq(it, step));
        let mut invocations = self.history.invocations.iter();
        match invocations.find(|it| Some(it.step) == number) {
            None => (String::new(), format!("delivery {} starts", delivery + 1)),
            Some(it) => (
                format!("{}.{}", it.id.delivery + 1, it.id.attempt),
                format!(
                    "attempt {} of delivery {} starts, {}, in environment {}",
                    it.id.attempt,
                    delivery + 1,
                    it.request_id,
                    it.environment + 1
                ),
            ),
        }
    }

    fn name(&self, key: &str) -> String {
        self.names
            .get(key)
            .map_or_else(|| printable(key), Clone::clone)
    }

    fn change(&self, change: &ItemChange) -> String {
        let name = self.name(&change.key);
        match (&change.before, &change.after) {
            (_, None) => format!("{name} is gone"),
            (None, Some(after)) => format!("{name} is new: {}", attributes(after)),
            (Some(before), Some(after)) => {
                let mut all: Vec<_> = before.keys().chain(after.keys()).collect();
                all.sort_unstable();
                all.dedup();
                let changed = all
                    .into_iter()
                    .filter(|it| before.get(*it) != after.get(*it));
                let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), scalar);
                let changed = changed.map(|it| {
                    let (from, to) = (shown(before.get(it)), shown(after.get(it)));
                    format!("{} from {from} to {to}", printable(it))
                });
                format!("{name} changes: {}", changed.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn answer(answer: Option<&Answer>) -> String {
    let records = match answer {
        None => return "returns, but nobody hears of it any more".to_owned(),
        Some(Answer::Panicked(message)) => return format!("panics: {}", printable(message)),
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
    let object = printable(&format!("{}/{}", event.bucket, event.key));
    let mut told = format!("{object} {happening}");
    let fields = [
        ("version", &event.version_id),
        ("sequencer", &event.sequencer),
        ("ETag", &event.e_tag),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            told.push_str(&format!(", {name} {}", printable(value)));
        }
    }
    told
}

fn attributes(item: &Item) -> String {
    if item.is_empty() {
        return "no attributes".to_owned();
    }
    let all = item
        .iter()
        .map(|(name, value)| format!("{} {}", printable(name), scalar(value)));
    all.collect::<Vec<_>>().join(", ")
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("\"{}\"", printable(text)),
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

fn paragraph(text: &str, indent: usize, told: &mut String) {
    hanging(&" ".repeat(indent), text, told);
}
