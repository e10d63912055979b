//! From its start to its end.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use redeliver::check::environment::{NotInvoked, NotStarted};
use redeliver::check::news::EnvironmentId;

use super::kit::{Directory, Scene, family, goes_on, invocation, is_gone, state_of, text, until};

/// Starts a child in its process group, one that leaves it, one that leaves its parent
/// as well, and one that clears its variables; then says who they are.
const FAMILY: &str = r#"
def child(**how):
    command = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
    return subprocess.Popen(command, **how).pid

def orphan():
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setsid()
        os.write(writing, str(child()).encode())
        os._exit(0)
    os.wait()
    return int(os.read(reading, 20))

pids = [os.getpid(), child(), child(start_new_session=True), orphan(),
        child(start_new_session=True, env={})]
print("family", *pids)
"#;

#[tokio::test]
async fn an_environment_is_handed_one_invocation_after_another() {
    let mut scene = Scene::python(
        "while True:
    request_id, event, _ = next()
    respond(request_id, event + request_id.encode())",
    );
    let environment = scene.started().await;
    for request_id in ["first", "second", "third"] {
        environment.invoke(invocation(request_id)).unwrap();
        let body = scene.answered(request_id).await;
        assert_eq!(text(&body), format!("{{\"Records\":[]}}{request_id}"));
        scene.waits().await;
    }
    environment.end().await;
    assert_eq!(scene.exited().await, "signal: 9 (SIGKILL)");
    scene.nothing_else();
}

#[tokio::test]
async fn what_happens_is_told_of_the_environment_where_it_happens() {
    let mut scene = Scene::python("respond(next()[0])\nsys.exit(7)");
    let first = scene.started().await;
    let second = scene.started().await;
    second.invoke(invocation("1")).unwrap();
    scene.answered("1").await;
    let news = scene.news().await;
    assert_eq!(news.from, EnvironmentId(2), "{news:?}");
    first.invoke(invocation("2")).unwrap();
    let news = scene.news().await;
    assert_eq!(news.from, EnvironmentId(1), "{news:?}");
    assert_eq!(
        (first.id(), second.id()),
        (EnvironmentId(1), EnvironmentId(2))
    );
}

#[tokio::test]
async fn an_environment_that_does_not_wait_is_not_handed_anything() {
    let mut scene = Scene::python("next()\ntime.sleep(600)");
    let environment = scene.start().await;
    // It cannot have asked yet, since nobody has listened yet.
    let early = environment.invoke(invocation("1"));
    assert_eq!(early, Err(NotInvoked::NotWaiting));
    scene.waits().await;
    let mut unsendable = invocation("1");
    unsendable.trace_id = "two\nlines".to_owned();
    let header = "Lambda-Runtime-Trace-Id";
    let refused = environment.invoke(unsendable);
    assert_eq!(refused, Err(NotInvoked::NotSendable { header }));
    // It still waits.
    environment.invoke(invocation("1")).unwrap();
    let again = environment.invoke(invocation("2"));
    assert_eq!(again, Err(NotInvoked::NotWaiting));
    environment.end().await;
}

#[tokio::test]
async fn a_frozen_environment_stands_still_with_all_its_processes_until_it_is_invoked() {
    let mut scene = Scene::python(&format!("{FAMILY}\nrespond(next()[0])\nnext()"));
    let environment = scene.started().await;
    let family = family(&environment);
    environment.freeze();
    for pid in &family {
        until(|| state_of(*pid) == Some('T')).await;
    }
    environment.invoke(invocation("1")).unwrap();
    scene.answered("1").await;
    for pid in &family {
        until(|| goes_on(*pid)).await;
    }
    scene.waits().await;
    // From now on without looking for those that left.
    environment.freeze();
    for pid in &family {
        until(|| state_of(*pid) == Some('T')).await;
    }
    environment.thaw();
    for pid in &family {
        until(|| goes_on(*pid)).await;
    }
    environment.end().await;
}

#[tokio::test]
async fn none_of_its_processes_survives_an_environment_frozen_or_not() {
    for frozen in [false, true] {
        let mut scene = Scene::python(&format!("{FAMILY}\nnext()"));
        let environment = scene.started().await;
        let family = family(&environment);
        if frozen {
            environment.freeze();
        }
        environment.end().await;
        let gone = family.iter().map(|pid| is_gone(*pid));
        assert_eq!(gone.collect::<Vec<_>>(), [true; 5]);
        scene.exited().await;
        scene.nothing_else();
    }
}

#[tokio::test]
async fn none_of_its_processes_survives_an_environment_that_is_dropped() {
    let mut scene = Scene::python(&format!("{FAMILY}\nnext()"));
    let environment = scene.started().await;
    let family = family(&environment);
    environment.freeze();
    drop(environment);
    for pid in &family {
        until(|| is_gone(*pid)).await;
    }
    scene.exited().await;
}

#[tokio::test]
async fn a_process_that_exits_takes_its_group_along_as_on_lambda() {
    let mut scene = Scene::shell("sleep 600 & echo family $$ $!; exit 3");
    let environment = scene.start().await;
    assert_eq!(scene.exited().await, "exit status: 3");
    for pid in family(&environment) {
        until(|| is_gone(pid)).await;
    }
    environment.freeze();
    environment.thaw();
    environment.end().await;
    scene.nothing_else();
}

#[tokio::test]
async fn the_home_of_an_environment_is_its_own_and_goes_with_it() {
    let mut scene = Scene::python(
        "open(os.environ['HOME'] + '/state', 'x')
open(os.environ['TMPDIR'] + '/state', 'x')
request_id, *_ = next()
respond(request_id, os.environ['HOME'].encode())
next()",
    );
    let mut homes = Vec::new();
    for request_id in ["1", "2"] {
        let environment = scene.started().await;
        environment.invoke(invocation(request_id)).unwrap();
        let home = text(&scene.answered(request_id).await);
        scene.waits().await;
        assert!(fs::exists(&home).unwrap());
        homes.push((home, environment));
    }
    assert_ne!(homes[0].0, homes[1].0);
    for (home, environment) in homes {
        environment.end().await;
        assert!(!fs::exists(&home).unwrap());
    }
}

#[tokio::test]
async fn a_program_is_found_in_the_path_and_in_the_directory() {
    for (command, path) in [("./run", None), ("bin/run", None), ("run", Some("bin"))] {
        let mut scene = Scene::command(&[command, "-c", "[ -d bin ]"]);
        let bin = scene.directory.path().join("bin");
        fs::create_dir(&bin).unwrap();
        for place in [scene.directory.path(), &bin] {
            // A file that was just written may be busy, and not be executed for that.
            symlink("/bin/sh", place.join("run")).unwrap();
        }
        if let Some(path) = path {
            let variables = &mut scene.function.variables;
            variables.insert("PATH".to_owned(), format!("/nowhere:{path}"));
        }
        let environment = scene.start().await;
        assert_eq!(scene.exited().await, "exit status: 0", "{command}");
        environment.end().await;
    }
}

#[tokio::test]
async fn who_cannot_start_a_handler_is_told_what_to_do() {
    let told = async |mut scene: Scene| scene.try_start().await.unwrap_err().to_string();
    let refused = told(Scene::command(&[])).await;
    assert!(refused.contains("give one, such as"), "{refused}");
    let refused = told(Scene::command(&["no-such-program"])).await;
    assert!(
        refused.contains("no program \"no-such-program\" in PATH="),
        "{refused}"
    );
    let refused = told(Scene::command(&["./no-such-program"])).await;
    assert!(refused.contains("check its spelling"), "{refused}");

    let mut scene = Scene::command(&["python3"]);
    scene.function.directory.push("nowhere");
    let refused = told(scene).await;
    assert!(refused.contains("nowhere is no directory"), "{refused}");

    for (mode, content) in [(0o644, "#!/bin/sh"), (0o755, "what is this"), (0o755, "")] {
        let scene = Scene::command(&["./script"]);
        let script = scene.directory.path().join("script");
        fs::write(&script, content).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(mode)).unwrap();
        let refused = told(scene).await;
        assert!(refused.contains("cannot be executed: "), "{refused}");
        assert!(refused.contains("chmod +x"), "{refused}");
    }
}

#[tokio::test]
async fn nothing_is_left_of_an_environment_that_could_not_be_started() {
    let mut scene = Scene::command(&["./no-such-program"]);
    let refused = scene.try_start().await;
    assert!(
        matches!(refused, Err(NotStarted::NotFound { .. })),
        "{refused:?}"
    );
    scene.nothing_else();
}

/// The kernel sends SIGHUP and SIGCONT to a stopped process group that nobody in its
/// session could continue any more.
#[tokio::test]
async fn a_frozen_environment_does_not_survive_a_kit_that_is_killed() {
    let leftovers = Directory::new();
    let mut kit = Command::new("setsid")
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", THE_KIT])
        .env(THE_KIT, "")
        .env("TMPDIR", leftovers.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(kit.stdout.take().unwrap());
    let told = output.lines().map(Result::unwrap);
    let frozen = told.filter_map(|line| line.strip_prefix("frozen ")?.parse().ok());
    let pid = { frozen }.next().unwrap();
    kit.kill().unwrap();
    kit.wait().unwrap();
    until(|| is_gone(pid)).await;
}

const THE_KIT: &str = "environment::life::is_the_kit_that_is_killed";

#[tokio::test]
#[ignore = "runs until it is killed, by another test"]
async fn is_the_kit_that_is_killed() {
    if std::env::var_os(THE_KIT).is_none() {
        return;
    }
    let mut scene = Scene::python("print('family', os.getpid())\nnext()");
    let environment = scene.started().await;
    let pid = family(&environment)[0];
    environment.freeze();
    until(|| state_of(pid) == Some('T')).await;
    println!("\nfrozen {pid}");
    std::future::pending().await
}
