//! The time that the handler's processes see.
//!
//! A retry comes a minute or two after the attempt that failed, and locks lapse
//! meanwhile. A small library that is loaded into the processes (`clock/ahead.c`) makes
//! them believe that so much time has passed. Processes that load no libraries, or do not
//! ask one for the time, go by the machine's clock, and then waiting takes as long as it
//! takes.
//!
//! libfaketime was tried first. With it, in its version 0.9.10, Python's `time.sleep`
//! fails, or `threading.Event.wait` does not end, depending on how monotonic clocks are
//! treated; so botocore could not back off.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep_until};

/// The library; empty if it could not be built.
const LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ahead.so"));

/// What the library is called in the clock's directory.
const NAME: &str = "redeliver-ahead.so";

/// The time of a lane: the machine's, with what was skipped, and without what does not
/// count.
#[derive(Debug)]
pub struct Clock {
    skipped: Duration,
    left_out: Duration,
    owned: Option<Owned>,
}

/// How the processes are told the time.
#[derive(Debug)]
struct Owned {
    /// A directory of the clock's own.
    directory: PathBuf,
    /// How many nanoseconds the processes are ahead of the machine.
    ahead: File,
}

impl Clock {
    /// The machine's own time, which nobody skips.
    pub fn of_the_machine() -> Self {
        Self {
            skipped: Duration::ZERO,
            left_out: Duration::ZERO,
            owned: None,
        }
    }

    /// A time that processes are made to believe; the machine's, where none can be made to.
    /// `name` is nobody else's.
    ///
    /// # Errors
    ///
    /// If the file that tells the time cannot be written.
    pub fn owned(name: &str) -> io::Result<Self> {
        let mut clock = Self::of_the_machine();
        let directory = std::env::temp_dir().join(format!("redeliver-clock-{name}"));
        // A list of libraries is divided by these.
        let can_be_named = !directory.to_string_lossy().contains([':', ' ']);
        if LIBRARY.is_empty() || !can_be_named {
            return Ok(clock);
        }
        fs::create_dir(&directory)?;
        fs::write(directory.join(NAME), LIBRARY)?;
        let ahead = File::create(directory.join("ahead"))?;
        let owned = Owned { directory, ahead };
        owned.tell(Duration::ZERO, Duration::ZERO)?;
        clock.owned = Some(owned);
        Ok(clock)
    }

    /// Whether time can be skipped.
    pub fn is_owned(&self) -> bool {
        self.owned.is_some()
    }

    /// The library that makes processes believe this time.
    pub fn library(&self) -> Option<PathBuf> {
        self.owned.as_ref().map(|it| it.directory.join(NAME))
    }

    /// Gives the time back to the machine.
    pub fn disown(&mut self) {
        *self = Self::of_the_machine();
    }

    /// What tells processes the time: variables that they are started with.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let Some(Owned { directory, .. }) = &self.owned else {
            return BTreeMap::new();
        };
        let text = |path: &Path| path.to_string_lossy().into_owned();
        [
            ("LD_PRELOAD", text(&directory.join(NAME))),
            ("REDELIVER_CLOCK", text(&directory.join("ahead"))),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The time, for the kit's own reckoning.
    pub fn now(&self) -> Instant {
        Instant::now() + self.skipped - self.left_out
    }

    /// The time of day as the processes see it.
    pub fn time_of_day(&self) -> SystemTime {
        SystemTime::now() + self.skipped - self.left_out
    }

    /// When the machine's time will be that.
    pub fn on_the_machine(&self, time: Instant) -> Instant {
        (time + self.left_out)
            .checked_sub(self.skipped)
            .unwrap_or_else(Instant::now)
    }

    /// Lets time pass until then: skips it, or waits.
    ///
    /// # Errors
    ///
    /// If the file that tells the time cannot be written.
    pub async fn pass_until(&mut self, time: Instant) -> io::Result<()> {
        match &self.owned {
            None => sleep_until(self.on_the_machine(time)).await,
            Some(owned) => {
                // In whole seconds, as some handlers reckon.
                let missing = time.saturating_duration_since(self.now()).as_secs_f64();
                self.skipped += Duration::from_secs(missing.ceil() as u64);
                owned.tell(self.skipped, self.left_out)?;
            }
        }
        Ok(())
    }

    /// Lets what has just passed not count, if time is owned: on a busy machine an
    /// environment takes longer to start than an invocation may take on Lambda.
    ///
    /// # Errors
    ///
    /// If the file that tells the time cannot be written.
    pub fn leave_out(&mut self, passed: Duration) -> io::Result<()> {
        match &self.owned {
            None => Ok(()),
            Some(owned) => {
                self.left_out += passed;
                owned.tell(self.skipped, self.left_out)
            }
        }
    }
}

impl Owned {
    /// In one go: a process may be reading.
    fn tell(&self, skipped: Duration, left_out: Duration) -> io::Result<()> {
        let ahead = skipped.as_nanos() as i64 - left_out.as_nanos() as i64;
        self.ahead.write_all_at(&ahead.to_ne_bytes(), 0)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // What is left of it does no harm.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// The seconds since 1970 that a process with these variables sees, by date(1).
    fn seen(clock: &Clock) -> i64 {
        let date = Command::new("date")
            .arg("+%s")
            .envs(clock.variables())
            .output();
        let seconds = String::from_utf8(date.unwrap().stdout).unwrap();
        seconds.trim().parse().unwrap()
    }

    #[tokio::test]
    async fn a_process_believes_the_time_that_was_skipped() {
        let name = format!("test-{}", std::process::id());
        let mut clock = Clock::owned(&name).unwrap();
        assert!(clock.is_owned(), "there is no C compiler");
        let library = clock.library().unwrap();
        let of_the_machine = Clock::of_the_machine();
        assert!(seen(&clock) - seen(&of_the_machine) < 60);
        let begun = clock.now();
        let later = begun + Duration::from_millis(999_500);
        clock.pass_until(later).await.unwrap();
        assert!(clock.now() >= later);
        assert!(clock.on_the_machine(later) <= Instant::now());
        let ahead = seen(&clock) - seen(&of_the_machine);
        assert!((900..=1_000).contains(&ahead), "{ahead} seconds ahead");
        // What is over already takes no time, and what is left out does not count.
        clock.pass_until(begun).await.unwrap();
        clock.leave_out(Duration::from_secs(500)).unwrap();
        assert!(clock.now() < later);
        let ahead = seen(&clock) - seen(&of_the_machine);
        assert!((400..=500).contains(&ahead), "{ahead} seconds ahead");
        drop(clock);
        assert!(!library.exists());
    }

    #[tokio::test]
    async fn the_machines_time_is_waited_for() {
        let mut clock = Clock::of_the_machine();
        assert!(clock.variables().is_empty());
        let later = clock.now() + Duration::from_millis(20);
        clock.pass_until(later).await.unwrap();
        assert!(Instant::now() >= later);
    }
}
