//! How a check ends that is not played to its end.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use super::{RIGHT, RUNTIME, check, folder};

#[test]
fn a_check_that_is_asked_to_end_leaves_no_process_behind() {
    let folder = folder("interrupted");
    let announces = RIGHT.replace(
        "def handle",
        "open(f\"process-{os.getpid()}\", \"w\").close()\ndef handle",
    );
    let handler = RUNTIME.replace("# HANDLE", &announces);
    std::fs::write(folder.join("handler.py"), handler).unwrap();
    // Ctrl-C; what timeout(1) and build servers send; and Ctrl-C by an impatient person.
    for signals in [&["INT"][..], &["TERM"], &["INT", "INT"]] {
        let Output { status, stderr, .. } = interrupted(&folder, signals);
        let said = String::from_utf8(stderr).unwrap();
        assert!(said.contains("Interrupted"), "{signals:?}: {said}");
        assert!(
            matches!(status.code(), Some(0 | 3 | 130)),
            "{signals:?}: {status:?}"
        );
        let left = processes(&folder).into_iter().filter(|id| {
            let command = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&command).contains("handler.py")
        });
        assert_eq!(
            left.collect::<Vec<_>>(),
            Vec::<String>::new(),
            "{signals:?}"
        );
    }
}

/// Begins a check, and sends it these signals while it plays schedules.
fn interrupted(folder: &Path, signals: &[&str]) -> Output {
    let known = processes(folder).len();
    let mut checking = Command::new(env!("CARGO_BIN_EXE_redeliver"))
        .current_dir(folder)
        .args(["check", "--table", "rows:id", "--seed", "1"])
        .args(["--schedules", "1000000", "--max-time", "2m"])
        .args(["--", "python3", "-S", "handler.py"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Those of the clean deliveries have ended, and others play schedules.
    while processes(folder).len() < known + 8 {
        assert_eq!(checking.try_wait().unwrap(), None, "it ended too soon");
        std::thread::sleep(Duration::from_millis(20));
    }
    for signal in signals {
        let id = checking.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        // Nobody is there any more to be asked twice if the first time was enough.
        assert!(sent.unwrap().success() || checking.try_wait().unwrap().is_some());
    }
    checking.wait_with_output().unwrap()
}

/// The processes that have said that they are there.
fn processes(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|it| it.unwrap().file_name().into_string().unwrap());
    let ids = names.filter_map(|it| Some(it.strip_prefix("process-")?.to_owned()));
    ids.collect()
}

#[test]
fn a_handler_that_fails_at_once_is_no_violation() {
    let fails = r#"
def handle(event, request_id):
    print("no such setting: BUCKET", flush=True)
    raise KeyError("BUCKET")
"#;
    let checked = check(&folder("fails"), fails, &[]);
    assert_eq!(checked.status(), Some(2));
    assert!(
        checked.said().contains("fails on its very first delivery"),
        "{}",
        checked.said()
    );
    assert!(
        checked.said().contains("no such setting: BUCKET"),
        "{}",
        checked.said()
    );
}

#[test]
fn a_handler_that_makes_no_call_proves_nothing() {
    let silent = r#"
def handle(event, request_id):
    pass
"#;
    let checked = check(&folder("silent"), silent, &[]);
    assert_eq!(checked.status(), Some(3));
    assert!(
        checked.said().contains("AWS_ENDPOINT_URL"),
        "{}",
        checked.said()
    );
}

#[test]
fn a_handler_that_hangs_is_ended() {
    let hangs = r#"
def handle(event, request_id):
    import time
    time.sleep(600)
"#;
    let checked = check(&folder("hangs"), hangs, &["--timeout", "1"]);
    assert_eq!(checked.status(), Some(2));
    assert!(checked.said().contains("timed out"), "{}", checked.said());
}

#[test]
fn nothing_is_concluded_where_the_handler_asks_for_what_nobody_serves() {
    let asks = r#"
def handle(event, request_id):
    host = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "AmazonSSM.GetParameter"}
    call(host, "POST", "/", "{}", headers)
    for record in event["Records"]:
        put({"id": {"S": record["s3"]["object"]["key"]}}, "attribute_not_exists(id)")
"#;
    let checked = check(&folder("asks"), asks, &[]);
    assert_eq!(checked.status(), Some(3), "{}", checked.told);
    let notes = checked.told["notes"].to_string();
    assert!(notes.contains("GetParameter"), "{notes}");
}
