//! The model's operations as requests to the API.

use redeliver_model::table::{Change, Comparison, Condition, Item, Name, Operation, Value, Write};
use serde_json::{Map, Value as Json, json};

/// A request to the API.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The API's name for the operation, such as `PutItem`.
    pub name: &'static str,
    /// Its input. Different operations have different inputs: a request token tells
    /// by them whether the request is another.
    pub input: Json,
}

impl Request {
    /// The operation as a request about `table`, whose partition key is `id`; none if
    /// the API has no such request: an effect is no table call, and a batch has
    /// nothing but puts and deletions.
    ///
    /// ```
    /// use redeliver::dynamodb::Request;
    /// use redeliver_model::table::Operation;
    ///
    /// let read = Operation::Read { key: "a".into(), consistent: true };
    /// let request = Request::of("rows", &read).expect("a read is a table call");
    /// assert_eq!(request.name, "GetItem");
    /// assert_eq!(request.input["Key"]["id"]["S"], "a");
    /// ```
    pub fn of(table: &str, operation: &Operation) -> Option<Self> {
        Some(match operation {
            Operation::Batch { writes } => {
                let requests: Option<Vec<_>> = writes.iter().map(batch_request).collect();
                Self {
                    name: "BatchWriteItem",
                    input: json!({ "RequestItems": { table: requests? } }),
                }
            }
            Operation::Effect(_) => return None,
            Operation::Read { key, consistent } => Self {
                name: "GetItem",
                input: json!({
                    "TableName": table,
                    "Key": item_key(key),
                    "ConsistentRead": consistent,
                }),
            },
            Operation::Transact { writes, token } => {
                let named = |it| json!({ within_transaction(it): input(table, it, true) });
                let writes: Vec<_> = writes.iter().map(named).collect();
                let mut input = json!({ "TransactItems": writes });
                if let Some(token) = token {
                    // Tokens are the account's, not the table's.
                    input["ClientRequestToken"] = json!(format!("{table}-{token}"));
                }
                Self {
                    name: "TransactWriteItems",
                    input,
                }
            }
            Operation::Write { write, return_item } => Self {
                name: alone(write)?,
                input: input(table, write, *return_item),
            },
        })
    }
}

fn alone(write: &Write) -> Option<&'static str> {
    match write {
        Write::Check { .. } => None,
        Write::Delete { .. } => Some("DeleteItem"),
        Write::Put { .. } => Some("PutItem"),
        Write::Update { .. } => Some("UpdateItem"),
    }
}

fn within_transaction(write: &Write) -> &'static str {
    match write {
        Write::Check { .. } => "ConditionCheck",
        Write::Delete { .. } => "Delete",
        Write::Put { .. } => "Put",
        Write::Update { .. } => "Update",
    }
}

fn batch_request(write: &Write) -> Option<Json> {
    match write {
        Write::Put { key, item, .. } => {
            Some(json!({ "PutRequest": { "Item": with_key(key, item) } }))
        }
        Write::Delete { key, .. } => Some(json!({ "DeleteRequest": { "Key": item_key(key) } })),
        Write::Check { .. } | Write::Update { .. } => None,
    }
}

fn input(table: &str, write: &Write, return_item: bool) -> Json {
    let mut placeholders = Placeholders::default();
    let mut input = json!({ "TableName": table });
    match write {
        Write::Put { key, item, .. } => input["Item"] = with_key(key, item),
        other => input["Key"] = item_key(other.key()),
    }
    if let Write::Update { changes, .. } = write
        && !changes.is_empty()
    {
        input["UpdateExpression"] = json!(placeholders.update_expression(changes));
    }
    if let Some(condition) = placeholders.condition(write.condition()) {
        input["ConditionExpression"] = json!(condition);
        let returned = if return_item { "ALL_OLD" } else { "NONE" };
        input["ReturnValuesOnConditionCheckFailure"] = json!(returned);
    }
    // An empty map is malformed.
    let Placeholders { names, values } = placeholders;
    if !names.is_empty() {
        input["ExpressionAttributeNames"] = Json::Object(names);
    }
    if !values.is_empty() {
        input["ExpressionAttributeValues"] = Json::Object(values);
    }
    input
}

fn item_key(key: &str) -> Json {
    json!({ "id": { "S": key } })
}

fn with_key(key: &str, item: &Item) -> Json {
    let mut all = item_key(key);
    for (attribute, value) in item.iter() {
        all[&**attribute] = typed(value);
    }
    all
}

fn typed(value: &Value) -> Json {
    match value {
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::Text(text) => json!({ "S": text }),
    }
}

/// What the expressions of a request say `#attribute` and `:0`, `:1` … for.
#[derive(Default)]
struct Placeholders {
    names: Map<String, Json>,
    values: Map<String, Json>,
}

impl Placeholders {
    fn name(&mut self, attribute: &Name) -> String {
        let name = format!("#{attribute}");
        self.names.insert(name.clone(), json!(attribute));
        name
    }

    fn value(&mut self, value: &Value) -> String {
        let name = format!(":{}", self.values.len());
        self.values.insert(name.clone(), typed(value));
        name
    }

    fn update_expression(&mut self, changes: &[Change]) -> String {
        let (mut add, mut remove, mut set) = (Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            match change {
                Change::Add(attribute, amount) => {
                    let amount = self.value(&Value::Number(*amount));
                    add.push(format!("{} {amount}", self.name(attribute)));
                }
                Change::Remove(attribute) => remove.push(self.name(attribute)),
                Change::Set(attribute, value) => {
                    let value = self.value(value);
                    set.push(format!("{} = {value}", self.name(attribute)));
                }
            }
        }
        let clauses = [("ADD", add), ("REMOVE", remove), ("SET", set)].into_iter();
        let clauses: Vec<_> = clauses
            .filter(|(_, actions)| !actions.is_empty())
            .map(|(keyword, actions)| format!("{keyword} {}", actions.join(", ")))
            .collect();
        clauses.join(" ")
    }

    /// The expression of a condition; none if it is always met, which no expression
    /// can say.
    fn condition(&mut self, condition: &Condition) -> Option<String> {
        if is_always_met(condition) {
            return None;
        }
        Some(match condition {
            Condition::All(conditions) => self.joined(conditions, " AND "),
            Condition::Always => return None,
            Condition::Any(conditions) if conditions.is_empty() => {
                "attribute_exists(id) AND attribute_not_exists(id)".to_owned()
            }
            Condition::Any(conditions) => self.joined(conditions, " OR "),
            Condition::Compare {
                attribute,
                comparison,
                value,
            } => {
                let operator = match comparison {
                    Comparison::Equal => "=",
                    Comparison::Less => "<",
                };
                let value = self.value(value);
                format!("{} {operator} {value}", self.name(attribute))
            }
            Condition::ItemExists => "attribute_exists(id)".to_owned(),
            Condition::NoItem => "attribute_not_exists(id)".to_owned(),
            Condition::NoAttribute(attribute) => {
                format!("attribute_not_exists({})", self.name(attribute))
            }
        })
    }

    /// Redundant parentheses are malformed.
    fn joined(&mut self, conditions: &[Condition], operator: &str) -> String {
        let terms = conditions.iter().filter_map(|it| self.condition(it));
        let terms: Vec<_> = terms.collect();
        match &terms[..] {
            [term] => term.clone(),
            terms => format!("({})", terms.join(operator)),
        }
    }
}

/// Whether there is nothing to say: the API refuses an expression's names and values
/// when they stand beside it unused.
fn is_always_met(condition: &Condition) -> bool {
    match condition {
        Condition::All(conditions) => conditions.iter().all(is_always_met),
        Condition::Always => true,
        Condition::Any(conditions) => conditions.iter().any(is_always_met),
        _ => false,
    }
}
