//! Effects in the history of a run.

use std::sync::Arc;

use redeliver_model::schedule::CallId;

use super::effect::Effect;
use super::held::EffectRequest;
use crate::check::history::Told;

/// A request with an effect, and what came of it at one step of a run: at the step that
/// chose its fate, or at the one that applied it late.
#[derive(Clone, Debug, PartialEq)]
pub struct PerformedEffect {
    /// Which call of its invocation it is, counted among all of its calls.
    pub id: CallId,
    /// What was asked for.
    pub asked: Arc<EffectRequest>,
    /// What was performed at this step: nothing if the request was refused or is late,
    /// and not all of it if a message of a batch was not accepted.
    pub performed: Vec<Effect>,
    /// What the caller was told in the end: by the last of the client's own attempts.
    pub told: Told,
    /// How many times the client sent it again by itself. Each attempt that performs
    /// something adds to what was performed.
    pub own_retries: u32,
}
