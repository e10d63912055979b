//! What the fates of the model look like on the wire.

use redeliver_model::schedule::Fate;
use serde_json::{Map, Value as Json, json};

use super::HeldCall;
use super::call::{Kind, TableCall, TableRequest};
use super::expression::projected;
use super::reply::Reply;
use crate::check::backend::{Backend, BackendError, RowId};

/// What may go wrong with a call, as the model has it. Nothing may with what is not
/// about items, or not understood.
///
/// Two of these are about what clients do next. [`Fate::Resent`] is a lost reply
/// after which the client's next attempt is let through; after [`Fate::ReplyLost`]
/// none is, until the client gives up.
pub fn fates(call: &TableCall) -> &'static [Fate] {
    match call.kind {
        Kind::Batch => &[
            Fate::Late,
            Fate::ReplyLost,
            Fate::ServerError,
            Fate::ServerErrorAfterWrite,
            Fate::Throttled,
            Fate::Unprocessed,
        ],
        Kind::Other => &[],
        Kind::Read { consistent: false } if can_be_stale(call) => {
            &[Fate::ServerError, Fate::Stale, Fate::Throttled]
        }
        Kind::Read { .. } => match call.operation.as_str() {
            "BatchGetItem" => &[Fate::ServerError, Fate::Throttled, Fate::Unprocessed],
            "TransactGetItems" => &[Fate::Conflict, Fate::ServerError, Fate::Throttled],
            _ => &[Fate::ServerError, Fate::Throttled],
        },
        Kind::Transact | Kind::Write => &[
            Fate::Conflict,
            Fate::Late,
            Fate::ReplyLost,
            Fate::Resent,
            Fate::ServerError,
            Fate::ServerErrorAfterWrite,
            Fate::Throttled,
        ],
    }
}

/// What a call has met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// What the API replied; none if the call, or its batch of one, was not carried
    /// out.
    pub carried_out: Option<Reply>,
    /// What the client was answered; none if its connection was broken.
    pub answered: Option<Reply>,
}

impl HeldCall {
    /// Lets a fate befall this call: this attempt, if the client makes several. A
    /// call that is late is not carried out here; [`Backend::carry_out`] does it when
    /// its time has come.
    ///
    /// A fate that is none of the call's [`fates`] is [`Fate::Answered`].
    ///
    /// # Errors
    ///
    /// If the API does not reply. The connection is broken then.
    pub async fn meet(self, fate: Fate, backend: &Backend) -> Result<Met, BackendError> {
        let call = &*self.call;
        let possible = fates(call).contains(&fate);
        let (carried_out, answered) = match fate {
            Fate::Conflict if possible => (None, Some(conflict(call))),
            Fate::Late if possible => (None, None),
            Fate::ReplyLost | Fate::Resent if possible => {
                (Some(backend.carry_out(call).await?), None)
            }
            Fate::ServerError if possible => (None, Some(server_error())),
            Fate::ServerErrorAfterWrite if possible => {
                let reply = backend.carry_out(call).await?;
                (Some(reply), Some(server_error()))
            }
            Fate::Stale if possible => match stale(call, backend) {
                Some(reply) => (None, Some(reply)),
                None => answered(backend.carry_out(call).await?),
            },
            Fate::Throttled if possible => (None, Some(throttled(call))),
            Fate::Unprocessed if possible => in_part(call, backend).await?,
            _ => answered(backend.carry_out(call).await?),
        };
        match &answered {
            Some(reply) => self.answer(reply.clone()),
            None => self.break_connection(),
        }
        Ok(Met {
            carried_out,
            answered,
        })
    }
}

fn answered(reply: Reply) -> (Option<Reply>, Option<Reply>) {
    (Some(reply.clone()), Some(reply))
}

/// AWS gives no more than this away
/// ([error handling](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html)).
fn server_error() -> Reply {
    Reply::error(500, "InternalServerError", "Internal server error")
}

/// Of DynamoDB's three errors for throttling, the one that every operation on items
/// documents, with the reason that tables of both capacity modes may give: a busy key
/// range ([diagnosing throttling](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-diagnosing-workflow.html)).
fn throttled(call: &TableCall) -> Reply {
    let direction = match call.kind {
        Kind::Read { .. } => "Read",
        Kind::Batch | Kind::Other | Kind::Transact | Kind::Write => "Write",
    };
    let reasons = call.tables.iter().map(|table| {
        json!({
            "reason": format!("Table{direction}KeyRangeThroughputExceeded"),
            "resource": format!("arn:aws:dynamodb:us-east-1:123456789012:table/{table}"),
        })
    });
    Reply::error_with(
        400,
        "ProvisionedThroughputExceededException",
        "Throughput exceeds the current capacity of one or more partitions. DynamoDB is \
         automatically scaling your table, so please try again shortly.",
        json!({ "ThrottlingReasons": reasons.collect::<Vec<_>>() }),
    )
}

/// A single write is refused; a transaction is cancelled, and says for which of its
/// items ([transaction conflicts](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling)).
fn conflict(call: &TableCall) -> Reply {
    const ONGOING: &str = "Transaction is ongoing for the item";
    if call.kind == Kind::Write {
        return Reply::error(400, "TransactionConflictException", ONGOING);
    }
    let items = call.input()["TransactItems"].as_array().map_or(1, Vec::len);
    let mut codes = vec!["None"; items];
    let mut reasons = vec![json!({ "Code": "None" }); items];
    if let (Some(code), Some(reason)) = (codes.first_mut(), reasons.first_mut()) {
        *code = "TransactionConflict";
        *reason = json!({ "Code": "TransactionConflict", "Message": ONGOING });
    }
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", "),
    );
    Reply::error_with(
        400,
        "TransactionCanceledException",
        &message,
        json!({ "CancellationReasons": reasons }),
    )
}

/// Whether the answer from an earlier state can be told: that of the one item, or of
/// whole attributes of it.
fn can_be_stale(call: &TableCall) -> bool {
    call.operation == "GetItem"
        && call.rows.len() == 1
        && projected(&call.input(), &Map::new()).is_some()
}

/// The answer from the state before the row's last write, as the model has it; none
/// if no write of the row is remembered.
fn stale(call: &TableCall, backend: &Backend) -> Option<Reply> {
    let row: &RowId = call.rows.first()?;
    let Some(Json::Object(item)) = backend.earlier_item(row)? else {
        return Some(Reply::success(&json!({})));
    };
    let item = projected(&call.input(), &item)?;
    Some(Reply::success(&json!({ "Item": item })))
}

/// Carries out a batch but for its last item, which is returned as unprocessed: "if
/// any requested operations fail because the table's provisioned throughput is
/// exceeded or an internal processing failure occurs"
/// ([API_BatchWriteItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html)).
async fn in_part(
    call: &TableCall,
    backend: &Backend,
) -> Result<(Option<Reply>, Option<Reply>), BackendError> {
    let mut input = call.input();
    let Some(left) = take_last(&mut input["RequestItems"]) else {
        return Ok(answered(backend.carry_out(call).await?));
    };
    let (results, unprocessed) = match call.kind {
        Kind::Batch => ("ItemCollectionMetrics", "UnprocessedItems"),
        _ => ("Responses", "UnprocessedKeys"),
    };
    let nothing_else = input["RequestItems"] == json!({});
    if nothing_else {
        let reply = Reply::success(&json!({ results: {}, unprocessed: left }));
        return Ok((None, Some(reply)));
    }
    let request = TableRequest {
        body: input.to_string().into(),
        ..call.request.clone()
    };
    let rest = TableCall::new(request, &backend.schemas());
    let reply = backend.carry_out(&rest).await?;
    let mut output = reply.json();
    if reply.status != 200 || output[unprocessed] != json!({}) {
        return Ok(answered(reply));
    }
    output[unprocessed] = left;
    Ok((Some(reply), Some(Reply::success(&output))))
}

/// Takes the last item out of a batch, and returns a batch of it alone.
fn take_last(batch: &mut Json) -> Option<Json> {
    let tables = batch.as_object_mut()?;
    let table = tables.keys().next_back()?.clone();
    let request = tables.get_mut(&table)?;
    // A batch of reads has its keys beside what else is asked for.
    let is_read = request.is_object();
    let items = match is_read {
        true => request.get_mut("Keys")?,
        false => &mut *request,
    };
    let items = items.as_array_mut()?;
    let mut left = json!([items.pop()?]);
    let is_empty = items.is_empty();
    if is_read {
        let mut read = request.clone();
        read["Keys"] = left;
        left = read;
    }
    if is_empty {
        tables.remove(&table);
    }
    Some(json!({ table: left }))
}
