//! A handler verified: what was saved is played again, then every schedule of small
//! scenes, then random ones, then the DynamoDB API and the gallery as a check on the
//! kit itself.

mod api;
mod exhaustive;
mod goals;
mod random;
mod rogues;
mod saved;
mod scope;

pub use api::{Api, NoApi};
pub use goals::{Reach, Reached};
pub use rogues::hunt;
pub use scope::{Bound, Scope};

use std::fmt;
use std::path::PathBuf;

use redeliver_model::property::Property;
use redeliver_model::schedule::{Shard, Size};

use crate::engine::{Counterexample, Coverage, Violations, minimise};
use crate::handlers::{Configuration, Handler};
use crate::monitor::{Monitor, in_order};
use crate::report::Verdict;
use crate::saved::Saved;
use crate::simulation::Hang;

/// How much is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Determines every random choice.
    pub seed: u64,
    /// How many random schedules are played, over all shards.
    pub schedules: u64,
    /// How large the scenes are of which every schedule is played.
    pub scope: Scope,
    /// Which part of all this is played.
    pub shard: Shard,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// The stages that an end before them left out.
    pub not_played: Vec<&'static str>,
    /// What is to be said of each property that the handler is judged by.
    pub properties: Vec<Judgement>,
    /// The goals, and whether they were reached.
    pub goals: Vec<Reached>,
    /// The counterexamples of the stage that ended it, as small as they could be made.
    pub found: Vec<Found>,
}

/// What came of one stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// What to call it.
    pub name: &'static str,
    /// Its verdict.
    pub verdict: Verdict,
    /// How much was played.
    pub coverage: Coverage,
    /// Whether that was everything.
    pub complete: bool,
    /// What it played, what bounded it, and what is amiss, in sentences.
    pub notes: Vec<String>,
    /// Whether it judged the handler by the properties.
    pub judges: bool,
    violations: Vec<Sighting>,
}

/// A counterexample as it was first seen.
#[derive(Clone, Debug, PartialEq)]
struct Sighting {
    /// The handler's configuration.
    configuration: usize,
    /// The counterexample.
    counterexample: Counterexample,
    /// How many schedules this stage had played by then, this one included.
    schedules: u64,
}

impl Stage {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            verdict: Verdict::Holds,
            coverage: Coverage::default(),
            complete: true,
            notes: Vec::new(),
            judges: true,
            violations: Vec::new(),
        }
    }

    /// Adds what was found about a configuration: of each property, the first
    /// counterexample. `after` says after how many schedules of this stage it was.
    fn add(
        &mut self,
        configuration: usize,
        violations: Violations,
        after: impl Fn(Property) -> u64,
    ) {
        for (property, counterexample) in violations {
            if !self.violates(property) {
                self.violations.push(Sighting {
                    configuration,
                    counterexample,
                    schedules: after(property),
                });
            }
        }
    }

    fn violates(&self, property: Property) -> bool {
        let mut known = self.violations.iter();
        known.any(|it| it.counterexample.violation.property == property)
    }

    /// The verdict that follows from what was found, and whether it was everything.
    fn judged(mut self, monitor: &Monitor) -> Self {
        if !self.violations.is_empty() {
            self.verdict = Verdict::Violated;
        } else if !self.complete {
            self.verdict = Verdict::Inconclusive;
            let why = match monitor.is_interrupted() {
                true => "Interrupted.",
                false => "INCOMPLETE: broken off at its bound.",
            };
            self.notes.push(why.to_owned());
        }
        self
    }
}

/// What is to be said of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The property.
    pub property: Property,
    /// The verdict.
    pub verdict: Verdict,
    /// How many schedules were judged by it.
    pub schedules: u64,
}

/// A counterexample that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The name of the handler, as it was configured.
    pub handler: String,
    /// The counterexample.
    pub counterexample: Counterexample,
    /// The stage that found it.
    pub stage: &'static str,
    /// After how many schedules it was found, over all stages that judge.
    pub schedules: u64,
    /// How large it was before it was made small.
    pub originally: Size,
}

impl Found {
    /// As it is saved.
    pub fn to_save(&self) -> Saved {
        Saved {
            handler: self.handler.clone(),
            property: self.counterexample.violation.property,
            case: self.counterexample.case.clone(),
        }
    }
}

/// Verifies a handler, stage by stage, until one finds a violation. `api` is the
/// DynamoDB API that the reference handler's calls are made to as well.
///
/// # Errors
///
/// If a handler hangs.
pub async fn verify(
    handler: &Handler,
    plan: Plan,
    saved: &[(PathBuf, Saved)],
    api: Option<&Api>,
    monitor: &Monitor,
) -> Result<Verification, Stuck> {
    let mut stages = Vec::new();
    let mut not_played = Vec::new();
    for name in names(handler, plan, api.is_some()) {
        if ends(&stages, monitor) {
            not_played.push(name);
            continue;
        }
        stages.push(match (name, api) {
            (exhaustive::NAME, _) => exhaustive::stage(handler, plan, monitor)?,
            (random::NAME, _) => random::stage(handler, plan, monitor)?,
            (api::NAME, Some(api)) => api::stage(handler, plan, api, monitor).await?,
            (rogues::NAME, _) => rogues::stage(plan, monitor)?,
            _ => saved::stage(handler, plan, saved, monitor)?,
        });
    }
    let found = minimised(handler, &stages, monitor)?;
    let judged = || stages.iter().filter(|it| it.judges);
    let mut coverage = Coverage::default();
    judged().for_each(|stage| coverage.add(&stage.coverage));
    let unfinished = judged().any(|it| !it.complete) || coverage.schedules == 0;
    let verdict = |property| match stages.iter().any(|it| it.violates(property)) {
        true => Verdict::Violated,
        false if unfinished || !found.is_empty() => Verdict::Inconclusive,
        false => Verdict::Holds,
    };
    let keeps = handler.configurations.first().map(|it| it.subject.keeps());
    let judges = |it: &Property| keeps.is_some_and(|keeps| it.judges(keeps));
    let properties = Property::ALL.into_iter().filter(judges);
    let properties = properties.map(|property| Judgement {
        property,
        verdict: verdict(property),
        schedules: coverage.schedules,
    });
    Ok(Verification {
        properties: properties.collect(),
        goals: goals::of(handler, plan, ends(&stages, monitor), &coverage.goals),
        found,
        not_played,
        stages,
    })
}

/// The stages that this plan has, in order.
fn names(handler: &Handler, plan: Plan, has_api: bool) -> Vec<&'static str> {
    let all = [
        (saved::NAME, true),
        (exhaustive::NAME, plan.scope != Scope::NONE),
        (random::NAME, plan.schedules > 0),
        (api::NAME, handler.is_reference() && has_api),
        (rogues::NAME, handler.is_reference()),
    ];
    let planned = all.into_iter().filter(|(_, planned)| *planned);
    planned.map(|(name, _)| name).collect()
}

/// Whether that is the end: of everything, or of what is worth playing.
fn ends(stages: &[Stage], monitor: &Monitor) -> bool {
    let violated = |it: &Stage| it.verdict == Verdict::Violated;
    monitor.is_interrupted() || stages.iter().any(violated)
}

/// What the last stage found, made as small as may be. What was saved is small.
fn minimised(handler: &Handler, stages: &[Stage], monitor: &Monitor) -> Result<Vec<Found>, Stuck> {
    let Some(stage) = stages.iter().find(|it| !it.violations.is_empty()) else {
        return Ok(Vec::new());
    };
    let before = stages.iter().take_while(|it| it.name != stage.name);
    let before: u64 = before.map(|it| it.coverage.schedules).sum();
    monitor.begin(
        "making the counterexample small",
        stage.violations.len() as u64,
    );
    let made = in_order(
        stage.violations.len(),
        // What was found is reported, even after an interruption.
        &Monitor::default(),
        |number, _| {
            let Sighting {
                configuration,
                counterexample,
                schedules,
            } = &stage.violations[number];
            let Configuration { subject, .. } = &handler.configurations[*configuration];
            let smaller = match stage.name == saved::NAME || monitor.is_interrupted() {
                true => Ok(counterexample.clone()),
                false => minimise(&**subject, counterexample.clone()),
            };
            let smaller = smaller.map_err(|hang| Stuck::new("making it small", hang));
            Ok(Found {
                handler: subject.name().to_owned(),
                counterexample: smaller?,
                stage: stage.name,
                schedules: before + schedules,
                originally: counterexample.size(),
            })
        },
        |_| false,
    );
    let mut found = made.into_iter().collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|it| {
        (
            it.counterexample.size(),
            it.counterexample.violation.property,
        )
    });
    Ok(found)
}

impl Verification {
    /// Violated beats inconclusive beats holds.
    pub fn verdict(&self) -> Verdict {
        let stages = self.stages.iter().map(|it| it.verdict);
        let properties = self.properties.iter().map(|it| it.verdict);
        let goals = self.goals.iter().map(Reached::verdict);
        let left_out = self.not_played.iter().map(|_| Verdict::Inconclusive);
        let all = stages.chain(properties).chain(goals).chain(left_out);
        all.max().unwrap_or(Verdict::Inconclusive)
    }
}

/// A handler that hangs, and where it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    at: String,
    hang: Hang,
}

impl Stuck {
    fn new(at: impl Into<String>, hang: Hang) -> Self {
        let at = at.into();
        Self { at, hang }
    }
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.hang)
    }
}

impl std::error::Error for Stuck {}
