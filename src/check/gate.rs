//! Holds the table calls of an environment, until the schedule says what befalls
//! them.
//!
//! Each environment has a gate of its own, so the port tells who calls. A call that
//! has come is told as [`Happened::Called`] and waits. Whoever holds it answers it,
//! breaks its connection, or lets a [`Fate`](redeliver_model::schedule::Fate)
//! [befall](HeldCall::meet) it.

mod call;
mod expression;
mod fault;
mod first_use;
mod part;
mod reply;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::Full;
use hyper::body::{Body, Bytes};
use hyper::{Method, Request, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use call::{Kind, TableCall, TableRequest, Unknown};
pub use fault::{Met, fates};
pub use first_use::{FirstUse, key_on_first_use};
pub use reply::Reply;

use super::backend::Backend;
use super::connection::{self, Broken};
use super::news::{EnvironmentId, Happened, News, Sender};

/// More than DynamoDB takes for any request
/// ([API_BatchWriteItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html)).
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// How many connections an environment may have. Further ones wait to be accepted.
const MOST_CONNECTIONS: usize = 512;

/// The gate of one environment: a DynamoDB API to its process. When this is dropped,
/// the port is closed and all its connections are, and calls that wait still are told
/// as given up.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Gate {
    /// Opens the gate of an environment on a loopback port of its own. Its calls are
    /// read by the keys of the tables that the backend knows when they come.
    ///
    /// # Errors
    ///
    /// If no loopback port can be had.
    pub async fn open(
        environment: EnvironmentId,
        backend: &Backend,
        news: Sender,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let keeper = Arc::new(Keeper {
            environment,
            backend: backend.clone(),
            news,
            calls: AtomicU64::new(0),
        });
        let receive = move |request| Arc::clone(&keeper).receive(request);
        let server = tokio::spawn(connection::accept(listener, MOST_CONNECTIONS, receive));
        Ok(Self { address, server })
    }

    /// The gate as a URL, for `AWS_ENDPOINT_URL_DYNAMODB`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A call that waits at the gate. Dropped without a word, it ends like
/// [`break_connection`](Self::break_connection).
#[derive(Debug)]
pub struct HeldCall {
    /// Which of the gate's calls it is, from 1.
    pub number: u64,
    /// What it asks for.
    pub call: Arc<TableCall>,
    reply: oneshot::Sender<Reply>,
}

impl HeldCall {
    /// Sends a reply to the client. If that has closed its connection, this is known
    /// from [`Happened::GaveUp`], which may come after this.
    pub fn answer(self, reply: Reply) {
        // An error says that the client has gone, which is told as news.
        let _ = self.reply.send(reply);
    }

    /// Resets the client's connection, as when an answer is lost on its way.
    pub fn break_connection(self) {
        drop(self.reply);
    }
}

/// What the connections of a gate share.
struct Keeper {
    environment: EnvironmentId,
    backend: Backend,
    news: Sender,
    calls: AtomicU64,
}

impl Keeper {
    /// Holds a request until its reply is known.
    async fn receive<B>(
        self: Arc<Self>,
        request: Request<B>,
    ) -> Result<Response<Full<Bytes>>, Broken>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let (head, body) = request.into_parts();
        if head.method != Method::POST {
            return Ok(Reply::unknown_operation().into_response(number));
        }
        let Some(body) = connection::whole(body, LARGEST_BODY).await? else {
            return Ok(Reply::too_large().into_response(number));
        };
        let call = TableCall::received(&head.headers, body, &self.backend.schemas());
        let (reply, answered) = oneshot::channel();
        let held = HeldCall {
            number,
            call: Arc::new(call),
            reply,
        };
        self.tell(Happened::Called(held));
        let given_up = || self.tell(Happened::GaveUp { call: number });
        let reply: Reply = connection::answer(answered, given_up).await?;
        Ok(reply.into_response(number))
    }

    fn tell(&self, what: Happened) {
        let from = self.environment;
        // Nobody listens any more: the check is over, and the call is dropped.
        let _ = self.news.send(News { from, what });
    }
}
