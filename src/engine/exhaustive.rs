//! Every schedule of a small scope, or so many of it.

use std::collections::BTreeMap;

use redeliver_model::history::History;
use redeliver_model::property::{Judge, Property, Violation};
use redeliver_model::scene::{Hosting, Scene};
use redeliver_model::schedule::{Case, Choice, Chooser, Odometer, Shard, Size};
use redeliver_model::world::Reduction;

use super::{Counterexample, Coverage, Violations};
use crate::simulation::{Hang, Player, Staged, Subject, judge};

/// How a scope is explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// After how many runs the exploration is broken off, those included that are
    /// cut before their end.
    pub runs: u64,
    /// Runs with more steps are cut: nobody asks for them.
    pub steps: usize,
    /// Whether a delivery starts only when no invocation is under way.
    pub one_after_another: bool,
    /// Whether runs that another order of commuting choices makes superfluous are
    /// cut.
    pub reduced: bool,
    /// Which part of the scope is explored.
    pub shard: Shard,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            runs: 20_000_000,
            steps: usize::MAX,
            one_after_another: false,
            reduced: true,
            shard: Shard::default(),
        }
    }
}

/// What an exploration found, and how much it saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exploration {
    /// How much was played.
    pub coverage: Coverage,
    /// Whether that was every schedule of the scope, or of its part of it.
    pub complete: bool,
    /// For each property that was violated, the smallest counterexample.
    pub violations: Violations,
    /// For each of these, how many schedules were played until its first one.
    pub found_at: BTreeMap<Property, u64>,
}

/// Plays every schedule of `scene` to `subject`, and judges each. From time to time
/// `watch` is shown what was found until then, and says whether to go on.
///
/// # Errors
///
/// If the handler hangs.
pub fn explore(
    subject: &dyn Subject,
    scene: &Scene,
    limits: Limits,
    watch: &mut dyn FnMut(&Exploration) -> bool,
) -> Result<Exploration, Hang> {
    let staged = subject.stage(scene);
    let judge = judge(subject, &*staged, scene)?;
    let mut found = Exploration::default();
    let mut odometer = Odometer::of_shard(limits.shard);
    let mut reduction = reduction(&*staged, &judge, scene, limits.reduced);
    let mut player = Player::new(&*staged, scene);
    let mut runs = 0;
    while odometer.next_run() {
        if runs == limits.runs || (runs % 1024 == 0 && !watch(&found)) {
            return Ok(found);
        }
        runs += 1;
        let mut chooser = Within {
            steps: limits.steps,
            one_after_another: limits.one_after_another,
            odometer: &mut odometer,
        };
        let history = player.play(&mut chooser, reduction.as_mut())?;
        let Some(history) = history.filter(|_| odometer.has_run()) else {
            continue;
        };
        found.coverage.count(history, judge.expectation());
        for violation in judge.violations(history) {
            let first = found.found_at.entry(violation.property);
            first.or_insert(found.coverage.schedules);
            found.keep_if_smaller(violation, scene, history);
        }
    }
    found.complete = limits.steps == usize::MAX;
    Ok(found)
}

/// The odometer, within the limits.
struct Within<'o> {
    steps: usize,
    one_after_another: bool,
    odometer: &'o mut Odometer,
}

impl Chooser for Within<'_> {
    fn choose(&mut self, options: &[Choice]) -> Option<usize> {
        self.steps = self.steps.checked_sub(1)?;
        // What is under way comes first among the options.
        let goes_on = options.first().is_some_and(|it| it.invocation().is_some());
        match self.one_after_another && goes_on {
            true => Some(0),
            false => self.odometer.choose(options),
        }
    }

    fn foretell(&mut self) -> Option<Choice> {
        if self.one_after_another {
            return None;
        }
        let steps = self.steps.checked_sub(1)?;
        let choice = self.odometer.foretell()?;
        self.steps = steps;
        Some(choice)
    }
}

/// Which orders need not be played. Invocations that share memory and run at once
/// have no steps that commute.
fn reduction<'a>(
    staged: &dyn Staged,
    judge: &'a Judge<'_>,
    scene: &Scene,
    wanted: bool,
) -> Option<Reduction<'a>> {
    let shares_memory = staged.shares_memory();
    let commutes = scene.hosting == Hosting::Default || !shares_memory;
    (wanted && commutes).then(|| Reduction::new(judge.expectation(), shares_memory))
}

impl Exploration {
    fn keep_if_smaller(&mut self, violation: Violation, scene: &Scene, history: &History) {
        let smaller = |known: &Counterexample| Size::of(history) < known.size();
        if self.violations.get(&violation.property).is_none_or(smaller) {
            let property = violation.property;
            let counterexample = Counterexample {
                violation,
                case: Case {
                    scene: scene.clone(),
                    schedule: history.schedule(),
                },
                history: history.clone(),
            };
            self.violations.insert(property, counterexample);
        }
    }
}
