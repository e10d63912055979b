//! Who decides what happens next.

use super::Choice;

/// Decides what happens next.
pub trait Chooser {
    /// The position of the choice that is taken among `options`, of which there is
    /// at least one; none to break the run off.
    fn choose(&mut self, options: &[Choice]) -> Option<usize>;
}

/// Tries every combination of choices, one run after another: an odometer whose
/// digits are the decisions of a run.
///
/// ```
/// use redeliver_model::schedule::{Choice, Chooser, Odometer};
///
/// let options = [Choice::Start(0), Choice::Start(1)];
/// let mut runs = Vec::new();
/// let mut odometer = Odometer::default();
/// while odometer.next_run() {
///     runs.push([odometer.choose(&options).unwrap(), odometer.choose(&options).unwrap()]);
/// }
/// assert_eq!(runs, [[0, 0], [0, 1], [1, 0], [1, 1]]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Odometer {
    /// For each decision of the run: which option was taken, of how many.
    digits: Vec<(usize, usize)>,
    decided: usize,
    started: bool,
}

impl Odometer {
    /// Turns to the next run; `false` after the last.
    pub fn next_run(&mut self) -> bool {
        self.decided = 0;
        if !self.started {
            self.started = true;
            return true;
        }
        while let Some((taken, options)) = self.digits.pop() {
            if taken + 1 < options {
                self.digits.push((taken + 1, options));
                return true;
            }
        }
        false
    }
}

impl Chooser for Odometer {
    fn choose(&mut self, options: &[Choice]) -> Option<usize> {
        if self.decided == self.digits.len() {
            self.digits.push((0, options.len()));
        }
        let (taken, _) = self.digits[self.decided];
        self.decided += 1;
        Some(taken)
    }
}

/// Plays a saved schedule again. Where the schedule does not fit, because it was
/// shortened or the handler has changed, choices that cannot be taken are skipped,
/// and after its end whatever remains runs to its end without faults.
#[derive(Clone, Debug)]
pub struct Replay<'a> {
    rest: std::slice::Iter<'a, Choice>,
}

impl<'a> Replay<'a> {
    /// Plays these choices.
    pub fn new(schedule: &'a [Choice]) -> Self {
        Self {
            rest: schedule.iter(),
        }
    }
}

impl Chooser for Replay<'_> {
    fn choose(&mut self, options: &[Choice]) -> Option<usize> {
        for choice in self.rest.by_ref() {
            if let Some(position) = options.iter().position(|option| option == choice) {
                return Some(position);
            }
        }
        Some(
            options
                .iter()
                .position(|option| !option.is_fault())
                .unwrap_or(0),
        )
    }
}
