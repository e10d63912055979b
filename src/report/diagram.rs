//! A run as a space-time diagram: who does what at which step, and what becomes of the
//! items.
//!
//! Whatever plays runs describes them in this way, and everything that shows runs, as
//! text or as a picture, knows nothing else of them. The words may hold text from
//! outside as it came: whoever shows them makes it harmless.

mod takes;
mod text;

use std::collections::BTreeSet;

use redeliver_model::property::Property;

/// What comes before keys in sentences about items.
const BEFORE_KEYS: [&str; 5] = ["row ", " of ", " for ", ": ", " leaves "];

/// A run, from its first step to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagram {
    /// What is to be known beforehand, in sentences; nothing if there is no such thing.
    pub setting: String,
    /// What each delivery delivers, in words.
    pub deliveries: Vec<String>,
    /// The items that the run is about.
    pub items: Vec<Item>,
    /// Whether it is known after every step what the items are; if not, then only when
    /// an invocation has returned.
    pub watched: bool,
    /// The invocations, in the order in which they start.
    pub invocations: Vec<Invocation>,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// What is left when all is over: the first line, and what more is to be said.
    pub end: (String, Vec<Epilogue>),
    /// Where a property breaks, if one does.
    pub breach: Option<Breach>,
}

/// An item of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What to call it: a letter.
    pub name: String,
    /// What it is, in words.
    pub words: String,
    /// Its key, as a sentence about it has it.
    pub key: String,
}

/// An invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// What to call it: `2.1` for the first attempt of the second delivery.
    pub name: String,
    /// The environment that it runs in, from 1.
    pub environment: usize,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, in words; nothing where that is of no interest.
    pub time: String,
    /// The invocation that it happens to, by its number.
    pub who: Option<usize>,
    /// What kind of thing it is.
    pub event: Event,
    /// What happens, in words: of a call, what is asked for.
    pub what: String,
    /// What befalls a call, in words.
    pub befalls: Option<String>,
    /// What the handler wrote until then, line by line.
    pub output: Vec<String>,
    /// The items that a call is about, by their numbers.
    pub touched: Vec<usize>,
    /// How items change.
    pub changes: Vec<Change>,
}

/// The kinds of things that happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A delivery comes to an invocation.
    Arrival {
        /// Which delivery, from 0.
        delivery: usize,
        /// Which attempt at the delivery it is, from 1.
        attempt: u32,
        /// Whether the same has been delivered before.
        again: bool,
        /// Whether a later notification has been delivered before.
        out_of_order: bool,
    },
    /// An invocation makes a call.
    Call {
        /// What becomes of it.
        fate: CallFate,
        /// Whether it is to something other than the table.
        outside: bool,
    },
    /// A call of an invocation that does not wait for it any more is carried out.
    Afterwards {
        /// Whether it is to something other than the table.
        outside: bool,
    },
    /// An invocation crashes; its call is carried out all the same, or not.
    Crash {
        /// Whether it is.
        applied: bool,
    },
    /// An invocation times out, and runs on.
    TimeOut,
    /// An invocation returns.
    Return(Ending),
    /// Time passes, or something else happens to no invocation.
    Meanwhile,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallFate {
    /// It is carried out and answered.
    Done,
    /// It reads, and is answered.
    Read,
    /// It reads what was true before.
    Stale,
    /// Its condition is not met.
    ConditionFailed,
    /// It is carried out, and its caller does not hear of it.
    ReplyLost,
    /// It is not carried out, and its caller is told so.
    Refused,
    /// It is not carried out now, but may be later.
    Late,
}

/// How an invocation returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It acknowledges all of its events.
    Acknowledged,
    /// It fails, or names events that failed.
    Failed,
    /// Nobody hears of it any more.
    Unheard,
}

/// How an item changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number.
    pub item: usize,
    /// What it was.
    pub before: Option<Attributes>,
    /// What it is.
    pub after: Option<Attributes>,
}

/// The attributes of an item, with their values, in words.
pub type Attributes = Vec<(String, String)>;

/// What is to be said when all is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Epilogue {
    /// An item that is left.
    Left(usize, Attributes),
    /// An item that has changed.
    Changed(Change),
    /// A sentence.
    Words(String),
}

/// Where a property breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which one.
    pub property: Property,
    /// The step, from 0; the number of steps for the end.
    pub step: usize,
    /// Where and why, in a sentence.
    pub sentence: String,
    /// Why, with the items called by their names.
    pub because: String,
}

impl Diagram {
    /// Whether a property breaks at this step, or at the end.
    pub fn breaks_at(&self, step: usize) -> bool {
        self.breach.as_ref().is_some_and(|it| it.step == step)
    }

    /// A sentence with the items called by their names instead of their keys, wherever
    /// a word before says that this is one.
    pub(crate) fn by_names(&self, sentence: &str) -> String {
        let mut items: Vec<_> = self.items.iter().collect();
        // One key may be the beginning of another.
        items.sort_by_key(|it| std::cmp::Reverse(it.key.len()));
        let mut told = String::new();
        let mut rest = sentence;
        while let Some(next) = rest.chars().next() {
            let named = items.iter().find_map(|it| {
                let after = rest.strip_prefix(&it.key)?;
                let ends = after.is_empty() || after.starts_with([' ', ',', ':', '.']);
                let begins = told.is_empty() || BEFORE_KEYS.iter().any(|it| told.ends_with(it));
                (ends && begins && !it.key.is_empty()).then_some((&it.name, after))
            });
            match named {
                Some((name, after)) => {
                    told.push_str(name);
                    rest = after;
                }
                None => {
                    told.push(next);
                    rest = &rest[next.len_utf8()..];
                }
            }
        }
        told
    }

    /// What is in the items after each step, and after the end: of each item, if it is
    /// there.
    pub fn states(&self) -> Vec<Vec<Option<&Attributes>>> {
        let mut state: Vec<Option<&Attributes>> = vec![None; self.items.len()];
        let mut states = Vec::with_capacity(self.steps.len() + 1);
        for step in &self.steps {
            for change in &step.changes {
                state[change.item] = change.after.as_ref();
            }
            states.push(state.clone());
        }
        for said in &self.end.1 {
            if let Epilogue::Changed(change) = said {
                state[change.item] = change.after.as_ref();
            }
        }
        states.push(state);
        states
    }

    /// The steps at which an invocation starts and ends; the number of steps if it does
    /// not.
    pub fn life(&self, invocation: usize) -> (usize, usize) {
        let steps = || self.steps.iter().enumerate();
        let of_it = |step: &Step| step.who == Some(invocation);
        let mut starts =
            steps().filter(|(_, it)| of_it(it) && matches!(it.event, Event::Arrival { .. }));
        let mut ends = steps().filter(|(_, it)| {
            of_it(it) && matches!(it.event, Event::Crash { .. } | Event::Return(_))
        });
        let number = |found: Option<(usize, &Step)>| found.map(|(number, _)| number);
        (
            number(starts.next()).unwrap_or_default(),
            number(ends.next()).unwrap_or(self.steps.len()),
        )
    }
}

impl Event {
    /// A delivery comes to an attempt, when those `before` have come already. Which
    /// notification a delivery delivers, `notification` says.
    pub fn arrival(
        delivery: usize,
        attempt: u32,
        before: &[usize],
        notification: impl Fn(usize) -> Option<usize>,
    ) -> Self {
        let of = notification(delivery);
        let mut others = before.iter().filter(|it| **it != delivery);
        Self::Arrival {
            delivery,
            attempt,
            again: others.any(|&it| notification(it) == of),
            out_of_order: attempt == 1 && before.iter().any(|&it| notification(it) > of),
        }
    }
}

impl Change {
    /// The names of the attributes that differ, in order.
    pub fn attributes(&self) -> Vec<&str> {
        let both = [&self.before, &self.after];
        let named = both.into_iter().flatten().flatten();
        let named: BTreeSet<&str> = named.map(|(name, _)| name.as_str()).collect();

        let differs = |it: &&str| {
            let of = |item: &'_ Option<Attributes>| {
                item.as_ref()
                    .and_then(|item| value(item, it).map(str::to_owned))
            };
            of(&self.before) != of(&self.after)
        };
        named.into_iter().filter(differs).collect()
    }
}

/// The value of an attribute.
pub(super) fn value<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    let mut named = attributes.iter().filter(|(it, _)| it == name);
    named.next().map(|(_, value)| value.as_str())
}

/// Attributes in a row.
pub(super) fn listed(attributes: &Attributes) -> String {
    if attributes.is_empty() {
        return "no attributes".to_owned();
    }
    let all = attributes
        .iter()
        .map(|(name, value)| format!("{name} {value}"));
    all.collect::<Vec<_>>().join(", ")
}

/// What to call the n-th item, from 0: by a letter, as long as there are letters.
pub fn letter(number: usize, otherwise: &str) -> String {
    match u8::try_from(number) {
        Ok(number) if number < 26 => char::from(b'A' + number).to_string(),
        _ => format!("{otherwise} {}", number + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_calls_items_by_their_names() {
        let item = |name: &str, key: &str| Item {
            name: name.to_owned(),
            words: String::new(),
            key: key.to_owned(),
        };
        let diagram = Diagram {
            items: vec![item("A", "a"), item("B", "a b"), item("C", "")],
            ..Diagram::default()
        };
        for (sentence, named) in [
            ("the row a is a row", "the row A is a row"),
            (
                "the row a b, and the event of a",
                "the row B, and the event of A",
            ),
            ("a b does not show it", "B does not show it"),
        ] {
            assert_eq!(diagram.by_names(sentence), named);
        }
    }

    #[test]
    fn an_attribute_that_comes_goes_or_changes_differs() {
        let attributes = |all: &[(&str, &str)]| {
            let all = all.iter();
            all.map(|(name, value)| (name.to_string(), value.to_string()))
                .collect()
        };
        let change = Change {
            item: 0,
            before: Some(attributes(&[("gone", "1"), ("kept", "1"), ("new", "1")])),
            after: Some(attributes(&[("came", "1"), ("kept", "1"), ("new", "2")])),
        };
        assert_eq!(change.attributes(), ["came", "gone", "new"]);
    }
}
