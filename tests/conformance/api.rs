//! A DynamoDB API that is compared with the model.

use std::collections::BTreeMap;

use redeliver::backend::{Check, Effort, Verdict, examine};
use redeliver::dynamodb::{Client, Request, items, reply};
use redeliver_model::table::{FailedCondition, Failure, Item, Key, Operation, Reason, Reply};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::support::backend::Backend;

pub(crate) struct Api<'a> {
    runtime: &'a Runtime,
    client: Client,
    /// Whether a failed condition of a write that stands alone returns the item, if
    /// asked to; older versions of DynamoDB Local do not. Within a transaction it
    /// always does.
    pub(crate) returns_items: bool,
}

impl<'a> Api<'a> {
    pub(crate) fn of(runtime: &'a Runtime, backend: &Backend) -> Self {
        let client = Client::new(&backend.endpoint()).unwrap();
        let little = Effort {
            keys: 1,
            writers: 2,
        };
        let findings = runtime.block_on(examine(&client, little)).unwrap();
        let mut findings = findings.iter();
        let returned = findings.find(|finding| finding.check == Check::ItemReturned);
        let returns_items = matches!(returned.unwrap().verdict, Verdict::Holds(_));
        Self {
            runtime,
            client,
            returns_items,
        }
    }

    /// A new table.
    pub(crate) fn table(&self, name: String) -> Table<'_> {
        let create = json!({
            "TableName": name,
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            "BillingMode": "PAY_PER_REQUEST",
        });
        let created = self.client.call("CreateTable", &create);
        self.runtime.block_on(created).unwrap();
        Table { api: self, name }
    }

    /// The model's reply as the API tells it.
    fn as_told(&self, reply: &Reply, by_the_api: &Reply) -> Reply {
        let invalid = Reply::Failed(Failure::Invalid);
        match reply {
            Reply::ConditionFailed(_) if !self.returns_items => {
                Reply::ConditionFailed(FailedCondition::default())
            }
            // DynamoDB Local refuses the transaction as a whole, where AWS documents
            // a reason for each write.
            Reply::Cancelled(reasons)
                if reasons.contains(&Reason::Invalid) && *by_the_api == invalid =>
            {
                invalid
            }
            reply => reply.clone(),
        }
    }
}

/// A table of the API, until it is dropped.
pub(crate) struct Table<'a> {
    api: &'a Api<'a>,
    name: String,
}

impl Table<'_> {
    /// What the API replies to an operation.
    pub(crate) fn carry_out(&self, operation: &Operation) -> Result<Reply, String> {
        let Request { name, input } = Request::of(&self.name, operation).unwrap();
        let answer = self.api.client.call(name, &input);
        let answer = self.api.runtime.block_on(answer);
        reply(operation, answer).map_err(|surprise| format!("{surprise}, to {name} {input}"))
    }

    /// That the API replies to an operation as the model does.
    pub(crate) fn agrees(&self, operation: &Operation, model: &Reply) -> Result<Reply, String> {
        let actual = self.carry_out(operation)?;
        let expected = self.api.as_told(model, &actual);
        match actual == expected {
            true => Ok(actual),
            false => Err(format!(
                "the API answers {actual:?}, the model {expected:?}, to {operation:?}"
            )),
        }
    }

    /// That the API has the items that the model has.
    pub(crate) fn has(&self, expected: &BTreeMap<Key, Item>) -> Result<(), String> {
        let scan = json!({ "TableName": self.name, "ConsistentRead": true });
        let scanned = self.api.client.call("Scan", &scan);
        let stored = items(&self.api.runtime.block_on(scanned).unwrap()).unwrap();
        match stored == *expected {
            true => Ok(()),
            false => Err(format!(
                "in the end the API has {stored:?}, the model {expected:?}"
            )),
        }
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        let delete = json!({ "TableName": self.name });
        let deleted = self.api.client.call("DeleteTable", &delete);
        let deleted = self.api.runtime.block_on(deleted);
        if !std::thread::panicking() {
            deleted.unwrap();
        }
    }
}
