//! What a request to the table asks for, as far as the kit needs to know.

use std::collections::BTreeSet;
use std::fmt;

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value as Json;

use super::expression::conditions;
use super::part::{Part, parts, tables};
use crate::check::backend::{RowId, Schemas};

/// A request to the DynamoDB API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableCall {
    /// The operation's name: `PutItem`. Empty for what is no request to DynamoDB.
    pub operation: String,
    /// What kind of operation it is.
    pub kind: Kind,
    /// The tables it is about.
    pub tables: BTreeSet<String>,
    /// The rows that it names, in its order; none for a query or a scan, which
    /// concerns its tables as a whole.
    pub rows: Vec<RowId>,
    /// The conditions of its writes, with their placeholders replaced by what they
    /// stand for: `attribute_not_exists(id)`.
    pub conditions: Vec<String>,
    /// Why more is not known of it; none if all is.
    pub unknown: Option<Unknown>,
    /// The client's name for the call: the same for each of its own attempts
    /// (`amz-sdk-invocation-id`).
    pub sdk_call: Option<String>,
    /// Which of the client's attempts at the call this is, from 1 (`amz-sdk-request`).
    pub attempt: Option<u32>,
    /// The request itself.
    pub request: TableRequest,
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRequest {
    /// The header `x-amz-target`: `DynamoDB_20120810.PutItem`.
    pub target: String,
    /// The header `content-type`.
    pub content_type: String,
    /// The body.
    pub body: Bytes,
}

/// What kinds of operations there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `BatchWriteItem`.
    Batch,
    /// About tables rather than items, or not known.
    Other,
    /// Reads items.
    Read {
        /// Whether it sees every write that was answered before.
        consistent: bool,
    },
    /// `TransactWriteItems`.
    Transact,
    /// Writes one item.
    Write,
}

impl Kind {
    /// Whether it may change items.
    pub fn is_write(self) -> bool {
        match self {
            Self::Batch | Self::Transact | Self::Write => true,
            Self::Other | Self::Read { .. } => false,
        }
    }
}

/// Why it is not known what a call touches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Unknown {
    /// It is written in PartiQL.
    PartiQl,
    /// Its body is not the JSON that DynamoDB understands.
    NotJson {
        /// What the client says it is.
        content_type: String,
    },
    /// It is not for DynamoDB.
    NotDynamoDb {
        /// What it is for, as far as the client says.
        target: String,
    },
    /// The key of a table is not known.
    Table(String),
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PartiQl => f.write_str(
                "a PartiQL statement, which the kit passes on as it is: it cannot tell the rows, \
                 and lets nothing go wrong with it",
            ),
            Self::NotJson { content_type } => write!(
                f,
                "a body that is not DynamoDB's JSON 1.0 (content type {content_type:?}), passed on \
                 as it is"
            ),
            Self::NotDynamoDb { target } => write!(
                f,
                "a request for another service than DynamoDB (x-amz-target {target:?}), passed on \
                 as it is"
            ),
            Self::Table(table) => write!(
                f,
                "table {table}, whose key is not known; name it with --table \
                 {table}:PARTITION_KEY or --table {table}:PARTITION_KEY:SORT_KEY"
            ),
        }
    }
}

const TARGET: &str = "x-amz-target";
const DYNAMODB: &str = "DynamoDB_20120810.";

impl TableCall {
    /// What a request asks for, whoever sent it.
    pub fn new(request: TableRequest, schemas: &Schemas) -> Self {
        let mut call = Self {
            operation: String::new(),
            kind: Kind::Other,
            tables: BTreeSet::new(),
            rows: Vec::new(),
            conditions: Vec::new(),
            unknown: None,
            sdk_call: None,
            attempt: None,
            request,
        };
        call.unknown = call.read(schemas).err();
        call
    }

    /// Whether the call may change an item.
    pub fn is_write(&self) -> bool {
        self.kind.is_write()
    }

    /// What a client's request asks for.
    pub(super) fn received(headers: &HeaderMap, body: Bytes, schemas: &Schemas) -> Self {
        let text = |name: &str| {
            let value = headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let request = TableRequest {
            target: text(TARGET).unwrap_or_default(),
            content_type: text(CONTENT_TYPE.as_str()).unwrap_or_default(),
            body,
        };
        let attempt = |it: String| {
            let mut fields = it.split(';').map(str::trim);
            fields.find_map(|field| field.strip_prefix("attempt=")?.parse().ok())
        };
        Self {
            sdk_call: text("amz-sdk-invocation-id"),
            attempt: text("amz-sdk-request").and_then(attempt),
            ..Self::new(request, schemas)
        }
    }

    /// The same call, read by what is known of tables now.
    pub fn read_again(&self, schemas: &Schemas) -> Self {
        Self {
            sdk_call: self.sdk_call.clone(),
            attempt: self.attempt,
            ..Self::new(self.request.clone(), schemas)
        }
    }

    /// The request's input; null if it is no JSON.
    pub(super) fn input(&self) -> Json {
        serde_json::from_slice(&self.request.body).unwrap_or_default()
    }

    fn read(&mut self, schemas: &Schemas) -> Result<(), Unknown> {
        let TableRequest {
            target,
            content_type,
            body,
        } = &self.request;
        let Some(operation) = target.strip_prefix(DYNAMODB) else {
            let target = target.clone();
            return Err(Unknown::NotDynamoDb { target });
        };
        self.operation = operation.to_owned();
        let Ok(input) = serde_json::from_slice::<Json>(body) else {
            let content_type = content_type.clone();
            return Err(Unknown::NotJson { content_type });
        };
        self.kind = kind(operation, &input);
        self.tables = tables(&input);
        let parts = parts(operation, &input);
        self.conditions = parts
            .iter()
            .flat_map(|part| conditions(part.expressions))
            .collect();
        let mut unknown = None;
        for Part {
            table, attributes, ..
        } in &parts
        {
            match schemas.get(*table) {
                Some(schema) => self.rows.extend(RowId::of(table, schema, attributes)),
                None => unknown = unknown.or(Some(Unknown::Table((*table).to_owned()))),
            }
        }
        let is_partiql = [
            "BatchExecuteStatement",
            "ExecuteStatement",
            "ExecuteTransaction",
        ]
        .contains(&operation);
        match unknown {
            _ if is_partiql => Err(Unknown::PartiQl),
            Some(unknown) => Err(unknown),
            None => Ok(()),
        }
    }
}

fn kind(operation: &str, input: &Json) -> Kind {
    let is_consistent = |read: &Json| read["ConsistentRead"] == true;
    match operation {
        "BatchGetItem" => {
            let tables = input["RequestItems"].as_object();
            let consistent = tables.is_some_and(|it| it.values().all(is_consistent));
            Kind::Read { consistent }
        }
        "BatchWriteItem" => Kind::Batch,
        "DeleteItem" | "PutItem" | "UpdateItem" => Kind::Write,
        "GetItem" | "Query" | "Scan" => Kind::Read {
            consistent: is_consistent(input),
        },
        "TransactGetItems" => Kind::Read { consistent: true },
        "TransactWriteItems" => Kind::Transact,
        _ => Kind::Other,
    }
}
