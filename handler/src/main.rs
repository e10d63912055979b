//! The Lambda function: reads its configuration, then records what it is invoked
//! with. Runs several invocations at once where Lambda asks for it (Managed
//! Instances), one after another where it does not.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use redeliver_handler::configuration::Configuration;
use redeliver_handler::dynamodb::{DynamoDbTable, configured, http_client};
use redeliver_handler::record::{Handler, Invocation};
use redeliver_handler::recorded_keys::RecordedKeys;
use redeliver_handler::table::EpochSeconds;
use serde_json::value::RawValue;
use tracing::Level;

#[tokio::main]
async fn main() -> ExitCode {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL");
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_current_span(false)
        .with_span_list(false)
        .with_max_level(
            level
                .ok()
                .and_then(|level| level.parse().ok())
                .unwrap_or(Level::INFO),
        )
        .init();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("redeliver-handler cannot run: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Error> {
    let configuration = Configuration::read(variable)?;
    if variable("AWS_LAMBDA_RUNTIME_API").is_none() {
        return Err(
            "AWS_LAMBDA_RUNTIME_API is not set: this program runs in AWS Lambda, \
                    or locally behind a Runtime API such as `cargo lambda watch`"
                .into(),
        );
    }
    // Asked here, because aws-config would go on to ask the instance metadata
    // service, which no Lambda function has.
    let region = variable("AWS_REGION")
        .ok_or("AWS_REGION is not set: give it the region of the DynamoDB table")?;
    let aws = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(region))
        .http_client(http_client())
        .load()
        .await;
    let client = Client::from_conf(configured((&aws).into()).build());
    let table = DynamoDbTable::new(client, configuration.table, configuration.ttl_attribute);
    let recorded_keys: RecordedKeys = RecordedKeys::new(configuration.cache);
    let handler = Handler::new(table, configuration.settings).with_recorded_keys(recorded_keys);
    let handler = Arc::new(handler);
    lambda_runtime::run_concurrent(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let handler = Arc::clone(&handler);
        async move {
            let invocation = Invocation {
                request_id: event.context.request_id.into(),
                now: now(),
            };
            // The parser reads the very bytes that Lambda sent.
            let document = event.payload.get().as_bytes();
            let response = handler.handle(document, &invocation).await;
            response.map_err(|failed| Diagnostic {
                error_type: "InvocationFailed".to_owned(),
                error_message: failed.to_string(),
            })
        }
    }))
    .await
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn now() -> EpochSeconds {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock before 1970 can only make rows expire early, so it is taken for 1970
    // and the rows for expired, which the condition does not look at.
    EpochSeconds(since_epoch.map_or(0, |elapsed| elapsed.as_secs()))
}
