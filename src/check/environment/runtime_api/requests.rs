//! The requests of the Runtime API, and how each is answered.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::json;

use super::lifecycle::{Answer, Lifecycle, Next, Refusal};

/// The largest answer, in bytes: the number that Lambda itself gives when it refuses
/// a larger one.
const LARGEST_ANSWER: usize = 6_291_556;

/// How much more is read of an answer that is too large, so that its sender gets to
/// read that it is.
const READ_IN_VAIN: usize = 64 * 1024 * 1024;

/// A header of an error, and what follows a response that failed while it was
/// streamed.
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";

/// Answers a request, or breaks the connection if the request broke off.
pub(super) async fn meet(
    lifecycle: &Lifecycle,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, mut body) = request.into_parts();
    let path = head.uri.path();
    let Some(resource) = path.strip_prefix("/2018-06-01/runtime/") else {
        // The APIs for extensions and telemetry among them, which a handler can do
        // without.
        return Ok(Refusal::no_such_resource(&head.method, path).response());
    };
    let resource: Vec<&str> = resource.split('/').collect();
    let outcome = match (&head.method, resource.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => next(lifecycle).await,
        (&Method::POST, ["invocation", request_id, "response"]) => {
            let answer = match read(&mut body).await? {
                Content::Whole(_, trailers) if trailers.contains_key(ERROR_TYPE) => {
                    Answer::Failure(described(&trailers))
                }
                Content::Whole(document, _) => Answer::Success(document),
                Content::TooLarge => Answer::TooLarge,
            };
            end(lifecycle, request_id, answer, body).await
        }
        (&Method::POST, ["invocation", request_id, "error"]) => {
            let answer = match read(&mut body).await? {
                Content::Whole(error, _) if error.is_empty() => {
                    Answer::Failure(described(&head.headers))
                }
                Content::Whole(error, _) => Answer::Failure(error),
                Content::TooLarge => Answer::TooLarge,
            };
            end(lifecycle, request_id, answer, body).await
        }
        (&Method::POST, ["init", "error"]) => {
            let error = match read(&mut body).await? {
                Content::Whole(error, _) if !error.is_empty() => error,
                _ => described(&head.headers),
            };
            lifecycle.init_failed(error).map(|()| accepted())
        }
        (method, _) => Err(Refusal::no_such_resource(method, path)),
    };
    Ok(outcome.unwrap_or_else(|refusal| {
        lifecycle.misused(refusal.message.clone());
        refusal.response()
    }))
}

/// A response with a JSON document.
pub(super) fn answer_with(status: StatusCode, document: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(document));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

async fn next(lifecycle: &Lifecycle) -> Result<Response<Full<Bytes>>, Refusal> {
    match lifecycle.next()? {
        Next::Invocation(response) => Ok(response),
        Next::Wait(invocation) => invocation.await.map_err(|_| Refusal::asked_again()),
    }
}

async fn end(
    lifecycle: &Lifecycle,
    request_id: &str,
    answer: Answer,
    mut body: Incoming,
) -> Result<Response<Full<Bytes>>, Refusal> {
    let response = match answer {
        Answer::TooLarge => answer_with(StatusCode::PAYLOAD_TOO_LARGE, too_large()),
        _ => accepted(),
    };
    lifecycle.answer(request_id, answer)?;
    let mut left = READ_IN_VAIN;
    while left > 0
        && let Some(Ok(frame)) = body.frame().await
    {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
    }
    Ok(response)
}

/// What a request says.
enum Content {
    /// All of it, and the trailers.
    Whole(Bytes, HeaderMap),
    /// More than an answer may say.
    TooLarge,
}

async fn read(body: &mut Incoming) -> Result<Content, hyper::Error> {
    let mut document = Vec::new();
    let mut trailers = HeaderMap::new();
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(data) if document.len() + data.len() > LARGEST_ANSWER => {
                return Ok(Content::TooLarge);
            }
            Ok(data) => document.extend_from_slice(&data),
            Err(frame) => trailers.extend(frame.into_trailers().unwrap_or_default()),
        }
    }
    Ok(Content::Whole(document.into(), trailers))
}

fn accepted() -> Response<Full<Bytes>> {
    let document = Bytes::from_static(br#"{"status":"OK"}"#);
    answer_with(StatusCode::ACCEPTED, document)
}

/// An error of which no more than its type was said, if that.
fn described(headers: &HeaderMap) -> Bytes {
    let named = headers.get(ERROR_TYPE).and_then(|it| it.to_str().ok());
    error(named.unwrap_or("Runtime.Unknown"), "")
}

/// The error that Lambda makes of an answer that is too large.
pub(super) fn too_large() -> Bytes {
    let message = format!(
        "Response payload size exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes)."
    );
    error("Function.ResponseSizeTooLarge", &message)
}

pub(super) fn error(kind: &str, message: &str) -> Bytes {
    let document = json!({ "errorMessage": message, "errorType": kind });
    document.to_string().into()
}
