//! What clients are answered, in the protocol that they speak.

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Value as Json, json};

use super::asked::{Asked, Protocol};
use super::xml;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers, by their names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
    /// The name of the error that it is, if it is one: `InternalError`.
    pub error: Option<String>,
}

impl Reply {
    pub(super) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
            error: None,
        }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            error: None,
        }
    }

    pub(super) fn json(status: u16, body: &Json) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(super) fn plain(status: u16, message: &str) -> Self {
        Self {
            error: Some(status.to_string()),
            ..Self::new(status, "text/plain; charset=utf-8", format!("{message}\n"))
        }
    }

    pub(super) fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }

    /// A success with an output in JSON.
    pub(super) fn output(asked: &Asked, output: &Json) -> Self {
        match asked.protocol {
            Protocol::Json { content_type } => Self::new(200, content_type, output.to_string()),
            Protocol::Query | Protocol::RestJson | Protocol::RestXml => Self::json(200, output),
        }
    }

    /// An error of the service that was asked.
    pub(super) fn error(asked: &Asked, status: u16, code: &str, message: &str) -> Self {
        // A sender's error is not tried again.
        let sort = if status < 500 { "Sender" } else { "Receiver" };
        let named = [xml::text("Code", code), xml::text("Message", message)];
        let reply = match asked.protocol {
            Protocol::Json { content_type } => {
                let body = json!({ "__type": code, "message": message });
                Self::new(status, content_type, body.to_string())
            }
            Protocol::RestJson => {
                let body = json!({ "message": message, "Message": message });
                Self::json(status, &body).with("x-amzn-errortype", code)
            }
            Protocol::Query => {
                let [code, message] = named;
                let error = xml::element("Error", [xml::text("Type", sort), code, message]);
                let body = xml::element("ErrorResponse", [error]);
                Self::new(status, "text/xml", body)
            }
            Protocol::RestXml if asked.method == hyper::Method::HEAD => Self::empty(status),
            Protocol::RestXml => {
                let body = xml::element("Error", named);
                Self::new(status, "application/xml", body)
            }
        };
        Self {
            error: Some(code.to_owned()),
            ..reply
        }
    }

    /// The response to the request of that number.
    pub(super) fn into_response(self, number: u64) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status.try_into().unwrap_or_default();
        let request_id = format!("00000000-0000-4000-8000-{number:012x}");
        let ids = ["x-amzn-requestid", "x-amz-request-id"].map(|it| (it, request_id.clone()));
        for (name, value) in self.headers.into_iter().chain(ids) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                let name = HeaderName::from_static(name);
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
