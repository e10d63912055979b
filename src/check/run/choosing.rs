//! What the director chooses, with those that sleep among the options.

use redeliver_model::delivery::InvocationId;
use redeliver_model::schedule::{CallId, Choice, Fate};
use tokio::time::Instant;

use super::{Live, Run};
use crate::check::director::Director;
use crate::check::trouble::Trouble;

/// What was chosen, and among what.
pub(super) struct Chosen {
    pub(super) choice: Choice,
    pub(super) options: Vec<Choice>,
}

impl Run<'_> {
    /// Has the director choose; nothing if it breaks the run off.
    ///
    /// While nothing goes on by itself, what those that sleep will do next is for the
    /// director to choose as well, as the call that each would make: a handler that takes
    /// its time is not overtaken, or crashed, merely because it takes its time.
    pub(super) async fn choose(
        &mut self,
        options: Vec<Choice>,
        director: &mut dyn Director,
    ) -> Result<Option<Chosen>, Trouble> {
        let goes_on = |it: &Choice| matches!(it, Choice::Call(..) | Choice::Return(_));
        let waits_for_nobody = options.iter().any(goes_on) || director.wants().is_some();
        let asleep: Vec<Choice> = match waits_for_nobody {
            true => Vec::new(),
            false => self.asleep().map(next_call).collect(),
        };
        let all = [&asleep[..], &options].concat();
        let Some(position) = director.choose(&all) else {
            return Ok(None);
        };
        let choice = all[position];
        let Some(sleeper) = asleep.get(position).and_then(|it| it.invocation()) else {
            return Ok(Some(Chosen { choice, options }));
        };
        self.wait_for(sleeper).await?;
        let options = self.options();
        let mut its_own = options.clone();
        its_own.retain(|it| it.invocation() == Some(sleeper));
        let position = director.choose(&its_own);
        Ok(position.map(|it| Chosen {
            choice: its_own[it],
            options,
        }))
    }

    /// Waits until an invocation sleeps no more: it has made a call, has answered, or was
    /// ended.
    async fn wait_for(&mut self, sleeper: InvocationId) -> Result<(), Trouble> {
        while self.asleep().any(|it| it.id == sleeper) {
            self.wait_for_news().await?;
        }
        // Those that slept as long are about to do something as well.
        let others: Vec<_> = self.asleep().map(|it| it.environment).collect();
        for environment in others {
            if let Some(slot) = self.lane.slot_of(environment) {
                slot.heard = Instant::now();
            }
        }
        self.settle().await
    }

    fn asleep(&self) -> impl Iterator<Item = &Live> {
        self.live.iter().filter(|it| it.is_asleep())
    }
}

fn next_call(sleeper: &Live) -> Choice {
    let id = CallId {
        invocation: sleeper.id,
        number: sleeper.calls_made + 1,
    };
    Choice::Call(id, Fate::Answered)
}
