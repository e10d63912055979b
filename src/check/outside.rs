//! All that a handler talks to beside DynamoDB.
//!
//! Each environment has one listener of its own, so the port tells who calls. It is the
//! endpoint of every AWS service but DynamoDB, and the proxy for everything else. A
//! request is
//!
//! - *served*, if the user gave the [answer](Stubs), or it reads an object that there
//!   is;
//! - *held*, if it does something to the world: it is told as
//!   [`Happened::Effect`] and waits for its [`Fate`](redeliver_model::schedule::Fate),
//!   as a table call does;
//! - *refused* otherwise, which is told as [`Happened::Refused`].
//!
//! - [`Elsewhere`]: what there is, for all environments that share their tables.
//! - [`Effect`]: what a request does, as far as it tells.
//! - [`golden`] and [`judge`]: whether effects are lost (RD-11) or doubled (RD-13).

mod asked;
mod attributes;
mod effect;
mod elsewhere;
mod fault;
pub mod golden;
mod held;
mod http;
pub mod judge;
mod message;
mod objects;
mod performed;
mod query;
mod queue;
mod receipt;
mod refusal;
mod reply;
mod s3;
mod stub;
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::Full;
use hyper::body::{Body, Bytes};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use effect::{Content, Effect, EffectKind};
pub use elsewhere::{Elsewhere, Provisions};
pub use fault::{Met, fates};
pub use held::{EffectRequest, HeldEffect};
pub use http::{BadEffectUrl, EffectUrl};
pub use objects::{Directory, NoDirectory};
pub use performed::PerformedEffect;
pub use refusal::Refusal;
pub use reply::Reply;
pub use stub::{StubError, Stubs};

use super::connection::{self, Broken};
use super::news::{EnvironmentId, Happened, News, Sender};
use asked::Asked;
use elsewhere::{Decision, refused_host};
use http::{HttpRequest, Url};

/// More than any message may have, and as much as is served.
const LARGEST_BODY: usize = 16 << 20;

/// How many connections an environment may have. Further ones wait to be accepted.
const MOST_CONNECTIONS: usize = 256;

/// How many different things an environment is told to have been refused.
const MOST_REFUSALS: usize = 100;

/// Where a handler may do things without a proxy, which not all clients know of.
const EFFECT_PATH: &str = "/redeliver/effect";

/// Names the path above to the handler.
const EFFECT_URL: &str = "REDELIVER_EFFECT_URL";

/// How many were opened. No service gives two messages the same id, whoever sends them.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// What one environment finds beside its tables. When this is dropped, the port is
/// closed and all its connections are.
#[derive(Debug)]
pub struct Outside {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Outside {
    /// Opens a loopback port for an environment.
    ///
    /// # Errors
    ///
    /// If no loopback port can be had.
    pub async fn open(
        environment: EnvironmentId,
        elsewhere: &Elsewhere,
        news: Sender,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let porter = Arc::new(Porter {
            environment,
            serial: OPENED.fetch_add(1, Ordering::Relaxed),
            address,
            elsewhere: elsewhere.clone(),
            news,
            requests: AtomicU64::new(0),
            refusals: Mutex::default(),
        });
        let receive = move |request| Arc::clone(&porter).receive(request);
        let server = tokio::spawn(connection::accept(listener, MOST_CONNECTIONS, receive));
        Ok(Self { address, server })
    }

    /// The endpoint of all AWS services but DynamoDB, for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The proxy for everything else, for `HTTP_PROXY` and `HTTPS_PROXY`.
    pub fn proxy(&self) -> String {
        self.endpoint()
    }

    /// Where a request that changes something is an effect without any proxy.
    pub fn effect_url(&self) -> String {
        format!("http://{}{EFFECT_PATH}", self.address)
    }

    /// What the environment is to be told by variables of its own: the
    /// [effect URL](Self::effect_url) in `REDELIVER_EFFECT_URL`, and queues at this
    /// endpoint where the function's variables have the URLs of queues at AWS. The AWS
    /// SDK for JavaScript sends messages to the host in the queue's URL, whatever
    /// `AWS_ENDPOINT_URL` says, and asks no proxy.
    pub fn variables(&self, of_function: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let queues = of_function.iter().filter_map(|(name, value)| {
            let path = queue::path_at_aws(value)?;
            Some((name.clone(), format!("{}{path}", self.endpoint())))
        });
        let effect_url = (EFFECT_URL.to_owned(), self.effect_url());
        queues.chain([effect_url]).collect()
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Receives the requests of an environment.
struct Porter {
    environment: EnvironmentId,
    serial: u64,
    address: SocketAddr,
    elsewhere: Elsewhere,
    news: Sender,
    requests: AtomicU64,
    refusals: Mutex<BTreeSet<Refusal>>,
}

impl Porter {
    /// Answers a request at once, or holds it until its reply is known.
    async fn receive<B>(
        self: Arc<Self>,
        request: Request<B>,
    ) -> Result<Response<Full<Bytes>>, Broken>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let (head, body) = request.into_parts();
        let decision = match connection::whole(body, LARGEST_BODY).await? {
            Some(body) => self.decide(head, body, number),
            None => {
                let refusal = Refusal::too_large(&format!("{} {}", head.method, head.uri));
                let reply = Reply::plain(413, &format!("redeliver: {refusal}"));
                Decision::Refused(reply, refusal)
            }
        };
        let reply = match decision {
            Decision::Served(reply) => reply,
            Decision::Refused(reply, refusal) => {
                self.refuse(refusal);
                reply
            }
            Decision::Held(request) => self.hold(*request, number).await?,
        };
        Ok(reply.into_response(number))
    }

    /// A request to a proxy has a whole URL in its request line.
    fn decide(&self, head: Parts, body: Bytes, number: u64) -> Decision {
        let id = format!("{}-{number}", self.serial);
        let authority = head.uri.authority().map(|it| it.as_str().to_owned());
        if head.method == Method::CONNECT {
            return refused_host("CONNECT", authority.as_deref().unwrap_or_default());
        }
        let own = format!("http://{}", self.address);
        let url = match authority {
            Some(host) if is_aws(&host) => None,
            Some(_) => Some(Url::of(&head.uri)).filter(|it| it.origin != own),
            None => {
                let effect = head.uri.path().strip_prefix(EFFECT_PATH);
                // A request that is signed for AWS may mean a bucket of that name.
                let rest = effect
                    .filter(|it| (it.is_empty() || it.starts_with('/')) && !is_for_aws(&head));
                rest.map(|path| Url {
                    origin: EFFECT_PATH.to_owned(),
                    path: path.to_owned(),
                    query: head.uri.query().map(str::to_owned),
                })
            }
        };
        match url {
            Some(url) => {
                let request = HttpRequest {
                    method: head.method.as_str().to_owned(),
                    url,
                    headers: head.headers,
                    body,
                };
                self.elsewhere.http(&request, id)
            }
            None => self.elsewhere.aws(Asked::new(head, body), &own, id),
        }
    }

    /// Tells of a refusal, unless it was told before or too many were.
    fn refuse(&self, refusal: Refusal) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if refusals.len() < MOST_REFUSALS && refusals.insert(refusal.clone()) {
            self.tell(Happened::Refused(refusal));
        }
    }

    async fn hold(&self, request: EffectRequest, number: u64) -> Result<Reply, Broken> {
        let (reply, answered) = oneshot::channel();
        let held = HeldEffect {
            number,
            request: Arc::new(request),
            reply,
        };
        self.tell(Happened::Effect(held));
        let given_up = || self.tell(Happened::EffectGivenUp { effect: number });
        connection::answer(answered, given_up).await
    }

    fn tell(&self, what: Happened) {
        let from = self.environment;
        // Nobody listens any more: the check is over.
        let _ = self.news.send(News { from, what });
    }
}

fn is_aws(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host);
    name.ends_with(".amazonaws.com")
        || name.ends_with(".amazonaws.com.cn")
        || name.ends_with(".localhost")
        || name.ends_with(".127.0.0.1")
}

fn is_for_aws(head: &Parts) -> bool {
    let authorization = head.headers.get("authorization");
    authorization.is_some_and(|it| it.as_bytes().starts_with(b"AWS4-"))
}
