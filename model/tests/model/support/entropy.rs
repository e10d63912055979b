//! Random decisions that anybody can repeat.

use std::cell::RefCell;

use redeliver_model::schedule::Entropy;

/// Random decisions that are written down beforehand, and then none.
pub(crate) struct Written<'a>(pub(crate) &'a [usize]);

impl Entropy for Written<'_> {
    fn below(&mut self, bound: usize) -> usize {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                assert!(*first < bound.max(1), "{first} is not below {bound}");
                *first
            }
            None => 0,
        }
    }
}

/// Decisions, and of how many possibilities each was one.
pub(crate) struct Noted<E> {
    pub(crate) decisions: E,
    pub(crate) bounds: Vec<usize>,
}

impl<E> Noted<E> {
    pub(crate) fn new(decisions: E) -> Self {
        let bounds = Vec::new();
        Self { decisions, bounds }
    }
}

impl<E: Entropy> Entropy for Noted<E> {
    fn below(&mut self, bound: usize) -> usize {
        self.bounds.push(bound);
        self.decisions.below(bound)
    }
}

/// Random decisions of a small generator.
pub(crate) struct Lcg(RefCell<u64>);

impl Lcg {
    pub(crate) fn new(seed: u64) -> Self {
        let lcg = Self(RefCell::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1));
        lcg.next();
        lcg
    }

    fn next(&self) -> u64 {
        let mut state = self.0.borrow_mut();
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        *state >> 33
    }
}

impl Entropy for Lcg {
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}
