//! The calls that invocations make, and what befalls them.

use redeliver_model::schedule::{CallId, Fate};
use tokio::time::Instant;

use super::held::{Asked, Held, Met};
use super::{Late, MOST_CALLS, Pending, Run};
use crate::check::history::{Call, Told};
use crate::check::outside::PerformedEffect;
use crate::check::trouble::Trouble;

/// A call to which something happened. Its client may send it again by itself.
pub(super) struct Marred {
    sdk_call: String,
    step: usize,
    fate: Fate,
    answered: Instant,
}

impl Run<'_> {
    /// Notes that an invocation has made a call, and waits for it to be answered. What a
    /// client sends again by itself is no new call.
    pub(super) async fn called(&mut self, position: usize, held: Held) -> Result<(), Trouble> {
        self.calls += 1;
        self.lane.tally.calls += 1;
        let live = &mut self.live[position];
        let asked = held.asked();
        let mut marred = live.marred.iter();
        let again = marred.find(|it| Some(&*it.sdk_call) == asked.sdk_call());
        if let Some(marred) = again {
            let (step, fate) = (marred.step, marred.fate);
            self.lane.tally.backing_off += marred.answered.elapsed();
            return self.answer_again(step, fate, held).await;
        }
        if self.calls > MOST_CALLS {
            return Err(Trouble::CallsForEver);
        }
        live.calls_made += 1;
        let id = CallId {
            invocation: live.id,
            number: live.calls_made,
        };
        if live.answer.is_some() {
            // Work that was left un-awaited.
            self.leave(id, held);
            return Ok(());
        }
        self.lane.calls_at_once |= !live.pending.is_empty();
        live.pending.push(Pending { id, held });
        Ok(())
    }

    /// After a lost reply that is to be seen by the caller, and after an error, the
    /// client's own attempts fare no better. All others are let through.
    async fn answer_again(&mut self, step: usize, fate: Fate, held: Held) -> Result<(), Trouble> {
        self.lane.tally.own_retries += 1;
        let again = match fate {
            // What was written already is not written again.
            Fate::Late | Fate::ReplyLost => Fate::Late,
            Fate::ServerError | Fate::ServerErrorAfterWrite => Fate::ServerError,
            Fate::Throttled => Fate::Throttled,
            Fate::Answered | Fate::Conflict | Fate::Resent | Fate::Stale | Fate::Unprocessed => {
                Fate::Answered
            }
        };
        let Met { told, performed } = held.meet(again, self.lane).await?;
        let step = &mut self.played.history.steps[step];
        if let Some(call) = &mut step.call {
            call.own_retries += 1;
            call.told = told;
        } else if let Some(effect) = &mut step.effect {
            effect.own_retries += 1;
            effect.told = told;
            effect.performed.extend(performed);
        }
        Ok(())
    }

    /// A pending call is carried out, or not, and answered.
    pub(super) async fn answer_call(&mut self, id: CallId, fate: Fate) -> Result<(), Trouble> {
        let step = self.played.history.steps.len() - 1;
        let Some(live) = self.live.iter_mut().find(|it| it.id == id.invocation) else {
            return Ok(());
        };
        let Some(place) = live.pending.iter().position(|it| it.id == id) else {
            return Ok(());
        };
        let Pending { held, .. } = live.pending.remove(place);
        let asked = held.asked();
        if let Some(sdk_call) = asked.sdk_call()
            && fate != Fate::Answered
        {
            live.marred.push(Marred {
                sdk_call: sdk_call.to_owned(),
                step,
                fate,
                answered: Instant::now(),
            });
        }
        if let Some(slot) = self.lane.slot_of(live.environment) {
            slot.heard = Instant::now();
        }
        let met = held.meet(fate, self.lane).await?;
        if fate == Fate::Late {
            let asked = asked.clone();
            let held = None;
            self.late.push(Late { id, asked, held });
        }
        self.note_call(id, asked, met);
        Ok(())
    }

    /// Notes what came of what the last step happened to.
    pub(super) fn note_call(&mut self, id: CallId, asked: Asked, met: Met) {
        let Some(step) = self.played.history.steps.last_mut() else {
            return;
        };
        let Met { told, performed } = met;
        match asked {
            Asked::Call(asked) => {
                step.call = Some(Call {
                    id,
                    asked,
                    told,
                    own_retries: 0,
                });
            }
            Asked::Effect(asked) => {
                step.effect = Some(PerformedEffect {
                    id,
                    asked,
                    performed,
                    told,
                    own_retries: 0,
                });
            }
        }
    }

    /// A client does not wait for a call any more, though it has not been answered.
    pub(super) fn gave_up(&mut self, position: usize, is_it: impl Fn(&Held) -> bool) {
        let pending = &mut self.live[position].pending;
        if let Some(place) = pending.iter().position(|it| is_it(&it.held)) {
            let Pending { id, held } = pending.remove(place);
            self.leave(id, held);
        }
    }

    /// The calls that an invocation waited for no longer when it answered.
    pub(super) fn leave_pending(&mut self, position: usize) {
        for Pending { id, held } in std::mem::take(&mut self.live[position].pending) {
            self.leave(id, held);
        }
    }

    /// A call that nobody waits for any more. A read has no consequence.
    pub(super) fn leave(&mut self, id: CallId, held: Held) {
        let asked = held.asked();
        if asked.is_write() {
            let held = Some(held);
            self.late.push(Late { id, asked, held });
        }
    }

    pub(super) async fn apply_late(&mut self, id: CallId) -> Result<(), Trouble> {
        let Some(place) = self.late.iter().position(|it| it.id == id) else {
            return Ok(());
        };
        let Late { asked, held, .. } = self.late.remove(place);
        let performed = match held {
            // Its client may be there still, and be thawed one day.
            Some(held) => held.meet(Fate::Answered, self.lane).await?.performed,
            None => asked.carry_out(self.lane).await?,
        };
        let told = Told::Nothing;
        self.note_call(id, asked, Met { told, performed });
        Ok(())
    }

    pub(super) fn drop_late(&mut self, id: CallId) {
        if let Some(place) = self.late.iter().position(|it| it.id == id) {
            let Late { asked, held, .. } = self.late.remove(place);
            let (told, performed) = (Told::Nothing, Vec::new());
            self.note_call(id, asked, Met { told, performed });
            if let Some(held) = held {
                held.break_connection();
            }
        }
    }
}
