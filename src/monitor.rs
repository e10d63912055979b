//! Somebody who watches a long run: sees how far it is, and may end it early.

mod jobs;

pub use jobs::{Going, in_order};

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a run is before it shows how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often what is shown changes.
const REFRESH: Duration = Duration::from_millis(100);

/// How wide the bar is.
const BAR: usize = 24;

/// Watches a run.
#[derive(Debug, Default)]
pub struct Monitor {
    interrupted: AtomicBool,
    line: Option<Mutex<Line>>,
}

/// The line on the terminal.
#[derive(Debug)]
struct Line {
    begun: Instant,
    shown: Option<Instant>,
    label: String,
    done: u64,
    of: u64,
}

impl Monitor {
    /// Shows how far a run is on standard error, if that is a terminal.
    pub fn on_terminal() -> Self {
        let line = std::io::stderr().is_terminal().then(|| {
            Mutex::new(Line {
                begun: Instant::now(),
                shown: None,
                label: String::new(),
                done: 0,
                of: 0,
            })
        });
        Self {
            line,
            ..Self::default()
        }
    }

    /// Ends the run as soon as may be.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
    }

    /// Whether the run is to end.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Something new begins, which has so many parts.
    pub fn begin(&self, label: &str, of: u64) {
        if let Some(mut line) = self.line() {
            line.label = label.to_owned();
            (line.done, line.of) = (0, of);
            line.show();
        }
    }

    /// So many more parts are done.
    pub fn advance(&self, parts: u64) {
        if let Some(mut line) = self.line() {
            line.done += parts;
            line.show();
        }
    }

    /// Takes the line away again.
    pub fn clear(&self) {
        if let Some(mut line) = self.line()
            && line.shown.take().is_some()
        {
            eprint!("\r\x1b[K");
        }
    }

    fn line(&self) -> Option<MutexGuard<'_, Line>> {
        let line = self.line.as_ref()?;
        // Whatever a panic left there, the next change overwrites.
        Some(line.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Line {
    fn show(&mut self) {
        let recently = self.shown.is_some_and(|it| it.elapsed() < REFRESH);
        if self.begun.elapsed() < PATIENCE || recently {
            return;
        }
        self.shown = Some(Instant::now());
        let Self {
            label, done, of, ..
        } = self;
        let done = (*done).min(*of);
        let share = |whole: u64| done * whole / (*of).max(1);
        let filled = "#".repeat(share(BAR as u64) as usize);
        eprint!("\r\x1b[K  [{filled:<BAR$}] {:>3} %  {label}", share(100));
        // Nothing depends on whether anybody sees it.
        let _ = std::io::stderr().flush();
    }
}
