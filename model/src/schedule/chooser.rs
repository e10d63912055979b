//! Who decides what happens next.

use std::fmt;
use std::str::FromStr;

use super::Choice;

/// Decides what happens next.
pub trait Chooser {
    /// The position of the choice that is taken among `options`, of which there is
    /// at least one; none to break the run off.
    fn choose(&mut self, options: &[Choice]) -> Option<usize>;

    /// The choice that is taken, where it is known without the options. Then nobody
    /// needs to find out what they are.
    fn foretell(&mut self) -> Option<Choice> {
        None
    }
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
///     let mut next = || odometer.choose(&options).expect("an odometer breaks off no run");
///     runs.push([next(), next()]);
/// }
/// assert_eq!(runs, [[0, 0], [0, 1], [1, 0], [1, 1]]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Odometer {
    shard: Shard,
    digits: Vec<Digit>,
    /// The options of all decisions, one after another.
    options: Vec<Choice>,
    decided: usize,
    started: bool,
    /// How many beginnings of runs there have been, this one included.
    beginnings: u64,
}

/// A decision of the run: where its options begin among those of all, and which of
/// them is taken.
#[derive(Clone, Copy, Debug)]
struct Digit {
    begin: usize,
    taken: usize,
}

/// A part of all runs, of which there are so many. The parts do not overlap, and
/// together they are the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 0.
    pub index: u64,
    /// How many parts there are.
    pub count: u64,
}

impl Shard {
    /// Whether the n-th thing, from 0, is in this part.
    pub fn has(self, number: u64) -> bool {
        number % self.count.max(1) == self.index
    }
}

impl fmt::Display for Shard {
    /// `2/3`: the second of three.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.count)
    }
}

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let numbers = text.split_once('/');
        let parsed = |text: &str| text.parse::<u64>().ok();
        match numbers.and_then(|(i, n)| Some((parsed(i)?, parsed(n)?))) {
            Some((i, n)) if 1 <= i && i <= n => Ok(Self {
                index: i - 1,
                count: n,
            }),
            _ => Err(NoShard),
        }
    }
}

/// A text names no part of a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoShard;

impl fmt::Display for NoShard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write I/N, such as 2/3 for the second of three parts")
    }
}

impl std::error::Error for NoShard {}

impl Default for Shard {
    /// The whole.
    fn default() -> Self {
        Self { index: 0, count: 1 }
    }
}

/// After how many decisions a run has begun: runs that begin alike are in one shard.
const BEGINNING: usize = 6;

impl Odometer {
    /// Tries those combinations that are in a part of all.
    pub fn of_shard(shard: Shard) -> Self {
        Self {
            shard,
            ..Self::default()
        }
    }

    /// Turns to the next run; `false` after the last.
    pub fn next_run(&mut self) -> bool {
        self.decided = 0;
        if !self.started {
            self.started = true;
            return true;
        }
        while let Some(last) = self.digits.last_mut() {
            last.taken += 1;
            if last.begin + last.taken < self.options.len() {
                return true;
            }
            self.options.truncate(last.begin);
            self.digits.pop();
        }
        false
    }

    /// Whether a run that has come to its end belongs to this part. A run that ended
    /// before it had begun counts as a beginning of its own.
    pub fn has_run(&mut self) -> bool {
        self.decided > BEGINNING || self.begins_here()
    }

    fn begins_here(&mut self) -> bool {
        self.beginnings += 1;
        self.shard.has(self.beginnings - 1)
    }
}

impl Chooser for Odometer {
    fn choose(&mut self, options: &[Choice]) -> Option<usize> {
        if self.decided == self.digits.len() {
            if self.decided == BEGINNING && !self.begins_here() {
                return None;
            }
            let begin = self.options.len();
            self.digits.push(Digit { begin, taken: 0 });
            self.options.extend_from_slice(options);
        }
        let taken = self.digits[self.decided].taken;
        self.decided += 1;
        Some(taken)
    }

    /// All decisions but those that the run before did not come to.
    fn foretell(&mut self) -> Option<Choice> {
        let digit = self.digits.get(self.decided)?;
        self.decided += 1;
        Some(self.options[digit.begin + digit.taken])
    }
}

/// Plays a saved schedule again. Where the schedule does not fit, because it was
/// shortened or the handler has changed, choices that cannot be taken are skipped,
/// and after its end whatever remains runs to its end without faults.
#[derive(Clone, Debug)]
pub struct Replay<'a> {
    rest: std::slice::Iter<'a, Choice>,
    skipped: usize,
}

impl<'a> Replay<'a> {
    /// Plays these choices.
    pub fn new(schedule: &'a [Choice]) -> Self {
        let rest = schedule.iter();
        Self { rest, skipped: 0 }
    }

    /// How many choices could not be taken until now.
    pub fn skipped(&self) -> usize {
        self.skipped
    }
}

impl Chooser for Replay<'_> {
    fn choose(&mut self, options: &[Choice]) -> Option<usize> {
        for choice in self.rest.by_ref() {
            if let Some(position) = options.iter().position(|option| option == choice) {
                return Some(position);
            }
            self.skipped += 1;
        }
        Some(0)
    }
}
