//! The table itself, for tests, local endpoints and first steps. In AWS the
//! template in `handler/deploy` creates it.

use std::fmt;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    TimeToLiveSpecification,
};

use crate::table::ID;

const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Creates the table that [`DynamoDbTable`](super::DynamoDbTable) writes to, waits
/// until it is active, and turns on TTL for the attribute, if one is given.
///
/// A table of that name that exists already is left as it is.
///
/// # Errors
///
/// If DynamoDB refuses, or the table is not active within a minute.
pub async fn create_table(
    client: &Client,
    name: &str,
    ttl_attribute: Option<&str>,
) -> Result<(), TableNotCreated> {
    let failed = |step, error: &dyn std::error::Error| TableNotCreated {
        table: name.to_owned(),
        step,
        reason: DisplayErrorContext(error).to_string(),
    };
    let id = AttributeDefinition::builder()
        .attribute_name(ID)
        .attribute_type(ScalarAttributeType::S)
        .build()
        .map_err(|error| failed("CreateTable", &error))?;
    let partition_key = KeySchemaElement::builder()
        .attribute_name(ID)
        .key_type(KeyType::Hash)
        .build()
        .map_err(|error| failed("CreateTable", &error))?;
    let created = client
        .create_table()
        .table_name(name)
        .attribute_definitions(id)
        .key_schema(partition_key)
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await;
    match created {
        Ok(_) => {}
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_resource_in_use_exception()) =>
        {
            return Ok(());
        }
        Err(error) => return Err(failed("CreateTable", &error)),
    }
    client
        .wait_until_table_exists()
        .table_name(name)
        .wait(LONGEST_WAIT)
        .await
        .map_err(|error| failed("waiting for the table to become active", &error))?;
    if let Some(attribute) = ttl_attribute {
        let ttl = TimeToLiveSpecification::builder()
            .attribute_name(attribute)
            .enabled(true)
            .build()
            .map_err(|error| failed("UpdateTimeToLive", &error))?;
        client
            .update_time_to_live()
            .table_name(name)
            .time_to_live_specification(ttl)
            .send()
            .await
            .map_err(|error| failed("UpdateTimeToLive", &error))?;
    }
    Ok(())
}

/// The table could not be created.
#[derive(Clone, Debug)]
pub struct TableNotCreated {
    table: String,
    step: &'static str,
    reason: String,
}

impl fmt::Display for TableNotCreated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table,
            step,
            reason,
        } = self;
        write!(f, "table {table} could not be created: {step}: {reason}")
    }
}

impl std::error::Error for TableNotCreated {}
