//! What is told of a call.

use redeliver::check::backend::{KeyAttribute, KeySchema, KeyType, Schemas};
use redeliver::check::gate::{Kind, TableCall, TableRequest, Unknown, key_on_first_use};
use redeliver_model::schedule::Fate;
use serde_json::{Value, json};

use super::{Stage, tables, text_key};

const READ: Kind = Kind::Read { consistent: false };
const CONSISTENT: Kind = Kind::Read { consistent: true };

#[test]
fn the_rows_of_every_operation_on_items_are_told() {
    let (a, b) = (json!({ "id": { "S": "a" } }), json!({ "id": { "S": "b" } }));
    let item = json!({ "id": { "S": "a" }, "text": { "S": "x" } });
    let entry = json!({ "of": { "S": "a" }, "at": { "N": "01.0" } });
    let (row_a, row_b) = (r#"rows {"id":{"S":"a"}}"#, r#"rows {"id":{"S":"b"}}"#);
    let row_entry = r#"log {"at":{"N":"1"},"of":{"S":"a"}}"#;
    let rows = || json!({ "TableName": "rows" });
    let with = |field: &str, value: &Value| {
        let mut input = rows();
        input[field] = value.clone();
        input
    };
    let mut consistent_get = with("Key", &a);
    consistent_get["ConsistentRead"] = json!(true);
    let transaction = json!({ "TransactItems": [
        { "Put": { "TableName": "log", "Item": entry } },
        { "Update": with("Key", &b) },
        { "Delete": with("Key", &a) },
        { "ConditionCheck": with("Key", &b) },
    ] });
    let batch_write = json!({ "RequestItems": {
        "log": [{ "DeleteRequest": { "Key": entry } }],
        "rows": [{ "PutRequest": { "Item": item } }, { "DeleteRequest": { "Key": b } }],
    } });
    let batch_get = |consistent: bool| {
        json!({ "RequestItems": {
            "log": { "Keys": [entry], "ConsistentRead": true },
            "rows": { "Keys": [a, b], "ConsistentRead": consistent },
        } })
    };
    let transact_get = json!({ "TransactItems": [{ "Get": with("Key", &a) }] });

    for (operation, input, kind, expected) in [
        ("PutItem", with("Item", &item), Kind::Write, vec![row_a]),
        ("UpdateItem", with("Key", &a), Kind::Write, vec![row_a]),
        ("DeleteItem", with("Key", &b), Kind::Write, vec![row_b]),
        ("GetItem", with("Key", &a), READ, vec![row_a]),
        ("GetItem", consistent_get, CONSISTENT, vec![row_a]),
        (
            "TransactWriteItems",
            transaction,
            Kind::Transact,
            vec![row_entry, row_b, row_a, row_b],
        ),
        ("TransactGetItems", transact_get, CONSISTENT, vec![row_a]),
        (
            "BatchWriteItem",
            batch_write,
            Kind::Batch,
            vec![row_entry, row_a, row_b],
        ),
        (
            "BatchGetItem",
            batch_get(false),
            READ,
            vec![row_entry, row_a, row_b],
        ),
        (
            "BatchGetItem",
            batch_get(true),
            CONSISTENT,
            vec![row_entry, row_a, row_b],
        ),
        ("Query", rows(), READ, vec![]),
        (
            "Scan",
            with("ConsistentRead", &json!(true)),
            CONSISTENT,
            vec![],
        ),
        ("DescribeTable", rows(), Kind::Other, vec![]),
        ("ListTables", json!({}), Kind::Other, vec![]),
    ] {
        let call = call(operation, &input);
        assert_eq!(call.operation, operation);
        assert_eq!(call.kind, kind, "{operation}");
        assert_eq!(call.unknown, None, "{operation}");
        let told: Vec<_> = call
            .rows
            .iter()
            .map(|row| format!("{} {}", row.table, row.key))
            .collect();
        assert_eq!(told, expected, "{operation}");
        let about_log = expected.contains(&row_entry);
        match (operation, about_log) {
            ("ListTables", _) => assert_eq!(call.tables, tables(&[])),
            (_, true) => assert_eq!(call.tables, tables(&["log", "rows"])),
            (_, false) => assert_eq!(call.tables, tables(&["rows"]), "{operation}"),
        }
    }
}

#[test]
fn a_table_may_be_named_by_its_arn() {
    let arn = "arn:aws:dynamodb:us-east-1:123456789012:table/rows";
    let put = json!({ "TableName": arn, "Item": { "id": { "S": "a" } } });
    let call = call("PutItem", &put);
    assert_eq!(call.tables, tables(&["rows"]));
    assert_eq!(call.rows[0].table, "rows");
}

#[test]
fn the_conditions_of_all_writes_are_told() {
    let condition = |key: &str, condition: &str| {
        json!({
            "TableName": "rows",
            "Key": { "id": { "S": key } },
            "ConditionExpression": condition,
            "ExpressionAttributeNames": { "#k": "id" },
        })
    };
    let transaction = json!({ "TransactItems": [
        { "Update": condition("a", "attribute_exists(#k)") },
        { "ConditionCheck": condition("b", "attribute_not_exists(#k)") },
    ] });
    let call = call("TransactWriteItems", &transaction);
    let expected = ["attribute_exists(id)", "attribute_not_exists(id)"];
    assert_eq!(call.conditions, expected);
}

#[test]
fn what_cannot_be_told_is_said() {
    let unknown_table = json!({ "TableName": "orders", "Key": { "id": { "S": "a" } } });
    let unknown = call("GetItem", &unknown_table);
    assert_eq!(unknown.kind, READ);
    assert_eq!(unknown.unknown, Some(Unknown::Table("orders".to_owned())));

    let statement = json!({ "Statement": "SELECT * FROM \"rows\"" });
    let partiql = call("ExecuteStatement", &statement);
    assert_eq!(partiql.kind, Kind::Other);
    assert_eq!(partiql.unknown, Some(Unknown::PartiQl));
    assert_eq!(redeliver::check::gate::fates(&partiql), [] as [Fate; 0]);

    let cbor = TableRequest {
        target: "DynamoDB_20120810.PutItem".to_owned(),
        content_type: "application/cbor".to_owned(),
        body: vec![0xbf, 0xff].into(),
    };
    let cbor = TableCall::new(cbor, &schemas());
    assert_eq!(cbor.kind, Kind::Other);
    let reason = cbor.unknown.unwrap().to_string();
    assert!(reason.contains("application/cbor"), "{reason}");

    let queue = TableRequest {
        target: "AmazonSQS.SendMessage".to_owned(),
        content_type: "application/x-amz-json-1.0".to_owned(),
        body: "{}".into(),
    };
    let queue = TableCall::new(queue, &schemas());
    assert_eq!(queue.kind, Kind::Other);
    let reason = queue.unknown.unwrap().to_string();
    assert!(reason.contains("AmazonSQS.SendMessage"), "{reason}");

    for malformed in [json!(null), json!([]), json!({ "TableName": 1, "Key": [] })] {
        let malformed = call("GetItem", &malformed);
        assert!(malformed.rows.is_empty());
    }
}

#[test]
fn the_key_of_a_table_is_told_from_its_first_use() {
    let first_use = |operation: &str, mut input: Value| {
        input["TableName"] = json!("orders");
        key_on_first_use(&call(operation, &input), "orders")
    };
    let told = first_use("GetItem", json!({ "Key": { "n": { "N": "1" } } })).unwrap();
    let number = KeyAttribute {
        name: "n".to_owned(),
        kind: KeyType::Number,
    };
    assert_eq!(told.key.partition, number);
    assert_eq!(told.key.sort, None);
    assert!(told.certain);

    let item = json!({ "id": { "S": "a" }, "text": { "S": "x" } });
    let guarded = |condition: &str| json!({ "Item": item, "ConditionExpression": condition });
    let told = first_use("PutItem", guarded("attribute_not_exists(id)")).unwrap();
    assert_eq!(told.key, text_key("id"));
    assert!(!told.certain, "there may be a sort key");

    for (operation, input) in [
        ("PutItem", json!({ "Item": item })),
        ("PutItem", guarded("attribute_not_exists(elsewhere)")),
        (
            "PutItem",
            guarded("attribute_not_exists(id) AND attribute_not_exists(text)"),
        ),
        (
            "GetItem",
            json!({ "Key": { "a": { "S": "" }, "b": { "S": "" } } }),
        ),
        ("GetItem", json!({ "Key": { "a": { "BOOL": true } } })),
        ("Scan", json!({})),
    ] {
        assert_eq!(first_use(operation, input.clone()), None, "{input}");
    }
    let other_table = call(
        "GetItem",
        &json!({ "TableName": "x", "Key": { "n": { "N": "1" } } }),
    );
    assert_eq!(key_on_first_use(&other_table, "orders"), None);
}

#[tokio::test]
async fn a_call_is_read_again_when_its_table_is_known() {
    let mut stage = Stage::set().await;
    let sdk = stage.sdk();
    let caller = tokio::spawn(async move {
        let key = aws_sdk_dynamodb::types::AttributeValue::S("a".to_owned());
        let get = sdk.get_item().table_name("orders").key("id", key);
        get.send().await
    });
    let held = stage.next_call().await;
    assert_eq!(held.call.unknown, Some(Unknown::Table("orders".to_owned())));
    assert_eq!(held.call.attempt, Some(1));
    assert!(held.call.sdk_call.is_some());
    let told = key_on_first_use(&held.call, "orders").unwrap();
    stage
        .backend
        .create_table("orders", told.key)
        .await
        .unwrap();
    let again = held.call.read_again(&stage.backend.schemas());
    assert_eq!(again.unknown, None);
    assert_eq!(again.rows[0].key, r#"{"id":{"S":"a"}}"#);
    assert_eq!(again.sdk_call, held.call.sdk_call);
    let reply = stage.backend.carry_out(&again).await.unwrap();
    held.answer(reply);
    assert!(caller.await.unwrap().unwrap().item.is_none());
}

#[tokio::test]
async fn tables_that_a_handler_creates_and_deletes_are_known_and_forgotten() {
    let stage = Stage::set().await;
    let create = json!({
        "TableName": "orders",
        "KeySchema": [{ "AttributeName": "n", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "n", "AttributeType": "N" }],
        "BillingMode": "PAY_PER_REQUEST",
    });
    let create = call("CreateTable", &create);
    assert_eq!(stage.backend.carry_out(&create).await.unwrap().status, 200);
    assert_eq!(stage.backend.schemas()["orders"].partition.name, "n");
    let delete = call("DeleteTable", &json!({ "TableName": "orders" }));
    assert_eq!(stage.backend.carry_out(&delete).await.unwrap().status, 200);
    assert!(!stage.backend.schemas().contains_key("orders"));
}

fn call(operation: &str, input: &Value) -> TableCall {
    let request = TableRequest {
        target: format!("DynamoDB_20120810.{operation}"),
        content_type: "application/x-amz-json-1.0".to_owned(),
        body: input.to_string().into(),
    };
    TableCall::new(request, &schemas())
}

fn schemas() -> Schemas {
    let log = KeySchema {
        sort: Some(KeyAttribute {
            name: "at".to_owned(),
            kind: KeyType::Number,
        }),
        ..text_key("of")
    };
    Schemas::from([("log".to_owned(), log), ("rows".to_owned(), text_key("id"))])
}
