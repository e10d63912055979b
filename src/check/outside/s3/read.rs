//! `GetObject` and `HeadObject`.

use std::ops::RangeInclusive;

use hyper::Method;
use hyper::body::Bytes;

use super::Address;
use crate::check::events::Object;
use crate::check::outside::LARGEST_BODY;
use crate::check::outside::asked::Asked;
use crate::check::outside::reply::Reply;

/// Events say when something happened to an object, and the object does not: this
/// stands for all of them.
const LAST_MODIFIED: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

/// The answer to a read of an object; none if it is larger than what is served.
pub(in crate::check::outside) fn read(
    asked: &Asked,
    address: &Address,
    object: Option<&Object>,
) -> Option<Reply> {
    let Some(object) = object else {
        return Some(missing(asked, address));
    };
    let e_tag = format!("\"{}\"", object.e_tag);
    let is_this = |header: &str| {
        let wanted = asked.header(header)?;
        Some(wanted == "*" || wanted.trim_matches('"') == object.e_tag)
    };
    if is_this("if-match") == Some(false) {
        return Some(Reply::error(
            asked,
            412,
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
        ));
    }
    if is_this("if-none-match") == Some(true) {
        return Some(Reply::empty(304).with("etag", e_tag));
    }
    let range = asked.header("range").and_then(|it| range(it, object.size));
    let (status, range) = match range {
        None => (200, None),
        Some(Some(range)) => (206, Some(range)),
        Some(None) => {
            let message = "The requested range is not satisfiable";
            let reply = Reply::error(asked, 416, "InvalidRange", message);
            return Some(reply.with("content-range", format!("bytes */{}", object.size)));
        }
    };
    let length = range
        .as_ref()
        .map_or(object.size, |it| it.end() - it.start() + 1);
    let mut reply = Reply::empty(status)
        .with("accept-ranges", "bytes")
        .with("content-length", length.to_string())
        .with("content-type", "binary/octet-stream")
        .with("etag", e_tag)
        .with("last-modified", LAST_MODIFIED);
    if let Some(range) = &range {
        let (first, last) = (range.start(), range.end());
        let range = format!("bytes {first}-{last}/{}", object.size);
        reply = reply.with("content-range", range);
    }
    if let Some(version) = &object.version_id {
        reply = reply.with("x-amz-version-id", version);
    }
    if asked.method != Method::HEAD {
        let first = range.map_or(0, |it| *it.start());
        reply.body = part(object, first, length)?;
    }
    Some(reply)
}

fn missing(asked: &Asked, address: &Address) -> Reply {
    match address.version {
        None => Reply::error(asked, 404, "NoSuchKey", "The specified key does not exist."),
        Some(_) => Reply::error(
            asked,
            404,
            "NoSuchVersion",
            "The specified version does not exist.",
        ),
    }
}

/// The bytes of a range of an object: nothing if the header is none that S3 heeds, and
/// nothing within that if there are no such bytes
/// ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#name-range)).
fn range(header: &str, size: u64) -> Option<Option<RangeInclusive<u64>>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let end = size.checked_sub(1);
    let range = match (first, last) {
        ("", last) => {
            let length: u64 = last.parse().ok()?;
            let wanted = end.filter(|_| length > 0);
            wanted.map(|end| size.saturating_sub(length)..=end)
        }
        (first, "") => {
            let first = first.parse().ok()?;
            end.map(|end| first..=end)
        }
        (first, last) => {
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            if first > last {
                return None;
            }
            end.map(|end| first..=last.min(end))
        }
    };
    Some(range.filter(|it| !it.is_empty()))
}

/// Of a larger object only the first part is known, which repeats itself.
fn part(object: &Object, first: u64, length: u64) -> Option<Bytes> {
    let known = object.body.len() as u64;
    if first + length <= known {
        let (first, length) = (first as usize, length as usize);
        return Some(object.body.slice(first..first + length));
    }
    let length = usize::try_from(length).ok()?;
    if known == 0 || length > LARGEST_BODY {
        return None;
    }
    let bytes = object.body.iter().cycle().skip((first % known) as usize);
    Some(bytes.take(length).copied().collect())
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn ask(request: hyper::http::request::Builder, size: u64) -> Option<Reply> {
        let (head, ()) = request.body(()).unwrap().into_parts();
        let asked = Asked::new(head, Bytes::new());
        let address = Address {
            bucket: "b".to_owned(),
            key: "k".to_owned(),
            version: None,
        };
        let object = Object {
            bucket: "b".to_owned(),
            key: "k".to_owned(),
            version_id: Some("v".to_owned()),
            e_tag: "tag".to_owned(),
            size,
            body: Bytes::from("0123456789"),
        };
        read(&asked, &address, Some(&object))
    }

    fn get(range: &str, size: u64) -> Reply {
        ask(Request::get("/b/k").header("range", range), size).unwrap()
    }

    fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
        let mut headers = reply.headers.iter();
        headers.find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    #[test]
    fn a_range_is_answered_with_just_that() {
        for (range, body, said) in [
            ("bytes=2-4", "234", "bytes 2-4/10"),
            ("bytes=7-", "789", "bytes 7-9/10"),
            ("bytes=-2", "89", "bytes 8-9/10"),
            ("bytes=-20", "0123456789", "bytes 0-9/10"),
            ("bytes=8-20", "89", "bytes 8-9/10"),
        ] {
            let reply = get(range, 10);
            assert_eq!(
                (reply.status, &*reply.body),
                (206, body.as_bytes()),
                "{range}"
            );
            assert_eq!(header(&reply, "content-range"), Some(said));
        }
    }

    #[test]
    fn a_range_beyond_the_end_is_refused_and_what_is_no_range_ignored() {
        for range in ["bytes=10-", "bytes=10-11", "bytes=-0"] {
            assert_eq!(get(range, 10).status, 416, "{range}");
        }
        for range in ["bytes=4-2", "lines=1-2", "bytes=x-y", "bytes=1"] {
            assert_eq!(get(range, 10).status, 200, "{range}");
        }
        assert_eq!(get("bytes=0-", 0).status, 416);
    }

    #[test]
    fn an_object_is_as_large_as_its_event_says() {
        let reply = ask(Request::head("/b/k"), 1 << 40).unwrap();
        assert_eq!(header(&reply, "content-length"), Some("1099511627776"));
        assert!(reply.body.is_empty());
        assert_eq!(get("bytes=1099511627774-", 1 << 40).body, "45");
        assert_eq!(ask(Request::get("/b/k"), 12).unwrap().body, "012345678901");
        assert_eq!(ask(Request::get("/b/k"), 1 << 40), None);
    }

    #[test]
    fn an_object_that_the_client_has_is_not_sent_again() {
        let request = || Request::get("/b/k");
        assert_eq!(
            ask(request().header("if-none-match", "\"tag\""), 10)
                .unwrap()
                .status,
            304
        );
        assert_eq!(
            ask(request().header("if-none-match", "\"gat\""), 10)
                .unwrap()
                .status,
            200
        );
        assert_eq!(
            ask(request().header("if-match", "\"gat\""), 10)
                .unwrap()
                .status,
            412
        );
        let reply = ask(request().header("if-match", "\"tag\""), 10).unwrap();
        assert_eq!(header(&reply, "x-amz-version-id"), Some("v"));
        assert_eq!(header(&reply, "etag"), Some("\"tag\""));
    }
}
