//! From a counterexample to the smallest there is, as far as can be told.

use redeliver_model::delivery::{Form, Notification};
use redeliver_model::history::History;
use redeliver_model::property::Property;
use redeliver_model::scene::{self, Hosting, Scene};
use redeliver_model::schedule::{Case, Size, reduce};

use super::{Counterexample, Limits, Replayed, explore, replay};
use crate::simulation::{Hang, Subject};

/// How many runs the search for something smaller takes in each scope at most.
const RUNS: u64 = 5_000;

/// How many deliveries a scope has at most.
const MOST_DELIVERIES: usize = 3;

/// Makes a counterexample smaller, as long as it violates the same property.
///
/// First whatever can be left out is left out. What remains may still be a long way
/// round: a fault that a second delivery would have spared. So then the scopes around
/// it, with less and with one more delivery, are explored for anything smaller, with
/// few faults first. And the standard scenes are tried, with nothing going wrong in
/// them. The identity policy stays what it is.
///
/// # Errors
///
/// If the handler hangs.
pub fn minimise(
    subject: &dyn Subject,
    counterexample: Counterexample,
) -> Result<Counterexample, Hang> {
    let property = counterexample.violation.property;
    let mut best = left_out(subject, counterexample)?;
    loop {
        let smaller = match smaller_standard(subject, property, &best)? {
            Some(smaller) => Some(smaller),
            None => smaller_around(subject, property, &best)?,
        };
        match smaller {
            Some(smaller) if smaller.size() < best.size() => best = left_out(subject, smaller)?,
            _ => return Ok(best),
        }
    }
}

/// Leaves out what can be left out.
fn left_out(subject: &dyn Subject, counterexample: Counterexample) -> Result<Counterexample, Hang> {
    let property = counterexample.violation.property;
    let mut hang = None;
    let mut play = |case: &Case| -> Option<History> {
        if subject.confine(case.scene.clone()) != case.scene {
            return None;
        }
        match replay(subject, case) {
            Ok(replayed) => {
                let mut violations = replayed.violations.iter();
                let still = violations.any(|it| it.property == property);
                still.then_some(replayed.history)
            }
            Err(error) => {
                hang = Some(error);
                None
            }
        }
    };
    let (case, history) = reduce(&counterexample.case, counterexample.history, &mut play);
    if let Some(hang) = hang {
        return Err(hang);
    }
    let replayed = replay(subject, &case)?;
    let mut violations = replayed.violations.into_iter();
    let violation = violations.find(|it| it.property == property);
    Ok(Counterexample {
        violation: violation.unwrap_or(counterexample.violation),
        case,
        history,
    })
}

/// A smaller counterexample that comes of a standard scene in which nothing goes
/// wrong, if there is one.
fn smaller_standard(
    subject: &dyn Subject,
    property: Property,
    best: &Counterexample,
) -> Result<Option<Counterexample>, Hang> {
    let policy = best.case.scene.policy;
    for (_, standard) in scene::standard() {
        let scene = subject.confine(Scene { policy, ..standard });
        let schedule = Vec::new();
        let mut case = Case { scene, schedule };
        let Replayed {
            violations,
            history,
            ..
        } = replay(subject, &case)?;
        let mut violations = violations.into_iter();
        let Some(violation) = violations.find(|it| it.property == property) else {
            continue;
        };
        if Size::of(&history) > best.size() {
            continue;
        }
        case.schedule = history.schedule();
        let found = Counterexample {
            violation,
            case,
            history,
        };
        let found = left_out(subject, found)?;
        if found.size() < best.size() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The smallest counterexample in the scopes around another one, if any is smaller.
fn smaller_around(
    subject: &dyn Subject,
    property: Property,
    best: &Counterexample,
) -> Result<Option<Counterexample>, Hang> {
    let size = best.size();
    for faults in 0..=size.faults {
        let mut smallest: Option<Counterexample> = None;
        for scene in scopes_around(&best.case.scene) {
            let faults = u32::try_from(faults).unwrap_or(u32::MAX);
            // With fewer faults, any length is smaller.
            let steps = match faults as usize == size.faults {
                true => size.steps - 1,
                false => usize::MAX,
            };
            let known = smallest.as_ref().map_or(steps, |it| it.size().steps - 1);
            let limits = Limits {
                runs: RUNS,
                steps: steps.min(known),
                ..Limits::default()
            };
            let scene = subject.confine(scene.with_faults(faults));
            let found = explore(subject, &scene, limits, &mut |_| true)?;
            let found = found.violations.into_iter();
            let mut found = found.filter(|(it, _)| *it == property);
            if let Some((_, counterexample)) = found.next() {
                smallest = Some(counterexample);
            }
        }
        if smallest.is_some() {
            return Ok(smallest);
        }
    }
    Ok(None)
}

/// The scene itself, with less in it, with one more delivery of each notification, and
/// with both; and the same on Managed Instances, where an overlap may do what
/// otherwise takes a fault.
fn scopes_around(scene: &Scene) -> Vec<Scene> {
    let mut scopes = vec![scene.clone()];
    for number in 0..scene.notifications.len() {
        for less in with_less(scene, number) {
            scopes.extend(with_more(&less));
            scopes.push(less);
        }
    }
    scopes.extend(with_more(scene));
    if scene.hosting == Hosting::Default {
        let managed: Vec<_> = scopes.iter().map(|it| it.clone().managed()).collect();
        scopes.extend(managed);
    }
    scopes
}

/// The scene with one more delivery of each notification.
fn with_more(scene: &Scene) -> impl Iterator<Item = Scene> {
    let few = scene.deliveries() < MOST_DELIVERIES;
    let numbers = (0..scene.notifications.len()).filter(move |_| few);
    numbers.map(|number| {
        let mut more = scene.clone();
        more.notifications[number].deliveries.push(Form::Original);
        more
    })
}

/// The scene without a notification, and without any of its deliveries and records:
/// what is left may take another schedule than the one that was found, and some time
/// if what is left out took it.
fn with_less(scene: &Scene, number: usize) -> Vec<Scene> {
    let Notification {
        deliveries,
        records,
        ..
    } = &scene.notifications[number];
    let mut fewer = Vec::new();
    if scene.notifications.len() > 1 {
        let mut without = scene.clone();
        without.notifications.remove(number);
        fewer.push(without);
    }
    for delivery in (0..deliveries.len()).filter(|_| deliveries.len() > 1) {
        let mut without = scene.clone();
        without.notifications[number].deliveries.remove(delivery);
        fewer.push(without);
    }
    for record in (0..records.len()).filter(|_| records.len() > 1) {
        let mut without = scene.clone();
        without.notifications[number].records.remove(record);
        fewer.push(without);
    }
    for scene in &mut fewer {
        scene.waits = scene.waits.max(1);
    }
    fewer
}
