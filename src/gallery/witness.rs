//! What shows an exhibit at work: a rogue's smallest counterexample, or for a right
//! handler an event that is delivered again while it is at work on it.

use redeliver_model::schedule::{Case, Choice, NoChoice};

use super::exhibit::{Exhibit, Verdict};
use super::scenes::one_upload;

/// What a right handler is shown with: two deliveries of one event, overlapping.
const OVERLAPPING: &[&str] = &["start 1", "start 2"];

impl Exhibit {
    /// What shows it at work, with as many faults allowed as there are in it.
    ///
    /// # Errors
    ///
    /// If its schedule is written wrongly, which would be a fault of the kit.
    pub fn witness(&self) -> Result<Case, NoChoice> {
        let (scene, schedule) = match self.verdict {
            Verdict::Wrong {
                scene, schedule, ..
            } => (scene(), schedule),
            Verdict::Right => (one_upload(2), OVERLAPPING),
        };
        let schedule = schedule.iter().map(|it| it.parse());
        let schedule = schedule.collect::<Result<Vec<Choice>, _>>()?;
        let faults = schedule.iter().map(|it| u32::from(it.is_fault())).sum();
        Ok(Case {
            scene: scene.with_faults(faults),
            schedule,
        })
    }
}
