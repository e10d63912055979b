//! The processes of an environment: started as one, frozen, thawed and ended together.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::future::{Future, poll_fn};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use rustix::process::{Pid, Signal, getpgid, kill_process, kill_process_group};
use tokio::process::{Child, Command};

use super::NotStarted;
use super::output::Written;
use super::survivors::{Mark, has_ended};
use crate::check::function::Function;

/// How often processes that were killed are looked for, and how long each time they
/// are given. The kernel needs one or two; a process in uninterruptible sleep, on a
/// file system that hangs, may need for ever.
const ROUNDS: usize = 2_000;
const ROUND: Duration = Duration::from_millis(1);

/// The same, where the thread has to wait: not long.
const ROUNDS_OF_DROP: usize = 50;

/// The process of the handler, and those that it started.
#[derive(Debug)]
pub(super) struct Process {
    leader: Arc<Leader>,
    mark: Mark,
    /// Processes that had left the group when the environment was first frozen.
    outsiders: OnceLock<Vec<Pid>>,
    ended: bool,
}

impl Process {
    /// Starts the function's command, with these variables and no others.
    pub(super) fn start(
        function: &Function,
        variables: BTreeMap<OsString, OsString>,
        written: Written,
        mark: Mark,
    ) -> Result<Self, NotStarted> {
        let (program, arguments) = function
            .command
            .split_first()
            .ok_or(NotStarted::NoCommand)?;
        let directory = &function.directory;
        if !directory.is_dir() {
            let directory = directory.clone();
            return Err(NotStarted::NoDirectory { directory });
        }
        let path = variables.get(OsStr::new("PATH"));
        let program = look_up(program, path.map(AsRef::as_ref), directory)?;
        let child = Command::new(&program)
            .args(arguments)
            .current_dir(directory)
            .env_clear()
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(written.stdout)
            .stderr(written.stderr)
            .process_group(0)
            .spawn()
            .map_err(|source| match source.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory => NotStarted::Os {
                    what: "start the handler",
                    source,
                },
                _ => NotStarted::NotExecutable { program, source },
            })?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        Ok(Self {
            leader: Arc::new(Leader {
                group: group.expect("nobody has waited for it yet"),
                child: Mutex::new(Some(child)),
            }),
            mark,
            outsiders: OnceLock::new(),
            ended: false,
        })
    }

    /// Waits until the handler's process has ended, by itself or not, and says how in
    /// words. To be waited for by one task, which is to go on doing so.
    pub(super) fn exit(&self) -> impl Future<Output = String> + Send + use<> {
        let leader = Arc::clone(&self.leader);
        async move {
            match leader.exit().await {
                Ok(status) => status.to_string(),
                Err(error) => format!("unknown: {error}"),
            }
        }
    }

    /// Whether the handler's process has ended.
    pub(super) fn has_exited(&self) -> bool {
        self.leader.is_reaped()
    }

    /// Whether all its processes have loaded this library, and ask the C library for the
    /// time.
    pub(super) fn heeds(&self, library: &Path) -> bool {
        let bearers = self.mark.bearers();
        !bearers.is_empty() && bearers.into_iter().all(|pid| heeds(pid, library))
    }

    pub(super) fn freeze(&self) {
        self.leader.signal(Signal::STOP);
        let outsiders = self.outsiders.get_or_init(|| self.outsiders());
        signal_each(outsiders, Signal::STOP);
    }

    pub(super) fn thaw(&self) {
        self.leader.signal(Signal::CONT);
        if let Some(outsiders) = self.outsiders.get() {
            signal_each(outsiders, Signal::CONT);
        }
    }

    /// Kills all processes and waits until they are gone.
    pub(super) async fn end(mut self) {
        // Its children are known by it for as long as it lives.
        self.leader.signal(Signal::STOP);
        let mut killed = Vec::new();
        for _ in 0..ROUNDS {
            let mark = self.mark.clone();
            let look = tokio::task::spawn_blocking(move || mark.bearers());
            // It fails when the runtime shuts down; then there is no waiting either.
            let Ok(bearers) = look.await else { break };
            self.kill(&bearers);
            // Without its parent one that cleared its variables is not found again.
            killed.extend(bearers);
            killed.retain(|pid| !has_ended(*pid));
            if killed.is_empty() && self.leader.is_reaped() {
                break;
            }
            tokio::time::sleep(ROUND).await;
        }
        self.ended = true;
    }

    fn kill(&self, bearers: &[Pid]) {
        signal_each(bearers, Signal::KILL);
        self.leader.signal(Signal::KILL);
    }

    fn outsiders(&self) -> Vec<Pid> {
        let group = self.leader.group;
        let mut bearers = self.mark.bearers();
        bearers.retain(|pid| getpgid(Some(*pid)).is_ok_and(|its| its != group));
        bearers
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        self.leader.signal(Signal::STOP);
        kill_all(&self.mark, |bearers| self.kill(bearers));
    }
}

/// Kills whoever has a mark, and whoever they have started meanwhile.
fn kill_all(mark: &Mark, kill: impl Fn(&[Pid])) {
    for _ in 0..ROUNDS_OF_DROP {
        let bearers = mark.bearers();
        kill(&bearers);
        if bearers.is_empty() {
            return;
        }
        std::thread::sleep(ROUND);
    }
}

/// Kills the processes of all environments: for a command that ends at once.
pub fn kill_all_processes() {
    kill_all(&Mark::of_all(), |bearers| {
        signal_each(bearers, Signal::KILL)
    });
}

/// The process that was started, and leads its process group.
#[derive(Debug)]
struct Leader {
    group: Pid,
    /// Until it is reaped: from then on the group's number may be another's.
    child: Mutex<Option<Child>>,
}

impl Leader {
    async fn exit(&self) -> io::Result<ExitStatus> {
        poll_fn(|context| {
            let mut guard = self.child();
            let Some(child) = guard.as_mut() else {
                return Poll::Ready(Err(io::Error::other("it was waited for already")));
            };
            let exit = pin!(child.wait()).poll(context);
            if exit.is_ready() {
                // With its runtime Lambda ends an environment. Nobody can have been
                // given the group's number in so short a time.
                let _ = kill_process_group(self.group, Signal::KILL);
                *guard = None;
            }
            exit
        })
        .await
    }

    /// Signals the whole group, unless its leader was reaped.
    fn signal(&self, signal: Signal) {
        if self.child().is_some() {
            let _ = kill_process_group(self.group, signal);
        }
    }

    fn is_reaped(&self) -> bool {
        self.child().is_none()
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a Go program's build information begins with
/// ([debug/buildinfo](https://cs.opensource.google/go/go/+/master:src/debug/buildinfo/buildinfo.go)).
const GO_PROGRAM: &[u8] = b"\xff Go buildinf:";

/// A Go program asks the kernel for the time, whatever it has loaded.
fn heeds(pid: Pid, library: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{}", pid.as_raw_pid()));
    let maps = std::fs::read_to_string(process.join("maps")).unwrap_or_default();
    let library = library.to_string_lossy();
    // As the file is called where it really is.
    let name = library.rsplit('/').next().unwrap_or(&library);
    let is_go = |program: Vec<u8>| program.windows(GO_PROGRAM.len()).any(|it| it == GO_PROGRAM);
    maps.contains(name) && std::fs::read(process.join("exe")).is_ok_and(|it| !is_go(it))
}

/// One that cannot be signalled has ended.
fn signal_each(processes: &[Pid], signal: Signal) {
    for pid in processes {
        let _ = kill_process(*pid, signal);
    }
}

/// Finds a program as execvp(3) does.
fn look_up(program: &OsStr, path: Option<&OsStr>, directory: &Path) -> Result<PathBuf, NotStarted> {
    let is_program = |candidate: &PathBuf| {
        let executable = |it: std::fs::Metadata| it.permissions().mode() & 0o111 != 0;
        candidate.is_file() && candidate.metadata().is_ok_and(executable)
    };
    // Of the directory, which the process is in when it looks at a relative path.
    let absolute = |path: &Path| std::path::absolute(directory.join(path));
    let not_found = |places: String| NotStarted::NotFound {
        program: program.to_string_lossy().into_owned(),
        path: places,
    };
    if program.as_encoded_bytes().contains(&b'/') {
        let found = absolute(Path::new(program)).ok().filter(|it| it.is_file());
        return found.ok_or_else(|| not_found(directory.display().to_string()));
    }
    let path = path.unwrap_or_default();
    std::env::split_paths(path)
        .filter_map(|place| absolute(&place.join(program)).ok())
        .find(is_program)
        .ok_or_else(|| not_found(format!("PATH={}", path.display())))
}
