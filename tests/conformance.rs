//! The model's table is compared, call by call, with a real DynamoDB API: random
//! sequences of calls must be answered alike, and must leave the same items.
//!
//! What this does not compare: stale reads and expiry, which no API shows on
//! demand; the ten minutes of a request token; the items in the reasons of a
//! cancelled transaction, which the kit's client does not hand on; and what
//! DynamoDB refuses as malformed, which handlers do not send.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "conformance/calls.rs"]
mod calls;
#[path = "conformance/replies.rs"]
mod replies;
#[path = "conformance/sequences.rs"]
mod sequences;
mod support;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};

use proptest::prelude::ProptestConfig;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner};
use redeliver::backend::{Check, Effort, Verdict, examine};
use redeliver::dynamodb::Client;
use redeliver_model::table::{FailedCondition, Operation, Reply, Table};
use serde_json::json;
use support::backend::Backend;
use tokio::runtime::Runtime;

#[test]
fn the_models_table_answers_as_the_embedded_api_does() {
    let runtime = Runtime::new().unwrap();
    let backend = runtime.block_on(Backend::embedded());
    compare(&runtime, &backend);
}

#[test]
#[ignore = "needs Docker and an image: ci/docker && ci/dynamodb-local-image, then cargo test --test conformance -- --ignored"]
fn the_models_table_answers_as_dynamodb_local_does() {
    let runtime = Runtime::new().unwrap();
    // The container is removed when it is dropped, for which it needs a runtime.
    let _entered = runtime.enter();
    let backend = runtime.block_on(Backend::dynamodb_local());
    compare(&runtime, &backend);
}

/// Each case has a table of its own, and request tokens of its own.
fn compare(runtime: &Runtime, backend: &Backend) {
    let client = Client::new(&backend.endpoint()).unwrap();
    let returns_items = runtime.block_on(returns_items(&client));
    let case = Cell::new(0);
    let kinds = RefCell::new(BTreeSet::new());
    let result = TestRunner::new(config(150)).run(&sequences::sequences(), |operations| {
        case.set(case.get() + 1);
        let api = Api {
            client: &client,
            table: format!("case-{}", case.get()),
            returns_items,
        };
        let seen = runtime
            .block_on(api.agrees_with_the_model(&operations))
            .map_err(TestCaseError::fail)?;
        kinds.borrow_mut().extend(seen);
        Ok(())
    });
    if let Err(difference) = result {
        panic!("{difference:#}");
    }
    // Sequences that never provoke a kind of reply would prove nothing of it.
    let all = [
        "Cancelled",
        "ConditionFailed",
        "Item",
        "TokenReused",
        "Unprocessed",
        "Written",
    ];
    assert_eq!(kinds.into_inner(), BTreeSet::from(all));
}

struct Api<'a> {
    client: &'a Client,
    table: String,
    /// Whether a failed condition returns the item, if asked to.
    returns_items: bool,
}

impl Api<'_> {
    /// Carries out the operations on a new table and on the model. Returns the
    /// kinds of replies that both gave, or the first difference.
    async fn agrees_with_the_model(
        &self,
        operations: &[Operation],
    ) -> Result<BTreeSet<&'static str>, String> {
        let create = json!({
            "TableName": self.table,
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            "BillingMode": "PAY_PER_REQUEST",
        });
        self.client.call("CreateTable", &create).await.unwrap();
        let mut model = Table::default();
        let mut kinds = BTreeSet::new();
        for (position, operation) in operations.iter().enumerate() {
            let (name, input) = calls::call(&self.table, operation);
            let answer = self.client.call(name, &input).await;
            let actual = replies::reply(operation, answer)
                .map_err(|surprise| format!("call {position}: {surprise}, to {name} {input}"))?;
            let expected = self.as_told(model.execute(operation, 0));
            if actual != expected {
                return Err(format!(
                    "call {position}: the API answers {actual:?}, the model {expected:?}, to \
                     {name} {input}"
                ));
            }
            kinds.insert(replies::kind(&actual));
        }
        let scan = json!({ "TableName": self.table, "ConsistentRead": true });
        let stored = replies::items(&self.client.call("Scan", &scan).await.unwrap());
        if &stored != model.items() {
            let expected = model.items();
            return Err(format!(
                "in the end the API has {stored:?}, the model {expected:?}"
            ));
        }
        let delete = json!({ "TableName": self.table });
        self.client.call("DeleteTable", &delete).await.unwrap();
        Ok(kinds)
    }

    /// The model's reply without what the API or the client does not tell.
    fn as_told(&self, reply: Reply) -> Reply {
        match reply {
            Reply::Cancelled(reasons) => {
                let without_item = |_| FailedCondition::default();
                let reasons = reasons.into_iter().map(|it| it.map(without_item));
                Reply::Cancelled(reasons.collect())
            }
            Reply::ConditionFailed(_) if !self.returns_items => {
                Reply::ConditionFailed(FailedCondition::default())
            }
            reply => reply,
        }
    }
}

/// Older versions of DynamoDB Local return no item.
async fn returns_items(client: &Client) -> bool {
    let little = Effort {
        keys: 1,
        writers: 2,
    };
    let findings = examine(client, little).await.unwrap();
    let returned = findings
        .iter()
        .find(|finding| finding.check == Check::ItemReturned);
    matches!(returned.unwrap().verdict, Verdict::Holds(_))
}

fn config(cases: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(cases),
    };
    eprintln!("PROPTEST_RNG_SEED={seed} repeats this run");
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..config
    }
}
