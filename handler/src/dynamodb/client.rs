//! The SDK's client as one wants it in Lambda.

use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder};

/// `config` with timeouts and retries that suit a function of some thirty
/// seconds. Add region and credentials, and an endpoint if it is not AWS's own.
///
/// - The SDK sets no timeout for a request by default: one that never gets its
///   answer would last until Lambda kills the environment. Here an attempt has
///   3 seconds, and all of them together 10.
/// - Four attempts, the first retry after 25 ms: what AWS's SDKs have in common
///   for DynamoDB. `Client::from_conf` made no retries at all before behavior
///   version 2026-01-12, so the version is pinned.
/// - HTTPS with the feature `https`; without it plain HTTP, for a local endpoint.
pub fn configured(config: Builder) -> Builder {
    config
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(http_client())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(1))
                .operation_attempt_timeout(Duration::from_secs(3))
                .operation_timeout(Duration::from_secs(10))
                .build(),
        )
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(4)
                .with_initial_backoff(Duration::from_millis(25)),
        )
}

/// The HTTP client that [`configured`] uses, with TLS.
#[cfg(feature = "https")]
pub fn http_client() -> aws_sdk_dynamodb::config::SharedHttpClient {
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

    // ring rather than the default aws-lc: it builds in a fraction of the time,
    // and crosses to arm64 without a C++ toolchain.
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

/// The HTTP client that [`configured`] uses, without TLS.
#[cfg(not(feature = "https"))]
pub fn http_client() -> aws_sdk_dynamodb::config::SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}
