//! Who decides what happens next in a run with processes.
//!
//! A process takes its time. Where a schedule is played again, the director says what
//! it waits for, and the run waits for that rather than for a time.

use redeliver_model::schedule::{Choice, Chooser};

/// Decides what happens next.
pub trait Director: Send {
    /// The choice that is to be taken next, if that is known. The run waits until it can
    /// be taken, or until it is certain that it cannot.
    fn wants(&self) -> Option<Choice> {
        None
    }

    /// The choice that is wanted cannot be taken.
    fn go_without(&mut self) {}

    /// The position of the choice that is taken among `options`, of which there is at
    /// least one; none to break the run off.
    fn choose(&mut self, options: &[Choice]) -> Option<usize>;
}

/// A chooser of the model, which waits for nothing.
#[derive(Debug)]
pub struct Free<C>(pub C);

impl<C: Chooser + Send> Director for Free<C> {
    fn choose(&mut self, options: &[Choice]) -> Option<usize> {
        self.0.choose(options)
    }
}

/// Plays a schedule. What cannot be taken is left out, and after its end whatever
/// remains runs to its end without faults.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    rest: &'a [Choice],
    left_out: usize,
}

impl<'a> Script<'a> {
    /// Plays these choices.
    pub fn new(schedule: &'a [Choice]) -> Self {
        Self {
            rest: schedule,
            left_out: 0,
        }
    }

    /// How many choices could not be taken until now.
    pub fn left_out(&self) -> usize {
        self.left_out
    }
}

impl Director for Script<'_> {
    fn wants(&self) -> Option<Choice> {
        self.rest.first().copied()
    }

    fn go_without(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
        self.left_out += 1;
    }

    fn choose(&mut self, options: &[Choice]) -> Option<usize> {
        let wanted = self.rest.split_first();
        let position = wanted.and_then(|(next, rest)| {
            self.rest = rest;
            options.iter().position(|option| option == next)
        });
        Some(position.unwrap_or(0))
    }
}
