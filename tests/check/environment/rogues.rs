//! Handlers that do what no handler should: they harm nobody but themselves.

use std::fs;

use redeliver::check::environment::Environment;

use super::kit::{Scene, family, invocation, is_gone, state_of, until};

/// A handler that answers with nothing goes on doing so.
async fn goes_on_answering(environment: &Environment, scene: &mut Scene) {
    for request_id in ["1", "2", "3"] {
        environment.invoke(invocation(request_id)).unwrap();
        scene.answered(request_id).await;
        scene.waits().await;
    }
}

async fn another() -> (Environment, Scene) {
    let mut scene = Scene::python("while True: respond(next()[0])");
    (scene.started().await, scene)
}

#[tokio::test]
async fn one_that_ignores_signals_is_ended() {
    let mut scene = Scene::python(
        "for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
next()",
    );
    let environment = scene.started().await;
    environment.end().await;
    assert_eq!(scene.exited().await, "signal: 9 (SIGKILL)");
}

#[tokio::test]
async fn one_that_never_asks_for_an_invocation_is_ended() {
    let mut scene = Scene::shell("exec sleep 600");
    let environment = scene.start().await;
    environment.end().await;
    assert_eq!(scene.exited().await, "signal: 9 (SIGKILL)");
    scene.nothing_else();
}

#[tokio::test]
async fn one_that_exits_at_once_is_told_of_once() {
    let mut scene = Scene::shell("echo oops >&2; exit 9");
    let environment = scene.start().await;
    assert_eq!(scene.exited().await, "exit status: 9");
    environment.end().await;
    scene.nothing_else();
}

#[tokio::test]
async fn one_that_forks_and_forks_is_ended_with_all_that_came_of_it() {
    // A chain of processes, each in a session of its own.
    let mut scene = Scene::python(
        "chain = [os.getpid()]
reading, writing = os.pipe()
for _ in range(30):
    if os.fork(): break
    os.setsid()
    chain.append(os.getpid())
else:
    print('family', *chain)
    os.write(writing, b'.')
if len(chain) > 1: signal.pause()
os.read(reading, 1)
next()",
    );
    let environment = scene.started().await;
    let family = family(&environment);
    assert_eq!(family.len(), 31);
    environment.end().await;
    let alive: Vec<_> = family.iter().filter(|pid| !is_gone(**pid)).collect();
    assert!(alive.is_empty(), "{alive:?}");
}

/// A process has no variables to be known by while it replaces its program.
#[tokio::test]
async fn one_that_does_nothing_but_replace_its_program_is_frozen_and_ended() {
    let mut scene = Scene::shell("(setsid sh restless & echo family $!); exec sleep 600");
    let restless = scene.directory.path().join("restless");
    fs::write(restless, "exec sh restless").unwrap();
    for _ in 0..100 {
        let environment = scene.start().await;
        let pid = loop {
            let output = environment.take_output();
            if let Some(line) = output.first.first() {
                break line.text.strip_prefix("family ").unwrap().parse().unwrap();
            }
            tokio::task::yield_now().await;
        };
        environment.freeze();
        until(|| state_of(pid) == Some('T')).await;
        environment.thaw();
        environment.end().await;
        assert!(is_gone(pid));
    }
}

#[tokio::test]
async fn one_that_floods_its_output_starves_nobody_and_takes_no_more_room_than_others() {
    let (other, mut others) = another().await;
    let mut scene = Scene::python(
        "subprocess.Popen('yes & yes >&2', shell=True)
while True: respond(next()[0])",
    );
    let environment = scene.started().await;
    goes_on_answering(&environment, &mut scene).await;
    goes_on_answering(&other, &mut others).await;
    let mut left_out = 0;
    while left_out < 1_000_000 {
        let output = environment.take_output();
        let kept: usize = output.lines().map(|line| line.text.len()).sum();
        assert!(kept <= 128 * 1024, "{kept}");
        left_out += output.left_out;
        tokio::task::yield_now().await;
    }
    goes_on_answering(&other, &mut others).await;
    environment.end().await;
}

#[tokio::test]
async fn one_that_closes_its_output_goes_on() {
    let mut scene = Scene::python(
        "print('last words')
os.close(1); os.close(2)
while True: respond(next()[0])",
    );
    let environment = scene.started().await;
    goes_on_answering(&environment, &mut scene).await;
    assert_eq!(environment.take_output().first[0].text, "last words");
    let output = environment.end().await;
    assert_eq!(output.lines().count(), 0);
}

#[tokio::test]
async fn one_that_writes_garbage_to_the_runtime_api_is_told_of_and_goes_on() {
    let mut scene = Scene::python(
        r#"
import socket
host, port = API.split(":")

def send(garbage, wait=True):
    with socket.create_connection((host, port)) as garbler:
        try:
            garbler.sendall(garbage)
            while wait and garbler.recv(65536):
                pass
        except OSError:
            pass

send(b"\x00\xff" * 1000 + b"\r\n\r\n")
send(b"GET / HTTP/1.1\r\nX: " + b"x" * 10_000_000 + b"\r\n\r\n")
send(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n", wait=False)
send(b"", wait=False)
while True: respond(next()[0])"#,
    );
    let environment = scene.start().await;
    for _ in 0..2 {
        let how = scene.misused().await;
        assert!(how.contains("no HTTP request"), "{how}");
    }
    scene.waits().await;
    goes_on_answering(&environment, &mut scene).await;
    environment.end().await;
}

#[tokio::test]
async fn one_that_opens_connections_and_connections_starves_nobody_else() {
    let (other, mut others) = another().await;
    let mut scene = Scene::python(
        r#"
import resource, socket
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
host, port = API.split(":")
opened = []
for _ in range(900):
    connection = socket.socket()
    connection.setblocking(False)
    connection.connect_ex((host, int(port)))
    opened.append(connection)
print("opened")
signal.pause()"#,
    );
    let environment = scene.start().await;
    while environment.take_output().first.is_empty() {
        goes_on_answering(&other, &mut others).await;
    }
    goes_on_answering(&other, &mut others).await;
    environment.end().await;
    scene.exited().await;
    scene.nothing_else();
}

#[tokio::test]
async fn one_that_asks_on_many_connections_at_once_is_heard_on_some() {
    let mut scene = Scene::python(
        r#"
import select, socket
host, port = API.split(":")
asking = [socket.create_connection((host, port)) for _ in range(100)]
for connection in asking:
    connection.sendall(b"GET / HTTP/1.1\r\n\r\n")

def heard(timeout=None):
    return select.select(asking, [], [], timeout)[0]

first = heard()[0]
for _ in range(500):
    first.recv(65536)
    first.sendall(b"GET / HTTP/1.1\r\n\r\n")
    select.select([first], [], [])
sys.exit(len(heard(0)))"#,
    );
    let _environment = scene.start().await;
    assert_eq!(scene.exited().await, "exit status: 16");
}

#[tokio::test]
async fn one_that_misuses_the_runtime_api_for_ever_is_told_of_a_hundred_times() {
    let mut scene = Scene::python(
        "for _ in range(1000): call('GET', 'nonsense')
next()",
    );
    let _environment = scene.start().await;
    for _ in 0..100 {
        scene.misused().await;
    }
    scene.waits().await;
}
