use std::fs;

use redeliver::check::events::Object;
use redeliver::check::outside::{Directory, Provisions, Refusal};
use redeliver_model::schedule::Fate;

use super::{Answer, Request, Stage, s3};

fn object(key: &str, body: &'static str) -> Object {
    Object {
        bucket: "b".to_owned(),
        key: key.to_owned(),
        version_id: None,
        e_tag: "tag".to_owned(),
        size: body.len() as u64,
        body: body.into(),
    }
}

/// Sends a request that changes an object, and has it answered.
async fn change(stage: &mut Stage, request: &Request<'_>) -> (usize, Answer) {
    let answer = stage.send(request);
    let held = stage.next_effect().await;
    let met = held.meet(Fate::Answered, &stage.elsewhere);
    (met.performed.len(), answer.await.unwrap().unwrap())
}

#[tokio::test]
async fn the_objects_that_events_speak_of_are_there() {
    let stage = Stage::set(Provisions::default()).await;
    stage.elsewhere.begin(vec![object("a b.txt", "hello")]);
    let answer = stage.ask(&s3("GET /b/a%20b.txt?x-id=GetObject")).await;
    assert_eq!((answer.status, &*answer.body), (200, "hello"));
    assert!(answer.head.contains("etag: \"tag\""), "{}", answer.head);
    let answer = stage.ask(&s3("HEAD /b/a%20b.txt")).await;
    assert_eq!((answer.status, &*answer.body), (200, ""));
    assert!(answer.head.contains("content-length: 5"), "{}", answer.head);
    let range = Request {
        headers: &[("range", "bytes=1-2")],
        ..s3("GET /b/a%20b.txt")
    };
    let answer = stage.ask(&range).await;
    assert_eq!((answer.status, &*answer.body), (206, "el"));
}

#[tokio::test]
async fn an_object_that_is_not_there_is_said_to_be_missing_as_s3_does() {
    let mut stage = Stage::set(Provisions::default()).await;
    let answer = stage.ask(&s3("GET /b/k")).await;
    assert_eq!(
        (answer.status, answer.element("Code")),
        (404, "NoSuchKey".to_owned())
    );
    let refusal = stage.next_refusal().await;
    assert!(matches!(refusal, Refusal::NoObject { .. }), "{refusal:?}");
    assert!(!refusal.makes_inconclusive());
}

#[tokio::test]
async fn each_life_has_objects_of_its_own() {
    let stage = Stage::set(Provisions::default()).await;
    stage.elsewhere.begin(vec![object("one", "1")]);
    assert_eq!(stage.ask(&s3("GET /b/one")).await.status, 200);
    stage.elsewhere.begin(vec![object("two", "2")]);
    assert_eq!(stage.ask(&s3("GET /b/one")).await.status, 404);
    assert_eq!(stage.ask(&s3("GET /b/two")).await.status, 200);
}

#[tokio::test]
async fn what_is_put_copied_and_deleted_is_held_and_then_seen() {
    let mut stage = Stage::set(Provisions::default()).await;
    let put = Request {
        body: "hello",
        ..s3("PUT /out/k?x-id=PutObject")
    };
    let (done, answer) = change(&mut stage, &put).await;
    assert_eq!((done, answer.status), (1, 200));
    assert!(
        answer
            .head
            .contains("etag: \"5d41402abc4b2a76b9719d911017c592\"")
    );
    assert_eq!(stage.ask(&s3("GET /out/k")).await.body, "hello");
    let copy = Request {
        headers: &[("x-amz-copy-source", "out/k")],
        ..s3("PUT /out/c")
    };
    let (_, answer) = change(&mut stage, &copy).await;
    assert_eq!(
        answer.element("ETag"),
        "\"5d41402abc4b2a76b9719d911017c592\""
    );
    assert_eq!(stage.ask(&s3("GET /out/c")).await.body, "hello");
    let (_, answer) = change(&mut stage, &s3("DELETE /out/k")).await;
    assert_eq!(answer.status, 204);
    assert_eq!(stage.ask(&s3("GET /out/k")).await.status, 404);
}

#[tokio::test]
async fn the_second_to_put_an_object_that_must_not_be_there_fails() {
    let mut stage = Stage::set(Provisions::default()).await;
    let claim = Request {
        headers: &[("if-none-match", "*")],
        body: "mine",
        ..s3("PUT /locks/a")
    };
    let (done, answer) = change(&mut stage, &claim).await;
    assert_eq!((done, answer.status), (1, 200));
    let (done, answer) = change(&mut stage, &claim).await;
    let code = answer.element("Code");
    assert_eq!(
        (done, answer.status, &*code),
        (0, 412, "PreconditionFailed")
    );
}

#[tokio::test]
async fn a_put_whose_reply_is_lost_has_been_done() {
    let mut stage = Stage::set(Provisions::default()).await;
    let put = Request {
        body: "hello",
        ..s3("PUT /out/k")
    };
    let answer = stage.send(&put);
    let held = stage.next_effect().await;
    assert_eq!(
        held.meet(Fate::ReplyLost, &stage.elsewhere).performed.len(),
        1
    );
    assert!(answer.await.unwrap().is_err());
    assert_eq!(stage.ask(&s3("GET /out/k")).await.body, "hello");
}

#[tokio::test]
async fn a_directory_has_what_no_event_speaks_of() {
    let root = std::env::temp_dir().join(format!("redeliver-outside-{}", std::process::id()));
    fs::create_dir_all(root.join("conf")).unwrap();
    fs::write(root.join("conf/limits.json"), "{}").unwrap();
    let stage = Stage::set(Provisions {
        directory: Some(Directory::open(&root).unwrap()),
        ..Provisions::default()
    })
    .await;
    let answer = stage.ask(&s3("GET /conf/limits.json")).await;
    fs::remove_dir_all(&root).unwrap();
    assert_eq!((answer.status, &*answer.body), (200, "{}"));
}
