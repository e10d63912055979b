//! Whether a run loses effects (RD-11) or doubles them (RD-13), with no model of the
//! handler: it is compared with what the handler does when nothing goes wrong.
//!
//! Whose effect a performance is, is told by what it says: all events together may do
//! what they do in some order without faults, and no more. Of what no event does
//! without faults, such as an alarm after a failure, nothing is said, unless it differs
//! from an event's effect only in what it says.

use std::collections::{BTreeMap, BTreeSet};

use redeliver_model::property::Property;

use super::effect::Effect;
use super::golden::{GoldenEffects, Visible, describe, times_done};
use crate::report::printable;

/// Something that happened in a run, as far as effects are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// At which step, from 0.
    pub step: usize,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Lambda heard that these events are acknowledged.
    Acknowledged(Vec<usize>),
    /// These effects were performed, at once or late, whatever their caller was told.
    Performed(Vec<Effect>),
    /// An invocation started.
    Started {
        /// The events that it was handed.
        events: Vec<usize>,
        /// Whether it is a retry that started before its source's delay had passed.
        too_soon: bool,
    },
}

/// How a run breaks a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// RD-11 or RD-13.
    pub property: Property,
    /// The step at which it shows.
    pub step: usize,
    /// Why, in one sentence or two.
    pub why: String,
}

/// What is to be said of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// How it breaks properties: each at most once, and where it does so first.
    pub breaches: Vec<Breach>,
    /// Properties of which the run may not say what it seems to, and why.
    pub inconclusive: Vec<(Property, String)>,
}

/// Judges what happened in a run, in the order in which it did.
pub fn judge(goldens: &GoldenEffects, run: &[Happening]) -> Judgement {
    let mut judging = Judging {
        goldens,
        delivered: BTreeSet::new(),
        too_soon: BTreeSet::new(),
        acknowledged: BTreeSet::new(),
        performed: BTreeMap::new(),
        judgement: Judgement::default(),
    };
    for Happening { step, what } in run {
        match what {
            What::Acknowledged(events) => judging.acknowledge(*step, events),
            What::Performed(effects) => {
                for effect in effects {
                    judging.perform(*step, effect);
                }
            }
            What::Started { events, too_soon } => {
                judging.delivered.extend(events);
                if *too_soon {
                    judging.too_soon.extend(events);
                }
            }
        }
    }
    judging.judgement
}

struct Judging<'a> {
    goldens: &'a GoldenEffects,
    delivered: BTreeSet<usize>,
    /// Of which an attempt started too soon.
    too_soon: BTreeSet<usize>,
    acknowledged: BTreeSet<usize>,
    performed: BTreeMap<Visible, Vec<&'a Effect>>,
    judgement: Judgement,
}

impl<'a> Judging<'a> {
    /// RD-11
    fn acknowledge(&mut self, step: usize, events: &[usize]) {
        self.acknowledged.extend(events);
        for event in events {
            let Some(alone) = self.goldens.alone(*event) else {
                continue;
            };
            let lost = alone.keys().find(|effect| {
                let due = self
                    .goldens
                    .least(effect, &self.acknowledged, &self.delivered);
                let performances = self.performed.get(*effect).map_or(&[][..], Vec::as_slice);
                !self.goldens.is_unsteady(&effect.kind) && times_done(performances) < due
            });
            let Some(lost) = lost else {
                continue;
            };
            let (name, effect) = (self.goldens.name(*event), describe(&lost.kind));
            if self.too_soon.contains(event) {
                let why = format!(
                    "{name} was acknowledged before its {effect} was done, by or after a retry \
                     that started sooner than Lambda's would; a lock of the handler's may not \
                     have lapsed by then."
                );
                self.undecided(Property::EffectsNotLost, why);
            } else {
                let why = format!(
                    "{name} was acknowledged at step {}, and its {effect} had not been done \
                     by then.",
                    step + 1
                );
                self.breach(Property::EffectsNotLost, step, why);
            }
        }
    }

    /// RD-13
    fn perform(&mut self, step: usize, effect: &'a Effect) {
        if self.goldens.is_unsteady(&effect.kind) {
            return;
        }
        let visible = self.goldens.mask().visible(effect);
        let most = self.goldens.most(&visible, &self.delivered);
        if most == 0 {
            self.compare_with_known(&visible);
            return;
        }
        let performances = self.performed.entry(visible).or_default();
        performances.push(effect);
        if times_done(performances) > most {
            let why = doubled(step, performances);
            self.breach(Property::EffectsNotDoubled, step, why);
        }
    }

    /// What differs from every event's effect only in what it says may be one of them
    /// that changed, or something else.
    fn compare_with_known(&mut self, effect: &Visible) {
        let known = self.goldens.all();
        let alike = known.into_iter().filter(|it| it.kind == effect.kind);
        let differing = |it: &Visible| -> Vec<Vec<String>> {
            let paths: BTreeSet<_> = it.content.keys().chain(effect.content.keys()).collect();
            let paths = paths.into_iter();
            let differing = paths.filter(|path| it.content.get(*path) != effect.content.get(*path));
            differing.cloned().collect()
        };
        let Some(difference) = alike.map(differing).min_by_key(Vec::len) else {
            return;
        };
        let parts: Vec<String> = difference
            .iter()
            .map(|it| printable(&it.join(".")))
            .collect();
        let why = format!(
            "{} was done with another {} than any event has when nothing goes wrong; whether it \
             is one event's a second time cannot be told.",
            describe(&effect.kind),
            match parts.is_empty() {
                // It is another event's, which was not delivered.
                true => "origin".to_owned(),
                false => parts.join(" and "),
            }
        );
        self.undecided(Property::EffectsNotDoubled, why);
    }

    fn breach(&mut self, property: Property, step: usize, why: String) {
        let breaches = &mut self.judgement.breaches;
        if breaches.iter().all(|it| it.property != property) {
            breaches.push(Breach {
                property,
                step,
                why,
            });
        }
    }

    fn undecided(&mut self, property: Property, why: String) {
        let inconclusive = &mut self.judgement.inconclusive;
        if inconclusive.iter().all(|it| it.0 != property) {
            inconclusive.push((property, why));
        }
    }
}

/// Why several performances are too many.
fn doubled(step: usize, performances: &[&Effect]) -> String {
    let Some(last) = performances.last() else {
        return String::new();
    };
    let effect = describe(&last.kind);
    let times = performances.len();
    let tokens: BTreeSet<&String> = performances
        .iter()
        .filter_map(|it| it.token.as_ref())
        .collect();
    let tokens: Vec<String> = tokens.into_iter().map(|it| printable(it)).collect();
    let why = match (tokens.as_slice(), last.overwrites) {
        ([], true) => "with another content each time".to_owned(),
        ([], false) => "with no token by which its destination could tell".to_owned(),
        ([one], _) => format!("not always with the token {one}"),
        (several, _) => format!("with different tokens: {}", several.join(", ")),
    };
    format!(
        "{effect} was done {times} times by step {}, {why}.",
        step + 1
    )
}

#[cfg(test)]
mod tests;
