//! S3, as far as handlers of its events use it.

mod chunked;
mod read;
mod write;

use hyper::Method;
use hyper::body::Bytes;

use super::asked::Asked;
use super::query;

pub(super) use read::read;
pub(super) use write::Write;

/// The object that a request is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) version: Option<String>,
}

/// What a request to S3 is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum S3Call {
    /// `GetObject` or `HeadObject`.
    Read(Address),
    /// `PutObject`, `CopyObject` or `DeleteObject`.
    Write(Write),
    /// Something else, by its name as far as it can be told.
    Other(String),
}

/// Parameters that change what a request is for: all that have no value, and these.
const OTHER_OPERATIONS: [&str; 5] = ["list-type", "partNumber", "uploadId", "prefix", "marker"];

impl S3Call {
    pub(super) fn of(asked: &Asked) -> Self {
        let other = || Self::Other(name(asked));
        let subresource = asked.query.iter().any(|(name, value)| {
            OTHER_OPERATIONS.contains(&name.as_str()) || value.is_empty() && name != "versionId"
        });
        let Some(address) = Address::of(asked).filter(|_| !subresource) else {
            return other();
        };
        match asked.method {
            Method::GET | Method::HEAD => Self::Read(address),
            Method::PUT | Method::DELETE => match Write::of(asked, address) {
                Some(write) => Self::Write(write),
                None => other(),
            },
            _ => other(),
        }
    }
}

impl Address {
    /// The bucket comes first in the path, or before the host of S3. The endpoint that
    /// handlers are given is an address, and to such SDKs send it in the path, all of
    /// them by S3's endpoint rules; the other form is for those that were given a name.
    fn of(asked: &Asked) -> Option<Self> {
        let path = query::path(asked.path.strip_prefix('/')?);
        let host = asked.header("host").unwrap_or_default();
        let (bucket, key) = match bucket_of_host(host) {
            Some(bucket) => (bucket.to_owned(), path),
            None => {
                let (bucket, key) = path.split_once('/')?;
                (bucket.to_owned(), key.to_owned())
            }
        };
        let version = asked.parameter("versionId").map(str::to_owned);
        let is_object = !bucket.is_empty() && !key.is_empty();
        is_object.then_some(Self {
            bucket,
            key,
            version,
        })
    }

    /// The bucket and the key of `x-amz-copy-source`.
    fn of_source(source: &str) -> Option<Self> {
        let (path, version) = match source.split_once("?versionId=") {
            Some((path, version)) => (path, Some(version.to_owned())),
            None => (source, None),
        };
        let path = query::path(path);
        let (bucket, key) = path.trim_start_matches('/').split_once('/')?;
        Some(Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version,
        })
    }
}

/// `b` of `b.localhost`, `b.127.0.0.1`, `b.s3.amazonaws.com` and
/// `b.s3.eu-west-1.amazonaws.com`, with or without a port.
fn bucket_of_host(host: &str) -> Option<&str> {
    let name = host.split(':').next().unwrap_or(host);
    let local = ["localhost", "127.0.0.1"];
    let before_local = local
        .iter()
        .find_map(|it| name.strip_suffix(it)?.strip_suffix('.'));
    let before_aws = || {
        let (bucket, rest) = name.rsplit_once(".s3.")?;
        rest.ends_with("amazonaws.com").then_some(bucket)
    };
    before_local.or_else(before_aws)
}

/// SDKs of the newer kind name the operation in the URL, too.
fn name(asked: &Asked) -> String {
    if let Some(name) = asked.parameter("x-id") {
        return name.to_owned();
    }
    let parameters = asked.query.iter().map(|(name, _)| name.as_str());
    let parameters: Vec<&str> = parameters.collect();
    match parameters.as_slice() {
        [] => asked.operation.clone(),
        _ => format!("{}?{}", asked.operation, parameters.join("&")),
    }
}

/// The body of a request without what SDKs put around its parts.
fn body(asked: &Asked) -> Option<Bytes> {
    let is_chunked = asked
        .header("content-encoding")
        .is_some_and(|it| it.contains("aws-chunked"))
        || asked
            .header("x-amz-content-sha256")
            .is_some_and(|it| it.starts_with("STREAMING-"));
    match is_chunked {
        true => chunked::decode(&asked.body),
        false => Some(asked.body.clone()),
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn call(request: hyper::http::request::Builder) -> S3Call {
        let (head, ()) = request.body(()).unwrap().into_parts();
        S3Call::of(&Asked::new(head, Bytes::new()))
    }

    fn object(bucket: &str, key: &str) -> Address {
        Address {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version: None,
        }
    }

    #[test]
    fn the_bucket_is_in_the_path_or_in_the_host() {
        let wanted = S3Call::Read(object("b", "a/k+ é"));
        let encoded = "a/k%2B%20%C3%A9";
        let in_path = Request::get(format!("/b/{encoded}?x-id=GetObject"));
        assert_eq!(call(in_path.header("host", "127.0.0.1:4")), wanted);
        for host in [
            "b.localhost:4",
            "b.127.0.0.1:4",
            "b.s3.eu-west-1.amazonaws.com",
        ] {
            let in_host = Request::head(format!("/{encoded}")).header("host", host);
            assert_eq!(call(in_host), wanted, "{host}");
        }
    }

    #[test]
    fn a_version_is_named_in_the_url() {
        let S3Call::Read(address) = call(Request::get("/b/k?versionId=v%2F1")) else {
            panic!("no read");
        };
        assert_eq!(address.version.as_deref(), Some("v/1"));
    }

    #[test]
    fn what_is_about_no_single_object_is_something_else() {
        for (request, name) in [
            (
                Request::get("/b?list-type=2&prefix=p"),
                "GET /b?list-type&prefix",
            ),
            (Request::get("/b/k?tagging"), "GET /b/k?tagging"),
            (
                Request::put("/b/k?partNumber=1&uploadId=u"),
                "PUT /b/k?partNumber&uploadId",
            ),
            (
                Request::post("/b/k?uploads&x-id=CreateMultipartUpload"),
                "CreateMultipartUpload",
            ),
            (Request::get("/"), "GET /"),
        ] {
            assert_eq!(call(request), S3Call::Other(name.to_owned()));
        }
    }
}
