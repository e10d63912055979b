//! Schedules at random, out of whatever entropy is handed in.

use super::{Choice, Chooser};

/// Where random decisions come from: a seeded generator, proptest's, or the bytes of
/// a fuzzer.
pub trait Entropy {
    /// A number from 0 to `bound`, exclusive; 0 if `bound` is 0.
    fn below(&mut self, bound: usize) -> usize;

    /// Whether something happens that does so once in `times`.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    ///
    /// # Panics
    ///
    /// If there is none.
    fn one_of<T: Clone>(&mut self, all: &[T]) -> T
    where
        Self: Sized,
    {
        all[self.below(all.len())].clone()
    }
}

/// Chooses at random. How often something goes wrong, how eagerly invocations overlap,
/// and how late late writes are, is drawn once for each run, since bugs differ in what
/// they need.
#[derive(Debug)]
pub struct Random<'e, E> {
    entropy: &'e mut E,
    /// Something goes wrong once in so many steps, where it can.
    fault_once_in: usize,
    /// What comes first in the order of names goes on until its end, but for once in
    /// so many steps.
    switch_once_in: usize,
    /// A write that is late stays so, but for once in so many steps.
    late_once_in: usize,
}

impl<'e, E: Entropy> Random<'e, E> {
    /// Chooses by these random decisions.
    pub fn new(entropy: &'e mut E) -> Self {
        let fault_once_in = entropy.one_of(&[3, 4, 6]);
        let switch_once_in = entropy.one_of(&[1, 1, 3]);
        let late_once_in = entropy.one_of(&[4, 32, 32]);
        Self {
            entropy,
            fault_once_in,
            switch_once_in,
            late_once_in,
        }
    }
}

impl<E: Entropy> Chooser for Random<'_, E> {
    fn choose(&mut self, options: &[Choice]) -> Option<usize> {
        // Options come in the order: what goes on, late writes, time, faults.
        let is_late = |it: &Choice| matches!(it, Choice::ApplyLate(_) | Choice::DropLate(_));
        let passes = |choice: &Choice| matches!(choice, Choice::Wait(_) | Choice::Sweep);
        let ordinary = options
            .iter()
            .position(|it| it.is_fault() || passes(it))
            .unwrap_or(options.len());
        let calm = options
            .iter()
            .position(|it| it.is_fault())
            .unwrap_or(options.len());
        if calm < options.len() && self.entropy.once_in(self.fault_once_in) {
            let faults = calm..options.len();
            // The rarest bugs are in what outlives its invocation.
            let outlives = |it: &usize| options[*it].outlives_invocation();
            let lasting: Vec<usize> = faults.clone().filter(outlives).collect();
            return Some(match !lasting.is_empty() && self.entropy.once_in(4) {
                true => self.entropy.one_of(&lasting),
                false => calm + self.entropy.below(faults.len()),
            });
        }
        if ordinary < calm && self.entropy.once_in(3) {
            return Some(ordinary + self.entropy.below(calm - ordinary));
        }
        let prompt = options[..ordinary].iter().position(is_late);
        let prompt = prompt.unwrap_or(ordinary);
        if prompt < ordinary && (prompt == 0 || self.entropy.once_in(self.late_once_in)) {
            // That a write is never applied, other faults say as well.
            let dropped = prompt == 0 && self.entropy.once_in(4);
            let is_wanted = |it: &usize| matches!(options[*it], Choice::DropLate(_)) == dropped;
            let wanted: Vec<usize> = (prompt..ordinary).filter(is_wanted).collect();
            return Some(match wanted.is_empty() {
                // While a process sleeps, its late write may be applied, but not dropped.
                true => prompt + self.entropy.below(ordinary - prompt),
                false => self.entropy.one_of(&wanted),
            });
        }
        match self.entropy.once_in(self.switch_once_in) {
            true => Some(self.entropy.below(prompt)),
            false => Some(0),
        }
    }
}
