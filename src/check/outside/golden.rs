//! What a handler does beyond its tables when nothing goes wrong: the yardstick of what
//! it does in every other run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::effect::{Content, Effect, EffectKind};
use crate::report::printable;

/// What is left out when effects are compared, because it is another one each time:
/// times, request ids, random numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EffectMask {
    volatile: BTreeMap<EffectKind, BTreeSet<Vec<String>>>,
    /// Those that are not even done as often each time.
    unsteady: BTreeSet<EffectKind>,
    /// Those whose token is another one each time.
    fresh_tokens: BTreeSet<EffectKind>,
}

/// An effect without what is masked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Visible {
    pub(super) kind: EffectKind,
    pub(super) content: Content,
}

impl EffectMask {
    /// Masks what differs between two repetitions of the same, for each of these pairs.
    ///
    /// The repetitions should share nothing that a handler may send: they should be more
    /// than a second apart, in other processes and with other request ids.
    pub fn learn(pairs: &[(&[Effect], &[Effect])]) -> Self {
        let mut mask = Self::default();
        for (once, again) in pairs {
            mask.learn_pair(once, again);
        }
        mask
    }

    fn learn_pair(&mut self, once: &[Effect], again: &[Effect]) {
        let kinds: BTreeSet<&EffectKind> = once.iter().chain(again).map(|it| &it.kind).collect();
        for kind in kinds {
            let of = |effects: &[Effect]| -> Vec<Effect> {
                let effects = effects.iter().filter(|it| it.kind == *kind);
                effects.cloned().collect()
            };
            let (left, right) = (of(once), of(again));
            if left.len() != right.len() {
                self.unsteady.insert(kind.clone());
                continue;
            }
            if sorted(&left, |it| it.token.clone()) != sorted(&right, |it| it.token.clone()) {
                self.fresh_tokens.insert(kind.clone());
            }
            let differing = paths(&left, &right);
            let differing = differing.into_iter().filter(|path| {
                let value = |it: &Effect| it.content.get(path).cloned();
                sorted(&left, value) != sorted(&right, value)
            });
            let differing: Vec<_> = differing.collect();
            self.hide(kind, differing);
            // Single values are the same, but their combinations may not be.
            if sorted(&left, |it| self.visible(it)) != sorted(&right, |it| self.visible(it)) {
                let varying = paths(&left, &right).into_iter().filter(|path| {
                    let mut values = left.iter().chain(&right).map(|it| it.content.get(path));
                    let first = values.next();
                    values.any(|it| Some(it) != first)
                });
                let varying: Vec<_> = varying.collect();
                self.hide(kind, varying);
            }
        }
    }

    fn hide(&mut self, kind: &EffectKind, paths: Vec<Vec<String>>) {
        if !paths.is_empty() {
            self.volatile.entry(kind.clone()).or_default().extend(paths);
        }
    }

    /// An effect without what is masked.
    pub(super) fn visible(&self, effect: &Effect) -> Visible {
        let mut content = effect.content.clone();
        if let Some(volatile) = self.volatile.get(&effect.kind) {
            content.retain(|path, _| !volatile.contains(path));
        }
        Visible {
            kind: effect.kind.clone(),
            content,
        }
    }
}

fn paths(left: &[Effect], right: &[Effect]) -> BTreeSet<Vec<String>> {
    let contents = left.iter().chain(right).map(|it| &it.content);
    contents.flat_map(|it| it.keys().cloned()).collect()
}

fn sorted<T: Ord>(effects: &[Effect], of: impl Fn(&Effect) -> T) -> Vec<T> {
    let mut values: Vec<T> = effects.iter().map(of).collect();
    values.sort();
    values
}

/// The effects of every order of every subset of the events, each delivered once, alone,
/// in a notification of its own, without faults.
#[derive(Clone, Debug, Default)]
pub struct GoldenEffects {
    names: Vec<String>,
    orders: BTreeMap<Vec<usize>, BTreeMap<Visible, usize>>,
    mask: EffectMask,
}

/// Something to tell the user of before anything is judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EffectNote {
    /// The token of an effect is another one each time.
    FreshToken {
        /// The effect, in words.
        effect: String,
    },
    /// An event has no effect.
    NoEffect {
        /// The event's name.
        event: String,
    },
    /// An effect is not done as often each time.
    Unsteady {
        /// The effect, in words.
        effect: String,
    },
    /// A part of what an effect says is not the same each time.
    Volatile {
        /// The effect, in words.
        effect: String,
        /// The path to the part.
        part: String,
    },
}

impl GoldenEffects {
    /// The golden effects of events with these names.
    ///
    /// `effects` has, for each order of each subset of the events that are not rejected
    /// though nothing goes wrong, all that was done. Where an order is not there, each
    /// of its events is taken to do what it does alone.
    pub fn new(
        names: Vec<String>,
        effects: &BTreeMap<Vec<usize>, Vec<Effect>>,
        mask: EffectMask,
    ) -> Self {
        let orders = effects.iter().map(|(order, effects)| {
            let mut groups: BTreeMap<Visible, Vec<&Effect>> = BTreeMap::new();
            for effect in effects {
                groups.entry(mask.visible(effect)).or_default().push(effect);
            }
            let counts = groups.into_iter();
            let counts = counts.map(|(visible, group)| (visible, times_done(&group)));
            (order.clone(), counts.collect())
        });
        Self {
            names,
            orders: orders.collect(),
            mask,
        }
    }

    /// Whether nothing can be concluded: no event has an effect.
    pub fn proves_nothing(&self) -> bool {
        self.orders
            .values()
            .all(|it| it.keys().all(|it| self.is_unsteady(&it.kind)))
    }

    /// What is to be said of the events and their effects.
    pub fn notes(&self) -> Vec<EffectNote> {
        let mut notes = BTreeSet::new();
        for (order, effects) in &self.orders {
            if let ([event], true) = (order.as_slice(), effects.is_empty()) {
                let event = self.name(*event);
                notes.insert(EffectNote::NoEffect { event });
            }
        }
        for kind in &self.mask.fresh_tokens {
            let effect = describe(kind);
            notes.insert(EffectNote::FreshToken { effect });
        }
        for kind in &self.mask.unsteady {
            let effect = describe(kind);
            notes.insert(EffectNote::Unsteady { effect });
        }
        for (kind, paths) in &self.mask.volatile {
            notes.extend(paths.iter().map(|path| EffectNote::Volatile {
                effect: describe(kind),
                part: printable(&path.join(".")),
            }));
        }
        notes.into_iter().collect()
    }

    pub(super) fn mask(&self) -> &EffectMask {
        &self.mask
    }

    pub(super) fn is_unsteady(&self, kind: &EffectKind) -> bool {
        self.mask.unsteady.contains(kind)
    }

    /// What to call an event.
    pub(super) fn name(&self, event: usize) -> String {
        let name = self.names.get(event);
        name.map_or_else(|| format!("event {}", event + 1), |name| printable(name))
    }

    /// What an event does alone; nothing of an event that is not judged.
    pub(super) fn alone(&self, event: usize) -> Option<&BTreeMap<Visible, usize>> {
        self.orders.get(std::slice::from_ref(&event))
    }

    /// Every effect of these kinds that some order of events has.
    pub(super) fn all(&self) -> BTreeSet<&Visible> {
        self.orders.values().flat_map(BTreeMap::keys).collect()
    }

    /// How often an effect must have been done when these events have been acknowledged,
    /// and no more than those were delivered.
    pub(super) fn least(
        &self,
        effect: &Visible,
        acknowledged: &BTreeSet<usize>,
        delivered: &BTreeSet<usize>,
    ) -> usize {
        let explains = |order: &&Vec<usize>| {
            let judged = acknowledged.iter().filter(|it| self.alone(**it).is_some());
            let mut judged = judged;
            judged.all(|it| order.contains(it)) && order.iter().all(|it| delivered.contains(it))
        };
        let orders = self.orders.keys().filter(explains);
        let counts = orders.map(|order| count(&self.orders[order], effect));
        let alone = || {
            let alone = acknowledged.iter().filter_map(|it| self.alone(*it));
            alone.map(|it| count(it, effect)).max().unwrap_or(0)
        };
        counts.min().unwrap_or_else(alone)
    }

    /// How often an effect may have been done when no more than these events were
    /// delivered.
    pub(super) fn most(&self, effect: &Visible, delivered: &BTreeSet<usize>) -> usize {
        let possible = |order: &&Vec<usize>| order.iter().all(|it| delivered.contains(it));
        let orders: Vec<_> = self.orders.keys().filter(possible).collect();
        let counts = orders
            .iter()
            .map(|order| count(&self.orders[*order], effect));
        let in_orders = counts.max().unwrap_or(0);
        let judged = delivered.iter().filter_map(|it| self.alone(*it));
        let is_whole = orders.iter().any(|it| it.len() == judged.clone().count());
        match is_whole {
            true => in_orders,
            false => in_orders.max(judged.map(|it| count(it, effect)).sum()),
        }
    }
}

fn count(effects: &BTreeMap<Visible, usize>, effect: &Visible) -> usize {
    effects.get(effect).copied().unwrap_or(0)
}

/// How often something has been done, of performances that look the same without what
/// is masked: once for each token, or for each content if it overwrites, or each time.
pub(super) fn times_done(performances: &[&Effect]) -> usize {
    let mut tokens = BTreeSet::new();
    let mut contents = BTreeSet::new();
    let mut others = 0;
    for performance in performances {
        match &performance.token {
            Some(token) => drop(tokens.insert(token)),
            None if performance.overwrites => drop(contents.insert(&performance.content)),
            None => others += 1,
        }
    }
    tokens.len() + contents.len() + others
}

/// An effect in words: `SendMessage of sqs to 123456789012/jobs`.
pub(super) fn describe(kind: &EffectKind) -> String {
    let EffectKind {
        service,
        operation,
        place,
    } = kind;
    let (service, operation) = (printable(service), printable(operation));
    match place.as_str() {
        "" => format!("{operation} of {service}"),
        _ => format!("{operation} of {service} to {}", printable(place)),
    }
}

impl fmt::Display for EffectNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FreshToken { effect } => write!(
                f,
                "the token of {effect} is a new one each time: by it, nobody can tell that the \
                 same was done before"
            ),
            Self::NoEffect { event } => write!(
                f,
                "{event} has no effect beyond its rows when it is delivered alone"
            ),
            Self::Unsteady { effect } => write!(
                f,
                "{effect} is not done as often each time, though nothing goes wrong: it is not \
                 judged"
            ),
            Self::Volatile { effect, part } => write!(
                f,
                "{part} in {effect} is not the same each time: it is left out when effects are \
                 compared"
            ),
        }
    }
}
