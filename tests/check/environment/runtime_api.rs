//! The Runtime API as its clients see it.

use redeliver::check::environment::Environment;
use redeliver::check::news::Happened;
use serde_json::{Value, json};

use super::kit::{Scene, invocation, text};

/// Lambda's largest answer.
const LARGEST: usize = 6_291_556;

/// The environment of a handler that was handed invocation 1.
async fn invoked(scene: &mut Scene) -> Environment {
    let environment = scene.started().await;
    environment.invoke(invocation("1")).unwrap();
    environment
}

fn parsed(error: &str) -> Value {
    serde_json::from_str(error).unwrap()
}

#[tokio::test]
async fn an_invocation_comes_with_the_headers_that_aws_documents() {
    let mut scene = Scene::python(
        "import json
for _ in range(2):
    request_id, event, headers = next()
    respond(request_id, json.dumps(headers).encode())
next()",
    );
    let environment = invoked(&mut scene).await;
    let mut headers = parsed(&text(&scene.answered("1").await));
    headers.as_object_mut().unwrap().remove("date");
    let expected = json!({
        "content-length": "14",
        "content-type": "application/json",
        "lambda-runtime-aws-request-id": "1",
        "lambda-runtime-deadline-ms": "1234567",
        "lambda-runtime-invoked-function-arn":
            "arn:aws:lambda:eu-central-1:123456789012:function:invoices",
        "lambda-runtime-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
    });
    assert_eq!(headers, expected);
    scene.waits().await;
    let mut from_a_phone = invocation("2");
    from_a_phone.client_context = Some(r#"{"client":{}}"#.to_owned());
    from_a_phone.cognito_identity = Some(r#"{"cognitoIdentityId":"x"}"#.to_owned());
    environment.invoke(from_a_phone).unwrap();
    let headers = parsed(&text(&scene.answered("2").await));
    assert_eq!(headers["lambda-runtime-client-context"], r#"{"client":{}}"#);
    let identity = &headers["lambda-runtime-cognito-identity"];
    assert_eq!(identity, r#"{"cognitoIdentityId":"x"}"#);
}

#[tokio::test]
async fn an_error_of_an_invocation_is_passed_on() {
    let mut scene = Scene::python(
        r#"
for error in [b'{"errorType":"E"}', b""]:
    request_id, *_ = next()
    headers = {"Lambda-Runtime-Function-Error-Type": "Runtime.Unhandled"}
    status, _, said = call("POST", "invocation/" + request_id + "/error", error, headers)
    assert (status, said) == (202, b'{"status":"OK"}'), (status, said)
next()"#,
    );
    let environment = invoked(&mut scene).await;
    assert_eq!(scene.failed("1").await, r#"{"errorType":"E"}"#);
    scene.waits().await;
    environment.invoke(invocation("2")).unwrap();
    let error = parsed(&scene.failed("2").await);
    assert_eq!(error["errorType"], "Runtime.Unhandled");
    scene.waits().await;
}

#[tokio::test]
async fn an_error_of_the_initialisation_is_passed_on() {
    let mut scene = Scene::python(
        r#"
status, *_ = call("POST", "init/error", b'{"errorType":"Runtime.ImportModuleError"}')
assert status == 202
sys.exit(1)"#,
    );
    let environment = scene.start().await;
    match scene.happened().await {
        Happened::InitFailed { error } => {
            assert_eq!(text(&error), r#"{"errorType":"Runtime.ImportModuleError"}"#);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(scene.exited().await, "exit status: 1");
    environment.end().await;
    scene.nothing_else();
}

#[tokio::test]
async fn the_largest_answer_is_passed_on_and_a_larger_one_is_a_failure() {
    let mut scene = Scene::python(&format!(
        "
request_id, *_ = next()
assert respond(request_id, b'x' * {LARGEST})[0] == 202
request_id, *_ = next()
status, _, said = respond(request_id, b'x' * ({LARGEST} + 1))
assert status == 413 and b'ResponseSizeTooLarge' in said, (status, said)
request_id, *_ = next()
status, _, said = respond(request_id, b'x' * (5 * {LARGEST}))
assert status == 413, status
next()"
    ));
    let environment = invoked(&mut scene).await;
    assert_eq!(scene.answered("1").await.len(), LARGEST);
    for request_id in ["2", "3"] {
        scene.waits().await;
        environment.invoke(invocation(request_id)).unwrap();
        let error = parsed(&scene.failed(request_id).await);
        assert_eq!(error["errorType"], "Function.ResponseSizeTooLarge");
    }
    scene.waits().await;
}

#[tokio::test]
async fn an_answer_may_be_streamed_and_may_fail_at_its_end() {
    let mut scene = Scene::python(
        r#"
def stream(request_id, trailers):
    connection.putrequest("POST", "/2018-06-01/runtime/invocation/" + request_id + "/response")
    connection.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.putheader("Trailer", "Lambda-Runtime-Function-Error-Type")
    connection.endheaders()
    for chunk in [b"one ", b"two ", b"three"]:
        connection.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
    connection.send(b"0\r\n" + trailers + b"\r\n")
    response = connection.getresponse()
    assert (response.status, response.read()) == (202, b'{"status":"OK"}')

stream(next()[0], b"")
stream(next()[0], b"Lambda-Runtime-Function-Error-Type: Broken\r\n")
next()"#,
    );
    let environment = invoked(&mut scene).await;
    assert_eq!(text(&scene.answered("1").await), "one two three");
    scene.waits().await;
    environment.invoke(invocation("2")).unwrap();
    assert_eq!(parsed(&scene.failed("2").await)["errorType"], "Broken");
    scene.waits().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    let mut scene = Scene::python(
        r#"
request_id, *_ = next()
connection.putrequest("POST", "/2018-06-01/runtime/invocation/" + request_id + "/response")
connection.putheader("Content-Length", "10")
connection.endheaders()
connection.send(b'"half')
connection.close()
assert respond(request_id, b'"all of it"')[0] == 202
next()"#,
    );
    let _environment = invoked(&mut scene).await;
    assert_eq!(text(&scene.answered("1").await), r#""all of it""#);
    scene.waits().await;
    scene.nothing_else();
}

#[tokio::test]
async fn an_invocation_is_answered_once_and_by_its_own_name() {
    let mut scene = Scene::python(
        r#"
def refused(answer):
    status, _, said = answer
    assert status == 400 and b"InvalidRequestID" in said, (status, said)

request_id, *_ = next()
refused(respond("another"))
refused(respond(""))
assert respond(request_id)[0] == 202
refused(respond(request_id))
refused(call("POST", "invocation/" + request_id + "/error", b"{}"))
next()
refused(respond(request_id))
assert respond("2")[0] == 202
next()"#,
    );
    let environment = invoked(&mut scene).await;
    for _ in 0..2 {
        let how = scene.misused().await;
        assert!(how.contains("which is not its invocation"), "{how}");
    }
    scene.answered("1").await;
    for _ in 0..2 {
        scene.misused().await;
    }
    scene.waits().await;
    environment.invoke(invocation("2")).unwrap();
    scene.misused().await;
    scene.answered("2").await;
    scene.waits().await;
}

#[tokio::test]
async fn an_environment_asks_for_one_invocation_at_a_time() {
    let mut scene = Scene::python(
        r#"
def refused(answer):
    status, _, said = answer
    assert status == 403 and b"InvalidStateTransition" in said, (status, said)

first, second = http.client.HTTPConnection(API), http.client.HTTPConnection(API)
for it in [first, second]:
    it.request("GET", "/2018-06-01/runtime/invocation/next")
# Only one of them is answered before there is an invocation.
import select
[answered], _, _ = select.select([first.sock, second.sock], [], [])
waiting, other = (second, first) if answered is first.sock else (first, second)
response = other.getresponse()
refused((response.status, None, response.read()))
call("GET", "done")
response = waiting.getresponse()
assert response.status == 200
response.read()
refused(call("GET", "invocation/next"))
refused(call("POST", "init/error", b"{}"))
respond("1")
next()"#,
    );
    let environment = scene.started().await;
    let how = scene.misused().await;
    assert!(how.contains("while it waited for one"), "{how}");
    let how = scene.misused().await;
    assert!(how.contains("runtime/done"), "{how}");
    environment.invoke(invocation("1")).unwrap();
    let how = scene.misused().await;
    assert!(how.contains("before it answered \"1\""), "{how}");
    let how = scene.misused().await;
    assert!(how.contains("initialisation error"), "{how}");
    scene.answered("1").await;
    scene.waits().await;
}

#[tokio::test]
async fn what_there_is_not_is_not_found() {
    let mut scene = Scene::python(
        r#"
def not_found(method, path):
    connection.request(method, path)
    response = connection.getresponse()
    said = response.read()
    assert response.status == 404 and b"errorType" in said, (response.status, said)

not_found("POST", "/2020-01-01/extension/register")
not_found("GET", "/")
not_found("GET", "/2018-06-01/runtime/restore/next")
not_found("POST", "/2018-06-01/runtime/invocation/next")
not_found("GET", "/2018-06-01/runtime/invocation/" + "x" * 10000)
next()"#,
    );
    let _environment = scene.start().await;
    let how = scene.misused().await;
    let first = r#"GET "/2018-06-01/runtime/restore/next""#;
    assert!(how.ends_with(first), "{how}");
    scene.misused().await;
    let how = scene.misused().await;
    assert!(how.len() < 200, "{how}");
    scene.waits().await;
}
