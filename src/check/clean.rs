//! A delivery that nothing happens to: every call is answered as it comes.
//!
//! So the golden tables come about, and so dead letters are delivered once more.

use redeliver_model::delivery::{InvocationId, Route};
use redeliver_model::schedule::Fate;
use tokio::time::Instant;

use super::answer::{self, Raw};
use super::documents::Documents;
use super::lane::Lane;
use super::news::{EnvironmentId, Happened};
use super::outside::Effect;
use super::trouble::Trouble;

/// What came of a delivery to which nothing happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clean {
    /// Why the event was not acknowledged, in words; nothing if it was.
    pub failed: Option<String>,
    /// How many table calls were made.
    pub calls: u64,
    /// The effects that were performed, if they are judged.
    pub performed: Vec<Effect>,
    /// The lines that the handler wrote.
    pub output: Vec<String>,
}

/// Of all deliveries of a life, this is the last: its number is larger than any other.
const NUMBER: usize = 0xff_ffff - 1;

impl Lane {
    /// Lets work go on that was left un-awaited, if there may be any: here nothing is to
    /// be lost. Returns how many calls it made.
    async fn let_finish(&mut self, id: EnvironmentId, suspect: bool) -> Result<u64, Trouble> {
        let mut calls = 0;
        if !suspect && !self.works_on {
            return Ok(calls);
        }
        while let Some(news) = self.next_news(Instant::now() + self.setting.settle).await {
            if let (true, Happened::Called(held)) = (news.from == id, news.what) {
                self.works_on = true;
                calls += 1;
                self.let_through(held).await?;
            }
        }
        Ok(calls)
    }

    /// Delivers some events in one notification, once.
    ///
    /// # Errors
    ///
    /// If the handler cannot be run, or the DynamoDB API does not answer.
    pub async fn deliver_clean(
        &mut self,
        documents: &Documents<'_>,
        events: &[usize],
        route: Route,
    ) -> Result<Clean, Trouble> {
        // Request ids differ from event to event.
        let attempt = InvocationId {
            delivery: NUMBER - events.first().copied().unwrap_or_default(),
            attempt: 1,
        };
        let document = documents.document(events, route, 0, 1)?;
        let environment = self.environment_for(&mut Vec::new()).await?;
        let request_id = self.lives.request_id(attempt, route);
        let deadline = self.invoke(environment, attempt, &request_id, &document)?;
        let deadline = self.clock.on_the_machine(deadline);
        let mut calls = 0;
        let mut performed = Vec::new();
        let mut answered = None;
        let mut output = Vec::new();
        loop {
            let Some(news) = self.next_news(deadline).await else {
                answered.get_or_insert(Raw::TimedOut);
                output = self.end_environment(environment).await;
                break;
            };
            if news.from != environment {
                continue;
            }
            match news.what {
                Happened::Answered { body, .. } => {
                    answered.get_or_insert(Raw::Succeeded(body));
                }
                Happened::Called(held) => {
                    calls += 1;
                    self.tally.calls += 1;
                    self.let_through(held).await?;
                }
                Happened::Exited { how } => {
                    answered.get_or_insert(Raw::Exited(how));
                    output = self.end_environment(environment).await;
                    break;
                }
                Happened::Failed { error, .. } | Happened::InitFailed { error } => {
                    answered.get_or_insert(Raw::Failed(error));
                }
                Happened::Effect(held) => {
                    let met = held.meet(Fate::Answered, &self.elsewhere);
                    performed.extend(met.performed);
                }
                Happened::EffectGivenUp { .. } | Happened::GaveUp { .. } | Happened::Refused(_) => {
                }
                Happened::Misused { how } => {
                    answered.get_or_insert(Raw::Misused(how));
                    output = self.end_environment(environment).await;
                    break;
                }
                Happened::Waits => break,
            }
        }
        calls += self.let_finish(environment, calls == 0).await?;
        output.extend(self.rest_frozen(environment));
        let partial = route.queue().is_some_and(|it| it.partial_batches);
        let raw = answered.unwrap_or(Raw::TimedOut);
        let heard = answer::heard(&raw, events, partial.then_some(&document));
        Ok(Clean {
            failed: heard.error,
            calls,
            performed,
            output,
        })
    }
}
