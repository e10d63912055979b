//! Connections of handlers, which may be reset in the middle of a request.

use std::fmt;
use std::future::{Future, poll_fn};
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// What is waited when the machine is out of files, before it is tried again.
const ACCEPT_AGAIN: Duration = Duration::from_millis(10);

/// The connection is to be reset.
#[derive(Debug)]
pub(super) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was broken")
    }
}

impl std::error::Error for Broken {}

/// All of a request's body; nothing if it is larger than so many bytes.
pub(super) async fn whole<B>(body: B, most: usize) -> Result<Option<Bytes>, Broken>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match Limited::new(body, most).collect().await {
        Ok(body) => Ok(Some(body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Ok(None),
        Err(_) => Err(Broken),
    }
}

/// What a request that is held is answered in the end. If its client closes the
/// connection before, hyper drops what serves the request, and `given_up` is called.
pub(super) async fn answer<R>(
    answered: oneshot::Receiver<R>,
    given_up: impl FnOnce(),
) -> Result<R, Broken> {
    let mut waiting = Waiting(Some(given_up));
    let answer = answered.await;
    waiting.0 = None;
    answer.map_err(|_| Broken)
}

struct Waiting<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for Waiting<F> {
    fn drop(&mut self) {
        if let Some(given_up) = self.0.take() {
            given_up();
        }
    }
}

/// Serves connections for ever, no more than `most` at a time: further ones wait to be
/// accepted. They end when this is dropped.
pub(super) async fn accept<R, F>(listener: TcpListener, most: usize, receive: R)
where
    R: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<Full<Bytes>>, Broken>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < most => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, receive.clone()));
                }
                // A connection that was closed again before it was accepted, or no
                // file descriptors left for now.
                Err(_) => tokio::time::sleep(ACCEPT_AGAIN).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves a client's requests, one after another, until it or `receive` ends the
/// connection.
///
/// There is no time limit on a request's head: an environment that is frozen keeps
/// its connections, and hyper's limit would close idle ones behind its back. What
/// this can cost is bounded by the number of connections.
async fn serve<R, F>(stream: TcpStream, receive: R)
where
    R: Fn(Request<Incoming>) -> F,
    F: Future<Output = Result<Response<Full<Bytes>>, Broken>>,
{
    // Without it, answers are slower, and no less right.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| Box::pin(receive(request)));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let broken = ended.is_err_and(|error| {
        std::error::Error::source(&error).is_some_and(|source| source.is::<Broken>())
    });
    if broken {
        let stream = connection.into_parts().io.into_inner();
        // Without it the connection ends, though less abruptly.
        let _ = stream.set_zero_linger();
    }
}
