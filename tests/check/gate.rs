//! The gate in front of the embedded DynamoDB API, with real clients.

#[path = "gate/backend.rs"]
mod backend;
#[path = "gate/calls.rs"]
mod calls;
#[path = "gate/connections.rs"]
mod connections;
#[path = "gate/faults.rs"]
mod faults;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client as SdkClient;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use redeliver::check::backend::{Backend, Contents, KeyAttribute, KeySchema, KeyType};
use redeliver::check::gate::{Gate, HeldCall, Met, TableCall};
use redeliver::check::news::Happened;
use redeliver::dynamodb::{Client, Embedded};
use redeliver_model::schedule::Fate;

use crate::listening::{ENVIRONMENT, Listening, PATIENCE};

/// A gate in front of an embedded API with the tables `rows`, whose key is the text
/// `id`, and `log`, whose key is the text `of` and the number `at`.
struct Stage {
    embedded: Embedded,
    backend: Backend,
    gate: Gate,
    news: Listening,
}

impl Stage {
    async fn set() -> Self {
        let embedded = Embedded::start().await.unwrap();
        let backend = Backend::new(&embedded.endpoint()).unwrap();
        backend.create_table("rows", text_key("id")).await.unwrap();
        let log = KeySchema {
            sort: Some(KeyAttribute {
                name: "at".to_owned(),
                kind: KeyType::Number,
            }),
            ..text_key("of")
        };
        backend.create_table("log", log).await.unwrap();
        let (sender, news) = Listening::new();
        let gate = Gate::open(ENVIRONMENT, &backend, sender).await.unwrap();
        Self {
            embedded,
            backend,
            gate,
            news,
        }
    }

    async fn next_call(&mut self) -> HeldCall {
        match self.news.next().await {
            Happened::Called(held) => held,
            other => panic!("{other:?} is no call"),
        }
    }

    /// The API behind the gate.
    fn embedded(&self) -> String {
        self.embedded.endpoint()
    }

    /// The kit's own client, past the gate.
    fn direct(&self) -> Client {
        Client::new(&self.embedded()).unwrap()
    }

    /// The kit's own client.
    fn client(&self) -> Client {
        Client::new(&self.gate.endpoint()).unwrap()
    }

    /// The SDK's, which makes up to three attempts.
    fn sdk(&self) -> SdkClient {
        let config = aws_sdk_dynamodb::config::Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(redeliver_handler::dynamodb::http_client())
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(3)
                    .with_initial_backoff(Duration::from_millis(1)),
            )
            .endpoint_url(self.gate.endpoint())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"));
        SdkClient::from_conf(config.build())
    }

    /// Lets these fates befall the calls that come, one after another; then every
    /// call is answered.
    fn play(self, fates: &[Fate]) -> Played {
        let Self {
            embedded,
            backend,
            gate,
            mut news,
        } = self;
        let calls = Calls::default();
        let log = Arc::clone(&calls);
        let fates = fates.to_vec();
        let behind = backend.clone();
        tokio::spawn(async move {
            let mut fates = fates.into_iter();
            while let Some(what) = news.next_if_any().await {
                let Happened::Called(held) = what else {
                    continue;
                };
                let fate = fates.next().unwrap_or(Fate::Answered);
                let call = Arc::clone(&held.call);
                let met = held.meet(fate, &behind).await.unwrap();
                log.lock().unwrap().push((call, met));
            }
        });
        Played {
            _embedded: embedded,
            backend,
            _gate: gate,
            calls,
        }
    }
}

type Calls = Arc<Mutex<Vec<(Arc<TableCall>, Met)>>>;

/// A stage on which fates are played.
struct Played {
    _embedded: Embedded,
    backend: Backend,
    _gate: Gate,
    calls: Calls,
}

impl Played {
    fn calls(&self) -> Vec<(Arc<TableCall>, Met)> {
        self.calls.lock().unwrap().clone()
    }

    async fn rows(&self) -> Contents {
        self.backend.contents(&tables(&["rows"])).await.unwrap()
    }
}

fn text_key(partition: &str) -> KeySchema {
    KeySchema {
        partition: KeyAttribute::text(partition),
        sort: None,
    }
}

fn tables(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&it| it.to_owned()).collect()
}
