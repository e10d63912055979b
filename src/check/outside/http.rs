//! Requests to servers that are not AWS's.

use std::fmt;

use hyper::Uri;
use hyper::body::Bytes;
use hyper::header::HeaderMap;
use serde_json::{Value as Json, json};

use super::effect::{self, Effect, EffectKind};

/// A request to some server.
#[derive(Clone, Debug)]
pub(super) struct HttpRequest {
    pub(super) method: String,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// A URL of plain HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    /// `http://api.example.com`, in lower case and without the usual port.
    pub(super) origin: String,
    pub(super) path: String,
    pub(super) query: Option<String>,
}

impl HttpRequest {
    /// Whether the request is to change something
    /// ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#name-safe-methods)).
    pub(super) fn changes_something(&self) -> bool {
        !["GET", "HEAD", "OPTIONS", "TRACE"].contains(&self.method.as_str())
    }

    pub(super) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The request as an effect. `Idempotency-Key` is the token by convention
    /// ([draft](https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/));
    /// to repeat a `PUT` or a `DELETE` changes nothing.
    pub(super) fn effect(&self) -> Effect {
        let Url {
            origin,
            path,
            query,
        } = &self.url;
        let mut said = json!({ "path": path, "body": effect::body(&self.body) });
        if let Some(query) = query {
            said["query"] = json!(query);
        }
        let token = self.headers.get("idempotency-key");
        let token = token.map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
        Effect {
            kind: EffectKind {
                service: "http".to_owned(),
                operation: self.method.clone(),
                place: origin.clone(),
            },
            content: effect::content(&said),
            token,
            overwrites: ["DELETE", "PUT"].contains(&self.method.as_str()),
        }
    }
}

impl Url {
    /// A URL that the user gives.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let uri: Uri = text.parse().map_err(|_| "it is no URL")?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return Err(
                    "it is https, and what is encrypted cannot be answered: give the handler a \
                     plain http URL for the check",
                );
            }
            _ => return Err("it does not start with http://"),
        }
        let host = uri.host().unwrap_or_default();
        if host == "localhost" || host.starts_with("127.") || host == "[::1]" {
            return Err(
                "it is on this machine, where no proxy is asked: have the handler use the URL in \
                 REDELIVER_EFFECT_URL, which the check sets",
            );
        }
        Ok(Self::of(&uri))
    }

    /// The URL in the request line of a request to a proxy.
    pub(super) fn of(uri: &Uri) -> Self {
        let host = uri.host().unwrap_or_default().to_lowercase();
        let port = uri.port_u16().filter(|it| *it != 80);
        let port = port.map(|it| format!(":{it}")).unwrap_or_default();
        Self {
            origin: format!("http://{host}{port}"),
            path: match uri.path() {
                "" => "/".to_owned(),
                path => path.to_owned(),
            },
            query: uri.query().map(str::to_owned),
        }
    }

    /// Whether this is another URL, or that with some query.
    pub(super) fn is_at(&self, other: &Self) -> bool {
        let is_same_query = other.query.is_none() || self.query == other.query;
        self.origin == other.origin && self.path == other.path && is_same_query
    }

    /// Whether this is another URL or one below it.
    fn is_below(&self, other: &Self) -> bool {
        let rest = self.path.strip_prefix(other.path.trim_end_matches('/'));
        let is_path_below = rest.is_some_and(|it| it.is_empty() || it.starts_with('/'));
        self.origin == other.origin && is_path_below
    }
}

/// A URL to which a request that changes something is what the handler is there to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectUrl(Url);

impl EffectUrl {
    /// The URL of a server, or of a part of it: `http://api.example.com/orders`.
    ///
    /// # Errors
    ///
    /// If the URL is not one of plain HTTP, or is one that no proxy is asked for.
    pub fn new(url: &str) -> Result<Self, BadEffectUrl> {
        let parsed = Url::parse(url);
        parsed.map(Self).map_err(|why| BadEffectUrl {
            url: url.to_owned(),
            why,
        })
    }

    pub(super) fn covers(&self, url: &Url) -> bool {
        url.is_below(&self.0)
    }
}

/// A URL that cannot be that of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadEffectUrl {
    url: String,
    why: &'static str,
}

impl fmt::Display for BadEffectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} cannot be an effect's URL: {}", self.url, self.why)
    }
}

impl std::error::Error for BadEffectUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(effect: &str, url: &str) -> bool {
        let url = Url::of(&url.parse().unwrap());
        EffectUrl::new(effect).unwrap().covers(&url)
    }

    #[test]
    fn an_effects_url_covers_what_is_below_it() {
        assert!(covers(
            "http://a.example/orders",
            "http://A.example:80/orders"
        ));
        assert!(covers(
            "http://a.example/orders/",
            "http://a.example/orders/1?x=y"
        ));
        assert!(covers("http://a.example", "http://a.example/anything"));
        assert!(!covers(
            "http://a.example/orders",
            "http://a.example/orders2"
        ));
        assert!(!covers("http://a.example/orders", "http://a.example/"));
        assert!(!covers("http://a.example", "http://a.example:81/"));
        assert!(!covers("http://a.example", "http://b.a.example/"));
    }

    #[test]
    fn a_url_that_cannot_be_answered_is_refused_with_advice() {
        for (url, advice) in [
            ("https://a.example", "plain http"),
            ("http://localhost:80/", "REDELIVER_EFFECT_URL"),
            ("http://127.0.0.2/", "REDELIVER_EFFECT_URL"),
            ("a.example", "http://"),
            ("http://a b", "no URL"),
        ] {
            let error = EffectUrl::new(url).unwrap_err().to_string();
            assert!(error.contains(advice), "{error}");
        }
    }
}
