//! Effects that wait for what befalls them.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::asked::{self, Asked};
use super::effect::Effect;
use super::http::HttpRequest;
use super::message::Message;
use super::reply::Reply;
use super::s3::Write;

/// A request that does something to the world, and waits. Dropped without a word, it
/// ends like [`break_connection`](Self::break_connection).
#[derive(Debug)]
pub struct HeldEffect {
    /// Which of the environment's requests to all but its tables it is, from 1.
    pub number: u64,
    /// What it asks for.
    pub request: Arc<EffectRequest>,
    pub(super) reply: oneshot::Sender<Reply>,
}

impl HeldEffect {
    /// Sends a reply to the client. If that has closed its connection, this is known
    /// from [`Happened::EffectGivenUp`](crate::check::news::Happened::EffectGivenUp),
    /// which may come after this.
    pub fn answer(self, reply: Reply) {
        // An error says that the client has gone, which is told as news.
        let _ = self.reply.send(reply);
    }

    /// Resets the client's connection, as when an answer is lost on its way.
    pub fn break_connection(self) {
        drop(self.reply);
    }
}

/// A request that does something to the world: one thing, or a batch of them.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectRequest {
    /// The service, by the name that requests to it are signed with: `sqs`; for a
    /// request to any other server, `http`.
    pub service: String,
    /// The operation: `SendMessageBatch`, or a method.
    pub operation: String,
    /// What it does, in its order.
    pub effects: Vec<Effect>,
    /// The client's name for the call: the same for each of its own attempts
    /// (`amz-sdk-invocation-id`).
    pub sdk_call: Option<String>,
    /// Which of the client's attempts at the call this is, from 1 (`amz-sdk-request`).
    pub attempt: Option<u32>,
    /// What a request to AWS asked, for its answer.
    pub(super) asked: Option<Asked>,
    pub(super) means: Means,
    /// Another one for each request of a check.
    pub(super) id: String,
}

/// How it is carried out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Means {
    /// It is answered with this.
    Given(Reply),
    /// Its messages are acknowledged.
    Messages(Vec<Message>),
    /// The objects are changed.
    Objects(Write),
}

impl EffectRequest {
    pub(super) fn to_aws(asked: Asked, id: String, effects: Vec<Effect>, means: Means) -> Self {
        let sdk_call = asked::sdk_call(&asked.headers);
        let attempt = asked::attempt(&asked.headers);
        let operation = match &*effects {
            // S3 does not name its operations in its requests.
            [effect] if asked.service == "s3" => effect.kind.operation.clone(),
            _ => asked.operation.clone(),
        };
        Self {
            service: asked.service.clone(),
            operation,
            effects,
            sdk_call,
            attempt,
            asked: Some(asked),
            means,
            id,
        }
    }

    pub(super) fn to_server(
        request: &HttpRequest,
        id: String,
        effect: Effect,
        reply: Reply,
    ) -> Self {
        Self {
            service: "http".to_owned(),
            operation: request.method.clone(),
            effects: vec![effect],
            sdk_call: None,
            attempt: None,
            asked: None,
            means: Means::Given(reply),
            id,
        }
    }
}
