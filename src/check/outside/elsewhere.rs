//! What there is for a handler beside its tables, and what is done with each request
//! to it.

use std::io;
use std::sync::Arc;

use serde_json::json;

use super::EFFECT_PATH;
use super::asked::Asked;
use super::effect::{Effect, EffectKind, body, content};
use super::held::{EffectRequest, Means};
use super::http::{EffectUrl, HttpRequest};
use super::message::messages;
use super::objects::{Directory, Objects};
use super::receipt::receipt;
use super::refusal::Refusal;
use super::reply::Reply;
use super::s3::{self, S3Call};
use super::stub::{Answer, Stubs};
use crate::check::events::Object;

/// What the user gives for a handler to find.
#[derive(Clone, Debug, Default)]
pub struct Provisions {
    /// The contents of objects.
    pub directory: Option<Directory>,
    /// Answers for what nobody serves. They come before anything else.
    pub stubs: Stubs,
    /// Where a request that changes something is an effect.
    pub effect_urls: Vec<EffectUrl>,
}

/// What there is for a handler beside its tables. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    objects: Arc<Objects>,
    stubs: Arc<Stubs>,
    effect_urls: Arc<[EffectUrl]>,
}

/// What is done with a request.
pub(super) enum Decision {
    /// It does something to the world, and is held.
    Held(Box<EffectRequest>),
    /// It asks for what nobody serves, and is answered so.
    Refused(Reply, Refusal),
    /// It is answered.
    Served(Reply),
}

impl Elsewhere {
    /// What a user gives, and no object beside that.
    pub fn new(provisions: Provisions) -> Self {
        let Provisions {
            directory,
            stubs,
            effect_urls,
        } = provisions;
        Self {
            objects: Arc::new(Objects::new(directory)),
            stubs: Arc::new(stubs),
            effect_urls: effect_urls.into(),
        }
    }

    /// Begins another life, with these objects. What the handler wrote in the one
    /// before is gone.
    pub fn begin(&self, objects: Vec<Object>) {
        self.objects.replace(objects);
    }

    /// Carries out a request, and says what was performed, and how it is answered.
    pub fn perform(&self, request: &EffectRequest) -> (Vec<Effect>, Reply) {
        self.perform_but(request, 0)
    }

    /// Carries out a request but for the last of its messages.
    pub(super) fn perform_but(
        &self,
        request: &EffectRequest,
        refused: usize,
    ) -> (Vec<Effect>, Reply) {
        let all = || request.effects.clone();
        match (&request.means, &request.asked) {
            (Means::Given(reply), _) => (all(), reply.clone()),
            (Means::Messages(messages), Some(asked)) => {
                let accepted = request.effects.len().saturating_sub(refused);
                let reply = receipt(asked, &request.id, messages, refused);
                (request.effects[..accepted].to_vec(), reply)
            }
            (Means::Objects(write), Some(asked)) => {
                let (done, reply) = write.carry_out(asked, &self.objects);
                (if done { all() } else { Vec::new() }, reply)
            }
            (_, None) => (Vec::new(), Reply::empty(200)),
        }
    }

    /// What is done with a request to AWS. `endpoint` is that of the environment, and
    /// `id` another one for each request.
    pub(super) fn aws(&self, mut asked: Asked, endpoint: &str, id: String) -> Decision {
        if is_invocation(&asked) {
            asked.operation = "Invoke".to_owned();
        }
        match self.stubs.aws(&asked) {
            Some(Answer::Served(reply)) => return Decision::Served(reply),
            Some(Answer::ToEffect(effect, reply)) => {
                let means = Means::Given(reply);
                let request = EffectRequest::to_aws(asked, id, vec![effect], means);
                return Decision::Held(Box::new(request));
            }
            None => {}
        }
        if let Some(messages) = messages(&asked) {
            let effects = messages.iter().map(|it| it.effect.clone()).collect();
            let means = Means::Messages(messages);
            return Decision::Held(Box::new(EffectRequest::to_aws(asked, id, effects, means)));
        }
        match (asked.service.as_str(), asked.operation.as_str()) {
            ("s3", _) => self.s3(asked, id),
            ("sqs", "GetQueueUrl") => Decision::Served(queue_url(&asked, endpoint)),
            ("lambda", "Invoke") if asked.header("x-amz-invocation-type") == Some("Event") => {
                let effect = invocation(&asked);
                let means = Means::Given(Reply::empty(202));
                Decision::Held(Box::new(EffectRequest::to_aws(
                    asked,
                    id,
                    vec![effect],
                    means,
                )))
            }
            _ => not_served(&asked, &asked.operation),
        }
    }

    fn s3(&self, asked: Asked, id: String) -> Decision {
        let address = match S3Call::of(&asked) {
            S3Call::Read(address) => address,
            S3Call::Write(write) => {
                let effect = write.effect(&asked);
                let means = Means::Objects(write);
                return Decision::Held(Box::new(EffectRequest::to_aws(
                    asked,
                    id,
                    vec![effect],
                    means,
                )));
            }
            S3Call::Other(name) => return not_served(&asked, &name),
        };
        let too_large = || Refusal::too_large(&asked.operation);
        let object = self
            .objects
            .get(&address.bucket, &address.key, address.version.as_deref());
        match object {
            Ok(object) => match (s3::read(&asked, &address, object.as_ref()), object) {
                (Some(reply), None) => {
                    let missed = Refusal::no_object(&address.bucket, &address.key);
                    Decision::Refused(reply, missed)
                }
                (Some(reply), Some(_)) => Decision::Served(reply),
                (None, _) => refused(&asked, too_large()),
            },
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                refused(&asked, too_large())
            }
            Err(_) => not_served(&asked, &asked.operation),
        }
    }

    /// What is done with a request to any other server.
    pub(super) fn http(&self, request: &HttpRequest, id: String) -> Decision {
        let held = |effect, reply| {
            Decision::Held(Box::new(EffectRequest::to_server(
                request, id, effect, reply,
            )))
        };
        match self.stubs.http(request) {
            Some(Answer::Served(reply)) => return Decision::Served(reply),
            Some(Answer::ToEffect(effect, reply)) => return held(effect, reply),
            None => {}
        }
        let mut urls = self.effect_urls.iter();
        let is_effect = request.url.origin == EFFECT_PATH || urls.any(|it| it.covers(&request.url));
        if is_effect && request.changes_something() {
            return held(request.effect(), Reply::json(200, &json!({})));
        }
        let host = request
            .url
            .origin
            .strip_prefix("http://")
            .unwrap_or_default();
        refused_host(&request.method, host)
    }
}

/// A proxy's own answer for what it lets nobody reach.
pub(super) fn refused_host(method: &str, host: &str) -> Decision {
    let refusal = Refusal::host(method, host);
    Decision::Refused(Reply::plain(403, &format!("redeliver: {refusal}")), refusal)
}

fn not_served(asked: &Asked, operation: &str) -> Decision {
    refused(asked, Refusal::operation(&asked.service, operation))
}

/// No SDK repeats a request after a 501.
fn refused(asked: &Asked, refusal: Refusal) -> Decision {
    let message = format!("redeliver: {refusal}");
    let reply = Reply::error(asked, 501, "NotImplemented", &message);
    Decision::Refused(reply, refusal)
}

/// Queues are asked for by name before they are sent to.
fn queue_url(asked: &Asked, endpoint: &str) -> Reply {
    let text = |name: &str| asked.input[name].as_str().map(str::to_owned);
    let name = text("QueueName").unwrap_or_default();
    let owner = text("QueueOwnerAWSAccountId").unwrap_or_else(|| "123456789012".to_owned());
    let url = format!("{endpoint}/{owner}/{name}");
    super::receipt::queue_url(asked, &url)
}

/// `POST /2015-03-31/functions/NAME/invocations`
/// ([Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)).
fn is_invocation(asked: &Asked) -> bool {
    asked.service == "lambda" && asked.path.ends_with("/invocations")
}

/// An invocation that nobody waits for the result of.
fn invocation(asked: &Asked) -> Effect {
    let place = asked.path.split('/').nth(3).unwrap_or_default();
    Effect {
        kind: EffectKind {
            service: "lambda".to_owned(),
            operation: "Invoke".to_owned(),
            place: super::query::path(place),
        },
        content: content(&json!({ "body": body(&asked.body) })),
        token: None,
        overwrites: false,
    }
}
