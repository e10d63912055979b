//! What a request to AWS asks for, as far as it says so in every protocol of AWS.

use hyper::Method;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use hyper::http::request::Parts;
use serde_json::Value as Json;

use super::query;

/// A request to one of AWS's services.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    /// The name that the request is signed for: `sqs`. Empty if it cannot be told.
    pub(super) service: String,
    /// The operation; where the protocol does not name it, the method and the path.
    pub(super) operation: String,
    pub(super) protocol: Protocol,
    pub(super) method: Method,
    /// The path as it came, still encoded.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The input in a protocol that has one in JSON or in a form; else null.
    pub(super) input: Json,
}

/// How a service is spoken to
/// ([Smithy](https://smithy.io/2.0/aws/protocols/index.html)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// A JSON body, and a header that names the operation.
    Json {
        /// As the content type has it: `application/x-amz-json-1.1`.
        content_type: &'static str,
    },
    /// A form.
    Query,
    /// Methods and paths, with JSON.
    RestJson,
    /// Methods and paths, with XML.
    RestXml,
}

const JSON_1_0: &str = "application/x-amz-json-1.0";
const JSON_1_1: &str = "application/x-amz-json-1.1";

/// Those services whose methods and paths come with XML.
const SPEAK_XML: [&str; 4] = ["cloudfront", "route53", "s3", "s3express"];

impl Asked {
    pub(super) fn new(head: Parts, body: Bytes) -> Self {
        let query = query::pairs(head.uri.query().unwrap_or_default());
        let signed_for = service_signed_for(&head.headers, &query)
            .or_else(|| has_old_signature(&head.headers, &query).then(|| "s3".to_owned()));
        let mut asked = Self {
            service: signed_for.unwrap_or_default(),
            operation: String::new(),
            protocol: Protocol::RestJson,
            method: head.method,
            path: head.uri.path().to_owned(),
            query,
            headers: head.headers,
            body,
            input: Json::Null,
        };
        asked.read();
        asked
    }

    /// A header, if it is there and is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first parameter of the URL with a name.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut named = self.query.iter().filter(|(it, _)| it == name);
        named.next().map(|(_, value)| value.as_str())
    }

    fn read(&mut self) {
        if let Some(target) = self.header("x-amz-target").map(str::to_owned) {
            let (prefix, operation) = target.rsplit_once('.').unwrap_or(("", &target));
            self.operation = operation.to_owned();
            if self.service.is_empty() {
                self.service = service_of_target(prefix);
            }
            let content_type = match self.header(CONTENT_TYPE.as_str()) {
                Some(it) if it.starts_with(JSON_1_0) => JSON_1_0,
                _ => JSON_1_1,
            };
            self.protocol = Protocol::Json { content_type };
            self.input = serde_json::from_slice(&self.body).unwrap_or_default();
            return;
        }
        let is_form = self
            .header(CONTENT_TYPE.as_str())
            .is_some_and(|it| it.starts_with("application/x-www-form-urlencoded"));
        let form = match is_form {
            true => query::pairs(&String::from_utf8_lossy(&self.body)),
            false => self.query.clone(),
        };
        if let Some((_, action)) = form.iter().find(|(name, _)| name == "Action") {
            self.operation = action.clone();
            self.protocol = Protocol::Query;
            self.input = query::input(&form);
            return;
        }
        // Smithy's own protocol names both in the path.
        let named = self.path.strip_prefix("/service/");
        let named = named.and_then(|it| it.split_once("/operation/"));
        self.operation = match named {
            Some((_, operation)) => operation.to_owned(),
            None => format!("{} {}", self.method, self.path),
        };
        if SPEAK_XML.contains(&self.service.as_str()) {
            self.protocol = Protocol::RestXml;
        } else {
            self.input = serde_json::from_slice(&self.body).unwrap_or_default();
        }
    }
}

/// The client's name for the call, the same for each of its own attempts.
pub(super) fn sdk_call(headers: &HeaderMap) -> Option<String> {
    let name = headers.get("amz-sdk-invocation-id")?;
    Some(String::from_utf8_lossy(name.as_bytes()).into_owned())
}

/// Which of the client's attempts at the call this is, from 1.
pub(super) fn attempt(headers: &HeaderMap) -> Option<u32> {
    let request = headers.get("amz-sdk-request")?.to_str().ok()?;
    let mut fields = request.split(';').map(str::trim);
    fields.find_map(|field| field.strip_prefix("attempt=")?.parse().ok())
}

/// The last but one part of the credential's scope
/// ([signing](https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html)).
fn service_signed_for(headers: &HeaderMap, query: &[(String, String)]) -> Option<String> {
    let in_header = || {
        let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (_, credential) = header.split_once("Credential=")?;
        credential.split([',', ' ']).next()
    };
    let in_query = || {
        let mut credential = query.iter().filter(|(name, _)| name == "X-Amz-Credential");
        credential.next().map(|(_, value)| value.as_str())
    };
    let credential = in_header().or_else(in_query)?;
    let mut scope = credential.rsplit('/');
    let is_whole = scope.next() == Some("aws4_request");
    is_whole.then(|| scope.next().map(str::to_owned))?
}

/// Only S3 still takes signatures of version 2, and boto3 still makes them for URLs that
/// others are to use.
fn has_old_signature(headers: &HeaderMap, query: &[(String, String)]) -> bool {
    let authorization = headers.get(AUTHORIZATION);
    let in_header = authorization.is_some_and(|it| it.as_bytes().starts_with(b"AWS "));
    in_header || query.iter().any(|(name, _)| name == "AWSAccessKeyId")
}

/// `AmazonSQS` is `sqs`, `AWSEvents` is `events`, `Logs_20140328` is `logs`.
fn service_of_target(prefix: &str) -> String {
    let name = prefix.split('_').next().unwrap_or(prefix);
    let name = name.strip_prefix("Amazon").unwrap_or(name);
    let name = name.strip_prefix("AWS").unwrap_or(name);
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use serde_json::json;

    use super::*;

    fn asked(request: hyper::http::request::Builder, body: &'static str) -> Asked {
        let (head, ()) = request.body(()).unwrap().into_parts();
        Asked::new(head, Bytes::from(body))
    }

    fn signed(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=redeliver/20260101/us-east-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=0"
        )
    }

    #[test]
    fn a_target_names_the_operation() {
        let request = Request::post("/")
            .header("x-amz-target", "AmazonSSM.GetParameter")
            .header("content-type", "application/x-amz-json-1.1");
        let asked = asked(request, r#"{"Name":"n"}"#);
        assert_eq!(
            (&*asked.service, &*asked.operation),
            ("ssm", "GetParameter")
        );
        assert_eq!(asked.input, json!({ "Name": "n" }));
    }

    #[test]
    fn a_form_names_the_operation_and_the_signature_the_service() {
        let request = Request::post("/")
            .header("authorization", signed("sns"))
            .header(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8",
            );
        let asked = asked(request, "Action=Publish&Message=m");
        assert_eq!((&*asked.service, &*asked.operation), ("sns", "Publish"));
        assert_eq!(asked.protocol, Protocol::Query);
        assert_eq!(asked.input["Message"], "m");
    }

    #[test]
    fn of_the_rest_the_method_and_the_path_are_told() {
        let request = Request::get("/b/k?X-Amz-Credential=a%2F20260101%2Fus%2Fs3%2Faws4_request");
        let asked = asked(request, "");
        assert_eq!((&*asked.service, &*asked.operation), ("s3", "GET /b/k"));
        assert_eq!(asked.protocol, Protocol::RestXml);
    }

    #[test]
    fn an_old_signature_is_for_s3() {
        let by_url = Request::get("/b/k?AWSAccessKeyId=a&Signature=s&Expires=1");
        assert_eq!(asked(by_url, "").service, "s3");
        let by_header = Request::get("/b/k").header("authorization", "AWS a:s");
        assert_eq!(asked(by_header, "").service, "s3");
        assert_eq!(asked(Request::get("/b/k"), "").service, "");
    }

    #[test]
    fn a_client_says_which_of_its_attempts_it_is() {
        let request = Request::post("/").header("amz-sdk-request", "ttl=1; attempt=2; max=3");
        assert_eq!(attempt(&asked(request, "").headers), Some(2));
    }
}
