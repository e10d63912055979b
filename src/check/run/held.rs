//! What waits at the doors of an environment: a table call, or an effect.

use std::sync::Arc;

use redeliver_model::schedule::Fate;

use crate::check::gate::{self, HeldCall, Reply, TableCall};
use crate::check::history::Told;
use crate::check::lane::Lane;
use crate::check::outside::{self, Effect, EffectRequest, HeldEffect};
use crate::check::trouble::Trouble;

/// What waits.
#[derive(Debug)]
pub(super) enum Held {
    Call(HeldCall),
    Effect(HeldEffect),
}

/// What it asks for.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Call(Arc<TableCall>),
    Effect(Arc<EffectRequest>),
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Met {
    pub(super) told: Told,
    /// The effects that were performed.
    pub(super) performed: Vec<Effect>,
}

impl Held {
    pub(super) fn asked(&self) -> Asked {
        match self {
            Self::Call(held) => Asked::Call(Arc::clone(&held.call)),
            Self::Effect(held) => Asked::Effect(Arc::clone(&held.request)),
        }
    }

    pub(super) fn break_connection(self) {
        match self {
            Self::Call(held) => held.break_connection(),
            Self::Effect(held) => held.break_connection(),
        }
    }

    /// Lets a fate befall it.
    pub(super) async fn meet(self, fate: Fate, lane: &Lane) -> Result<Met, Trouble> {
        match self {
            Self::Call(held) => {
                let met = held.meet(fate, &lane.backend).await;
                let met = met.map_err(Trouble::backend)?;
                Ok(Met {
                    told: told(met.answered.as_ref()),
                    performed: Vec::new(),
                })
            }
            Self::Effect(held) => {
                let met = held.meet(fate, &lane.elsewhere);
                let told = match met.answered {
                    None => Told::Nothing,
                    Some(reply) if reply.status < 300 => Told::Done,
                    Some(reply) => Told::Error(format!("HTTP {}", reply.status)),
                };
                let performed = met.performed;
                Ok(Met { told, performed })
            }
        }
    }
}

impl Asked {
    /// The client's name for it: the same for each of its own attempts.
    pub(super) fn sdk_call(&self) -> Option<&str> {
        match self {
            Self::Call(call) => call.sdk_call.as_deref(),
            Self::Effect(request) => request.sdk_call.as_deref(),
        }
    }

    /// What may go wrong with it.
    pub(super) fn fates(&self) -> &'static [Fate] {
        match self {
            Self::Call(call) => gate::fates(call),
            Self::Effect(request) => outside::fates(request),
        }
    }

    pub(super) fn is_write(&self) -> bool {
        match self {
            Self::Call(call) => call.is_write(),
            Self::Effect(_) => true,
        }
    }

    /// Carries it out, though nobody waits for it, and says which effects that performs.
    pub(super) async fn carry_out(&self, lane: &Lane) -> Result<Vec<Effect>, Trouble> {
        match self {
            Self::Call(call) => {
                let reply = lane.backend.carry_out(call).await;
                reply.map_err(Trouble::backend)?;
                Ok(Vec::new())
            }
            Self::Effect(request) => Ok(lane.elsewhere.perform(request).0),
        }
    }
}

/// What a caller makes of an answer of the table's.
fn told(answered: Option<&Reply>) -> Told {
    let Some(reply) = answered else {
        return Told::Nothing;
    };
    match reply.code().as_deref() {
        None => Told::Done,
        Some("ConditionalCheckFailedException") => Told::FailedCondition,
        Some("TransactionCanceledException") if failed_condition(reply) => Told::FailedCondition,
        Some(code) => Told::Error(code.to_owned()),
    }
}

/// Whether a transaction was cancelled for a condition, and for nothing else.
fn failed_condition(reply: &Reply) -> bool {
    let answer = reply.json();
    let reasons = answer["CancellationReasons"].as_array();
    let codes = reasons.into_iter().flatten().map(|it| it["Code"].as_str());
    let mut codes = codes.flatten().filter(|it| *it != "None").peekable();
    codes.peek().is_some() && codes.all(|it| it == "ConditionalCheckFailed")
}
