//! What clients are answered, on the wire.

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::{Value as Json, json};

/// An answer of the DynamoDB API, or one in its stead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What the API says that the body is.
    pub content_type: Option<String>,
    /// The API's name for the request. The gate makes one if there is none.
    pub request_id: Option<String>,
    /// The body.
    pub body: Bytes,
}

const CRC32: HeaderName = HeaderName::from_static("x-amz-crc32");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

const JSON: &str = "application/x-amz-json-1.0";

/// The namespace of DynamoDB's own errors.
const DYNAMODB: &str = "com.amazonaws.dynamodb.v20120810";

impl Reply {
    /// A success with this output.
    pub fn success(output: &Json) -> Self {
        Self::new(200, output)
    }

    /// One of DynamoDB's errors, such as `InternalServerError`.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::error_with(status, code, message, json!({}))
    }

    /// An error that says more than its message.
    pub(super) fn error_with(status: u16, code: &str, message: &str, more: Json) -> Self {
        let mut error = more;
        error["__type"] = json!(format!("{DYNAMODB}#{code}"));
        error["message"] = json!(message);
        Self::new(status, &error)
    }

    pub(super) fn unknown_operation() -> Self {
        let error = json!({ "__type": "com.amazon.coral.service#UnknownOperationException" });
        Self::new(400, &error)
    }

    pub(super) fn too_large() -> Self {
        Self::error(413, "RequestTooLarge", "The request is larger than 16 MB")
    }

    fn new(status: u16, body: &Json) -> Self {
        Self {
            status,
            content_type: Some(JSON.to_owned()),
            request_id: None,
            body: Bytes::from(body.to_string()),
        }
    }

    /// The name of the error that this is, such as `ConditionalCheckFailedException`.
    pub fn code(&self) -> Option<String> {
        if self.status == 200 {
            return None;
        }
        let error: Json = serde_json::from_slice(&self.body).ok()?;
        Some(error["__type"].as_str()?.rsplit('#').next()?.to_owned())
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The response to a gate's call of that number. DynamoDB sends the CRC-32 of
    /// every body, and botocore takes an answer with a wrong one for a lost one
    /// (`crc32` in its `_retry.json`).
    pub(super) fn into_response(self, number: u64) -> Response<Full<Bytes>> {
        let made_up = || format!("REDELIVER{number:043}");
        let request_id = self.request_id.unwrap_or_else(made_up);
        let content_type = self.content_type.as_deref().unwrap_or(JSON);
        let crc = crc32fast::hash(&self.body);
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status.try_into().unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert(CRC32, HeaderValue::from(crc));
        for (name, value) in [(CONTENT_TYPE, content_type), (REQUEST_ID, &request_id)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        response
    }
}
