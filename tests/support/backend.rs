//! The DynamoDB APIs that the suites run on.

use std::time::Duration;

use redeliver::dynamodb::{Client, Embedded};
use serde_json::json;
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage};

/// A DynamoDB API of the test's own, until it is dropped.
pub(crate) enum Backend {
    Container {
        endpoint: String,
        _container: Box<ContainerAsync<GenericImage>>,
    },
    Embedded(Embedded),
}

impl Backend {
    pub(crate) async fn embedded() -> Self {
        Self::Embedded(Embedded::start().await.expect("a loopback port is free"))
    }

    /// DynamoDB Local in a container, from the image that `ci/dynamodb-local-image`
    /// makes.
    pub(crate) async fn dynamodb_local() -> Self {
        const PORT: u16 = 8000;
        let container = GenericImage::new("redeliver/dynamodb-local", "latest")
            .with_exposed_port(PORT.tcp())
            .with_wait_for(WaitFor::message_on_stdout("CorsParams:"))
            .start()
            .await
            .expect("Docker runs, and ci/dynamodb-local-image has made the image");
        let port = container
            .get_host_port_ipv4(PORT)
            .await
            .expect("the port is published");
        // Not the container's own idea of its host: inside another container that
        // is a gateway, and the port is published on loopback as well.
        let endpoint = format!("http://127.0.0.1:{port}");
        until_it_answers(&endpoint).await;
        Self::Container {
            endpoint,
            _container: Box::new(container),
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        match self {
            Self::Container { endpoint, .. } => endpoint.clone(),
            Self::Embedded(embedded) => embedded.endpoint(),
        }
    }
}

/// DynamoDB Local says that it is ready a second or two before it is.
async fn until_it_answers(endpoint: &str) {
    let client = Client::new(endpoint).expect("the endpoint is an http URL");
    for _ in 0..300 {
        if client.call("ListTables", &json!({})).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("DynamoDB Local at {endpoint} does not answer");
}
