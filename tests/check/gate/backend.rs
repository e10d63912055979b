//! What the backend knows and does by itself.

use redeliver::check::backend::{BackendError, Index, Projection, RowId, TableSchema};
use serde_json::json;

use super::{Stage, tables, text_key};

#[tokio::test]
async fn contents_are_whole_tables_whatever_their_size() {
    let stage = Stage::set().await;
    let client = stage.direct();
    // 2.4 MB: three pages at least.
    for number in 0..12 {
        let item = json!({
            "id": { "S": format!("{number:02}") },
            "text": { "S": "x".repeat(200_000) },
            "set": { "SS": ["b", "a"] },
        });
        let put = json!({ "TableName": "rows", "Item": item });
        client.call("PutItem", &put).await.unwrap();
    }
    let item = json!({ "of": { "S": "a" }, "at": { "N": "1.50" } });
    let put = json!({ "TableName": "log", "Item": item });
    client.call("PutItem", &put).await.unwrap();

    let contents = stage.backend.contents(&tables(&["log", "rows"])).await;
    let contents = contents.unwrap();
    assert_eq!(contents.len(), 13);
    let (first, item) = contents.first_key_value().unwrap();
    let expected = RowId {
        table: "log".to_owned(),
        key: r#"{"at":{"N":"1.5"},"of":{"S":"a"}}"#.to_owned(),
    };
    assert_eq!(*first, expected);
    assert_eq!(item["at"], json!({ "N": "1.5" }));
    let (_, item) = contents.last_key_value().unwrap();
    assert_eq!(item["set"], json!({ "SS": ["a", "b"] }));
}

#[tokio::test]
async fn cleared_tables_are_empty_and_others_are_not() {
    let stage = Stage::set().await;
    let client = stage.direct();
    for number in 0..60 {
        let item = json!({ "id": { "S": format!("{number}") } });
        let put = json!({ "TableName": "rows", "Item": item });
        client.call("PutItem", &put).await.unwrap();
        let item = json!({ "of": { "S": "a" }, "at": { "N": format!("{number}") } });
        let put = json!({ "TableName": "log", "Item": item });
        client.call("PutItem", &put).await.unwrap();
    }
    let (rows, both) = (tables(&["rows"]), tables(&["log", "rows"]));
    stage.backend.clear(&rows).await.unwrap();
    assert_eq!(stage.backend.contents(&both).await.unwrap().len(), 60);
    stage.backend.clear(&both).await.unwrap();
    assert_eq!(stage.backend.contents(&both).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_table_of_unknown_key_has_no_contents_to_tell() {
    let stage = Stage::set().await;
    let unknown = stage.backend.contents(&tables(&["orders"])).await;
    let unknown = unknown.unwrap_err();
    let table = "orders".to_owned();
    assert_eq!(unknown, BackendError::UnknownTable { table });
    assert!(unknown.to_string().contains("--table orders:"), "{unknown}");
}

#[tokio::test]
async fn a_table_that_somebody_else_created_is_found() {
    let stage = Stage::set().await;
    let other = redeliver::check::backend::Backend::new(&stage.embedded()).unwrap();
    assert_eq!(other.find_table("nowhere").await.unwrap(), None);
    let found = other.find_table("rows").await.unwrap();
    assert_eq!(found, Some(text_key("id")));
    assert_eq!(other.schemas()["rows"], text_key("id"));
    let again = other.create_table("rows", text_key("id")).await;
    assert!(again.is_err(), "it is there already");
}

#[tokio::test]
async fn secondary_indexes_are_there_to_be_queried_and_hold_what_they_project() {
    let stage = Stage::set().await;
    let index = |name: &str, projection| Index {
        name: name.to_owned(),
        key: text_key("by"),
        is_local: false,
        projection,
    };
    let orders = TableSchema {
        key: text_key("id"),
        indexes: vec![
            index("whole", Projection::All),
            index("keys", Projection::KeysOnly),
        ],
    };
    stage.backend.create_table("orders", orders).await.unwrap();
    let client = stage.direct();
    let item = json!({ "id": { "S": "a" }, "by": { "S": "b" }, "size": { "N": "1" } });
    let put = json!({ "TableName": "orders", "Item": item });
    client.call("PutItem", &put).await.unwrap();
    for (name, expected) in [
        ("whole", item.clone()),
        ("keys", json!({ "id": { "S": "a" }, "by": { "S": "b" } })),
    ] {
        let query = json!({
            "TableName": "orders",
            "IndexName": name,
            "KeyConditionExpression": "#by = :by",
            "ExpressionAttributeNames": { "#by": "by" },
            "ExpressionAttributeValues": { ":by": { "S": "b" } },
        });
        let found = client.call("Query", &query).await.unwrap();
        assert_eq!(found["Items"], json!([expected]), "{name}");
    }
}
