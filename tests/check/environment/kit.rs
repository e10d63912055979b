//! Handlers in a few lines of Python or shell, and what they are told and tell.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use redeliver::check::environment::{Environment, Invocation, NotStarted, Surroundings};
use redeliver::check::function::Function;
use redeliver::check::news::{EnvironmentId, Happened, News};
use tokio::sync::mpsc;

/// Guards against tests that hang, and nothing else.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A Python program starts with this: a client of the Runtime API.
const CLIENT: &str = r#"
import http.client, os, signal, subprocess, sys, threading, time
API = os.environ["AWS_LAMBDA_RUNTIME_API"]
connection = http.client.HTTPConnection(API)

def call(method, path, body=None, headers={}):
    connection.request(method, "/2018-06-01/runtime/" + path, body, headers)
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read()

def next():
    status, headers, event = call("GET", "invocation/next")
    assert status == 200, (status, event)
    return headers["lambda-runtime-aws-request-id"], event, headers

def respond(request_id, body=b"null", headers={}):
    return call("POST", "invocation/" + request_id + "/response", body, headers)
"#;

/// A directory that is removed when this is dropped.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("redeliver-test-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A handler, and the news of its environments.
pub(crate) struct Scene {
    pub(crate) function: Function,
    pub(crate) surroundings: Surroundings,
    pub(crate) directory: Directory,
    sender: mpsc::UnboundedSender<News>,
    news: mpsc::UnboundedReceiver<News>,
    started: u64,
}

impl Scene {
    /// A handler that is this Python program.
    pub(crate) fn python(program: &str) -> Self {
        let scene = Self::command(&["python3", "-S", "handler.py"]);
        let program = format!("{CLIENT}{program}");
        fs::write(scene.directory.path().join("handler.py"), program).unwrap();
        scene
    }

    /// A handler that is this shell script.
    pub(crate) fn shell(script: &str) -> Self {
        Self::command(&["sh", "-c", script])
    }

    pub(crate) fn command(command: &[&str]) -> Self {
        let directory = Directory::new();
        let (sender, news) = mpsc::unbounded_channel();
        Self {
            function: Function {
                command: command.iter().map(OsString::from).collect(),
                directory: directory.path().to_owned(),
                name: "invoices".to_owned(),
                handler: None,
                memory: 256,
                region: "eu-central-1".to_owned(),
                timeout: Duration::from_secs(3),
                variables: BTreeMap::new(),
            },
            surroundings: Surroundings {
                dynamodb: "http://127.0.0.1:1/dynamodb".to_owned(),
                others: "http://127.0.0.1:1/others".to_owned(),
                proxy: "http://127.0.0.1:1/proxy".to_owned(),
                variables: BTreeMap::new(),
            },
            directory,
            sender,
            news,
            started: 0,
        }
    }

    pub(crate) async fn try_start(&mut self) -> Result<Environment, NotStarted> {
        self.started += 1;
        let (id, news) = (EnvironmentId(self.started), self.sender.clone());
        Environment::start(&self.function, id, &self.surroundings, news).await
    }

    pub(crate) async fn start(&mut self) -> Environment {
        self.try_start().await.unwrap()
    }

    /// An environment that waits for its first invocation.
    pub(crate) async fn started(&mut self) -> Environment {
        let environment = self.start().await;
        self.waits().await;
        environment
    }

    pub(crate) async fn news(&mut self) -> News {
        let next = tokio::time::timeout(LONG, self.news.recv()).await;
        next.expect("something happens").unwrap()
    }

    pub(crate) async fn happened(&mut self) -> Happened {
        self.news().await.what
    }

    pub(crate) async fn waits(&mut self) {
        let what = self.happened().await;
        assert!(matches!(what, Happened::Waits), "{what:?}");
    }

    /// The next news is a success of this invocation; what it says.
    pub(crate) async fn answered(&mut self, expected: &str) -> Vec<u8> {
        match self.happened().await {
            Happened::Answered { request_id, body } if request_id == expected => body.into(),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn failed(&mut self, expected: &str) -> String {
        match self.happened().await {
            Happened::Failed { request_id, error } if request_id == expected => text(&error),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn misused(&mut self) -> String {
        match self.happened().await {
            Happened::Misused { how } => how,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn exited(&mut self) -> String {
        match self.happened().await {
            Happened::Exited { how } => how,
            other => panic!("{other:?}"),
        }
    }

    /// Nothing was told that has not been looked at.
    pub(crate) fn nothing_else(&mut self) {
        if let Ok(news) = self.news.try_recv() {
            panic!("{news:?}");
        }
    }
}

pub(crate) fn invocation(request_id: &str) -> Invocation {
    Invocation {
        request_id: request_id.to_owned(),
        deadline: SystemTime::UNIX_EPOCH + Duration::from_millis(1_234_567),
        document: br#"{"Records":[]}"#.as_slice().into(),
        trace_id: "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned(),
        client_context: None,
        cognito_identity: None,
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The processes that an environment has printed, as `family 1 2 3`.
pub(crate) fn family(environment: &Environment) -> Vec<u32> {
    let output = environment.take_output();
    let mut lines = output.lines();
    let line = lines.find_map(|line| line.text.strip_prefix("family "));
    let pids = line.unwrap().split(' ').map(|pid| pid.parse().unwrap());
    pids.collect()
}

/// The state of a process, as ps(1) would show it.
pub(crate) fn state_of(pid: u32) -> Option<char> {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    status.rsplit(") ").next()?.chars().next()
}

/// Ended, though perhaps nobody has asked how.
pub(crate) fn is_gone(pid: u32) -> bool {
    matches!(state_of(pid), None | Some('Z' | 'X'))
}

pub(crate) fn goes_on(pid: u32) -> bool {
    matches!(state_of(pid), Some('R' | 'S' | 'D'))
}

/// Waits for what the kernel does in its own time.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let holds = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let in_time = tokio::time::timeout(LONG, holds).await;
    in_time.expect("the condition comes to hold");
}
