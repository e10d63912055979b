//! From what was found to what is said of each property.

use std::collections::BTreeSet;

use redeliver_model::property::Property;
use tokio::time::Instant;

use super::{Judged, Outcome, Shown, TIME_TO_MINIMISE};
use crate::check::judge::Judge;
use crate::check::options::Effects;
use crate::check::search::{Found, REPETITIONS, Shared, Worker, confirm, minimise};
use crate::check::trouble::Trouble;
use crate::report::Verdict;

/// Makes a counterexample as small as may be, unless it is acceptable, and sees how often
/// it shows.
pub(super) async fn show(
    worker: &mut Worker,
    shared: &Shared,
    found: Found,
    is_acceptable: bool,
) -> Result<Shown, Trouble> {
    let originally = found.history.steps.len();
    let until = Instant::now() + TIME_TO_MINIMISE;
    let reproduced = confirm(worker, shared, &found).await?;
    if reproduced == 0 || is_acceptable {
        return Ok(Shown {
            found,
            reproduced,
            originally,
        });
    }
    let found = minimise(worker, shared, found, until).await?;
    let reproduced = confirm(worker, shared, &found).await?;
    Ok(Shown {
        found,
        reproduced,
        originally,
    })
}

/// What holds may not hold where the handler gets what it asks for.
pub(super) fn conclude_nothing(outcome: &mut Outcome) {
    let held = outcome.verdicts.values_mut();
    for judged in held.filter(|it| it.verdict == Verdict::Holds) {
        *judged = Judged {
            verdict: Verdict::Inconclusive,
            detail: "The handler asked for something that nobody serves, as the notes say: on \
                     Lambda it may do something else."
                .to_owned(),
        };
    }
}

/// What is to be said if the machine was too slow.
pub(super) fn slowness(outcome: &Outcome) -> Option<String> {
    let stages = [outcome.exhaustive, outcome.random, outcome.patient];
    let unjudged: u64 = stages.iter().map(|it| it.tally.unjudged).sum();
    (unjudged > 0).then(|| {
        format!(
            "In {unjudged} schedules an invocation took longer than the function's timeout, each \
             of the times that they were played: they prove nothing. Give a longer --timeout, fewer \
             --lanes, or a machine with less to do."
        )
    })
}

/// Takes what is accepted for no violation.
pub(super) fn accept(outcome: &mut Outcome, accepted: Vec<(Property, String)>) {
    for (property, reason) in accepted {
        match outcome.verdicts.get_mut(&property) {
            Some(judged) if judged.verdict == Verdict::Violated => {
                judged.verdict = Verdict::Holds;
                judged.detail = format!("violated, and accepted: {reason}");
                outcome
                    .violations
                    .retain(|it| it.found.violation.property != property);
                outcome.accepted.push((property, reason));
            }
            _ => outcome.accepted_in_vain.push((property, reason)),
        }
    }
}

/// What is to be said of each property.
pub(super) fn judge(
    outcome: &mut Outcome,
    shared: &Shared,
    acceptable: &BTreeSet<Property>,
    left: u64,
    calmly_complete: bool,
) {
    let judge = Judge {
        goldens: &shared.goldens[0].tables,
        options: &shared.options,
    };
    let of_goldens = judge.judge_goldens();
    let mut all: Vec<Property> = vec![
        Property::UniqueRows,
        Property::AcknowledgedMeansRecorded,
        Property::FirstWriteWins,
        Property::OrderDoesNotMatter,
        Property::Convergence,
        Property::HonestFailure,
        Property::BatchIsolation,
    ];
    if shared.options.reports.is_some() {
        all.push(Property::OneInsertReported);
    }
    if shared.effects.is_some() {
        all.push(Property::EffectsNotLost);
    }
    if shared.effects == Some(Effects::Once) {
        all.push(Property::EffectsNotDoubled);
    }
    if shared.options.latest_state.is_some() {
        all.retain(|it| *it != Property::FirstWriteWins && *it != Property::OrderDoesNotMatter);
        all.push(Property::NoStaleOverwrite);
    }
    for property in all {
        let judged = Judged {
            verdict: Verdict::Holds,
            detail: String::new(),
        };
        outcome.verdicts.insert(property, judged);
    }
    let mut say = |property: Property, verdict: Verdict, detail: String| {
        let judged = outcome.verdicts.entry(property).or_insert(Judged {
            verdict,
            detail: String::new(),
        });
        if judged.detail.is_empty() || verdict > judged.verdict {
            *judged = Judged { verdict, detail };
        }
    };
    if shared.effects.is_some() && shared.goldens[0].effects.proves_nothing() {
        let why =
            "No event has an effect when it is delivered alone: nothing is proved of effects.";
        say(
            Property::EffectsNotLost,
            Verdict::Inconclusive,
            why.to_owned(),
        );
    }
    for violation in of_goldens.violations {
        say(violation.property, Verdict::Violated, violation.why);
    }
    for (property, why) in of_goldens.inconclusive {
        say(property, Verdict::Inconclusive, why);
    }
    for shown in &outcome.violations {
        let violation = &shown.found.violation;
        say(violation.property, Verdict::Violated, violation.why.clone());
    }
    for shown in &outcome.not_reproduced {
        let detail = format!(
            "It was seen violated once, and not again in {REPETITIONS} repetitions: the handler \
             does not do the same each time."
        );
        say(
            shown.found.violation.property,
            Verdict::Inconclusive,
            detail,
        );
    }
    let mut violated = outcome
        .violations
        .iter()
        .map(|it| it.found.violation.property);
    let went_on = violated.all(|it| acceptable.contains(&it));
    if left > 0 && went_on {
        let detail = format!(
            "In {left} schedules a retry came too soon to tell, and there was no time to play \
             them again with retries that wait. Give more --max-time, or a shorter --timeout."
        );
        say(Property::Convergence, Verdict::Inconclusive, detail);
    }
    if !calmly_complete && went_on {
        let detail =
            "Not even every order of two deliveries to which nothing happens could be judged. \
                      Give more --max-time, or fewer --lanes."
                .to_owned();
        say(Property::UniqueRows, Verdict::Inconclusive, detail);
    }
}
