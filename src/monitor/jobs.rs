//! Jobs on all processors, with results as if they were done one after another.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::Monitor;

/// Whether a job is to go on.
pub struct Going<'a> {
    monitor: &'a Monitor,
    last: &'a AtomicUsize,
    number: usize,
}

impl Going<'_> {
    /// Whether it is: nobody has interrupted the run, and no job before this one has
    /// been the last.
    pub fn on(&self) -> bool {
        !self.monitor.is_interrupted() && self.number <= self.last.load(Ordering::Relaxed)
    }
}

/// Does so many jobs, and returns their results in order, up to the first that
/// `is_last`. What came after that is thrown away, so the results do not depend on
/// how many processors there are. After an interruption the results of jobs that had
/// not begun are missing.
pub fn in_order<T: Send>(
    count: usize,
    monitor: &Monitor,
    job: impl Fn(usize, &Going<'_>) -> T + Sync,
    is_last: impl Fn(&T) -> bool + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let last = AtomicUsize::new(usize::MAX);
    let results: Mutex<Vec<(usize, T)>> = Mutex::default();
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let last = &last;
            let going = Going {
                monitor,
                last,
                number,
            };
            if number >= count || !going.on() {
                return;
            }
            let result = job(number, &going);
            if is_last(&result) {
                last.fetch_min(number, Ordering::Relaxed);
            }
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.push((number, result));
            monitor.advance(1);
        }
    };
    thread::scope(|scope| {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        for _ in 1..processors.min(count) {
            scope.spawn(work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(number, _)| *number);
    let last = last.into_inner();
    let kept = results.into_iter().filter(|(number, _)| *number <= last);
    kept.map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_result_that_is_the_last_ends_it_however_late_it_comes() {
        let slow_third = |number: usize, going: &Going<'_>| {
            // The others wait for nothing, and are done first.
            (0..if number == 3 { 1_000 } else { 0 }).for_each(|_| thread::yield_now());
            (number, going.on())
        };
        let results = in_order(100, &Monitor::default(), slow_third, |(it, _)| *it >= 3);
        let numbers: Vec<_> = results.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [0, 1, 2, 3]);
        assert!(results.iter().all(|(_, on)| *on));
    }

    #[test]
    fn nothing_begins_after_an_interruption() {
        let monitor = Monitor::default();
        monitor.interrupt();
        assert_eq!(in_order(3, &monitor, |number, _| number, |_| false), [0; 0]);
    }
}
