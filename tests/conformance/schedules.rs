//! The reference handler under random schedules, on the API instead of the model.
//!
//! The simulation says which call is carried out next and what befalls it. It is
//! carried out on both tables, and what the handler gets is the API's reply.

use redeliver::engine::Seeded;
use redeliver::simulation::{Reference, Subject, judge, play_on};
use redeliver_model::event::IdentityPolicy;
use redeliver_model::goal::Goal;
use redeliver_model::history::Step;
use redeliver_model::property::Property;
use redeliver_model::scene;
use redeliver_model::schedule::{Choice, Fate, Random};
use redeliver_model::table::{Operation, Reply};

use super::api::{Api, Table};

/// Plays random cases, each policy in turn, and with a cache as often as without.
pub(crate) fn compare(api: &Api<'_>, seed: u64, cases: u64) {
    let mut missed = Goal::ALL.to_vec();
    for number in 0..cases {
        let mut entropy = Seeded::case(seed, number);
        let policy = IdentityPolicy::ALL[(number % 3) as usize];
        let scene = scene::generate(&mut entropy, policy);
        // Without expiry: no API deletes on demand what has expired.
        let reference = Reference {
            cache: (number % 2) as usize * 8,
            expire_after_days: None,
        };
        let staged = reference.stage(&scene);
        let judge = judge(&reference, &*staged, &scene).unwrap();
        let table = api.table(format!("run-{number}"));
        let mut on_the_api = |step: &Step| {
            let replied = carry_out(&table, step);
            replied.unwrap_or_else(|it| panic!("run {number}, {}: {it}", step.choice))
        };
        let mut chooser = Random::new(&mut entropy);
        let history = play_on(&mut on_the_api, &*staged, &scene, &mut chooser);
        let history = history.unwrap().unwrap();
        let has = table.has(&history.table);
        has.unwrap_or_else(|it| panic!("run {number}: {it}"));
        let mut violations = judge.violations(&history);
        // RD-4 needs the item that makes a condition fail.
        violations.retain(|it| api.returns_items || it.property != Property::OneInsertReported);
        assert_eq!(violations, [], "run {number}");
        missed.retain(|goal| !goal.is_reached_by(&history, judge.expectation()));
    }
    // Schedules in which nothing happens would prove nothing.
    assert_eq!(missed, []);
}

/// Does on the API what was done on the model in a step. Returns what the handler is
/// to be answered, if the API has a say in that.
fn carry_out(table: &Table<'_>, step: &Step) -> Result<Option<Reply>, String> {
    let Some(call) = &step.call else {
        return Ok(None);
    };
    let operation: &Operation = &call.operation;
    let Choice::Call(_, fate) = step.choice else {
        // Applied late, or when its invocation crashed: nobody hears of it.
        table.carry_out(operation)?;
        return Ok(None);
    };
    match fate {
        Fate::Conflict | Fate::Late | Fate::ServerError | Fate::Throttled => return Ok(None),
        Fate::ReplyLost | Fate::ServerErrorAfterWrite => {
            table.carry_out(operation)?;
            return Ok(None);
        }
        Fate::Resent => {
            table.carry_out(operation)?;
        }
        Fate::Answered => {}
        Fate::Stale | Fate::Unprocessed => {
            return Err("the reference handler neither reads nor writes in batches".to_owned());
        }
    }
    let Some(expected) = &call.reply else {
        return Err("a call that is answered has a reply".to_owned());
    };
    table.agrees(operation, expected).map(Some)
}
