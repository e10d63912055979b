//! What a choice does: an attempt starts, crashes, or is heard of to return. What happens
//! to calls stands in `calls`.

use std::time::Duration;

use redeliver_model::delivery::{InvocationId, Route};
use redeliver_model::schedule::{Choice, InFlight};

use super::attempts::Ending;
use super::held::Met;
use super::{Late, Live, Patience, Pending, Run};
use crate::check::answer::{self, Raw};
use crate::check::history::{Answer, Invocation, Step, Told};
use crate::check::news::EnvironmentId;
use crate::check::trouble::Trouble;

/// Lambda waits one minute before the second attempt of an asynchronous invocation, and
/// two before the third
/// ([retry behavior](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html)).
const DELAY: Duration = Duration::from_secs(60);

impl Run<'_> {
    /// Takes one of the options.
    pub(super) async fn take(&mut self, choice: Choice) -> Result<(), Trouble> {
        self.faults += u32::from(choice.is_fault());
        let step = Step {
            choice,
            at: self.lane.clock.now().saturating_duration_since(self.begun),
            call: None,
            effect: None,
            answer: None,
        };
        self.played.history.steps.push(step);
        match choice {
            Choice::ApplyLate(call) => return self.apply_late(call).await,
            Choice::Call(call, fate) => return self.answer_call(call, fate).await,
            Choice::Crash(invocation, in_flight) => {
                return self.crash(invocation, in_flight).await;
            }
            Choice::DropLate(call) => self.drop_late(call),
            Choice::Return(invocation) => return self.hear_of(invocation).await,
            Choice::Start(delivery) => return self.start(delivery).await,
            // Never among the options of a run with processes.
            Choice::Sweep | Choice::TimeOut(_) | Choice::Wait(_) => {}
        }
        Ok(())
    }

    async fn start(&mut self, delivery: usize) -> Result<(), Trouble> {
        let Some(attempt) = self.attempts.start(delivery) else {
            return Ok(());
        };
        let is_retry = attempt.id.attempt > 1;
        if is_retry && self.patience == Patience::Deadlines {
            self.let_delay_pass(attempt.id, self.attempts.route(delivery))
                .await?;
        }
        let mut meanwhile = Vec::new();
        let environment = self.lane.environment_for(&mut meanwhile).await?;
        for news in meanwhile {
            self.note(news).await?;
        }
        let route = self.attempts.route(delivery);
        let sending = self.plan.copy_of(delivery) as u64;
        let receive = attempt.id.attempt;
        let document = self
            .documents
            .document(&attempt.events, route, sending, receive)?;
        let request_id = self.lane.lives.request_id(attempt.id, route);
        let deadline = self
            .lane
            .invoke(environment, attempt.id, &request_id, &document)?;
        self.last_deadline = self.last_deadline.max(deadline);
        let invocation = Invocation {
            id: attempt.id,
            request_id,
            events: attempt.events.clone(),
            environment: self.number_of(environment),
            step: self.played.history.steps.len() - 1,
            too_soon: is_retry && self.patience == Patience::None,
            is_last_attempt: attempt.is_last,
        };
        self.played.history.invocations.push(invocation);
        let live = Live {
            id: attempt.id,
            environment,
            events: attempt.events,
            deadline,
            pending: Vec::new(),
            calls_made: 0,
            marred: Vec::new(),
            document,
            answer: None,
            waits: false,
        };
        let position = self.live.partition_point(|it| it.id < live.id);
        self.live.insert(position, live);
        Ok(())
    }

    /// Lets the time pass after which a retry comes: Lambda's delay where that takes no
    /// time, and otherwise what locks need. A queue's messages come again when no
    /// invocation that received them can still run.
    async fn let_delay_pass(&mut self, retry: InvocationId, route: Route) -> Result<(), Trouble> {
        let due = match self.lane.clock.is_owned() && route.queue().is_none() {
            true => self.lane.clock.now() + DELAY * (retry.attempt - 1),
            false => self.last_deadline,
        };
        self.lane.pass_until(due).await
    }

    /// An environment's number in the order of their first use.
    fn number_of(&mut self, environment: EnvironmentId) -> usize {
        let known = self.environments.iter().position(|it| *it == environment);
        known.unwrap_or_else(|| {
            self.environments.push(environment);
            self.environments.len() - 1
        })
    }

    async fn crash(
        &mut self,
        invocation: InvocationId,
        in_flight: InFlight,
    ) -> Result<(), Trouble> {
        let Some(position) = self.live.iter().position(|it| it.id == invocation) else {
            return Ok(());
        };
        let crashed = self.live.remove(position);
        self.lane.end_environment(crashed.environment).await;
        for Pending { id, held } in crashed.pending {
            let asked = held.asked();
            match in_flight {
                InFlight::Applied => {
                    let performed = asked.carry_out(self.lane).await?;
                    let told = Told::Nothing;
                    self.note_call(id, asked, Met { told, performed });
                }
                InFlight::Late if asked.is_write() => self.late.push(Late {
                    id,
                    asked,
                    held: None,
                }),
                InFlight::Late | InFlight::Never => {}
            }
        }
        self.attempts.end(invocation, Ending::Failed);
        Ok(())
    }

    /// Lambda hears that an invocation has returned.
    async fn hear_of(&mut self, invocation: InvocationId) -> Result<(), Trouble> {
        let Some(position) = self.live.iter().position(|it| it.id == invocation) else {
            return Ok(());
        };
        let returned = self.live.remove(position);
        let raw = returned.answer.unwrap_or(Raw::TimedOut);
        let route = self.attempts.route(invocation.delivery);
        let partial = route.queue().is_some_and(|it| it.partial_batches);
        let batch = partial.then_some(&returned.document);
        let heard = answer::heard(&raw, &returned.events, batch);
        let output = self.lane.rest(returned.environment);
        let contents = self.lane.contents().await?;
        let ending = match (heard.failed.is_empty(), heard.acknowledged.is_empty()) {
            (true, _) => Ending::Acknowledged,
            (false, true) => Ending::Failed,
            (false, false) => Ending::FailedPartly(heard.failed.clone()),
        };
        self.attempts.end(invocation, ending);
        if let Some(step) = self.played.history.steps.last_mut() {
            step.answer = Some(Answer {
                succeeded: heard.failed.is_empty(),
                acknowledged: heard.acknowledged,
                error: heard.error,
                contents,
                output,
            });
        }
        Ok(())
    }
}
