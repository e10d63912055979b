use std::io::Write;
use std::net::TcpStream;

use redeliver::check::news::Happened;
use redeliver::check::outside::{EffectUrl, Provisions, fates};
use redeliver_model::schedule::Fate;
use serde_json::json as value;

use super::{Answer, Request, Stage, form, json};

const SEND: [(&str, &str); 4] = [
    ("x-amz-target", "AmazonSQS.SendMessage"),
    ("content-type", "application/x-amz-json-1.0"),
    ("amz-sdk-invocation-id", "call-1"),
    ("amz-sdk-request", "attempt=2; max=3"),
];
const SEND_BATCH: [(&str, &str); 2] = [
    ("x-amz-target", "AmazonSQS.SendMessageBatch"),
    ("content-type", "application/x-amz-json-1.0"),
];
const PUT_EVENTS: [(&str, &str); 2] = [
    ("x-amz-target", "AWSEvents.PutEvents"),
    ("content-type", "application/x-amz-json-1.1"),
];

const MESSAGE: &str = r#"{"QueueUrl":"http://127.0.0.1:1/123456789012/jobs","MessageBody":"m"}"#;
const TWO_MESSAGES: &str = r#"{"QueueUrl":"http://q/1/jobs","Entries":[
    {"Id":"x","MessageBody":"m"},{"Id":"y","MessageBody":"n"}]}"#;

/// The MD5 sum of `m`.
const SUM_OF_M: &str = "6f8f57715090da2632453988d9a1501b";

/// What is performed when a request meets a fate, and what it is answered: nothing if
/// its connection is broken.
async fn met(request: &Request<'_>, fate: Fate) -> (usize, Option<Answer>) {
    let mut stage = Stage::set(Provisions::default()).await;
    let answer = stage.send(request);
    let held = stage.next_effect().await;
    let met = held.meet(fate, &stage.elsewhere);
    let answer = answer.await.unwrap().ok();
    assert_eq!(answer.is_some(), met.answered.is_some(), "{fate:?}");
    (met.performed.len(), answer)
}

#[tokio::test]
async fn a_message_to_a_queue_is_held_and_told_by_what_it_says() {
    let mut stage = Stage::set(Provisions::default()).await;
    let request = json("sqs", &SEND, MESSAGE);
    let answer = stage.send(&request);
    let held = stage.next_effect().await;
    let request = &held.request;
    assert_eq!(
        (&*request.service, &*request.operation),
        ("sqs", "SendMessage")
    );
    assert_eq!(request.sdk_call.as_deref(), Some("call-1"));
    assert_eq!(request.attempt, Some(2));
    let [effect] = &*request.effects else {
        panic!("{:?}", request.effects);
    };
    assert_eq!(effect.kind.place, "123456789012/jobs");
    assert_eq!(effect.content[&vec!["body".to_owned()]], "\"m\"");
    assert_eq!(effect.token, None);
    let met = held.meet(Fate::Answered, &stage.elsewhere);
    assert_eq!(met.performed.len(), 1);
    let answer = answer.await.unwrap().unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["MD5OfMessageBody"], SUM_OF_M);
}

#[tokio::test]
async fn the_fates_of_an_effect_are_what_a_service_may_do() {
    let request = json("sqs", &SEND, MESSAGE);
    for (fate, performed, status) in [
        (Fate::Answered, 1, Some(200)),
        (Fate::Late, 0, None),
        (Fate::ReplyLost, 1, None),
        (Fate::Resent, 1, None),
        (Fate::ServerError, 0, Some(500)),
        (Fate::ServerErrorAfterWrite, 1, Some(500)),
        (Fate::Throttled, 0, Some(400)),
        (Fate::Unprocessed, 1, Some(200)),
        (Fate::Stale, 1, Some(200)),
        (Fate::Conflict, 1, Some(200)),
    ] {
        let (done, answer) = met(&request, fate).await;
        assert_eq!(
            (done, answer.map(|it| it.status)),
            (performed, status),
            "{fate:?}"
        );
    }
}

#[tokio::test]
async fn what_is_late_is_performed_when_its_time_has_come() {
    let mut stage = Stage::set(Provisions::default()).await;
    let answer = stage.send(&json("sqs", &SEND, MESSAGE));
    let held = stage.next_effect().await;
    let request = held.request.clone();
    assert!(held.meet(Fate::Late, &stage.elsewhere).performed.is_empty());
    assert!(answer.await.unwrap().is_err());
    assert_eq!(stage.elsewhere.perform(&request).0, request.effects);
}

#[tokio::test]
async fn of_a_batch_the_last_message_may_fail_in_an_answer_that_is_a_success() {
    let (done, answer) = met(&json("sqs", &SEND_BATCH, TWO_MESSAGES), Fate::Unprocessed).await;
    let answer = answer.unwrap().json();
    assert_eq!((done, &answer["Successful"][0]["Id"]), (1, &value!("x")));
    assert_eq!(answer["Failed"][0]["Id"], "y");
    assert_eq!(answer["Failed"][0]["SenderFault"], false);

    let events = r#"{"Entries":[{"Detail":"{\"a\":1}"},{"Detail":"{}"}]}"#;
    let (done, answer) = met(&json("events", &PUT_EVENTS, events), Fate::Unprocessed).await;
    let answer = answer.unwrap().json();
    assert_eq!((done, &answer["FailedEntryCount"]), (1, &value!(1)));
    assert!(answer["Entries"][0]["EventId"].is_string());
    assert_eq!(answer["Entries"][1]["ErrorCode"], "InternalFailure");

    let batch = "Action=PublishBatch&TopicArn=arn:aws:sns:us-east-1:1:t\
                 &PublishBatchRequestEntries.member.1.Id=x\
                 &PublishBatchRequestEntries.member.1.Message=m\
                 &PublishBatchRequestEntries.member.2.Id=y\
                 &PublishBatchRequestEntries.member.2.Message=n";
    let (done, answer) = met(&form("sns", batch), Fate::Unprocessed).await;
    let answer = answer.unwrap();
    assert_eq!((done, answer.element("Id")), (1, "x".to_owned()));
    assert_eq!(answer.element("SenderFault"), "false");
}

#[tokio::test]
async fn queues_and_topics_are_answered_in_xml_if_they_are_asked_by_a_form() {
    let send = "Action=SendMessage&QueueUrl=http%3A%2F%2Fq%2F1%2Fjobs&MessageBody=m";
    let (_, answer) = met(&form("sqs", send), Fate::Answered).await;
    assert_eq!(answer.unwrap().element("MD5OfMessageBody"), SUM_OF_M);
    let publish = "Action=Publish&TopicArn=arn:aws:sns:us-east-1:1:t&Message=m";
    let (_, answer) = met(&form("sns", publish), Fate::Answered).await;
    assert!(!answer.unwrap().element("MessageId").is_empty());
    let (_, answer) = met(&form("sns", publish), Fate::Throttled).await;
    let answer = answer.unwrap();
    assert_eq!(
        (answer.status, answer.element("Code")),
        (429, "Throttled".to_owned())
    );
}

#[tokio::test]
async fn a_message_with_an_order_is_known_by_its_token_and_has_the_same_id_again() {
    let with = |more: &str| {
        format!(
            r#"{{"QueueUrl":"http://q/1/jobs.fifo","MessageGroupId":"g","MessageBody":"m"{more}}}"#
        )
    };
    let mut stage = Stage::set(Provisions::default()).await;
    let mut ids = Vec::new();
    for (body, token) in [
        (with(r#","MessageDeduplicationId":"t""#), "t".to_owned()),
        (with(r#","MessageDeduplicationId":"t""#), "t".to_owned()),
        (with(""), format!("MD5 {SUM_OF_M}")),
    ] {
        let answer = stage.send(&json("sqs", &SEND, &body));
        let held = stage.next_effect().await;
        assert_eq!(held.request.effects[0].token, Some(token));
        held.meet(Fate::Answered, &stage.elsewhere);
        ids.push(answer.await.unwrap().unwrap().json()["MessageId"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[1], ids[2]);
}

#[tokio::test]
async fn the_same_message_alone_and_in_a_batch_is_the_same_effect() {
    let mut stage = Stage::set(Provisions::default()).await;
    let alone = r#"{"QueueUrl":"http://other/1/jobs","MessageBody":"m"}"#;
    let _alone = stage.send(&json("sqs", &SEND, alone));
    let alone = stage.next_effect().await;
    let _batch = stage.send(&json("sqs", &SEND_BATCH, TWO_MESSAGES));
    let batch = stage.next_effect().await;
    let form = "Action=SendMessage&QueueUrl=http://q/1/jobs&MessageBody=m";
    let _in_form = stage.send(&super::form("sqs", form));
    let in_form = stage.next_effect().await;
    assert_eq!(alone.request.effects[0], batch.request.effects[0]);
    assert_eq!(alone.request.effects[0], in_form.request.effects[0]);
    assert_ne!(alone.request.effects[0], batch.request.effects[1]);
}

#[tokio::test]
async fn a_request_to_an_effects_url_is_held_with_its_token() {
    let url = EffectUrl::new("http://api.example.com/orders").unwrap();
    let mut stage = Stage::set(Provisions {
        effect_urls: vec![url],
        ..Provisions::default()
    })
    .await;
    let address = stage.outside.endpoint().replace("http://", "");
    let through_proxy = Request {
        line: "POST http://api.example.com/orders/1?x=y",
        service: "",
        headers: &[("host", "api.example.com"), ("Idempotency-Key", "k")],
        body: r#"{"of":"a"}"#,
    };
    let answer = stage.send(&through_proxy);
    let held = stage.next_effect().await;
    let effect = &held.request.effects[0];
    assert_eq!(effect.kind.place, "http://api.example.com");
    assert_eq!(effect.token.as_deref(), Some("k"));
    let of = ["body".to_owned(), "of".to_owned()];
    assert_eq!(effect.content[of.as_slice()], "\"a\"");
    assert!(!fates(&held.request).contains(&Fate::Resent));
    held.meet(Fate::ServerErrorAfterWrite, &stage.elsewhere);
    assert_eq!(answer.await.unwrap().unwrap().status, 500);

    let path = stage
        .outside
        .effect_url()
        .replace(&format!("http://{address}"), "");
    let direct = Request {
        line: &format!("PUT {path}/orders/1"),
        service: "",
        headers: &[],
        body: "x",
    };
    let answer = stage.send(&direct);
    let held = stage.next_effect().await;
    assert!(held.request.effects[0].overwrites);
    held.meet(Fate::Answered, &stage.elsewhere);
    assert_eq!(answer.await.unwrap().unwrap().status, 200);
}

#[tokio::test]
async fn an_invocation_that_nobody_waits_for_is_an_effect() {
    let request = Request {
        line: "POST /2015-03-31/functions/f/invocations",
        service: "lambda",
        headers: &[("x-amz-invocation-type", "Event")],
        body: r#"{"of":"a"}"#,
    };
    let (done, answer) = met(&request, Fate::Answered).await;
    assert_eq!((done, answer.unwrap().status), (1, 202));
}

#[tokio::test]
async fn a_client_that_goes_is_told_of() {
    let mut stage = Stage::set(Provisions::default()).await;
    let address = stage.outside.endpoint().replace("http://", "");
    let mut client = TcpStream::connect(&address).unwrap();
    let request = json("sqs", &SEND, MESSAGE).bytes(&address);
    client.write_all(&request).unwrap();
    let held = stage.next_effect().await;
    drop(client);
    match stage.news.next().await {
        Happened::EffectGivenUp { effect } => assert_eq!(effect, held.number),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_queue_at_aws_is_a_queue_here_by_a_variable() {
    let stage = Stage::set(Provisions::default()).await;
    let of_function = [
        (
            "QUEUE",
            "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs",
        ),
        ("OTHER", "https://example.com/123456789012/jobs"),
    ];
    let of_function = of_function.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let variables = stage.outside.variables(&of_function.into());
    let names: Vec<&String> = variables.keys().collect();
    assert_eq!(names, ["QUEUE", "REDELIVER_EFFECT_URL"]);
    let wanted = format!("{}/123456789012/jobs", stage.outside.endpoint());
    assert_eq!(variables["QUEUE"], wanted);
}
