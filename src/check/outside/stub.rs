//! Answers that the user gives for services that nobody serves.

mod error;

use std::fs;
use std::path::Path;

use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::Value as Json;

pub use error::StubError;

use super::asked::{Asked, Protocol};
use super::effect::{Effect, EffectKind, content};
use super::http::{HttpRequest, Url};
use super::reply::Reply;
use super::xml;

/// The largest file of answers, in bytes.
const LARGEST_FILE: u64 = 16 << 20;

/// Answers, in the order in which they are tried.
#[derive(Clone, Debug, Default)]
pub struct Stubs(Vec<Stub>);

/// An answer, and what it answers.
#[derive(Clone, Debug)]
struct Stub {
    to: To,
    matching: Json,
    status: u16,
    body: Json,
    effect: bool,
    token: Option<String>,
}

#[derive(Clone, Debug)]
enum To {
    Aws { service: String, operation: String },
    Http { method: String, url: Url },
}

/// An entry of the file, as it stands there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    service: Option<String>,
    operation: Option<String>,
    method: Option<String>,
    url: Option<String>,
    #[serde(default, rename = "match")]
    matching: Json,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    body: Json,
    #[serde(default)]
    effect: bool,
    token: Option<String>,
}

fn ok() -> u16 {
    200
}

/// What an answer is to be used for.
pub(super) enum Answer {
    /// It is sent at once.
    Served(Reply),
    /// What it answers is an effect, with which things may go wrong.
    ToEffect(Effect, Reply),
}

impl Stubs {
    /// The answers in a file: a list of
    /// `{ "service": "ssm", "operation": "GetParameter", "match": {…}, "status": 200,
    /// "body": {…} }`, or with `"method"` and `"url"` in the place of service and
    /// operation. `match` has what must be found in the request's JSON, a body that is
    /// text is sent as it is, and of several answers the first is given.
    /// `"effect": true` says that the request is what the handler is there to do, and
    /// `"token"` which member of it tells the service that it did so before.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is not like that.
    pub fn load(path: &Path) -> Result<Self, StubError> {
        let file = || path.display().to_string();
        let unreadable = |source| StubError::Unreadable {
            file: file(),
            source,
        };
        if fs::metadata(path).map_err(unreadable)?.len() > LARGEST_FILE {
            return Err(StubError::TooLarge { file: file() });
        }
        Self::parse(&file(), &fs::read(path).map_err(unreadable)?)
    }

    /// The answers in the content of a file.
    ///
    /// # Errors
    ///
    /// As [`Stubs::load`].
    pub fn parse(file: &str, content: &[u8]) -> Result<Self, StubError> {
        let entries: Vec<Entry> =
            serde_json::from_slice(content).map_err(|source| StubError::NotStubs {
                file: file.to_owned(),
                source,
            })?;
        let entries = entries.into_iter().enumerate();
        let stubs = entries.map(|(place, entry)| {
            Stub::new(entry).map_err(|why| StubError::Entry {
                file: file.to_owned(),
                number: place + 1,
                why,
            })
        });
        stubs.collect::<Result<_, _>>().map(Self)
    }

    /// The answer to a request to AWS, if there is one.
    pub(super) fn aws(&self, asked: &Asked) -> Option<Answer> {
        let mut stubs = self.0.iter();
        let stub = stubs.find(|stub| match &stub.to {
            To::Aws { service, operation } => {
                *service == asked.service
                    && *operation == asked.operation
                    && is_in(&stub.matching, &asked.input)
            }
            To::Http { .. } => false,
        })?;
        let kind = EffectKind {
            service: asked.service.clone(),
            operation: asked.operation.clone(),
            place: String::new(),
        };
        let content_type = match asked.protocol {
            Protocol::Json { content_type } => content_type,
            Protocol::Query => "text/xml",
            Protocol::RestJson => "application/json",
            Protocol::RestXml => "application/xml",
        };
        let reply = match (&stub.body, asked.protocol) {
            (Json::Object(_), Protocol::Query) => {
                let operation = &asked.operation;
                let result = xml::element(&format!("{operation}Result"), elements(&stub.body));
                let response = xml::element(&format!("{operation}Response"), [result]);
                Reply::new(stub.status, content_type, response)
            }
            _ => Reply::new(stub.status, content_type, stub.bytes()),
        };
        Some(stub.answer(kind, &asked.input, reply))
    }

    /// The answer to any other request, if there is one.
    pub(super) fn http(&self, request: &HttpRequest) -> Option<Answer> {
        let mut stubs = self.0.iter();
        let stub = stubs.find(|stub| match &stub.to {
            To::Http { method, url } => {
                *method == request.method
                    && request.url.is_at(url)
                    && is_in(&stub.matching, &request.json())
            }
            To::Aws { .. } => false,
        })?;
        let content_type = match stub.body {
            Json::String(_) => "text/plain; charset=utf-8",
            _ => "application/json",
        };
        let reply = Reply::new(stub.status, content_type, stub.bytes());
        let effect = request.effect();
        Some(
            match stub.answer(effect.kind.clone(), &request.json(), reply) {
                Answer::ToEffect(Effect { token, .. }, reply) => {
                    let token = token.or(effect.token.clone());
                    Answer::ToEffect(Effect { token, ..effect }, reply)
                }
                served @ Answer::Served(_) => served,
            },
        )
    }
}

impl Stub {
    fn new(entry: Entry) -> Result<Self, &'static str> {
        let to = match (entry.service, entry.operation, entry.method, entry.url) {
            (Some(service), Some(operation), None, None) => To::Aws { service, operation },
            (None, None, Some(method), Some(url)) => To::Http {
                method: method.to_uppercase(),
                url: Url::parse(&url)?,
            },
            _ => {
                return Err(
                    "it needs either \"service\" and \"operation\", or \"method\" and \"url\"",
                );
            }
        };
        if !(200..=599).contains(&entry.status) {
            return Err("its \"status\" is not between 200 and 599");
        }
        if entry.token.is_some() && !entry.effect {
            return Err("it has a \"token\", which only an \"effect\": true has");
        }
        Ok(Self {
            to,
            matching: entry.matching,
            status: entry.status,
            body: entry.body,
            effect: entry.effect,
            token: entry.token,
        })
    }

    fn answer(&self, kind: EffectKind, input: &Json, reply: Reply) -> Answer {
        let is_error = self.status >= 400;
        let reply = Reply {
            error: is_error.then(|| self.status.to_string()),
            ..reply
        };
        if !self.effect {
            return Answer::Served(reply);
        }
        let token = self.token.as_ref().and_then(|name| match &input[name] {
            Json::Null => None,
            Json::String(token) => Some(token.clone()),
            other => Some(other.to_string()),
        });
        let effect = Effect {
            kind,
            content: content(input),
            token,
            overwrites: false,
        };
        Answer::ToEffect(effect, reply)
    }

    fn bytes(&self) -> Bytes {
        match &self.body {
            Json::Null => Bytes::new(),
            Json::String(text) => Bytes::from(text.clone()),
            other => Bytes::from(other.to_string()),
        }
    }
}

/// Whether a pattern is found in a value: of objects, all that the pattern has.
fn is_in(pattern: &Json, value: &Json) -> bool {
    match pattern {
        Json::Null => true,
        Json::Object(members) => members
            .iter()
            .all(|(name, it)| value.get(name).is_some_and(|found| is_in(it, found))),
        _ => pattern == value,
    }
}

/// A value as the query protocol has it.
fn elements(value: &Json) -> Vec<String> {
    match value {
        Json::Object(members) => members
            .iter()
            .map(|(name, it)| xml::element(name, elements(it)))
            .collect(),
        Json::Array(list) => list
            .iter()
            .map(|it| xml::element("member", elements(it)))
            .collect(),
        Json::String(text) => vec![xml::escape(text)],
        Json::Null => Vec::new(),
        Json::Bool(_) | Json::Number(_) => vec![value.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use serde_json::json;

    use super::*;

    fn stubs(entries: &Json) -> Result<Stubs, StubError> {
        Stubs::parse("stubs.json", entries.to_string().as_bytes())
    }

    fn ssm(name: &str) -> Asked {
        let request = Request::post("/").header("x-amz-target", "AmazonSSM.GetParameter");
        let (head, ()) = request.body(()).unwrap().into_parts();
        let body = json!({ "Name": name, "WithDecryption": true });
        Asked::new(head, Bytes::from(body.to_string()))
    }

    fn body(answer: Option<Answer>) -> Option<Bytes> {
        match answer? {
            Answer::Served(reply) | Answer::ToEffect(_, reply) => Some(reply.body),
        }
    }

    #[test]
    fn the_first_answer_that_matches_is_given() {
        let of = |name: Json, body: i32| {
            json!({
                "service": "ssm", "operation": "GetParameter", "match": name, "body": body,
            })
        };
        let stubs = stubs(&json!([of(json!({ "Name": "a" }), 1), of(Json::Null, 2)])).unwrap();
        assert_eq!(body(stubs.aws(&ssm("a"))).unwrap(), "1");
        assert_eq!(body(stubs.aws(&ssm("b"))).unwrap(), "2");
        assert_eq!(body(Stubs::default().aws(&ssm("a"))), None);
    }

    #[test]
    fn an_object_is_xml_where_the_service_speaks_it() {
        let stubs = stubs(&json!([{
            "service": "sts", "operation": "GetCallerIdentity",
            "body": { "Account": "1", "Tags": ["<a>"] },
        }]));
        let request = Request::post("/")
            .header(
                "authorization",
                "Credential=k/20260101/us-east-1/sts/aws4_request",
            )
            .header("content-type", "application/x-www-form-urlencoded");
        let (head, ()) = request.body(()).unwrap().into_parts();
        let asked = Asked::new(head, Bytes::from("Action=GetCallerIdentity"));
        assert_eq!(
            body(stubs.unwrap().aws(&asked)).unwrap(),
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account>\
             <Tags><member>&lt;a&gt;</member></Tags></GetCallerIdentityResult>\
             </GetCallerIdentityResponse>"
        );
    }

    #[test]
    fn an_effect_is_known_by_the_member_that_is_named() {
        let stubs = stubs(&json!([{
            "service": "ssm", "operation": "GetParameter", "effect": true, "token": "Name",
        }]));
        match stubs.unwrap().aws(&ssm("a")) {
            Some(Answer::ToEffect(effect, _)) => assert_eq!(effect.token.as_deref(), Some("a")),
            _ => panic!("no effect"),
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_place() {
        for (entry, wanted) in [
            (json!({}), "either"),
            (json!({ "service": "ssm", "url": "http://a" }), "either"),
            (json!({ "method": "GET", "url": "https://a" }), "encrypted"),
            (
                json!({ "method": "GET", "url": "http://localhost/" }),
                "REDELIVER_EFFECT_URL",
            ),
            (
                json!({ "service": "a", "operation": "b", "status": 99 }),
                "status",
            ),
            (
                json!({ "service": "a", "operation": "b", "token": "t" }),
                "effect",
            ),
        ] {
            let error = stubs(&json!([entry])).unwrap_err().to_string();
            assert!(
                error.contains("stubs.json") && error.contains("entry 1"),
                "{error}"
            );
            assert!(error.contains(wanted), "{error}");
        }
        let error = stubs(&json!([{ "sevice": "ssm" }]))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("sevice") && error.contains("line 1"),
            "{error}"
        );
    }
}
