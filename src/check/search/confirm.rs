//! Whether a violation shows again.

use super::{Found, Job, Shared, Worker};
use crate::check::trouble::Trouble;

/// How often a counterexample is played again.
pub const REPETITIONS: u32 = 3;

/// How often a violation showed again, of [`REPETITIONS`] times.
///
/// # Errors
///
/// If the handler cannot be run, or the DynamoDB API does not answer.
pub async fn confirm(worker: &mut Worker, shared: &Shared, found: &Found) -> Result<u32, Trouble> {
    let mut shown = 0;
    for _ in 0..REPETITIONS {
        let job = Job::Script {
            plan: found.plan.clone(),
            schedule: found.schedule(),
            patience: found.patience,
        };
        let ran = worker.run(shared, &job).await?;
        let mut violations = ran.iter().flat_map(|it| &it.findings.violations);
        shown += u32::from(violations.any(|it| it.property == found.violation.property));
    }
    Ok(shown)
}
