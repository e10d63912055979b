use redeliver::check::outside::{Provisions, Refusal};

use super::{Answer, Request, Stage, form, json, s3};

async fn refused(request: &Request<'_>) -> (Answer, Refusal) {
    let mut stage = Stage::set(Provisions::default()).await;
    let answer = stage.ask(request).await;
    (answer, stage.next_refusal().await)
}

#[tokio::test]
async fn what_nobody_serves_is_named_in_the_protocol_of_the_service() {
    let target = [
        ("x-amz-target", "AmazonSSM.GetParameter"),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    let (answer, refusal) = refused(&json("ssm", &target, "{}")).await;
    assert_eq!(answer.status, 501);
    assert_eq!(answer.json()["__type"], "NotImplemented");
    let message = answer.json()["message"].to_string();
    assert!(
        message.contains("ssm for GetParameter") && message.contains("--stub"),
        "{message}"
    );
    assert!(refusal.makes_inconclusive());

    let (answer, _) = refused(&form("sts", "Action=GetCallerIdentity")).await;
    assert_eq!(
        (answer.status, answer.element("Code")),
        (501, "NotImplemented".to_owned())
    );
    assert!(answer.element("Message").contains("GetCallerIdentity"));

    let (answer, refusal) = refused(&s3("GET /b?list-type=2")).await;
    assert_eq!(
        (answer.status, answer.element("Code")),
        (501, "NotImplemented".to_owned())
    );
    assert!(
        refusal.to_string().contains("S3 for GET /b?list-type"),
        "{refusal}"
    );

    let (answer, refusal) = refused(&Request {
        line: "POST /2015-03-31/functions/f/invocations",
        service: "lambda",
        headers: &[("x-amz-invocation-type", "RequestResponse")],
        body: "{}",
    })
    .await;
    assert_eq!(answer.status, 501);
    assert!(answer.head.contains("x-amzn-errortype: notimplemented"));
    assert!(
        refusal.to_string().contains("lambda for Invoke"),
        "{refusal}"
    );
}

#[tokio::test]
async fn no_server_is_reached_through_the_proxy() {
    let to = |line| Request {
        line,
        service: "",
        headers: &[],
        body: "",
    };
    let connect = "CONNECT dynamodb.us-east-1.amazonaws.com:443";
    for (line, host, advice) in [
        (
            connect,
            "dynamodb.us-east-1.amazonaws.com:443",
            "AWS_ENDPOINT_URL",
        ),
        ("GET http://example.com/x", "example.com", "--effect-url"),
        (
            "GET http://169.254.169.254/latest/",
            "169.254.169.254",
            "environment",
        ),
    ] {
        let (answer, refusal) = refused(&to(line)).await;
        assert_eq!(answer.status, 403, "{line}");
        let text = refusal.to_string();
        assert!(text.contains(advice), "{text}");
        match refusal {
            Refusal::Host { host: named, .. } => assert_eq!(named, host),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_service_that_is_asked_through_the_proxy_is_the_same_one() {
    let (answer, refusal) = refused(&Request {
        line: "POST http://ssm.us-east-1.amazonaws.com/",
        service: "ssm",
        headers: &[("x-amz-target", "AmazonSSM.GetParameter")],
        body: "{}",
    })
    .await;
    assert_eq!(answer.status, 501);
    assert!(matches!(refusal, Refusal::Operation { .. }), "{refusal:?}");
}

#[tokio::test]
async fn a_refusal_is_told_once_and_of_no_more_than_a_hundred() {
    let mut stage = Stage::set(Provisions::default()).await;
    for number in 0..120 {
        let line = format!("GET http://host{number}.example/");
        let request = Request {
            line: &line,
            service: "",
            headers: &[],
            body: "",
        };
        stage.ask(&request).await;
        stage.ask(&request).await;
    }
    drop(stage.outside);
    drop(stage.elsewhere);
    let mut told = 0;
    while stage.news.next_if_any().await.is_some() {
        told += 1;
    }
    assert_eq!(told, 100);
}

#[tokio::test]
async fn garbage_is_answered_and_larger_requests_than_any_are_refused() {
    let stage = Stage::set(Provisions::default()).await;
    let address = stage.outside.endpoint().replace("http://", "");
    for garbage in [
        "\0\u{1}\u{2}\r\n\r\n",
        "GET\r\n\r\n",
        "CONNECT / HTTP/1.1\r\nconnection: close\r\n\r\n",
    ] {
        let address = address.clone();
        let exchange = move || super::exchange(&address, garbage.as_bytes());
        let answer = tokio::task::spawn_blocking(exchange).await.unwrap();
        assert!(answer.is_err() || answer.unwrap().status >= 400);
    }
    let target = [("x-amz-target", "AmazonSQS.SendMessage")];
    let body = "x".repeat((16 << 20) + 1);
    let answer = stage.send(&json("sqs", &target, &body)).await.unwrap();
    // The rest of the request is not read, so its sender may not read the answer.
    assert!(answer.is_err() || answer.unwrap().status == 413);
    assert_eq!(stage.ask(&s3("GET /b/k")).await.status, 404);
}
