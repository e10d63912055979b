use redeliver::check::outside::{Provisions, Stubs};
use redeliver_model::schedule::Fate;
use serde_json::json as value;

use super::{Request, Stage, json};

async fn with(entries: serde_json::Value) -> Stage {
    let stubs = Stubs::parse("stubs.json", entries.to_string().as_bytes());
    Stage::set(Provisions {
        stubs: stubs.unwrap(),
        ..Provisions::default()
    })
    .await
}

const GET_PARAMETER: [(&str, &str); 2] = [
    ("x-amz-target", "AmazonSSM.GetParameter"),
    ("content-type", "application/x-amz-json-1.1"),
];

#[tokio::test]
async fn what_the_user_gives_an_answer_for_is_answered_with_it() {
    let mut stage = with(value!([
        {
            "service": "ssm", "operation": "GetParameter", "match": { "Name": "limit" },
            "body": { "Parameter": { "Value": "7" } },
        },
        { "method": "get", "url": "http://rates.example/today", "status": 503, "body": "closed" },
    ]))
    .await;
    let answer = stage
        .ask(&json("ssm", &GET_PARAMETER, r#"{"Name":"limit","X":1}"#))
        .await;
    assert_eq!(
        (answer.status, &answer.json()["Parameter"]["Value"]),
        (200, &value!("7"))
    );
    let answer = stage
        .ask(&json("ssm", &GET_PARAMETER, r#"{"Name":"other"}"#))
        .await;
    assert_eq!(answer.status, 501);
    stage.next_refusal().await;
    let rates = Request {
        line: "GET http://rates.example/today?currency=eur",
        service: "",
        headers: &[],
        body: "",
    };
    let answer = stage.ask(&rates).await;
    assert_eq!((answer.status, &*answer.body), (503, "closed"));
}

#[tokio::test]
async fn what_the_user_calls_an_effect_is_held_and_known_by_its_token() {
    let mut stage = with(value!([{
        "service": "states", "operation": "StartExecution", "effect": true, "token": "name",
        "body": { "executionArn": "arn", "startDate": 1 },
    }]))
    .await;
    let target = [("x-amz-target", "AWSStepFunctions.StartExecution")];
    let answer = stage.send(&json(
        "states",
        &target,
        r#"{"name":"n","input":"{\"a\":1}"}"#,
    ));
    let held = stage.next_effect().await;
    let effect = &held.request.effects[0];
    assert_eq!(effect.token.as_deref(), Some("n"));
    assert_eq!(
        effect.content[&vec!["input".to_owned(), "a".to_owned()]],
        "1"
    );
    held.meet(Fate::Answered, &stage.elsewhere);
    assert_eq!(answer.await.unwrap().unwrap().json()["executionArn"], "arn");
}
