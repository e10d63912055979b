//! The time that the handler's processes see.
//!
//! A retry comes a minute or two after the attempt that failed, and locks lapse
//! meanwhile. With libfaketime (<https://github.com/wolfcw/libfaketime>, Debian's package
//! `libfaketime`) the kit owns the clock of the processes, and skips that time. Without
//! it, or with processes that it has no power over, waiting takes as long as it takes.

use std::collections::BTreeMap;
use std::env::consts::ARCH;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep_until};

/// Where Debian, Fedora, Alpine and Homebrew on Linux have the library.
const PLACES: [&str; 5] = [
    "/usr/lib/{arch}-linux-gnu/faketime",
    "/usr/lib64/faketime",
    "/usr/lib/faketime",
    "/usr/local/lib/faketime",
    "/home/linuxbrew/.linuxbrew/lib/faketime",
];

/// The one for programs with threads comes first.
const NAMES: [&str; 2] = ["libfaketimeMT.so.1", "libfaketime.so.1"];

/// The library, if it is installed.
pub fn library() -> Option<PathBuf> {
    let places = PLACES.iter().map(|it| it.replace("{arch}", ARCH));
    places
        .flat_map(|place| NAMES.map(|name| Path::new(&place).join(name)))
        .find(|it| it.is_file())
}

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
    library: PathBuf,
    /// A directory of the clock's own.
    directory: PathBuf,
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

    /// The time that the library makes processes believe. `name` is nobody else's.
    ///
    /// # Errors
    ///
    /// If the file that tells the time cannot be written.
    pub fn owned(library: PathBuf, name: &str) -> io::Result<Self> {
        let directory = std::env::temp_dir().join(format!("redeliver-clock-{name}"));
        fs::create_dir(&directory)?;
        let owned = Owned { library, directory };
        owned.tell(Duration::ZERO, Duration::ZERO)?;
        Ok(Self {
            skipped: Duration::ZERO,
            left_out: Duration::ZERO,
            owned: Some(owned),
        })
    }

    /// Whether time can be skipped.
    pub fn is_owned(&self) -> bool {
        self.owned.is_some()
    }

    /// The library that makes processes believe this time.
    pub fn library(&self) -> Option<&Path> {
        self.owned.as_ref().map(|it| &*it.library)
    }

    /// Gives the time back to the machine.
    pub fn disown(&mut self) {
        *self = Self::of_the_machine();
    }

    /// What tells processes the time: variables that they are started with.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let Some(owned) = &self.owned else {
            return BTreeMap::new();
        };
        let text = |path: &Path| path.to_string_lossy().into_owned();
        [
            ("LD_PRELOAD", text(&owned.library)),
            ("FAKETIME_TIMESTAMP_FILE", text(&owned.file())),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            // Timers and timeouts go on as they do, and files keep their own times.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("NO_FAKE_STAT", "1".to_owned()),
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
    fn file(&self) -> PathBuf {
        self.directory.join("time")
    }

    /// In one go: a process may be reading.
    fn tell(&self, skipped: Duration, left_out: Duration) -> io::Result<()> {
        let next = self.directory.join("next");
        let ahead = skipped.as_secs_f64() - left_out.as_secs_f64();
        fs::write(&next, format!("{ahead:+.6}\n"))?;
        fs::rename(next, self.file())
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
    use super::*;

    #[tokio::test]
    async fn time_that_is_owned_is_skipped_in_whole_seconds() {
        let name = format!("test-{}", std::process::id());
        let mut clock = Clock::owned(PathBuf::from("library.so"), &name).unwrap();
        let file = PathBuf::from(&clock.variables()["FAKETIME_TIMESTAMP_FILE"]);
        assert_eq!(fs::read_to_string(&file).unwrap(), "+0.000000\n");
        let begun = clock.now();
        let later = begun + Duration::from_millis(60_500);
        clock.pass_until(later).await.unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "+61.000000\n");
        assert!(clock.now() >= later);
        assert!(clock.on_the_machine(later) <= Instant::now());
        clock.pass_until(begun).await.unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "+61.000000\n");
        clock.leave_out(Duration::from_millis(1_500)).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "+59.500000\n");
        assert!(clock.now() < later);
        drop(clock);
        assert!(!file.exists());
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
