//! The DynamoDB API behind the gate: the embedded one, or one that is given.

mod contents;
mod earlier;
mod row;
mod schema;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hyper::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value as Json, json};

pub use contents::{Contents, Item};
pub use row::RowId;
pub use schema::{Index, KeyAttribute, KeySchema, KeyType, Projection, TableSchema};

use super::gate::{Reply, TableCall, TableRequest};
use crate::dynamodb::{Client, Failure, InvalidEndpoint};
use earlier::EarlierItems;

/// The API, and what is known of its tables. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Backend {
    client: Client,
    schemas: Arc<RwLock<Schemas>>,
    earlier: Arc<EarlierItems>,
}

/// The keys of the tables that are known, by the tables' names.
pub type Schemas = BTreeMap<String, KeySchema>;

impl Backend {
    /// The API at `endpoint`, such as [`Embedded`](crate::dynamodb::Embedded)'s.
    ///
    /// # Errors
    ///
    /// If the endpoint is no `http` URL.
    pub fn new(endpoint: &str) -> Result<Self, InvalidEndpoint> {
        Ok(Self {
            client: Client::new(endpoint)?,
            schemas: Arc::default(),
            earlier: Arc::default(),
        })
    }

    /// Creates a table.
    ///
    /// # Errors
    ///
    /// If the API refuses: among other reasons, because the table is there already.
    pub async fn create_table(
        &self,
        name: &str,
        table: impl Into<TableSchema>,
    ) -> Result<(), BackendError> {
        let table = table.into();
        self.call("CreateTable", &table.create_table(name)).await?;
        self.schemas_mut().insert(name.to_owned(), table.key);
        Ok(())
    }

    /// Looks for a table that somebody else created, and gets to know its key; none
    /// if there is no such table.
    ///
    /// # Errors
    ///
    /// If the API does not answer, or describes no table that DynamoDB could have.
    pub async fn find_table(&self, name: &str) -> Result<Option<KeySchema>, BackendError> {
        let request = json!({ "TableName": name });
        let described = match self.call("DescribeTable", &request).await {
            Ok(described) => described,
            Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(key) = KeySchema::described_by(&described["Table"]) else {
            let table = name.to_owned();
            return Err(BackendError::StrangeTable { table });
        };
        self.schemas_mut().insert(name.to_owned(), key.clone());
        Ok(Some(key))
    }

    /// The tables that are known, with their keys. While this is held, no table can
    /// be created.
    pub fn schemas(&self) -> RwLockReadGuard<'_, Schemas> {
        self.schemas.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries out a call, and returns what the API replies.
    ///
    /// # Errors
    ///
    /// If the API does not reply.
    pub async fn carry_out(&self, call: &TableCall) -> Result<Reply, BackendError> {
        let before = self.before(call).await?;
        let reply = self.pass_on(&call.request).await?;
        if reply.status == 200 {
            self.earlier.replaced(before);
            self.learn(call);
        }
        Ok(reply)
    }

    /// Every request gets the kit's own signature: DynamoDB Local keeps tables apart
    /// by access key and region
    /// ([usage notes](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.UsageNotes.html)),
    /// and the handler's must be those that the kit sees.
    async fn pass_on(&self, request: &TableRequest) -> Result<Reply, BackendError> {
        let TableRequest {
            target,
            content_type,
            body,
        } = request;
        let response = self.client.send(target, content_type, body.clone()).await;
        let (head, body) = response
            .map_err(|failure| BackendError::failed(target, failure))?
            .into_parts();
        Ok(Reply {
            status: head.status.as_u16(),
            content_type: text(&head.headers, CONTENT_TYPE.as_str()),
            request_id: text(&head.headers, "x-amzn-requestid"),
            body,
        })
    }

    /// Handlers may create and delete tables themselves.
    fn learn(&self, call: &TableCall) {
        let changes_tables = ["CreateTable", "DeleteTable"].contains(&&*call.operation);
        if !changes_tables {
            return;
        }
        let Ok(input) = serde_json::from_slice::<Json>(&call.request.body) else {
            return;
        };
        let created = KeySchema::described_by(&input);
        let mut schemas = self.schemas_mut();
        for table in &call.tables {
            match &created {
                Some(key) => schemas.insert(table.clone(), key.clone()),
                None => schemas.remove(table),
            };
        }
    }

    fn schemas_mut(&self) -> RwLockWriteGuard<'_, Schemas> {
        self.schemas.write().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call(&self, operation: &str, input: &Json) -> Result<Json, BackendError> {
        let answer = self.client.call(operation, input).await;
        answer.map_err(|failure| BackendError::failed(operation, failure))
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// The API does not do what it is there for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum BackendError {
    /// A call failed.
    Failed {
        /// Which operation.
        operation: String,
        /// How.
        failure: Box<Failure>,
    },
    /// The API describes a table without a key.
    StrangeTable {
        /// Which table.
        table: String,
    },
    /// An item lacks a part of its key.
    StrangeItem {
        /// In which table.
        table: String,
        /// The item, as DynamoDB's JSON.
        item: String,
    },
    /// The key of a table is not known.
    UnknownTable {
        /// Which table.
        table: String,
    },
    /// The API leaves writes of a batch undone, again and again.
    Unprocessed {
        /// In which table.
        table: String,
    },
}

impl BackendError {
    fn failed(operation: &str, failure: Failure) -> Self {
        Self::Failed {
            operation: operation.to_owned(),
            failure: Box::new(failure),
        }
    }

    /// The name of the error that the API answered with, if it answered.
    pub(in crate::check) fn code(&self) -> Option<&str> {
        match self {
            Self::Failed { failure, .. } => match &**failure {
                Failure::Refused { code, .. } => Some(code),
                Failure::NoAnswer { .. } => None,
            },
            _ => None,
        }
    }
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { operation, failure } => write!(f, "{operation} failed: {failure}"),
            Self::StrangeTable { table } => write!(
                f,
                "the DynamoDB API describes table {table} without a key; is it a DynamoDB API? \
                 `redeliver backend URL` tests it"
            ),
            Self::StrangeItem { table, item } => write!(
                f,
                "an item of table {table} lacks a part of the table's key: {item}; \
                 `redeliver backend URL` tests the DynamoDB API"
            ),
            Self::UnknownTable { table } => write!(
                f,
                "the key of table {table} is not known; name it with --table {table}:PARTITION_KEY \
                 or --table {table}:PARTITION_KEY:SORT_KEY"
            ),
            Self::Unprocessed { table } => write!(
                f,
                "the DynamoDB API leaves items of table {table} undeleted, again and again; \
                 `redeliver backend URL` tests it"
            ),
        }
    }
}

impl std::error::Error for BackendError {}
