//! Between two choices: waiting until nothing happens by itself any more, and noting what
//! does.

use redeliver_model::delivery::InvocationId;
use redeliver_model::schedule::CallId;
use tokio::time::Instant;

use super::Run;
use super::held::Held;
use crate::check::answer::Raw;
use crate::check::news::{Happened, News};
use crate::check::trouble::Trouble;

impl Run<'_> {
    /// Waits until every invocation under way has answered, is held at the gate, or has
    /// been silent for so long that it must be sleeping.
    pub(super) async fn settle(&mut self) -> Result<(), Trouble> {
        let settle = self.lane.setting.settle;
        loop {
            let calls_at_once = self.lane.calls_at_once;
            let unsettled = self.live.iter().filter(|live| match live.answer {
                Some(_) => !live.waits,
                None => live.pending.is_empty() || calls_at_once,
            });
            let heard = unsettled.filter_map(|live| {
                let slot = self.lane.slots.iter().find(|it| it.id == live.environment);
                slot.map(|slot| slot.heard + settle)
            });
            let Some(until) = heard.max() else {
                return Ok(());
            };
            let begun = Instant::now();
            if begun >= until {
                return Ok(());
            }
            match self.lane.next_news(until).await {
                Some(news) => self.note(news).await?,
                None => {
                    self.lane.tally.silent += begun.elapsed();
                    return Ok(());
                }
            }
        }
    }

    /// Whether an invocation whose time is up has not come to its end.
    pub(super) fn is_overdue(&self) -> bool {
        let now = self.lane.clock.now();
        let mut unanswered = self.live.iter().filter(|it| it.answer.is_none());
        unanswered.any(|it| it.deadline <= now)
    }

    /// Waits for something to happen by itself: a client sends a call again, a process
    /// answers, or its time is up.
    pub(super) async fn wait_for_news(&mut self) -> Result<(), Trouble> {
        let begun = Instant::now();
        let asleep = self.live.iter().filter(|it| it.is_asleep());
        let deadline = asleep.map(|it| self.lane.clock.on_the_machine(it.deadline));
        let news = self.lane.next_news(deadline.min().unwrap_or(begun)).await;
        self.lane.tally.silent += begun.elapsed();
        match news {
            Some(news) => {
                self.note(news).await?;
                self.settle().await
            }
            None => self.time_out().await,
        }
    }

    /// Whatever has not answered when its time is up is ended, as Lambda does.
    async fn time_out(&mut self) -> Result<(), Trouble> {
        let now = self.lane.clock.now();
        let mut late: Vec<_> = self.live.iter_mut().collect();
        late.retain(|it| it.is_asleep() && it.deadline <= now);
        let mut ended = Vec::new();
        for live in late {
            live.answer.get_or_insert(Raw::TimedOut);
            live.waits = true;
            ended.push(live.environment);
        }
        for environment in ended {
            self.lane.end_environment(environment).await;
        }
        Ok(())
    }

    /// Notes what an environment did.
    pub(super) async fn note(&mut self, news: News) -> Result<(), Trouble> {
        let position = self.live.iter().position(|it| it.environment == news.from);
        let Some(position) = position else {
            return self.note_of_idle(news).await;
        };
        let live = &mut self.live[position];
        match news.what {
            Happened::Answered { body, .. } => {
                live.answer.get_or_insert(Raw::Succeeded(body));
            }
            Happened::Called(held) => return self.called(position, Held::Call(held)).await,
            Happened::Effect(held) => return self.called(position, Held::Effect(held)).await,
            Happened::EffectGivenUp { effect } => self.gave_up(
                position,
                |it| matches!(it, Held::Effect(held) if held.number == effect),
            ),
            Happened::Exited { how } => {
                live.answer.get_or_insert(Raw::Exited(how));
                live.waits = true;
                self.lane.end_environment(news.from).await;
            }
            Happened::Failed { error, .. } | Happened::InitFailed { error } => {
                live.answer.get_or_insert(Raw::Failed(error));
            }
            Happened::Refused(_) => {}
            Happened::GaveUp { call } => self.gave_up(
                position,
                |it| matches!(it, Held::Call(held) if held.number == call),
            ),
            Happened::Misused { how } => {
                live.answer.get_or_insert(Raw::Misused(how));
                live.waits = true;
                self.lane.end_environment(news.from).await;
            }
            Happened::Waits => {
                live.waits = true;
                if let Some(slot) = self.lane.slot_of(news.from) {
                    slot.environment.freeze();
                }
                self.leave_pending(position);
            }
        }
        Ok(())
    }

    /// An environment without an invocation did something: it ended, or a call was still
    /// on its way when it was frozen.
    async fn note_of_idle(&mut self, news: News) -> Result<(), Trouble> {
        let Some(slot) = self.lane.slot_of(news.from) else {
            return Ok(());
        };
        match news.what {
            Happened::Called(held) => {
                let last = slot.last;
                self.called_by_nobody(last, Held::Call(held));
            }
            Happened::Effect(held) => {
                let last = slot.last;
                self.called_by_nobody(last, Held::Effect(held));
            }
            Happened::Exited { .. } | Happened::Misused { .. } | Happened::InitFailed { .. } => {
                self.lane.end_environment(news.from).await;
            }
            Happened::Answered { .. }
            | Happened::EffectGivenUp { .. }
            | Happened::Failed { .. }
            | Happened::GaveUp { .. }
            | Happened::Refused(_)
            | Happened::Waits => {}
        }
        Ok(())
    }

    /// A call of no invocation under way is left over from the last one, if there was one.
    fn called_by_nobody(&mut self, last: Option<InvocationId>, held: Held) {
        match last {
            Some(invocation) => {
                let number = u32::MAX;
                self.leave(CallId { invocation, number }, held);
            }
            None => held.break_connection(),
        }
    }
}
