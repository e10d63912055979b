//! The model's operations as calls of the API.

use redeliver_model::table::{Change, Comparison, Condition, Item, Operation, Value, Write};
use serde_json::{Map, Value as Json, json};

/// The API's name for the operation, and its input. Different operations have
/// different inputs: a request token tells by them whether the request is another.
pub(crate) fn call(table: &str, operation: &Operation) -> (&'static str, Json) {
    match operation {
        Operation::Batch { writes } => {
            let requests: Vec<_> = writes.iter().map(batch_request).collect();
            (
                "BatchWriteItem",
                json!({ "RequestItems": { table: requests } }),
            )
        }
        Operation::Read { key, consistent } => (
            "GetItem",
            json!({ "TableName": table, "Key": item_key(key), "ConsistentRead": consistent }),
        ),
        Operation::Transact { writes, token } => {
            let named = |it| {
                let (_, name, input) = write(table, it, true);
                json!({ name: input })
            };
            let writes: Vec<_> = writes.iter().map(named).collect();
            let mut input = json!({ "TransactItems": writes });
            if let Some(token) = token {
                // Tokens are the account's, not the table's.
                input["ClientRequestToken"] = json!(format!("{table}-{token}"));
            }
            ("TransactWriteItems", input)
        }
        Operation::Write {
            write: it,
            return_item,
        } => {
            let (name, _, input) = write(table, it, *return_item);
            (name, input)
        }
    }
}

fn batch_request(write: &Write) -> Json {
    match write {
        Write::Put { key, item, .. } => json!({ "PutRequest": { "Item": with_key(key, item) } }),
        Write::Delete { key, .. } => json!({ "DeleteRequest": { "Key": item_key(key) } }),
        other => panic!("{other:?} cannot be in a batch"),
    }
}

/// What the write is called alone, what within a transaction, and its input.
fn write(table: &str, write: &Write, return_item: bool) -> (&'static str, &'static str, Json) {
    let mut placeholders = Placeholders::default();
    let mut input = json!({ "TableName": table });
    let names = match write {
        Write::Check { .. } => ("no call of its own", "ConditionCheck"),
        Write::Delete { .. } => ("DeleteItem", "Delete"),
        Write::Put { .. } => ("PutItem", "Put"),
        Write::Update { .. } => ("UpdateItem", "Update"),
    };
    match write {
        Write::Put { key, item, .. } => input["Item"] = with_key(key, item),
        other => input["Key"] = item_key(other.key()),
    }
    if let Write::Update { changes, .. } = write
        && !changes.is_empty()
    {
        input["UpdateExpression"] = json!(placeholders.update_expression(changes));
    }
    if *write.condition() != Condition::Always {
        input["ConditionExpression"] = json!(placeholders.condition(write.condition()));
        let returned = if return_item { "ALL_OLD" } else { "NONE" };
        input["ReturnValuesOnConditionCheckFailure"] = json!(returned);
    }
    // An empty map is malformed.
    let Placeholders { names: map, values } = placeholders;
    if !map.is_empty() {
        input["ExpressionAttributeNames"] = Json::Object(map);
    }
    if !values.is_empty() {
        input["ExpressionAttributeValues"] = Json::Object(values);
    }
    (names.0, names.1, input)
}

fn item_key(key: &str) -> Json {
    json!({ "id": { "S": key } })
}

fn with_key(key: &str, item: &Item) -> Json {
    let mut all = item_key(key);
    for (attribute, value) in item {
        all[attribute] = typed(value);
    }
    all
}

fn typed(value: &Value) -> Json {
    match value {
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::Text(text) => json!({ "S": text }),
    }
}

/// What the expressions of a call say `#attribute` and `:0`, `:1` … for.
#[derive(Default)]
struct Placeholders {
    names: Map<String, Json>,
    values: Map<String, Json>,
}

impl Placeholders {
    fn name(&mut self, attribute: &str) -> String {
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

    fn condition(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::All(conditions) => self.joined(conditions, " AND "),
            Condition::Always => panic!("no expression says Always"),
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
        }
    }

    fn joined(&mut self, conditions: &[Condition], operator: &str) -> String {
        let conditions: Vec<_> = conditions.iter().map(|it| self.condition(it)).collect();
        format!("({})", conditions.join(operator))
    }
}
