//! Calls are held, answered and broken off; clients come and go.

use redeliver::check::backend::Backend;
use redeliver::check::gate::Reply;
use redeliver::check::news::Happened;
use redeliver::dynamodb::Failure;
use redeliver_model::schedule::Fate;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{PATIENCE, Stage};

#[tokio::test]
async fn a_call_waits_until_it_is_answered() {
    let mut stage = Stage::set().await;
    let client = stage.client();
    let put = json!({ "TableName": "rows", "Item": { "id": { "S": "a" } } });
    let caller = tokio::spawn(async move { client.call("PutItem", &put).await });
    let held = stage.next_call().await;
    assert_eq!(held.number, 1);
    assert_eq!(held.call.operation, "PutItem");
    let rows = super::tables(&["rows"]);
    let contents = stage.backend.contents(&rows).await.unwrap();
    assert_eq!(
        contents.len(),
        0,
        "nothing is written before it is released"
    );
    assert!(!caller.is_finished());

    let reply = stage.backend.carry_out(&held.call).await.unwrap();
    assert_eq!(reply.status, 200);
    assert!(reply.request_id.is_some());
    let contents = stage.backend.contents(&rows).await.unwrap();
    assert_eq!(contents.len(), 1, "it is written before it is answered");
    held.answer(reply);
    assert_eq!(caller.await.unwrap().unwrap(), json!({}));
}

#[tokio::test]
async fn a_broken_connection_is_reset() {
    let mut stage = Stage::set().await;
    for drops_it in [false, true] {
        let mut stream = request(&stage, "ListTables", "{}").await;
        let held = stage.next_call().await;
        match drops_it {
            true => drop(held),
            false => held.break_connection(),
        }
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        let error = ended.unwrap().unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        assert!(answer.is_empty());
    }
}

#[tokio::test]
async fn who_gives_up_is_told_once() {
    let mut stage = Stage::set().await;
    let given_up = request(&stage, "ListTables", "{}").await;
    let held = stage.next_call().await;
    drop(given_up);
    match stage.news.next().await {
        Happened::GaveUp { call } => assert_eq!(call, held.number),
        other => panic!("{other:?}"),
    }
    held.answer(Reply::success(&json!({})));

    // Nothing more is told of it, nor of those who get their answers.
    for number in 2..4 {
        let client = stage.client();
        let other = tokio::spawn(async move { client.call("ListTables", &json!({})).await });
        let held = stage.next_call().await;
        assert_eq!(held.number, number);
        held.answer(Reply::success(&json!({ "TableNames": [] })));
        other.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_closed_gate_closes_its_port_and_connections() {
    let mut stage = Stage::set().await;
    let client = stage.client();
    let held_caller = tokio::spawn(async move { client.call("ListTables", &json!({})).await });
    let held = stage.next_call().await;
    let mut idle = TcpStream::connect(address(&stage)).await.unwrap();
    let address = address(&stage);
    drop(stage.gate);
    let failure = tokio::time::timeout(PATIENCE, held_caller).await;
    let failure = failure.unwrap().unwrap().unwrap_err();
    assert!(matches!(failure, Failure::NoAnswer { .. }), "{failure}");
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, idle.read_to_end(&mut answer)).await;
    assert!(matches!(ended.unwrap(), Ok(0) | Err(_)));
    // The port is freed when the runtime gets to it.
    let refused = async { while TcpStream::connect(&address).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, refused).await.unwrap();
    match stage.news.next().await {
        Happened::GaveUp { call } => assert_eq!(call, held.number),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_api_that_does_not_answer_is_no_fault_of_the_schedule() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("http://{}", port.local_addr().unwrap());
    drop(port);
    let backend = Backend::new(&nowhere).unwrap();
    let mut stage = Stage::set().await;
    let mut stream = request(&stage, "ListTables", "{}").await;
    let held = stage.next_call().await;
    let error = held.meet(Fate::Answered, &backend).await.unwrap_err();
    assert!(error.to_string().contains("no answer"), "{error}");
    let ended = tokio::time::timeout(PATIENCE, stream.read_u8()).await;
    let error = ended.unwrap().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn garbage_neither_hangs_nor_hurts_the_gate() {
    let mut stage = Stage::set().await;
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1_000_000));
    for garbage in [
        "",
        "\r\n\r\n",
        "no HTTP at all\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        "PUT /bucket/key HTTP/1.1\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc",
        "POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 100\r\n\r\nonly this",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzzz\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
        &long,
    ] {
        let mut stream = TcpStream::connect(address(&stage)).await.unwrap();
        // The gate may have had enough of it before it is all written.
        let _ = stream.write_all(garbage.as_bytes()).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer);
        let started: String = garbage.chars().take(40).collect();
        assert!(ended.is_ok(), "{started:?} hangs");
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{started:?}: {answer}"
        );
    }
    // Half a request that is never finished.
    let mut stalled = TcpStream::connect(address(&stage)).await.unwrap();
    stalled
        .write_all(b"POST / HTTP/1.1\r\nx-amz-")
        .await
        .unwrap();
    let client = stage.client();
    let caller = tokio::spawn(async move { client.call("ListTables", &json!({})).await });
    let held = stage.next_call().await;
    assert_eq!(held.call.operation, "ListTables", "garbage is no call");
    held.answer(Reply::success(&json!({ "TableNames": [] })));
    caller.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_body_beyond_all_limits_is_refused_and_is_no_call() {
    let mut stage = Stage::set().await;
    let client = stage.client();
    let large = json!({ "text": "x".repeat(17 * 1024 * 1024) });
    match client.call("PutItem", &large).await.unwrap_err() {
        Failure::Refused { status, .. } => assert_eq!(status, 413),
        // Or the connection is closed while the client is writing still.
        Failure::NoAnswer { .. } => {}
        other => panic!("{other}"),
    }
    let caller = tokio::spawn(async move { client.call("ListTables", &json!({})).await });
    let held = stage.next_call().await;
    assert_eq!(held.call.operation, "ListTables");
    held.answer(Reply::success(&json!({ "TableNames": [] })));
    caller.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_hundred_calls_are_held_at_once() {
    let mut stage = Stage::set().await;
    let mut callers = tokio::task::JoinSet::new();
    for number in 0..100 {
        let client = stage.client();
        let item = json!({ "id": { "S": format!("{number}") } });
        let put = json!({ "TableName": "rows", "Item": item });
        callers.spawn(async move { client.call("PutItem", &put).await.unwrap() });
    }
    let mut held = Vec::new();
    for _ in 0..100 {
        held.push(stage.next_call().await);
    }
    for held in held {
        let reply = stage.backend.carry_out(&held.call).await.unwrap();
        held.answer(reply);
    }
    callers.join_all().await;
    let rows = super::tables(&["rows"]);
    assert_eq!(stage.backend.contents(&rows).await.unwrap().len(), 100);
}

fn address(stage: &Stage) -> String {
    stage.gate.endpoint()["http://".len()..].to_owned()
}

/// Sends a request, and leaves the answer to the caller.
async fn request(stage: &Stage, operation: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address(stage)).await.unwrap();
    let request = format!(
        "POST / HTTP/1.1\r\nhost: gate\r\ncontent-type: application/x-amz-json-1.0\r\n\
         x-amz-target: DynamoDB_20120810.{operation}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}
