//! RD-11 and RD-13: effects beyond the row.

use super::facts::{Facts, Found};
use crate::event::Text;
use crate::history::Step;
use crate::table::{Effect, Item, Operation, Value};

/// The attribute of a tally that counts.
pub const COUNT: &str = "count";

/// What a step did for an identity beyond its row.
enum Performance<'a> {
    /// It performed an effect, so many times.
    Effect(&'a Effect, u32),
    /// It counted, so much.
    Tally(i64),
}

/// RD-11
pub(super) fn effect_lost(facts: &Facts<'_>) -> Found {
    facts.acknowledgements.iter().find_map(|it| {
        let mut before = facts.history.steps[..it.step].iter();
        let performed = before.any(|step| performance(facts, step, it.identity).is_some());
        (!performed).then(|| {
            let because = format!(
                "{} acknowledges the event of {}, whose effect nobody has performed",
                it.invocation.id,
                facts.row(it.identity)
            );
            (it.step, because)
        })
    })
}

/// RD-13
pub(super) fn effect_doubled(facts: &Facts<'_>) -> Found {
    (0..facts.expectation.identities.len()).find_map(|identity| {
        let mut first: Option<(usize, Option<&Effect>)> = None;
        for (number, step) in facts.history.steps.iter().enumerate() {
            let (effect, times) = match performance(facts, step, identity) {
                None => continue,
                Some(Performance::Effect(effect, times)) => (Some(effect), i64::from(times)),
                Some(Performance::Tally(amount)) => (None, amount),
            };
            let (step_of_first, known) = *first.get_or_insert((number, effect));
            let again = step_of_first != number || times > 1;
            if again && !is_same_request(known, effect) {
                let how = match (known.and_then(|it| it.token.as_ref()), effect) {
                    (_, None) => "counted",
                    (None, Some(_)) => "performed without a token",
                    (Some(_), Some(_)) => "performed with another token or content",
                };
                let because = format!(
                    "the effect for {} is {how} more than once: first at step {}, and again here",
                    facts.row(identity),
                    step_of_first + 1
                );
                return Some((number, because));
            }
        }
        None
    })
}

/// Whether whoever performs the effects can tell that two of them are one.
fn is_same_request(first: Option<&Effect>, again: Option<&Effect>) -> bool {
    let token = |effect: Option<&Effect>| effect.and_then(|it| it.token.clone());
    let content = |effect: Option<&Effect>| effect.map(|it| it.content.clone());
    let known: Option<Text> = token(first);
    known.is_some() && known == token(again) && content(first) == content(again)
}

fn performance<'a>(facts: &Facts<'a>, step: &'a Step, identity: usize) -> Option<Performance<'a>> {
    let recorded = facts.identity(identity);
    if step.performed > 0
        && let Some(call) = &step.call
        && let Operation::Effect(effect) = &*call.operation
        && recorded.keys.contains(&effect.of)
    {
        return Some(Performance::Effect(effect, step.performed));
    }
    let tally = recorded.tally.as_ref()?;
    let change = step.changes.iter().find(|change| change.key == *tally)?;
    let amount = count(change.after.as_ref()) - count(change.before.as_ref());
    (amount > 0).then_some(Performance::Tally(amount))
}

fn count(item: Option<&Item>) -> i64 {
    match item.and_then(|item| item.get(COUNT)) {
        Some(Value::Number(count)) => *count,
        Some(Value::Text(_)) | None => 0,
    }
}
