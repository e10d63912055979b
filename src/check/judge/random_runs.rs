//! Random runs of toy handlers: right ones are never accused, wrong ones are whenever
//! they did wrong.

mod subjects;

use std::collections::{BTreeMap, BTreeSet};

use redeliver_model::delivery::{InvocationId, Queue, Route};
use redeliver_model::schedule::{Entropy, Fate, InFlight};

use super::scenario::*;
use super::{Findings, Options};
use crate::check::backend::Contents;
use crate::check::golden::Goldens;
use crate::check::history::{History, Told};
use crate::check::plan::{Notification, Plan};
use crate::engine::Seeded;
use subjects::*;

const SEED: u64 = 5;
const RUNS: u64 = 1_000;
const EVENTS: usize = 3;

/// An invocation under way.
struct Running {
    id: InvocationId,
    request_id: String,
    events: Vec<usize>,
    /// Which event it is at, and which call of it.
    place: usize,
    number: usize,
    failed: BTreeSet<usize>,
    output: Vec<&'static str>,
}

/// A call that may be applied later on.
struct Pending {
    invocation: InvocationId,
    request_id: String,
    event: usize,
    position: usize,
    number: usize,
    call: u32,
}

/// A subject in a world where things go wrong at random.
struct World<'a> {
    subject: &'a Subject,
    entropy: Seeded,
    run: Run,
    attempts: BTreeMap<usize, u32>,
    running: Vec<Running>,
    pending: Vec<Pending>,
    faults: usize,
    /// How often the first call for each event was applied.
    applied: BTreeMap<usize, usize>,
}

/// How a random run ended, with how often the first call for each event was applied
/// before it was redriven.
struct Played {
    ended: (Plan, History),
    applied: BTreeMap<usize, usize>,
}

fn play(subject: &Subject, case: u64) -> Played {
    let mut entropy = Seeded::case(SEED, case);
    let notifications = (0..=entropy.below(2)).map(|_| {
        let mut events: Vec<usize> = (0..EVENTS).filter(|_| entropy.below(2) == 0).collect();
        if events.is_empty() {
            events.push(entropy.below(EVENTS));
        }
        let queue = Queue {
            receives: 2,
            partial_batches: true,
        };
        let route = [Route::Direct, Route::Sqs(queue)][entropy.below(2)];
        Notification {
            events,
            route,
            deliveries: 1 + entropy.below(2),
        }
    });
    let run = Run::of(&notifications.collect::<Vec<_>>());
    let faults = entropy.below(4);
    let mut world = World {
        subject,
        entropy,
        run,
        attempts: BTreeMap::new(),
        running: Vec::new(),
        pending: Vec::new(),
        faults,
        applied: BTreeMap::new(),
    };
    while world.goes_on() {}
    let applied = world.applied;
    let (plan, mut history) = world.run.end();
    redrive(subject, &mut history);
    Played {
        ended: (plan, history),
        applied,
    }
}

fn redrive(subject: &Subject, history: &mut History) {
    let dead: BTreeSet<usize> = history.dead.iter().flatten().copied().collect();
    if dead.is_empty() {
        return;
    }
    let mut contents = history.contents.clone();
    for (nonce, event) in (900_000..).zip(&dead) {
        subject.whole(&mut contents, *event, nonce);
    }
    history.redrive = Some(crate::check::history::Redrive {
        acknowledged: dead.into_iter().collect(),
        contents,
        ..Default::default()
    });
}

impl World<'_> {
    /// Lets something happen; nothing if nothing can.
    fn goes_on(&mut self) -> bool {
        let due: Vec<usize> = (0..self.run.plan.deliveries())
            .filter(|it| self.is_due(*it))
            .collect();
        let choices = due.len() + self.running.len() + self.pending.len();
        if choices == 0 {
            return false;
        }
        let chosen = self.entropy.below(choices);
        if let Some(delivery) = due.get(chosen) {
            self.start(*delivery);
        } else if chosen - due.len() < self.running.len() {
            self.proceed(chosen - due.len());
        } else {
            let it = self.pending.remove(chosen - due.len() - self.running.len());
            self.run.apply_late(it.invocation, it.call);
            self.apply(&it.request_id, it.event, it.position, it.number);
        }
        true
    }

    fn is_due(&self, delivery: usize) -> bool {
        let notification = self.run.plan.notification_of(delivery).unwrap();
        let notification = &self.run.plan.notifications[notification];
        let attempts = self.attempts.get(&delivery).copied().unwrap_or(0);
        let mut running = self.running.iter();
        let mut events = notification.events.iter();
        attempts < notification.route.attempts()
            && !running.any(|it| it.id.delivery == delivery)
            && events.any(|it| !self.run.has_acknowledged(delivery, *it))
    }

    fn start(&mut self, delivery: usize) {
        *self.attempts.entry(delivery).or_default() += 1;
        let id = self.run.start(delivery);
        let invocation = self.run.history.invocations.last().unwrap();
        self.running.push(Running {
            id,
            request_id: invocation.request_id.clone(),
            events: invocation.events.clone(),
            place: 0,
            number: 0,
            failed: BTreeSet::new(),
            output: Vec::new(),
        });
    }

    fn goes_wrong(&mut self) -> bool {
        let wrong = self.faults > 0 && self.entropy.below(3) == 0;
        self.faults -= usize::from(wrong);
        wrong
    }

    fn proceed(&mut self, chosen: usize) {
        let mut it = self.running.remove(chosen);
        let wrong = self.goes_wrong();
        if wrong && self.entropy.below(3) == 0 {
            self.crash(&it);
            return;
        }
        let Some(&event) = it.events.get(it.place) else {
            self.answer(&it);
            return;
        };
        let fate = if wrong {
            let fates = [
                Fate::Conflict,
                Fate::Late,
                Fate::ReplyLost,
                Fate::Resent,
                Fate::ServerError,
                Fate::ServerErrorAfterWrite,
                Fate::Throttled,
            ];
            fates[self.entropy.below(fates.len())]
        } else {
            Fate::Answered
        };
        let heard = self.call(&it, event, fate);
        match heard {
            Some(Came::Next(number)) => it.number = number,
            Some(Came::Done(report)) => {
                it.output.push(report);
                (it.place, it.number) = (it.place + 1, 0);
            }
            None => {
                it.failed.insert(event);
                (it.place, it.number) = (it.place + 1, 0);
                if self.subject.fails_fast {
                    it.failed.extend(&it.events[it.place..]);
                    it.place = it.events.len();
                }
            }
        }
        self.running.push(it);
    }

    /// Makes a call, and says what it came to if the caller hears of it.
    fn call(&mut self, it: &Running, event: usize, fate: Fate) -> Option<Came> {
        let rows = (self.subject.rows)(event);
        let put = ("PutItem", self.subject.condition);
        let heard = match fate {
            Fate::Answered => Some(self.apply(&it.request_id, event, it.place, it.number)),
            Fate::Resent => {
                self.apply(&it.request_id, event, it.place, it.number);
                Some(self.apply(&it.request_id, event, it.place, it.number))
            }
            Fate::ReplyLost | Fate::ServerErrorAfterWrite => {
                self.apply(&it.request_id, event, it.place, it.number);
                None
            }
            _ => None,
        };
        let told = match (&heard, fate) {
            (Some((told, _)), _) => told.clone(),
            (None, Fate::Late | Fate::ReplyLost) => Told::Nothing,
            (None, _) => Told::Error("SomeError".to_owned()),
        };
        self.run.call(it.id, put, &rows, fate, told);
        if fate == Fate::Late {
            self.leave_pending(it, event);
        }
        heard.map(|(_, came)| came)
    }

    fn leave_pending(&mut self, it: &Running, event: usize) {
        self.pending.push(Pending {
            invocation: it.id,
            request_id: it.request_id.clone(),
            event,
            position: it.place,
            number: it.number,
            call: 1,
        });
    }

    fn apply(
        &mut self,
        request_id: &str,
        event: usize,
        position: usize,
        number: usize,
    ) -> (Told, Came) {
        if number == 0 {
            *self.applied.entry(event).or_default() += 1;
        }
        let nonce = self.run.nonce();
        let caller = Caller {
            event,
            request_id,
            position,
            nonce,
        };
        (self.subject.call)(&mut self.run.tables, caller, number)
    }

    fn crash(&mut self, it: &Running) {
        let fates = [InFlight::Applied, InFlight::Late, InFlight::Never];
        let in_flight = match it.events.get(it.place) {
            Some(_) => fates[self.entropy.below(3)],
            None => InFlight::Never,
        };
        self.run.crash(it.id, in_flight);
        match (in_flight, it.events.get(it.place)) {
            (InFlight::Applied, Some(&event)) => {
                self.apply(&it.request_id, event, it.place, it.number);
            }
            (InFlight::Late, Some(&event)) => self.leave_pending(it, event),
            _ => {}
        }
    }

    fn answer(&mut self, it: &Running) {
        let notification = self.run.plan.notification_of(it.id.delivery).unwrap();
        let route = self.run.plan.notifications[notification].route;
        let is_partial = route.queue().is_some_and(|it| it.partial_batches);
        let acknowledged: Vec<usize> = match it.failed.is_empty() || is_partial {
            true => it
                .events
                .iter()
                .copied()
                .filter(|event| !it.failed.contains(event))
                .collect(),
            false => Vec::new(),
        };
        self.run.answer(it.id, &acknowledged, &it.output);
    }
}

fn goldens_of(subject: &'static Subject) -> Goldens {
    goldens_by(EVENTS, |contents, event, nonce| {
        subject.whole(contents, event, nonce)
    })
}

fn never_accused(subject: &'static Subject, options: &Options) {
    let goldens = goldens_of(subject);
    for case in 0..RUNS {
        let played = play(subject, case);
        let findings = judged_with(&goldens, options, played.ended.clone());
        assert!(
            findings.is_empty(),
            "case {case}: {findings:#?}\n{:#?}",
            played.ended
        );
    }
}

#[test]
fn a_handler_that_inserts_unless_present_is_never_accused() {
    never_accused(&RIGHT, &reporting());
}

#[test]
fn a_handler_whose_events_share_a_row_is_never_accused() {
    never_accused(&SHARED, &Options::default());
}

#[test]
fn a_handler_that_counts_in_a_transaction_is_never_accused() {
    never_accused(&COUNTED_ONCE, &Options::default());
}

#[test]
fn a_handler_that_claims_and_completes_is_never_accused() {
    never_accused(&CLAIMED, &Options::default());
}

#[test]
fn a_handler_that_keeps_the_latest_state_is_never_accused() {
    never_accused(&LATEST, &latest(&[0, 1, 2]));
}

/// How many runs a handler did wrong in, all of which it is accused of.
fn always_accused(subject: &'static Subject, did_wrong: fn(&Played) -> bool) -> usize {
    let goldens = goldens_of(subject);
    let mut wrong = 0;
    for case in 0..RUNS {
        let played = play(subject, case);
        if did_wrong(&played) {
            let findings: Findings =
                judged_with(&goldens, &Options::default(), played.ended.clone());
            let accused = !findings.violations.is_empty();
            assert!(accused, "case {case}: {:#?}", played.ended);
            wrong += 1;
        }
    }
    wrong
}

fn acknowledged(history: &History) -> BTreeSet<usize> {
    let answers = history.steps.iter().filter_map(|it| it.answer.as_ref());
    answers
        .flat_map(|it| it.acknowledged.iter().copied())
        .collect()
}

fn applied_twice(played: &Played) -> bool {
    let mut acknowledged = acknowledged(&played.ended.1).into_iter();
    acknowledged.any(|event| played.applied[&event] > 1)
}

#[test]
fn a_handler_that_counts_twice_is_accused_whenever_it_does() {
    assert!(always_accused(&COUNTED, applied_twice) > RUNS as usize / 4);
}

#[test]
fn a_handler_with_random_keys_is_accused_whenever_it_writes_twice() {
    assert!(always_accused(&RANDOM, applied_twice) > RUNS as usize / 4);
}

#[test]
fn a_handler_that_stamps_rows_is_accused_whenever_it_does_so_after_an_acknowledgement() {
    let stamped_again = |played: &Played| {
        let (plan, history) = &played.ended;
        if plan.notifications.iter().any(|it| it.events.len() > 1) {
            // The row of one event may be touched for the sake of another.
            return false;
        }
        let answers = history.steps.iter().filter_map(|it| it.answer.as_ref());
        let mut first: BTreeMap<usize, &Contents> = BTreeMap::new();
        for answer in answers {
            for event in &answer.acknowledged {
                first.entry(*event).or_insert(&answer.contents);
            }
        }
        first.iter().any(|(event, then)| {
            let row = row(NAMES[*event]);
            then.get(&row) != history.contents.get(&row)
        })
    };
    assert!(always_accused(&STAMPED, stamped_again) > RUNS as usize / 30);
}
