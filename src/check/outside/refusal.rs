//! What a handler asked for in vain.

use std::fmt;

use crate::report::printable;

/// Names are cut to this many characters: a handler may send anything.
const LONGEST_NAME: usize = 200;

/// Something that a handler asked for, and nobody serves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Refusal {
    /// A server that is not to be reached.
    Host {
        /// The method of the request; `CONNECT` for whatever is encrypted.
        method: String,
        /// The host, with its port if one was given.
        host: String,
    },
    /// An object that is not there. Handlers may well ask whether one is: this matters
    /// only if the handler fails.
    NoObject {
        /// Its bucket.
        bucket: String,
        /// Its key.
        key: String,
    },
    /// An operation of an AWS service.
    Operation {
        /// The name that requests to the service are signed with: `ssm`.
        service: String,
        /// The operation; where the protocol does not name it, the method and the path.
        operation: String,
    },
    /// A request that is larger than any that is served.
    TooLarge {
        /// The method and the path.
        request: String,
    },
}

impl Refusal {
    pub(super) fn host(method: &str, host: &str) -> Self {
        Self::Host {
            method: short(method),
            host: short(host),
        }
    }

    pub(super) fn no_object(bucket: &str, key: &str) -> Self {
        Self::NoObject {
            bucket: short(bucket),
            key: short(key),
        }
    }

    pub(super) fn operation(service: &str, operation: &str) -> Self {
        Self::Operation {
            service: short(service),
            operation: short(operation),
        }
    }

    pub(super) fn too_large(request: &str) -> Self {
        let request = short(request);
        Self::TooLarge { request }
    }

    /// Whether nothing can be concluded from a run in which this was refused.
    pub fn makes_inconclusive(&self) -> bool {
        !matches!(self, Self::NoObject { .. })
    }
}

fn short(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { method, host } if is_metadata(host) => write!(
                f,
                "the handler asks {} for credentials or metadata of a machine ({}), which Lambda \
                 has not; its credentials are in its environment",
                printable(host),
                printable(method)
            ),
            Self::Host { method, host } if method == "CONNECT" => write!(
                f,
                "the handler asks for an encrypted connection to {}, which nobody serves; have it \
                 use AWS_ENDPOINT_URL or, for what it does to another server, a plain http URL \
                 that --effect-url or --stub names",
                printable(host)
            ),
            Self::Host { method, host } => write!(
                f,
                "the handler asks for {} of {}, which nobody serves; name its URL with \
                 --effect-url if this is what it is there to do, or give the answer with --stub",
                printable(method),
                printable(host)
            ),
            Self::NoObject { bucket, key } => write!(
                f,
                "the handler asks for the object {}/{}, of which no event speaks; give its \
                 content with --objects if it should be there",
                printable(bucket),
                printable(key)
            ),
            Self::Operation { service, operation } if service == "s3" => write!(
                f,
                "the handler asks S3 for {}, which nobody serves; give the answer with --stub",
                printable(operation)
            ),
            Self::Operation { service, operation } => {
                let service = match service.as_str() {
                    "" => "an AWS service".to_owned(),
                    _ => printable(service),
                };
                write!(
                    f,
                    "the handler asks {service} for {}, which nobody serves; give the answer \
                     with --stub",
                    printable(operation)
                )
            }
            Self::TooLarge { request } => write!(
                f,
                "{} is larger than the 16 MB that are served; give the check smaller events, or \
                 smaller objects with --objects",
                printable(request)
            ),
        }
    }
}

/// Of EC2, of ECS, and of EC2 over IPv6.
fn is_metadata(host: &str) -> bool {
    ["169.254.169.254", "169.254.170.2", "[fd00:ec2::254]"]
        .iter()
        .any(|it| host.starts_with(it))
}
