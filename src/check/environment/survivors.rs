//! Finds the processes of an environment, wherever they went. A child process
//! inherits the mark of its environment, and keeps it when it leaves its process
//! group, its session and its parent.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::sync::LazyLock;
use std::time::Duration;

use rustix::process::Pid;

/// The variable that holds the mark.
pub(super) const MARK: &str = "REDELIVER_ENVIRONMENT";

/// So many bytes of a process's variables are looked at. In one read, because the rest
/// is gone when the process replaces its program between two.
const VARIABLES: usize = 256 * 1024;

/// How often, and how long each time, a process is given to be done with execve(2).
const WAITS_FOR_EXEC: usize = 50;
const WAIT_FOR_EXEC: Duration = Duration::from_millis(1);

/// What the processes of one environment have, or of all, and no other process.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    token: String,
}

/// What every mark that this process gives begins with.
static OF_ALL: LazyLock<String> = LazyLock::new(random);

fn random() -> String {
    format!("{:016x}", RandomState::new().hash_one(std::process::id()))
}

impl Mark {
    pub(super) fn fresh() -> Self {
        let token = format!("{}{}", *OF_ALL, random());
        Self { token }
    }

    /// What the processes of all environments have.
    pub(super) fn of_all() -> Self {
        Self {
            token: OF_ALL.clone(),
        }
    }

    /// The value of the variable.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// The processes that have the mark, and their children, in case these cleared
    /// their variables.
    pub(super) fn bearers(&self) -> Vec<Pid> {
        let variable = format!("{MARK}={}", self.token).into_bytes();
        let mut room = vec![0; VARIABLES];
        let mut bearers: Vec<Pid> = processes()
            .filter(|pid| has_variable(*pid, &variable, &mut room))
            .collect();
        // The usual case, and the other one takes as long again.
        if bearers.is_empty() {
            return bearers;
        }
        let parents: Vec<(Pid, i32)> = processes()
            .filter_map(|pid| Some((pid, Status::of(pid)?.parent)))
            .collect();
        let mut looked_at = 0;
        while let Some(&bearer) = bearers.get(looked_at) {
            for (child, parent) in &parents {
                if *parent == bearer.as_raw_pid() && !bearers.contains(child) {
                    bearers.push(*child);
                }
            }
            looked_at += 1;
        }
        bearers
    }
}

/// Whether there is no such process, or it waits for nothing but to be reaped.
pub(super) fn has_ended(pid: Pid) -> bool {
    Status::of(pid).is_none()
}

fn processes() -> impl Iterator<Item = Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?))
}

/// Whether a process was started with a variable that begins so. Not known of one that may not be
/// looked at, being another user's.
fn has_variable(pid: Pid, variable: &[u8], room: &mut [u8]) -> bool {
    let path = format!("/proc/{}/environ", pid.as_raw_pid());
    for _ in 0..WAITS_FOR_EXEC {
        match File::open(&path).and_then(|mut file| file.read(room)) {
            Ok(0) if Status::of(pid).is_some_and(|it| !it.has_none) => {
                std::thread::sleep(WAIT_FOR_EXEC);
            }
            Ok(length) => {
                let mut variables = room[..length].split(|byte| *byte == 0);
                return variables.any(|it| it.starts_with(variable));
            }
            Err(_) => return false,
        }
    }
    false
}

/// What is known of a process that has not ended.
struct Status {
    /// 0 if it is out of sight.
    parent: i32,
    /// It was started without variables. One that is replacing its program has none
    /// for a moment, but will have.
    has_none: bool,
}

impl Status {
    /// proc_pid_stat(5): the second field is the program's name in parentheses and may
    /// hold anything. The fields are numbered from 1.
    fn of(pid: Pid) -> Option<Self> {
        let status = fs::read(format!("/proc/{}/stat", pid.as_raw_pid())).ok()?;
        let name_ends = status.iter().rposition(|byte| *byte == b')')?;
        let fields: Vec<&str> = std::str::from_utf8(status.get(name_ends + 1..)?)
            .ok()?
            .split_ascii_whitespace()
            .collect();
        let field = |number: usize| fields.get(number - 3).copied();
        let has_ended = matches!(field(3)?, "X" | "Z");
        let parent = field(4)?.parse().ok()?;
        let (begin, end) = (field(50)?, field(51)?);
        let has_none = begin == end && begin != "0";
        (!has_ended).then_some(Self { parent, has_none })
    }
}
