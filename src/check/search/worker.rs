//! A lane that plays jobs, each in a life of its own.

use std::sync::Arc;

use redeliver_model::schedule::{Entropy, Random};

use super::effects::judge_effects;
use super::{Golden, Job, Ran, plans};
use crate::check::director::{Director, Free, Script};
use crate::check::documents::Documents;
use crate::check::events::{Events, Renaming};
use crate::check::judge::{Findings, Judge, Options};
use crate::check::lane::Lane;
use crate::check::options::Effects;
use crate::check::plan::Plan;
use crate::check::run::{Patience, Played};
use crate::check::trouble::Trouble;
use crate::engine::Seeded;
use crate::monitor::Monitor;

/// How often a run that a busy machine has spoilt is played.
const ATTEMPTS: u32 = 3;

/// What all workers of a check share.
pub struct Shared {
    /// The distinct events.
    pub events: Arc<Events>,
    /// The golden tables, for each renaming of the events.
    pub goldens: Vec<Golden>,
    /// Whether effects are judged, and how.
    pub effects: Option<Effects>,
    /// How runs are judged.
    pub options: Options,
    /// What random plans may be made of.
    pub ingredients: plans::Ingredients,
    /// Whether retries that wait take no time.
    pub owns_time: bool,
    /// Who watches.
    pub monitor: Arc<Monitor>,
}

/// A lane, and which names it has not used yet.
pub struct Worker {
    pub(super) lane: Lane,
    renaming: usize,
}

impl Worker {
    /// A worker on a lane without environments.
    pub fn new(lane: Lane) -> Self {
        Self { lane, renaming: 0 }
    }

    /// Its lane.
    pub fn lane_mut(&mut self) -> &mut Lane {
        &mut self.lane
    }

    /// Ends its environments.
    pub async fn end(mut self) -> Lane {
        self.lane.end_environments().await;
        self.lane
    }

    /// The names of the next life of the tables. No environment meets an identity in two
    /// of them: a handler may remember what it has recorded.
    async fn next_life(&mut self, shared: &Shared) -> usize {
        if self.renaming == shared.goldens.len() {
            self.lane.end_environments().await;
            self.renaming = 0;
        }
        self.renaming += 1;
        self.renaming - 1
    }

    /// Plays a job, and judges what came of it. Nothing is returned if the job was
    /// broken off.
    ///
    /// # Errors
    ///
    /// If the handler cannot be run, or the DynamoDB API does not answer.
    pub async fn run(&mut self, shared: &Shared, job: &Job) -> Result<Option<Ran>, Trouble> {
        let mut ran = self.run_once(shared, job).await?;
        for _ in 1..ATTEMPTS {
            if !ran.as_ref().is_some_and(|it| it.is_overdue) {
                break;
            }
            ran = self.run_once(shared, job).await?;
        }
        Ok(ran)
    }

    async fn run_once(&mut self, shared: &Shared, job: &Job) -> Result<Option<Ran>, Trouble> {
        match job {
            Job::Random { seed, number } => {
                let mut entropy = Seeded::case(*seed, *number);
                let plan = plans::random(&mut entropy, &shared.ingredients);
                // Drawn in any case: the same seed is the same plans on every machine.
                let patience = match entropy.below(2) == 0 && shared.owns_time {
                    true => Patience::Deadlines,
                    false => Patience::None,
                };
                let mut director = Free(Random::new(&mut entropy));
                self.play(shared, plan, patience, &mut director).await
            }
            Job::Script {
                plan,
                schedule,
                patience,
            } => {
                let mut director = Script::new(schedule);
                let plan = plan.clone();
                let ran = self.play(shared, plan, *patience, &mut director).await?;
                let left_out = director.left_out();
                Ok(ran.map(|ran| Ran { left_out, ..ran }))
            }
        }
    }

    async fn play(
        &mut self,
        shared: &Shared,
        plan: Plan,
        patience: Patience,
        director: &mut dyn Director,
    ) -> Result<Option<Ran>, Trouble> {
        let life = self.next_life(shared).await;
        let queue = self.lane.setting.queue;
        let documents = Documents::new(&shared.events, Renaming(life as u32), queue);
        let played = self
            .lane
            .play(&plan, &documents, patience, director)
            .await?;
        let Some(Played {
            history,
            options,
            is_overdue,
        }) = played
        else {
            return Ok(None);
        };
        let judge = Judge {
            goldens: &shared.goldens[life].tables,
            options: &shared.options,
        };
        let mut findings = judge.judge(&plan, &history);
        if let Some(wanted) = shared.effects {
            let goldens = &shared.goldens[life].effects;
            judge_effects(goldens, wanted, &history, &mut findings);
        }
        if is_overdue {
            findings = Findings::default();
        }
        Ok(Some(Ran {
            patience,
            plan,
            history,
            options,
            left_out: 0,
            is_overdue,
            findings,
        }))
    }
}
