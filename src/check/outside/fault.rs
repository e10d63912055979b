//! What the fates of the model are for an effect.

use redeliver_model::schedule::Fate;

use super::effect::Effect;
use super::elsewhere::Elsewhere;
use super::held::{EffectRequest, HeldEffect};
use super::reply::Reply;

/// What may go wrong with an effect, as the model has it.
///
/// [`Fate::Resent`] is a lost reply after which the client's next attempt is let
/// through; only AWS's SDKs make one that can be told from another request.
/// [`Fate::Unprocessed`] is a batch of which the last message is not accepted, in an
/// answer that is a success.
pub fn fates(request: &EffectRequest) -> &'static [Fate] {
    let is_batch = ["PublishBatch", "PutEvents", "SendMessageBatch"];
    if request.service == "http" {
        &[
            Fate::Late,
            Fate::ReplyLost,
            Fate::ServerError,
            Fate::ServerErrorAfterWrite,
            Fate::Throttled,
        ]
    } else if is_batch.contains(&request.operation.as_str()) && !request.effects.is_empty() {
        &[
            Fate::Late,
            Fate::ReplyLost,
            Fate::Resent,
            Fate::ServerError,
            Fate::ServerErrorAfterWrite,
            Fate::Throttled,
            Fate::Unprocessed,
        ]
    } else {
        &[
            Fate::Late,
            Fate::ReplyLost,
            Fate::Resent,
            Fate::ServerError,
            Fate::ServerErrorAfterWrite,
            Fate::Throttled,
        ]
    }
}

/// What an effect has met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// What was performed; nothing if the request was refused.
    pub performed: Vec<Effect>,
    /// What the client was answered; none if its connection was broken.
    pub answered: Option<Reply>,
}

impl HeldEffect {
    /// Lets a fate befall this request: this attempt, if the client makes several. One
    /// that is late is not performed here; [`Elsewhere::perform`] does it when its time
    /// has come.
    ///
    /// A fate that is none of the request's [`fates`] is [`Fate::Answered`].
    pub fn meet(self, fate: Fate, elsewhere: &Elsewhere) -> Met {
        let request = &*self.request;
        let fate = match fates(request).contains(&fate) {
            true => fate,
            false => Fate::Answered,
        };
        let nothing = Vec::new();
        let (performed, answered) = match fate {
            Fate::Late => (nothing, None),
            Fate::ReplyLost | Fate::Resent => (elsewhere.perform(request).0, None),
            Fate::ServerError => (nothing, Some(server_error(request))),
            Fate::ServerErrorAfterWrite => {
                let (performed, _) = elsewhere.perform(request);
                (performed, Some(server_error(request)))
            }
            Fate::Throttled => (nothing, Some(throttled(request))),
            Fate::Unprocessed => {
                let (performed, reply) = elsewhere.perform_but(request, 1);
                (performed, Some(reply))
            }
            Fate::Answered | Fate::Conflict | Fate::Stale => {
                let (performed, reply) = elsewhere.perform(request);
                (performed, Some(reply))
            }
        };
        match &answered {
            Some(reply) => self.answer(reply.clone()),
            None => self.break_connection(),
        }
        Met {
            performed,
            answered,
        }
    }
}

fn server_error(request: &EffectRequest) -> Reply {
    let (status, code) = match request.service.as_str() {
        "events" => (500, "InternalException"),
        "lambda" => (500, "ServiceException"),
        "s3" | "sns" => (500, "InternalError"),
        _ => (500, "InternalFailure"),
    };
    error(request, status, code, "Internal server error")
}

/// Each service has a word of its own, all of which SDKs know.
fn throttled(request: &EffectRequest) -> Reply {
    let (status, code) = match request.service.as_str() {
        "http" => (429, "TooManyRequests"),
        "lambda" => (429, "TooManyRequestsException"),
        "s3" => (503, "SlowDown"),
        "sns" => (429, "Throttled"),
        "sqs" => (400, "RequestThrottled"),
        _ => (400, "ThrottlingException"),
    };
    error(request, status, code, "Rate exceeded")
}

fn error(request: &EffectRequest, status: u16, code: &str, message: &str) -> Reply {
    match &request.asked {
        Some(asked) => Reply::error(asked, status, code, message),
        None => Reply::plain(status, message),
    }
}
