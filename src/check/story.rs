//! A run with processes, told step by step, in eighty columns.

use std::collections::BTreeMap;

use redeliver_model::delivery::Route;
use redeliver_model::schedule::{Choice, Fate, InFlight};

use super::backend::{Contents, Item, RowId};
use super::gate::TableCall;
use super::history::{Answer, History, Step, Told};
use super::judge::Violation;
use super::outside::PerformedEffect;
use super::plan::Plan;
use crate::report::{hanging, printable};

/// Where the words of a step begin.
const INDENT: usize = 14;

/// How long what is shown of a value is at most.
const LONGEST: usize = 160;

/// What was delivered, what happened step by step, with the step at which a property
/// breaks marked, and what is left in the tables. Every line ends with a line break.
pub fn story(
    plan: &Plan,
    names: &[String],
    history: &History,
    violation: Option<&Violation>,
) -> String {
    let teller = Teller {
        plan,
        names,
        history,
        rows: rows(history),
    };
    let mut told = String::new();
    teller.deliveries(&mut told);
    told.push_str("\n  step  who   what happens\n");
    let mut before = Contents::new();
    for (number, step) in history.steps.iter().enumerate() {
        let breaks = violation.is_some_and(|it| it.step == Some(number));
        teller.step(number, step, breaks, &mut told);
        if let Some(answer) = &step.answer {
            teller.changes(&before, &answer.contents, &mut told);
            before.clone_from(&answer.contents);
        }
    }
    teller.end(
        &before,
        violation.is_some_and(|it| it.step.is_none()),
        &mut told,
    );
    if let Some(violation) = violation {
        told.push('\n');
        hanging(
            "",
            &format!("{}: {}", violation.property.id(), violation.why),
            &mut told,
        );
    }
    told
}

/// The rows of a run, with a letter for each to speak of it by.
type Rows = BTreeMap<RowId, String>;

fn rows(history: &History) -> Rows {
    let mut rows = Rows::new();
    let mut name = |row: &RowId| {
        let number = rows.len();
        let letter = || match u8::try_from(number) {
            Ok(number) if number < 26 => char::from(b'A' + number).to_string(),
            _ => format!("row {}", number + 1),
        };
        rows.entry(row.clone()).or_insert_with(letter);
    };
    for step in &history.steps {
        if let Some(call) = &step.call {
            call.asked.rows.iter().for_each(&mut name);
        }
    }
    history.contents.keys().for_each(&mut name);
    rows
}

struct Teller<'a> {
    plan: &'a Plan,
    names: &'a [String],
    history: &'a History,
    rows: Rows,
}

impl Teller<'_> {
    fn deliveries(&self, told: &mut String) {
        let mut number = 0;
        for notification in &self.plan.notifications {
            let events = notification.events.iter();
            let events: Vec<_> = events.map(|&event| self.event(event)).collect();
            let route = match notification.route {
                Route::Direct => "as it is",
                Route::EventBridge => "from EventBridge",
                Route::Sns => "from SNS",
                Route::Sqs(_) => "from SQS",
                Route::SqsOfSns(_) => "from SNS by SQS",
            };
            for again in 0..notification.deliveries {
                number += 1;
                let what = match again {
                    0 => format!("{}, {route}", events.join(" and ")),
                    _ => format!("delivery {} once more", number - again),
                };
                hanging(&format!("  delivery {number}  "), &what, told);
            }
        }
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|(_, name)| (name.len(), *name));
        for (row, name) in rows {
            let what = format!("the row {} of {}", cut(&row.key), cut(&row.table));
            hanging(&format!("  {name:<10}  "), &what, told);
        }
    }

    fn event(&self, event: usize) -> String {
        let name = self.names.get(event);
        name.map_or_else(|| format!("event {}", event + 1), |it| printable(it))
    }

    fn step(&self, number: usize, step: &Step, breaks: bool, told: &mut String) {
        let mark = if breaks { '>' } else { ' ' };
        let (who, what) = self.what_happens(number, step);
        let head = format!("{mark} {:>4}  {who}", number + 1);
        hanging(&format!("{head:<INDENT$}"), &what, told);
        if let Some(Answer { output, .. }) = &step.answer {
            for line in output {
                let line = format!("| {}", cut(line));
                hanging(&" ".repeat(INDENT + 2), &line, told);
            }
        }
        if breaks {
            told.push_str(&format!("{:INDENT$}^ here it breaks\n", ""));
        }
    }

    /// Who does something, and what.
    fn what_happens(&self, number: usize, step: &Step) -> (String, String) {
        let who = step.choice.invocation().map_or_else(String::new, |it| {
            format!("{}.{}", it.delivery + 1, it.attempt)
        });
        let asked = || {
            let call = step.call.as_ref().map(|it| self.call(&it.asked));
            let effect = || step.effect.as_ref().map(effect);
            call.or_else(effect).unwrap_or_default()
        };
        let what = match step.choice {
            Choice::ApplyLate(id) => {
                format!(
                    "call {} that was given up is applied now: {}",
                    id.number,
                    asked()
                )
            }
            Choice::Call(_, fate) => match &step.call {
                Some(call) => {
                    let befell = outcome(fate, &call.told, call.own_retries);
                    format!("{}: {befell}", self.call(&call.asked))
                }
                None => match &step.effect {
                    Some(it) => {
                        let befell = outcome(fate, &it.told, it.own_retries);
                        format!("{}: {befell}", effect(it))
                    }
                    None => fate.name().to_owned(),
                },
            },
            Choice::Crash(_, in_flight) => match in_flight {
                InFlight::Applied => {
                    format!("crashes; its call is applied all the same: {}", asked())
                }
                InFlight::Late => "crashes; its call may be applied later".to_owned(),
                InFlight::Never => "crashes".to_owned(),
            },
            Choice::DropLate(id) => {
                format!("call {} that was given up is never applied", id.number)
            }
            Choice::Return(_) => self.answer(step.answer.as_ref()),
            Choice::Start(delivery) => return self.start(number, delivery),
            Choice::Sweep | Choice::TimeOut(_) | Choice::Wait(_) => step.choice.to_string(),
        };
        (who, what)
    }

    fn start(&self, number: usize, delivery: usize) -> (String, String) {
        let mut invocations = self.history.invocations.iter();
        match invocations.find(|it| it.step == number) {
            None => (String::new(), format!("delivery {} starts", delivery + 1)),
            Some(it) => (
                format!("{}.{}", it.id.delivery + 1, it.id.attempt),
                format!(
                    "attempt {} of delivery {} starts, in environment {}",
                    it.id.attempt,
                    delivery + 1,
                    it.environment + 1
                ),
            ),
        }
    }

    fn call(&self, asked: &TableCall) -> String {
        let rows = asked.rows.iter().map(|row| self.rows[row].clone());
        let rows: Vec<_> = rows.collect();
        let mut told = match rows.is_empty() {
            true => {
                let tables: Vec<_> = asked.tables.iter().map(|it| cut(it)).collect();
                format!("{} {}", asked.operation, tables.join(", "))
            }
            false => format!("{} {}", asked.operation, rows.join(", ")),
        };
        if !asked.conditions.is_empty() {
            let conditions: Vec<_> = asked.conditions.iter().map(|it| cut(it)).collect();
            told.push_str(&format!(" if {}", conditions.join(" and ")));
        }
        told
    }

    fn answer(&self, answer: Option<&Answer>) -> String {
        match answer {
            None => "returns".to_owned(),
            Some(answer) if answer.succeeded => "returns success".to_owned(),
            Some(answer) => {
                let error = answer.error.as_deref().unwrap_or("an error");
                match answer.acknowledged.is_empty() {
                    true => format!("fails: {}", cut(error)),
                    false => format!("fails in part: {}", cut(error)),
                }
            }
        }
    }

    fn changes(&self, before: &Contents, after: &Contents, told: &mut String) {
        let mut tell = |what: String| hanging(&" ".repeat(INDENT + 2), &what, told);
        for (row, item) in after {
            match before.get(row) {
                None => tell(format!("{} is new: {}", self.row(row), attributes(item))),
                Some(earlier) if earlier != item => {
                    tell(format!(
                        "{} changes: {}",
                        self.row(row),
                        changed(earlier, item)
                    ));
                }
                Some(_) => {}
            }
        }
        for row in before.keys().filter(|row| !after.contains_key(*row)) {
            tell(format!("{} is gone", self.row(row)));
        }
    }

    fn row(&self, row: &RowId) -> String {
        let name = self.rows.get(row);
        name.map_or_else(|| cut(&row.key), Clone::clone)
    }

    fn end(&self, before: &Contents, breaks: bool, told: &mut String) {
        let mark = if breaks { '>' } else { ' ' };
        self.changes(before, &self.history.contents, told);
        let what = match self.history.contents.len() {
            0 => "Nothing is left in the tables.".to_owned(),
            1 => "1 row is left.".to_owned(),
            count => format!("{count} rows are left."),
        };
        told.push_str(&format!(
            "{mark}  end{:width$}{what}\n",
            "",
            width = INDENT - 6
        ));
        if let Some(redrive) = &self.history.redrive {
            for &event in &redrive.acknowledged {
                let what = format!(
                    "The dead letter {} is redriven, and acknowledged.",
                    self.event(event)
                );
                hanging(&" ".repeat(INDENT), &what, told);
            }
            for (event, error) in &redrive.failed {
                let what = format!(
                    "The dead letter {} is redriven, and fails again: {}",
                    self.event(*event),
                    cut(error)
                );
                hanging(&" ".repeat(INDENT), &what, told);
            }
            self.changes(&self.history.contents, &redrive.contents, told);
        }
        if breaks {
            told.push_str(&format!("{:INDENT$}^ here it breaks\n", ""));
        }
    }
}

fn effect(it: &PerformedEffect) -> String {
    let (service, operation) = (cut(&it.asked.service), cut(&it.asked.operation));
    format!("{service} {operation}")
}

/// What befell a call.
fn outcome(fate: Fate, told: &Told, own_retries: u32) -> String {
    let befell = match fate {
        Fate::Answered | Fate::Stale => told_in_words(told),
        Fate::Conflict => "refused, a transaction is at work".to_owned(),
        Fate::Late => "not applied now, and no reply".to_owned(),
        Fate::ReplyLost => "applied, reply lost".to_owned(),
        Fate::Resent => "applied, reply lost".to_owned(),
        Fate::ServerError => "not applied, answered with a 500".to_owned(),
        Fate::ServerErrorAfterWrite => "applied, answered with a 500".to_owned(),
        Fate::Throttled => "throttled".to_owned(),
        Fate::Unprocessed => "applied but for its last write".to_owned(),
    };
    match (fate, own_retries) {
        (Fate::Answered, _) | (_, 0) => befell,
        (_, retries) => {
            let times = match retries {
                1 => "once more".to_owned(),
                _ => format!("{retries} times more"),
            };
            let told = told_in_words(told);
            format!("{befell}; the client sends it {times} by itself: {told}")
        }
    }
}

fn told_in_words(told: &Told) -> String {
    match told {
        Told::Done => "done".to_owned(),
        Told::Error(name) => format!("refused, {}", cut(name)),
        Told::FailedCondition => "condition failed".to_owned(),
        Told::Nothing => "no reply".to_owned(),
    }
}

fn attributes(item: &Item) -> String {
    let all = item
        .iter()
        .map(|(name, value)| format!("{} {}", cut(name), scalar(value)));
    all.collect::<Vec<_>>().join(", ")
}

fn changed(before: &Item, after: &Item) -> String {
    let mut names: Vec<_> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let changed = names
        .into_iter()
        .filter(|it| before.get(*it) != after.get(*it));
    let shown = |value: Option<&serde_json::Value>| value.map_or("nothing".to_owned(), scalar);
    let changed = changed.map(|it| {
        let (from, to) = (shown(before.get(it)), shown(after.get(it)));
        format!("{} from {from} to {to}", cut(it))
    });
    changed.collect::<Vec<_>>().join(", ")
}

/// A typed value without its type, where that is plain.
fn scalar(value: &serde_json::Value) -> String {
    let text = match (value["S"].as_str(), value["N"].as_str()) {
        (Some(text), _) => format!("\"{text}\""),
        (_, Some(number)) => number.to_owned(),
        _ => value.to_string(),
    };
    cut(&text)
}

fn cut(text: &str) -> String {
    let shown = printable(text);
    match shown.chars().count() {
        0..=LONGEST => shown,
        _ => shown.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}
