//! The effects of a run, judged: RD-11 and RD-13.

use redeliver_model::property::Property;
use redeliver_model::schedule::Choice;

use crate::check::history::History;
use crate::check::judge::{Findings, Violation};
use crate::check::options::Effects;
use crate::check::outside::golden::GoldenEffects;
use crate::check::outside::judge::{Happening, What, judge};

/// Adds what is to be said of effects.
pub(super) fn judge_effects(
    goldens: &GoldenEffects,
    wanted: Effects,
    history: &History,
    findings: &mut Findings,
) {
    let judgement = judge(goldens, &happenings(history));
    for breach in judgement.breaches {
        // A team may have decided to live with effects that are done twice.
        if wanted == Effects::AtLeastOnce && breach.property == Property::EffectsNotDoubled {
            continue;
        }
        findings.violations.push(Violation {
            property: breach.property,
            step: Some(breach.step),
            why: breach.why,
        });
    }
    findings.inconclusive.extend(judgement.inconclusive);
    findings.violations.sort_by_key(|it| it.property);
}

fn happenings(history: &History) -> Vec<Happening> {
    let mut happenings = Vec::new();
    for (step, it) in history.steps.iter().enumerate() {
        let started = history.invocations.iter().find(|it| it.step == step);
        if let (Choice::Start(_), Some(invocation)) = (it.choice, started) {
            let events = invocation.events.clone();
            let too_soon = invocation.too_soon;
            let what = What::Started { events, too_soon };
            happenings.push(Happening { step, what });
        }
        if let Some(effect) = &it.effect
            && !effect.performed.is_empty()
        {
            let what = What::Performed(effect.performed.clone());
            happenings.push(Happening { step, what });
        }
        if let Some(answer) = &it.answer {
            let what = What::Acknowledged(answer.acknowledged.clone());
            happenings.push(Happening { step, what });
        }
    }
    happenings
}
