//! What an environment wrote, and when.

use redeliver::check::environment::{Captured, During, Line, Stream};

use super::kit::{Scene, invocation};

fn texts(output: &Captured) -> Vec<&str> {
    output.lines().map(|line| line.text.as_str()).collect()
}

#[tokio::test]
async fn what_was_written_before_an_answer_is_known_with_it() {
    let mut scene = Scene::python(
        "print('starting')
while True:
    request_id, *_ = next()
    for number in range(100): print('out', request_id)
    print('err', request_id, file=sys.stderr)
    respond(request_id)
    print('after', request_id)",
    );
    let environment = scene.started().await;
    let output = environment.take_output();
    assert_eq!(texts(&output), ["starting"]);
    assert_eq!(output.first[0].during, During::Init);
    for request_id in ["1", "2", "3"] {
        environment.invoke(invocation(request_id)).unwrap();
        scene.answered(request_id).await;
        let during = During::Invocation(request_id.into());
        let mut written = environment.take_output().first;
        let count = |written: &[Line], stream, text| {
            let (during, text) = (during.clone(), format!("{text} {request_id}"));
            let line = Line {
                stream,
                during,
                text,
            };
            written.iter().filter(|it| **it == line).count()
        };
        assert_eq!(count(&written, Stream::Stdout, "out"), 100);
        assert_eq!(count(&written, Stream::Stderr, "err"), 1);
        scene.waits().await;
        written.extend(environment.take_output().first);
        assert_eq!(count(&written, Stream::Stdout, "after"), 1);
        assert_eq!(written.len(), 102);
    }
    environment.end().await;
}

#[tokio::test]
async fn what_was_written_before_an_exit_is_known_with_it() {
    let mut scene = Scene::shell("echo one; printf two; exit 1");
    let environment = scene.start().await;
    scene.exited().await;
    assert_eq!(texts(&environment.take_output()), ["one", "two"]);
}

#[tokio::test]
async fn what_was_begun_before_the_end_is_known_with_it() {
    let mut scene = Scene::python("sys.stdout.write('unfinished')\nnext()");
    let environment = scene.started().await;
    assert!(texts(&environment.take_output()).is_empty());
    assert_eq!(texts(&environment.end().await), ["unfinished"]);
}
