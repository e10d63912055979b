//! A run with processes, step by step, in words.

#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use redeliver_model::delivery::Route;
use redeliver_model::schedule::{Choice, InFlight};

use super::backend::{Contents, RowId};
use super::gate::TableCall;
use super::history::{Answer, History, Step};
use super::judge::Violation;
use super::plan::Plan;
use crate::report::diagram::{self, Breach, Change, Diagram, Ending, Epilogue, Event, letter};
use crate::report::printable;
use words::{attributes, cut, effect, outcome};

/// What was delivered, what happened step by step, with the step at which a property
/// breaks marked, and what is left in the tables. Every line ends with a line break.
pub fn story(
    plan: &Plan,
    names: &[String],
    history: &History,
    violation: Option<&Violation>,
) -> String {
    diagram(plan, names, history, violation).text()
}

/// A run with processes as a diagram. `names` are those of the events.
pub fn diagram(
    plan: &Plan,
    names: &[String],
    history: &History,
    violation: Option<&Violation>,
) -> Diagram {
    let rows = rows(history);
    let teller = Teller {
        plan,
        names,
        history,
        numbers: rows.iter().cloned().zip(0..).collect(),
    };
    let mut before = Contents::new();
    let steps = history.steps.iter().enumerate();
    let steps = steps.map(|(number, step)| teller.step(number, step, &mut before));
    let steps = steps.collect();
    Diagram {
        setting: String::new(),
        deliveries: teller.deliveries(),
        items: rows.iter().enumerate().map(item).collect(),
        watched: false,
        invocations: teller.invocations(),
        steps,
        end: teller.end(&before),
        breach: violation.map(|it| Breach {
            property: it.property,
            step: it.step.unwrap_or(history.steps.len()),
            sentence: format!("{}: {}", it.property.id(), it.why),
            because: it.why.clone(),
        }),
    }
}

/// The rows of a run, in the order in which they come up.
fn rows(history: &History) -> Vec<RowId> {
    let mut rows = Vec::new();
    let mut note = |row: &RowId| {
        if !rows.contains(row) {
            rows.push(row.clone());
        }
    };
    for call in history.steps.iter().filter_map(|it| it.call.as_ref()) {
        call.asked.rows.iter().for_each(&mut note);
    }
    history.contents.keys().for_each(&mut note);
    // What was there for a while.
    for answer in history.steps.iter().filter_map(|it| it.answer.as_ref()) {
        answer.contents.keys().for_each(&mut note);
    }
    let redrive = history.redrive.iter();
    redrive.for_each(|it| it.contents.keys().for_each(&mut note));
    rows
}

fn item((number, row): (usize, &RowId)) -> diagram::Item {
    diagram::Item {
        name: letter(number, "row"),
        words: format!("the row {} of {}", cut(&row.key), cut(&row.table)),
        key: row.key.clone(),
    }
}

struct Teller<'a> {
    plan: &'a Plan,
    names: &'a [String],
    history: &'a History,
    /// The number of each row.
    numbers: BTreeMap<RowId, usize>,
}

impl Teller<'_> {
    fn deliveries(&self) -> Vec<String> {
        let mut told = Vec::new();
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
            let first = told.len() + 1;
            for again in 0..notification.deliveries {
                told.push(match again {
                    0 => format!("{}, {route}", events.join(" and ")),
                    _ => format!("delivery {first} once more"),
                });
            }
        }
        told
    }

    fn invocations(&self) -> Vec<diagram::Invocation> {
        let invocations = self.history.invocations.iter();
        let invocations = invocations.map(|it| diagram::Invocation {
            name: format!("{}.{}", it.id.delivery + 1, it.id.attempt),
            environment: it.environment + 1,
        });
        invocations.collect()
    }

    fn event(&self, event: usize) -> String {
        let name = self.names.get(event);
        name.map_or_else(|| format!("event {}", event + 1), |it| printable(it))
    }

    fn step(&self, number: usize, step: &Step, before: &mut Contents) -> diagram::Step {
        let mut invocations = self.history.invocations.iter();
        let who = match step.choice {
            Choice::Start(_) => invocations.position(|it| it.step == number),
            choice => invocations.position(|it| Some(it.id) == choice.invocation()),
        };
        let (what, befalls) = self.what_happens(step, who);
        let mut changes = Vec::new();
        let mut output = Vec::new();
        if let Some(answer) = &step.answer {
            output.extend(answer.output.iter().map(|it| cut(it)));
            changes = self.changes(before, &answer.contents);
            before.clone_from(&answer.contents);
        }
        let touched = step.call.iter().flat_map(|it| &it.asked.rows);
        diagram::Step {
            time: String::new(),
            who,
            event: self.kind(number, step),
            what,
            befalls,
            output,
            touched: touched.map(|it| self.number(it)).collect(),
            changes,
        }
    }

    /// What happens, and what befalls a call.
    fn what_happens(&self, step: &Step, who: Option<usize>) -> (String, Option<String>) {
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
            Choice::Call(_, fate) => {
                let told = match (&step.call, &step.effect) {
                    (Some(it), _) => Some((&it.told, it.own_retries)),
                    (None, Some(it)) => Some((&it.told, it.own_retries)),
                    (None, None) => None,
                };
                match told {
                    Some((told, own_retries)) => {
                        return (asked(), Some(outcome(fate, told, own_retries)));
                    }
                    None => fate.name().to_owned(),
                }
            }
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
            Choice::Return(_) => answer(step.answer.as_ref()),
            Choice::Start(delivery) => match who.map(|it| &self.history.invocations[it]) {
                None => format!("delivery {} starts", delivery + 1),
                Some(it) => format!(
                    "attempt {} of delivery {} starts, in environment {}",
                    it.id.attempt,
                    delivery + 1,
                    it.environment + 1
                ),
            },
            Choice::Sweep | Choice::TimeOut(_) | Choice::Wait(_) => step.choice.to_string(),
        };
        (what, None)
    }

    fn kind(&self, number: usize, step: &Step) -> Event {
        let outside = step.effect.is_some();
        match step.choice {
            Choice::ApplyLate(_) => Event::Afterwards { outside },
            Choice::Call(_, fate) => {
                let told = step.effect.as_ref().map(|it| &it.told);
                let told = step.call.as_ref().map(|it| &it.told).or(told);
                let fate = words::fate(fate, step.call.as_ref(), told);
                Event::Call { fate, outside }
            }
            Choice::Crash(_, in_flight) => Event::Crash {
                applied: in_flight == InFlight::Applied,
            },
            Choice::DropLate(_) | Choice::Sweep | Choice::Wait(_) => Event::Meanwhile,
            Choice::Return(_) => Event::Return(match &step.answer {
                None => Ending::Unheard,
                Some(answer) if answer.succeeded => Ending::Acknowledged,
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
        let notification = |delivery| self.plan.notification_of(delivery);
        Event::arrival(delivery, attempt, &before, notification)
    }

    fn call(&self, asked: &TableCall) -> String {
        let rows = asked.rows.iter().map(|it| letter(self.number(it), "row"));
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

    fn changes(&self, before: &Contents, after: &Contents) -> Vec<Change> {
        let rows = after
            .keys()
            .chain(before.keys().filter(|it| !after.contains_key(*it)));
        let changed = rows.filter(|row| before.get(*row) != after.get(*row));
        let changes = changed.map(|row| Change {
            item: self.number(row),
            before: before.get(row).map(attributes),
            after: after.get(row).map(attributes),
        });
        changes.collect()
    }

    fn number(&self, row: &RowId) -> usize {
        // Every row of the history has been noted.
        self.numbers.get(row).copied().unwrap_or_default()
    }

    fn end(&self, before: &Contents) -> (String, Vec<Epilogue>) {
        let history = self.history;
        let first = match history.contents.len() {
            0 => "Nothing is left in the tables.".to_owned(),
            1 => "1 row is left.".to_owned(),
            count => format!("{count} rows are left."),
        };
        let changes = self.changes(before, &history.contents).into_iter();
        let mut more: Vec<Epilogue> = changes.map(Epilogue::Changed).collect();
        if let Some(redrive) = &history.redrive {
            for &event in &redrive.acknowledged {
                let event = self.event(event);
                more.push(Epilogue::Words(format!(
                    "The dead letter {event} is redriven, and acknowledged."
                )));
            }
            for (event, error) in &redrive.failed {
                let (event, error) = (self.event(*event), cut(error));
                more.push(Epilogue::Words(format!(
                    "The dead letter {event} is redriven, and fails again: {error}"
                )));
            }
            let changes = self.changes(&history.contents, &redrive.contents);
            more.extend(changes.into_iter().map(Epilogue::Changed));
        }
        (first, more)
    }
}

fn answer(answer: Option<&Answer>) -> String {
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
