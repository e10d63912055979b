//! An HTTP gate in front of a DynamoDB API: it passes every request on, but does
//! to each `PutItem`, or to its answer, what the test says.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What befalls a `PutItem`.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    /// It is applied and answered.
    Pass,
    /// It is applied, and the connection breaks before the answer.
    LoseReply,
    /// It is applied, and answered with this status and error.
    ApplyAndAnswer(u16, &'static str),
    /// It is not applied, and answered with this status and error.
    Refuse(u16, &'static str),
    /// It is not applied, and answered with success and this body.
    Answer(&'static str),
    /// It is never answered.
    Hang,
    /// It is applied, and this is done to its answer.
    Distort(fn(Response<Full<Bytes>>) -> Response<Full<Bytes>>),
}

/// The gate, open until it is dropped.
pub(crate) struct Gate {
    address: SocketAddr,
    puts: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl Gate {
    /// Opens a gate in front of `endpoint`. `fate` decides for each `PutItem`,
    /// counted from 0.
    pub(crate) async fn open(
        endpoint: &str,
        fate: impl Fn(usize) -> Fate + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let puts = Arc::new(AtomicUsize::new(0));
        let behind = Behind {
            endpoint: endpoint.parse().unwrap(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        };
        let counter = Arc::clone(&puts);
        let server = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (behind, counter, fate) = (behind.clone(), Arc::clone(&counter), fate.clone());
                let service = service_fn(move |request| {
                    let is_put = request.headers()["x-amz-target"]
                        .as_bytes()
                        .ends_with(b".PutItem");
                    let fate = match is_put {
                        true => fate(counter.fetch_add(1, Ordering::SeqCst)),
                        false => Fate::Pass,
                    };
                    behind.clone().meet(fate, request)
                });
                let connection = TokioIo::new(connection);
                tokio::spawn(http1::Builder::new().serve_connection(connection, service));
            }
        });
        Self {
            address,
            puts,
            server,
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many `PutItem` requests have come so far.
    pub(crate) fn puts(&self) -> usize {
        self.puts.load(Ordering::SeqCst)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The connection broke: hyper closes it when a service fails.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the gate broke the connection")
    }
}

impl std::error::Error for Broken {}

#[derive(Clone)]
struct Behind {
    endpoint: Uri,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Behind {
    async fn meet(
        self,
        fate: Fate,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Broken> {
        match fate {
            Fate::Pass => Ok(self.pass(request).await),
            Fate::LoseReply => {
                self.pass(request).await;
                Err(Broken)
            }
            Fate::ApplyAndAnswer(status, code) => {
                self.pass(request).await;
                Ok(error(status, code))
            }
            Fate::Refuse(status, code) => Ok(error(status, code)),
            Fate::Answer(body) => Ok(Response::new(Full::from(body))),
            Fate::Hang => match std::future::pending::<Infallible>().await {},
            Fate::Distort(distort) => Ok(distort(self.pass(request).await)),
        }
    }

    async fn pass(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (mut head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        head.uri = self.endpoint.clone();
        let request = Request::from_parts(head, Full::new(body));
        let (head, body) = self.client.request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Response::from_parts(head, Full::new(body))
    }
}

fn error(status: u16, code: &str) -> Response<Full<Bytes>> {
    let body = json!({
        "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"),
        "message": "by the gate",
    });
    Response::builder()
        .status(status)
        .header("content-type", "application/x-amz-json-1.0")
        .body(Full::from(body.to_string()))
        .unwrap()
}
