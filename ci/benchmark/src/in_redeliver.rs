//! The handler in Redeliver's executor: every order of starts, calls and returns, or
//! orders drawn at random; each judged by the catalogue.

use std::sync::Arc;

use redeliver::engine::{Limits, Seeded, explore};
use redeliver::simulation::{Delivery, Environment, Host, Player, Staged, Subject, judge};
use redeliver::table::{Boxed, ReferencePort};
use redeliver_handler::record::{Report, Settings};
use redeliver_handler::table::{EpochSeconds, RECORD, REQUEST_ID};
use redeliver_handler::{Handler, Invocation, Outcome};
use redeliver_model::delivery::Record;
use redeliver_model::history::{self, Answer, RecordAnswer};
use redeliver_model::property::{Bookkeeping, Sighting};
use redeliver_model::scene::{Scene, created};
use redeliver_model::schedule::Random;
use redeliver_model::table::Key;

use crate::handling::{Input, keyed, port};
use crate::race::Contestant;

pub(crate) fn exhaustive(
    name: &'static str,
    invocations: usize,
    input: Input,
    limits: Limits,
) -> Contestant {
    let (handling, scene) = (Handling::of(input), one_event(invocations));
    Contestant::new(name, move || {
        let found = explore(&handling, &scene, limits, &mut |_| true).expect("no hang");
        assert!(found.complete && found.violations.is_empty());
        found.coverage.schedules
    })
}

pub(crate) fn at_random(invocations: usize, input: Input) -> Contestant {
    let (handling, scene) = (Handling::of(input), one_event(invocations));
    let mut cases = 0..;
    Contestant::new("redeliver, at random", move || {
        let staged = handling.stage(&scene);
        let judge = judge(&handling, &*staged, &scene).expect("no hang");
        let mut player = Player::new(&*staged, &scene);
        let batch = cases.by_ref().take(1_000);
        let played = batch.map(|number| {
            let mut entropy = Seeded::case(1, number);
            let mut chooser = Random::new(&mut entropy);
            let history = player.play(&mut chooser, None).expect("no hang");
            let history = history.expect("nobody breaks off");
            assert!(judge.violations(history).is_empty());
        });
        played.count() as u64
    })
}

fn one_event(invocations: usize) -> Scene {
    let event = Record::Event(Arc::new(created("b", "invoice.txt")));
    Scene::of(&[&[event]], invocations)
}

/// The reference handler on the input that all contestants have.
struct Handling {
    input: Arc<Input>,
    port: ReferencePort<Host>,
    row: Key,
}

impl Handling {
    fn of(input: Input) -> Self {
        let key = keyed().records.first().and_then(|record| record.key());
        Self {
            input: Arc::new(input),
            port: port(),
            row: key.map(|key| key.to_string()).unwrap_or_default().into(),
        }
    }
}

impl Subject for Handling {
    fn name(&self) -> &str {
        "reference"
    }

    fn stage(&self, _: &Scene) -> Box<dyn Staged> {
        Box::new(StagedHandling {
            input: Arc::clone(&self.input),
            port: self.port.clone(),
            row: self.row.clone(),
        })
    }
}

struct StagedHandling {
    input: Arc<Input>,
    port: ReferencePort<Host>,
    row: Key,
}

impl Bookkeeping for StagedHandling {
    fn row(&self, _: Sighting<'_>) -> Key {
        self.row.clone()
    }
}

impl Staged for StagedHandling {
    fn environment(&self, host: Host) -> Arc<dyn Environment> {
        Arc::new(Warm {
            input: Arc::clone(&self.input),
            handler: Handler::new(self.port.on(host), Settings::default()),
        })
    }

    fn writer_attributes(&self) -> &'static [&'static str] {
        &[REQUEST_ID, RECORD]
    }
}

struct Warm {
    input: Arc<Input>,
    handler: Handler<ReferencePort<Host>>,
}

impl Environment for Warm {
    fn invoke(self: Arc<Self>, delivery: Delivery) -> Boxed<'static, Answer> {
        Box::pin(async move {
            let invocation = Invocation {
                request_id: delivery.request_id,
                now: EpochSeconds(delivery.now),
            };
            answer(&self.input.handle(&self.handler, &invocation).await)
        })
    }
}

fn answer(report: &Report) -> Answer {
    let records = report.outcomes.iter().map(|record| match record.outcome {
        Outcome::Inserted => RecordAnswer::said(history::Report::Inserted),
        Outcome::Duplicate => RecordAnswer::said(history::Report::Duplicate),
        _ => RecordAnswer::FAILED,
    });
    Answer::together(records.collect())
}
