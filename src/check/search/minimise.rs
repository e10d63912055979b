//! From a counterexample to the smallest, by playing it again with less in it.

use std::collections::BTreeSet;

use redeliver_model::delivery::{InvocationId, Route};
use redeliver_model::schedule::{CallId, Choice, Fate, Size};
use tokio::time::Instant;

use super::{Found, Job, Shared, Worker};
use crate::check::plan::Plan;
use crate::check::trouble::Trouble;

/// Makes a counterexample smaller, as long as the same property is violated, until
/// nothing can be left out or the time is up.
///
/// # Errors
///
/// If the handler cannot be run, or the DynamoDB API does not answer.
pub async fn minimise(
    worker: &mut Worker,
    shared: &Shared,
    found: Found,
    until: Instant,
) -> Result<Found, Trouble> {
    let property = found.violation.property;
    let patience = found.patience;
    let mut best = found;
    let mut tried = BTreeSet::new();
    'smaller: loop {
        for (plan, schedule) in candidates(&best) {
            if Instant::now() >= until || shared.monitor.is_interrupted() {
                return Ok(best);
            }
            let text: Vec<String> = schedule.iter().map(ToString::to_string).collect();
            if !tried.insert((format!("{plan:?}"), text)) {
                continue;
            }
            let job = Job::Script {
                plan,
                schedule,
                patience,
            };
            let Some(ran) = worker.run(shared, &job).await? else {
                continue;
            };
            let mut violations = ran.findings.violations.into_iter();
            let Some(violation) = violations.find(|it| it.property == property) else {
                continue;
            };
            let smaller = Found {
                patience,
                violation,
                plan: ran.plan,
                history: ran.history,
            };
            if weight(&smaller) < weight(&best) {
                best = smaller;
                continue 'smaller;
            }
        }
        return Ok(best);
    }
}

/// What is made less of: the size, and then whatever is unusual.
fn weight(found: &Found) -> (Size, usize, usize) {
    let notifications = found.plan.notifications.iter();
    let unusual = notifications.clone().filter(|it| it.route != Route::Direct);
    let records = notifications.clone().map(|it| it.events.len());
    (found.size(), records.sum(), unusual.count())
}

fn candidates(found: &Found) -> Vec<(Plan, Vec<Choice>)> {
    let (plan, schedule) = (&found.plan, found.schedule());
    let mut candidates = Vec::new();
    let mut first = 0;
    for (number, notification) in plan.notifications.iter().enumerate() {
        let deliveries = first..first + notification.deliveries;
        if plan.notifications.len() > 1 {
            let mut without = plan.clone();
            without.notifications.remove(number);
            candidates.push((without, without_deliveries(&schedule, deliveries.clone())));
        }
        if notification.deliveries > 1 {
            for delivery in deliveries.clone() {
                let mut without = plan.clone();
                without.notifications[number].deliveries -= 1;
                let fewer = without_deliveries(&schedule, delivery..delivery + 1);
                candidates.push((without, fewer));
            }
        }
        if notification.events.len() > 1 {
            for position in 0..notification.events.len() {
                let mut without = plan.clone();
                without.notifications[number].events.remove(position);
                candidates.push((without, schedule.clone()));
            }
        }
        first = deliveries.end;
    }
    for (position, choice) in schedule.iter().enumerate() {
        if let Choice::Call(call, fate) = *choice
            && fate != Fate::Answered
        {
            let mut calm = schedule.clone();
            calm[position] = Choice::Call(call, Fate::Answered);
            candidates.push((plan.clone(), calm));
        }
        let mut without = schedule.clone();
        without.remove(position);
        candidates.push((plan.clone(), without));
    }
    candidates
}

/// The schedule without some deliveries, those after them renumbered.
fn without_deliveries(schedule: &[Choice], gone: std::ops::Range<usize>) -> Vec<Choice> {
    let number = |delivery: usize| match delivery {
        it if gone.contains(&it) => None,
        it if it >= gone.end => Some(it - gone.len()),
        it => Some(it),
    };
    let invocation =
        |it: InvocationId| number(it.delivery).map(|delivery| InvocationId { delivery, ..it });
    let call = |it: CallId| invocation(it.invocation).map(|invocation| CallId { invocation, ..it });
    let renumbered = schedule.iter().map(|choice| match *choice {
        Choice::ApplyLate(it) => call(it).map(Choice::ApplyLate),
        Choice::Call(it, fate) => call(it).map(|it| Choice::Call(it, fate)),
        Choice::Crash(it, in_flight) => invocation(it).map(|it| Choice::Crash(it, in_flight)),
        Choice::DropLate(it) => call(it).map(Choice::DropLate),
        Choice::Return(it) => invocation(it).map(Choice::Return),
        Choice::Start(it) => number(it).map(Choice::Start),
        Choice::TimeOut(it) => invocation(it).map(Choice::TimeOut),
        Choice::Sweep | Choice::Wait(_) => Some(*choice),
    });
    renumbered.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_schedule_is_about_the_same_deliveries() {
        let schedule = [
            "start 1",
            "start 2",
            "call 2.1#1 answered",
            "return 3.1",
            "start 3",
        ];
        let schedule = schedule.map(|it| it.parse().unwrap());
        let left = without_deliveries(&schedule, 1..2);
        let left: Vec<String> = left.iter().map(ToString::to_string).collect();
        assert_eq!(left, ["start 1", "return 2.1", "start 2"]);
    }
}
