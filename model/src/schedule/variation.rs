//! Scenes in which a counterexample may be smaller.

use std::ops::Range;

use super::{CallId, Case, Choice, Wait};
use crate::delivery::{Form, InvocationId, Queue, Route};
use crate::scene::Hosting;

/// The case with something left out of its scene, or with something usual in place
/// of something unusual, or in a scene that takes fewer steps.
pub(super) fn simpler_scenes(case: &Case) -> Vec<Case> {
    let mut simpler = Vec::new();
    let mut delivery = 0;
    for (number, notification) in case.scene.notifications.iter().enumerate() {
        let deliveries = delivery..delivery + notification.deliveries.len();
        let mut without = case.clone();
        without.scene.notifications.remove(number);
        let gone = deliveries.clone().rev();
        gone.for_each(|delivery| forget_delivery(&mut without.schedule, delivery));
        simpler.extend(with_a_minute_somewhere(&without));
        simpler.push(without);
        for it in deliveries.clone().filter(|_| deliveries.len() > 1) {
            let mut without = case.clone();
            without.scene.notifications[number]
                .deliveries
                .remove(it - delivery);
            forget_delivery(&mut without.schedule, it);
            simpler.push(with_records_twice(&without, number));
            simpler.extend(with_a_minute_somewhere(&without));
            simpler.push(without);
        }
        for record in (0..notification.records.len()).filter(|_| notification.records.len() > 1) {
            let mut without = case.clone();
            without.scene.notifications[number].records.remove(record);
            let mut turned = without.clone();
            turned.scene.notifications[number].records.reverse();
            simpler.push(turned);
            // Which of an invocation's calls were about the record, nobody says.
            let most = most_calls(&case.schedule);
            let ranges = (1..=most).flat_map(|first| (first..=most).map(move |last| (first, last)));
            simpler.extend(ranges.map(|(first, last)| {
                let mut without = without.clone();
                for call in (first..=last).rev() {
                    forget_call(&mut without.schedule, deliveries.clone(), call);
                }
                without
            }));
            simpler.push(without);
        }
        let mut usual = case.clone();
        usual.scene.notifications[number].route = Route::Direct;
        simpler.push(usual);
        let mut usual = case.clone();
        usual.scene.notifications[number]
            .deliveries
            .fill(Form::Original);
        simpler.push(usual);
        delivery = deliveries.end;
    }
    let mut usual = case.clone();
    usual.scene.hosting = Hosting::Default;
    simpler.push(usual);
    let mut usual = case.clone();
    let waits = case.schedule.iter();
    let waits = waits.filter(|choice| matches!(choice, Choice::Wait(_)));
    usual.scene.waits = u32::try_from(waits.count()).unwrap_or(u32::MAX);
    simpler.push(usual);
    simpler.push(behind_a_queue(case));
    for together in together(case) {
        simpler.push(behind_a_queue(&together));
        simpler.push(together);
    }
    simpler.retain(|case| !case.scene.notifications.is_empty());
    let calm: Vec<_> = simpler.iter().map(without_schedule).collect();
    simpler.extend(calm);
    simpler
}

/// What another delivery, or a fault, took the time for needs neither if time passes
/// for no other reason.
fn with_a_minute_somewhere(case: &Case) -> impl Iterator<Item = Case> {
    (0..=case.schedule.len()).map(|position| with_a_minute(case, position..position))
}

/// Time passes in place of some choices: as long as an invocation may take.
pub(super) fn with_a_minute(case: &Case, in_place_of: Range<usize>) -> Case {
    let mut later = case.clone();
    let minute = [Choice::Wait(Wait::HalfMinute); 2];
    later.schedule.splice(in_place_of, minute);
    later.scene.waits += 2;
    later
}

/// The scene, and nothing goes wrong in it.
fn without_schedule(case: &Case) -> Case {
    Case {
        scene: case.scene.clone(),
        schedule: Vec::new(),
    }
}

/// What two deliveries do, one may do whose notification holds everything twice.
fn with_records_twice(case: &Case, number: usize) -> Case {
    let mut twice = case.clone();
    let records = &mut twice.scene.notifications[number].records;
    records.extend_from_within(..);
    twice
}

/// A queue gives up sooner than Lambda's own.
fn behind_a_queue(case: &Case) -> Case {
    let mut sooner = case.clone();
    for notification in &mut sooner.scene.notifications {
        notification.route = Route::Sqs(Queue {
            receives: 2,
            partial_batches: false,
        });
    }
    sooner
}

/// All records in the first notification, in either order.
fn together(case: &Case) -> Vec<Case> {
    let notifications = case.scene.notifications.iter();
    let mut records: Vec<_> = notifications
        .flat_map(|it| it.records.iter().cloned())
        .collect();
    let mut orders = Vec::new();
    for _ in 0..2 {
        let mut together = case.clone();
        together.scene.notifications.truncate(1);
        if let Some(first) = together.scene.notifications.first_mut() {
            first.records.clone_from(&records);
            for delivery in (first.deliveries.len()..case.scene.deliveries()).rev() {
                forget_delivery(&mut together.schedule, delivery);
            }
        }
        orders.push(together);
        records.reverse();
    }
    orders
}

/// Takes a delivery out of a schedule, and counts those behind it anew.
fn forget_delivery(schedule: &mut Vec<Choice>, gone: usize) {
    let renamed = |invocation: InvocationId| match invocation.delivery {
        it if it == gone => None,
        it if it > gone => Some(InvocationId {
            delivery: it - 1,
            ..invocation
        }),
        _ => Some(invocation),
    };
    let renamed_call = |call: CallId| {
        Some(CallId {
            invocation: renamed(call.invocation)?,
            ..call
        })
    };
    let rest = schedule.iter().filter_map(|choice| {
        Some(match *choice {
            Choice::Crash(it, in_flight) => Choice::Crash(renamed(it)?, in_flight),
            Choice::Return(it) => Choice::Return(renamed(it)?),
            Choice::Start(delivery) if delivery == gone => return None,
            Choice::Start(delivery) => Choice::Start(delivery - usize::from(delivery > gone)),
            Choice::TimeOut(it) => Choice::TimeOut(renamed(it)?),
            choice => with_call(choice, renamed_call)?,
        })
    });
    *schedule = rest.collect();
}

/// Takes a call out of every attempt of some deliveries, and counts those behind it
/// anew.
fn forget_call(schedule: &mut Vec<Choice>, of: Range<usize>, gone: u32) {
    let renamed = |call: CallId| match call.number {
        _ if !of.contains(&call.invocation.delivery) => Some(call),
        it if it == gone => None,
        it if it > gone => Some(CallId {
            number: it - 1,
            ..call
        }),
        _ => Some(call),
    };
    let rest = schedule.iter();
    *schedule = rest.filter_map(|it| with_call(*it, renamed)).collect();
}

/// The choice about another call, if it is about one and there is another.
fn with_call(choice: Choice, renamed: impl Fn(CallId) -> Option<CallId>) -> Option<Choice> {
    Some(match choice {
        Choice::ApplyLate(call) => Choice::ApplyLate(renamed(call)?),
        Choice::Call(call, fate) => Choice::Call(renamed(call)?, fate),
        Choice::DropLate(call) => Choice::DropLate(renamed(call)?),
        Choice::Crash(..)
        | Choice::Return(_)
        | Choice::Start(_)
        | Choice::Sweep
        | Choice::TimeOut(_)
        | Choice::Wait(_) => choice,
    })
}

/// The highest number that a call has.
fn most_calls(schedule: &[Choice]) -> u32 {
    let numbers = schedule.iter().map(|choice| match choice {
        Choice::ApplyLate(call) | Choice::Call(call, _) | Choice::DropLate(call) => call.number,
        _ => 0,
    });
    numbers.max().unwrap_or(0)
}
