//! The embedded DynamoDB on a loopback port.

use std::net::Ipv4Addr;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Builder, Credentials, Region};
use redeliver_handler::dynamodb::configured;
use tokio::net::TcpListener;

/// Starts it, without a table, and returns its endpoint and a client for it.
pub(crate) async fn start() -> (String, Client) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let config = configured(Builder::default())
        .endpoint_url(&endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"));
    (endpoint, Client::from_conf(config.build()))
}
