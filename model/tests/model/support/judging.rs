//! What a judge says of a history.

use redeliver_model::history::History;
use redeliver_model::property::{Bookkeeping, Expectation, Judge, Keeps, Sighting};
use redeliver_model::scene::Scene;
use redeliver_model::table::Key;

/// Books that record an event under its object's key, and count it beside it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Books {
    pub(crate) counts: bool,
}

impl Bookkeeping for Books {
    fn row(&self, sighting: Sighting<'_>) -> Key {
        sighting.event.key.clone()
    }

    fn tally(&self, sighting: Sighting<'_>) -> Option<Key> {
        self.counts
            .then(|| format!("{} count", sighting.event.key).into())
    }
}

/// What a judge says of a history, without a baseline: which properties it breaks, at
/// which steps from 1, and why.
pub(crate) fn verdict(scene: &Scene, keeps: Keeps, history: &History) -> Vec<String> {
    let books = Books {
        counts: keeps == Keeps::Effects,
    };
    let expectation = Expectation::new(scene, keeps, &books);
    told_of(&Judge::new(expectation, None), history)
}

pub(crate) fn told_of(judge: &Judge<'_>, history: &History) -> Vec<String> {
    let violations = judge.violations(history).into_iter();
    let told = violations.map(|it| {
        let (id, step) = (it.property.id(), it.step + 1);
        format!("{id} at {step}: {}", it.because)
    });
    told.collect()
}
