//! `PutObject`, `CopyObject` and `DeleteObject`.

use hyper::Method;
use hyper::body::Bytes;
use serde_json::{Map, Value as Json, json};

use super::{Address, body};
use crate::check::outside::asked::Asked;
use crate::check::outside::effect::{self, Effect, EffectKind};
use crate::check::outside::objects::Objects;
use crate::check::outside::reply::Reply;
use crate::check::outside::xml;

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A change of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::check::outside) struct Write {
    address: Address,
    what: What,
    /// The caller wants it done only if there is no such object yet.
    if_absent: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Copy(Address),
    Delete,
    Put(Bytes),
}

impl Write {
    /// The change that a request asks for; none if it cannot be told, or depends on
    /// more than whether the object is there.
    pub(super) fn of(asked: &Asked, address: Address) -> Option<Self> {
        let if_absent = asked.header("if-none-match").is_some();
        if asked.header("if-match").is_some() || address.version.is_some() {
            return None;
        }
        let what = match (&asked.method, asked.header("x-amz-copy-source")) {
            (&Method::DELETE, _) => What::Delete,
            (_, Some(source)) => What::Copy(Address::of_source(source)?),
            (_, None) => What::Put(body(asked)?),
        };
        Some(Self {
            address,
            what,
            if_absent,
        })
    }

    /// It as an effect: what is written where, whatever is there.
    pub(in crate::check::outside) fn effect(&self, asked: &Asked) -> Effect {
        let Address { bucket, key, .. } = &self.address;
        let (operation, said) = match &self.what {
            What::Copy(from) => {
                let from = format!("{}/{}", from.bucket, from.key);
                ("CopyObject", json!({ "key": key, "from": from }))
            }
            What::Delete => ("DeleteObject", json!({ "key": key })),
            What::Put(body) => {
                let said = json!({
                    "key": key,
                    "body": effect::body(body),
                    "metadata": metadata(asked),
                });
                ("PutObject", said)
            }
        };
        Effect {
            kind: EffectKind {
                service: "s3".to_owned(),
                operation: operation.to_owned(),
                place: bucket.clone(),
            },
            content: effect::content(&said),
            token: None,
            overwrites: true,
        }
    }

    /// Carries it out, and says whether anything was done.
    pub(in crate::check::outside) fn carry_out(
        &self,
        asked: &Asked,
        objects: &Objects,
    ) -> (bool, Reply) {
        let internal = |error: &dyn std::fmt::Display| {
            let message = format!("redeliver cannot read the object: {error}");
            (false, Reply::error(asked, 501, "NotImplemented", &message))
        };
        let find = |it: &Address| objects.get(&it.bucket, &it.key, it.version.as_deref());
        let Address { bucket, key, .. } = &self.address;
        if self.if_absent {
            match find(&self.address) {
                Ok(None) => {}
                Ok(Some(_)) => return (false, there_already(asked)),
                Err(error) => return internal(&error),
            }
        }
        match &self.what {
            What::Delete => {
                objects.delete(bucket, key);
                (true, Reply::empty(204))
            }
            What::Put(body) => {
                objects.put(bucket, key, body.clone());
                let e_tag = format!("\"{}\"", effect::sum(body));
                (true, Reply::empty(200).with("etag", e_tag))
            }
            What::Copy(from) => match find(from) {
                Ok(Some(source)) => {
                    let e_tag = effect::sum(&source.body);
                    objects.put(bucket, key, source.body);
                    (true, copied(&e_tag))
                }
                Ok(None) => {
                    let message = "The specified key does not exist.";
                    (false, Reply::error(asked, 404, "NoSuchKey", message))
                }
                Err(error) => internal(&error),
            },
        }
    }
}

/// ([conditional writes](https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html)).
fn there_already(asked: &Asked) -> Reply {
    Reply::error(
        asked,
        412,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
    )
}

fn copied(e_tag: &str) -> Reply {
    let inside = [
        xml::text("ETag", &format!("\"{e_tag}\"")),
        xml::text("LastModified", "2026-01-01T00:00:00.000Z"),
    ];
    let document = xml::document("CopyObjectResult", NAMESPACE, &inside);
    Reply::new(200, "application/xml", document)
}

/// What a client says of an object beside its content.
fn metadata(asked: &Asked) -> Json {
    let headers = asked.headers.iter().filter_map(|(name, value)| {
        let name = name.as_str();
        let is_told = name == "content-type" || name.starts_with("x-amz-meta-");
        let value = String::from_utf8_lossy(value.as_bytes());
        is_told.then(|| (name.to_owned(), Json::from(value)))
    });
    Json::Object(headers.collect::<Map<_, _>>())
}
