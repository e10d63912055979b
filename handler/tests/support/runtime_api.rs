//! Lambda's Runtime API on a loopback port, and the Lambda binary behind it.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};

/// What the function answered to one invocation.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) request_id: String,
    /// `response` or `error`.
    pub(crate) kind: String,
    pub(crate) body: Value,
}

/// A function that is invoked by the test.
pub(crate) struct Function {
    process: Child,
    answers: mpsc::UnboundedReceiver<Answer>,
}

impl Function {
    /// Starts the binary with these variables, to be invoked with each of these
    /// events once. The n-th has the request id `r-n`.
    pub(crate) async fn start(events: &[&str], variables: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, answers) = mpsc::unbounded_channel();
        let events = events.iter().map(|event| (*event).to_owned()).zip(1..);
        let api = Arc::new(Api {
            events: Mutex::new(events.collect()),
            answers: sender,
        });
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let api = Arc::clone(&api);
                let service = service_fn(move |request| Arc::clone(&api).serve(request));
                let connection = TokioIo::new(connection);
                tokio::spawn(http1::Builder::new().serve_connection(connection, service));
            }
        });
        Self {
            process: binary(address, variables).spawn().unwrap(),
            answers,
        }
    }

    /// The next answer; fails if the function ends without one.
    pub(crate) async fn answer(&mut self) -> Answer {
        tokio::select! {
            answer = self.answers.recv() => answer.unwrap(),
            status = self.process.wait() => panic!("the function ended with {status:?}"),
        }
    }

    /// Ends the function, and returns what it logged.
    pub(crate) async fn log(mut self) -> Vec<Value> {
        self.process.start_kill().unwrap();
        log_lines(&self.process.wait_with_output().await.unwrap().stdout)
    }
}

/// The Lambda binary in an environment of Lambda's.
pub(crate) fn binary(runtime_api: SocketAddr, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redeliver-handler"));
    command
        .env_clear()
        .envs([
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_LAMBDA_FUNCTION_NAME", "record"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ])
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string())
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

pub(crate) fn log_lines(stdout: &[u8]) -> Vec<Value> {
    let lines = std::str::from_utf8(stdout).unwrap().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

struct Api {
    events: Mutex<VecDeque<(String, u32)>>,
    answers: mpsc::UnboundedSender<Answer>,
}

impl Api {
    async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let path = request.uri().path().to_owned();
        let mut steps = path.rsplit('/');
        match (steps.next(), steps.next()) {
            (Some("next"), Some("invocation")) => Ok(self.next().await),
            (Some(kind @ ("response" | "error")), Some(request_id)) => {
                let body = request.into_body().collect().await.unwrap().to_bytes();
                let answer = Answer {
                    request_id: request_id.to_owned(),
                    kind: kind.to_owned(),
                    body: serde_json::from_slice(&body).unwrap(),
                };
                // Nobody listens any more once the test has what it wants.
                let _ = self.answers.send(answer);
                Ok(accepted())
            }
            _ => panic!("the Runtime API has no {path}"),
        }
    }

    /// The next invocation; without one the function waits, as it does in Lambda.
    async fn next(&self) -> Response<Full<Bytes>> {
        let next = self.events.lock().await.pop_front();
        let Some((event, number)) = next else {
            return std::future::pending().await;
        };
        Response::builder()
            .header("lambda-runtime-aws-request-id", format!("r-{number}"))
            .header("lambda-runtime-deadline-ms", "4102444800000")
            .header(
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:us-east-1:123456789012:function:record",
            )
            .body(Full::from(event))
            .unwrap()
    }
}

fn accepted() -> Response<Full<Bytes>> {
    let body = Full::from(r#"{"status":"OK"}"#);
    Response::builder().status(202).body(body).unwrap()
}
