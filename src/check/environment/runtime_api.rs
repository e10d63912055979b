//! The Lambda Runtime API of one environment, as AWS documents it
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).

mod lifecycle;
mod requests;

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use hyper::StatusCode;
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use self::lifecycle::Lifecycle;
use self::requests::{answer_with, meet};
use super::{Invocation, NotInvoked};
use crate::check::news::{EnvironmentId, Sender};

/// The largest head of a request, in bytes.
const LARGEST_HEAD: usize = 64 * 1024;

/// More connections than this have to wait. A client of the Runtime API needs one.
const CONNECTIONS: usize = 16;

/// A connection that brings no request within this time is closed.
const FIRST_REQUEST: Duration = Duration::from_secs(10);

/// What is waited when the machine is out of files, before it is tried again.
const OUT_OF_FILES: Duration = Duration::from_millis(50);

/// A Runtime API, open until it is dropped.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    function_arn: String,
    address: SocketAddr,
    lifecycle: Arc<Lifecycle>,
    server: JoinHandle<Infallible>,
}

impl RuntimeApi {
    pub(super) async fn open(
        function_arn: String,
        environment: EnvironmentId,
        news: Sender,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let lifecycle = Arc::new(Lifecycle::new(environment, news));
        Ok(Self {
            function_arn,
            address: listener.local_addr()?,
            lifecycle: Arc::clone(&lifecycle),
            server: tokio::spawn(serve(listener, lifecycle)),
        })
    }

    /// What the handler is told in `AWS_LAMBDA_RUNTIME_API`.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers the call for the next invocation.
    pub(super) fn invoke(&self, invocation: Invocation) -> Result<(), NotInvoked> {
        let deadline = invocation.deadline.duration_since(UNIX_EPOCH);
        let deadline = deadline.unwrap_or_default().as_millis().to_string();
        let headers = [
            (
                "Lambda-Runtime-Aws-Request-Id",
                Some(&invocation.request_id),
            ),
            ("Lambda-Runtime-Deadline-Ms", Some(&deadline)),
            (
                "Lambda-Runtime-Invoked-Function-Arn",
                Some(&self.function_arn),
            ),
            ("Lambda-Runtime-Trace-Id", Some(&invocation.trace_id)),
            (
                "Lambda-Runtime-Client-Context",
                invocation.client_context.as_ref(),
            ),
            (
                "Lambda-Runtime-Cognito-Identity",
                invocation.cognito_identity.as_ref(),
            ),
        ];
        let mut response = answer_with(StatusCode::OK, invocation.document);
        for (header, value) in headers {
            if let Some(value) = value {
                let value = HeaderValue::from_str(value);
                let value = value.map_err(|_| NotInvoked::NotSendable { header })?;
                response.headers_mut().insert(header, value);
            }
        }
        self.lifecycle.invoke(invocation.request_id, response)
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, lifecycle: Arc<Lifecycle>) -> Infallible {
    // They are closed when this is dropped.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((connection, _)) => {
                    connections.spawn(converse(connection, Arc::clone(&lifecycle)));
                }
                Err(_) => sleep(OUT_OF_FILES).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(connection: TcpStream, lifecycle: Arc<Lifecycle>) {
    // It only makes a connection slow.
    let _ = connection.set_nodelay(true);
    let asked = AtomicBool::new(false);
    let service = service_fn(|request| {
        asked.store(true, Ordering::Relaxed);
        meet(&lifecycle, request)
    });
    let mut served = pin!(
        http1::Builder::new()
            .max_buf_size(LARGEST_HEAD)
            .serve_connection(TokioIo::new(connection), service)
    );
    // hyper's own time limit would also close a connection that is kept for the answer
    // while the handler takes its time.
    let ended = match timeout(FIRST_REQUEST, served.as_mut()).await {
        Ok(ended) => ended,
        Err(_) if asked.load(Ordering::Relaxed) => served.await,
        Err(_) => return,
    };
    if let Err(error) = ended
        && error.is_parse()
    {
        lifecycle.misused(format!("sent what is no HTTP request: {error}"));
    }
}
