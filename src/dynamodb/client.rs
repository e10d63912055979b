//! DynamoDB's JSON protocol over plain HTTP.

use std::fmt;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Emulators want to see a signature, but have no secret to check it with.
const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 \
    Credential=redeliver/20260101/us-east-1/dynamodb/aws4_request, \
    SignedHeaders=host;x-amz-date;x-amz-target, Signature=redeliver";

const JSON: &str = "application/x-amz-json-1.0";

/// No local API takes this long for one item.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A client for a DynamoDB API. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    endpoint: Uri,
    http: HttpClient<HttpConnector, Full<Bytes>>,
}

impl Client {
    /// A client for the API at `endpoint`, such as `http://127.0.0.1:8000`.
    ///
    /// # Errors
    ///
    /// If the endpoint is no `http` URL. Requests carry a made-up signature, which
    /// AWS itself would refuse, so `https` is refused here and now.
    pub fn new(endpoint: &str) -> Result<Self, InvalidEndpoint> {
        let invalid = |reason| InvalidEndpoint {
            endpoint: endpoint.to_owned(),
            reason,
        };
        let uri: Uri = endpoint.parse().map_err(|_| invalid("is no URL"))?;
        match uri.scheme_str() {
            Some("http") => {
                let mut connector = HttpConnector::new();
                connector.set_nodelay(true);
                Ok(Self {
                    endpoint: uri,
                    http: HttpClient::builder(TokioExecutor::new()).build(connector),
                })
            }
            Some("https") => Err(invalid(
                "is https: this command talks to emulators, over plain http and without a real \
                 signature",
            )),
            _ => Err(invalid("does not start with http://")),
        }
    }

    /// Calls `operation`, such as `PutItem`, and returns the answer's JSON.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] if the API answered with an error, [`Failure::NoAnswer`]
    /// if it did not answer, or not with JSON.
    pub async fn call(&self, operation: &str, input: &Value) -> Result<Value, Failure> {
        let target = format!("DynamoDB_20120810.{operation}");
        let body = Bytes::from(input.to_string());
        let response = self.send(&target, JSON, body).await?;
        let (status, body) = (response.status().as_u16(), response.into_body());
        let answer: Value =
            serde_json::from_slice(&body).map_err(|error| Failure::no_answer(&error))?;
        if status == 200 {
            return Ok(answer);
        }
        let kind = answer["__type"].as_str().unwrap_or_default();
        let message = answer["message"].as_str().or(answer["Message"].as_str());
        Err(Failure::Refused {
            status,
            code: kind.rsplit('#').next().unwrap_or_default().to_owned(),
            message: message.unwrap_or_default().to_owned(),
            item: answer.get("Item").cloned(),
            reasons: match &answer["CancellationReasons"] {
                Value::Array(reasons) => reasons.clone(),
                _ => Vec::new(),
            },
        })
    }

    /// Sends a request as it is, but for its signature, and returns the answer as it
    /// is. The header `x-amz-target` names the operation.
    pub(crate) async fn send(
        &self,
        target: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<Response<Bytes>, Failure> {
        let request = Request::post(&self.endpoint)
            .header("content-type", content_type)
            .header("x-amz-target", target)
            .header("x-amz-date", "20260101T000000Z")
            .header("authorization", AUTHORIZATION)
            .body(Full::from(body))
            .map_err(|error| Failure::no_answer(&error))?;
        let exchange = async {
            let response = self.http.request(request).await;
            let (head, body) = response.map_err(|e| Failure::no_answer(&e))?.into_parts();
            let body = body.collect().await.map_err(|e| Failure::no_answer(&e))?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        tokio::time::timeout(LONGEST_WAIT, exchange)
            .await
            .map_err(|elapsed| Failure::no_answer(&elapsed))?
    }
}

/// Why a call gave no result.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Failure {
    /// No answer came, or none that is JSON.
    NoAnswer {
        /// What went wrong.
        reason: String,
    },
    /// The API answered with an error.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The error's name, such as `ConditionalCheckFailedException`.
        code: String,
        /// What the API said.
        message: String,
        /// The item that made the condition fail, if the API returned it.
        item: Option<Value>,
        /// For each write of a cancelled transaction, the reason, with the item that
        /// made its condition fail if that was asked for.
        reasons: Vec<Value>,
    },
}

impl Failure {
    fn no_answer(error: &dyn std::error::Error) -> Self {
        let mut reason = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            reason = format!("{reason}: {cause}");
            source = cause.source();
        }
        Self::NoAnswer { reason }
    }

    /// Whether the condition of a write was not met.
    pub fn is_failed_condition(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "ConditionalCheckFailedException")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer { reason } => write!(f, "no answer from the DynamoDB API: {reason}"),
            Self::Refused {
                status,
                code,
                message,
                ..
            } => write!(f, "{code} (HTTP {status}): {message}"),
        }
    }
}

impl std::error::Error for Failure {}

/// An endpoint that this client cannot talk to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidEndpoint {
    endpoint: String,
    reason: &'static str,
}

impl fmt::Display for InvalidEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, reason } = self;
        write!(
            f,
            "{endpoint:?} {reason}; give the URL of a DynamoDB API on this machine, such as \
             http://127.0.0.1:8000"
        )
    }
}

impl std::error::Error for InvalidEndpoint {}
