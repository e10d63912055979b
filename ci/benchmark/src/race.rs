//! Contestants that take turns, and how they compare.

use std::time::{Duration, Instant};

/// How many turns each has. The first is for warming up.
const TURNS: usize = 41;

/// Somebody who plays executions.
pub(crate) struct Contestant {
    name: &'static str,
    /// Plays some, and says how many.
    play: Box<dyn FnMut() -> u64>,
}

impl Contestant {
    pub(crate) fn new(name: &'static str, play: impl FnMut() -> u64 + 'static) -> Self {
        let play = Box::new(play);
        Self { name, play }
    }

    /// Executions per second, in one turn.
    fn take_turn(&mut self, length: Duration) -> f64 {
        let begun = Instant::now();
        let mut executions = 0;
        while begun.elapsed() < length {
            executions += (self.play)();
        }
        executions as f64 / begun.elapsed().as_secs_f64()
    }
}

/// A race that was run.
pub(crate) struct Race {
    names: Vec<&'static str>,
    /// Of each turn, the executions per second of each contestant.
    turns: Vec<Vec<f64>>,
}

impl Race {
    /// Lets the contestants take turns of this length.
    pub(crate) fn run(mut contestants: Vec<Contestant>, length: Duration) -> Self {
        let mut turn = || {
            contestants
                .iter_mut()
                .map(|it| it.take_turn(length))
                .collect()
        };
        turn();
        let turns = (1..TURNS).map(|_| turn()).collect();
        let names = contestants.iter().map(|it| it.name).collect();
        Self { names, turns }
    }

    /// Prints for each contestant how many executions it played in a second, and how
    /// many times as many as each rival: medians over the turns.
    pub(crate) fn print(&self, rivals: &[&str]) {
        print!("  {:<32}{:>14}", "", "executions/s");
        rivals
            .iter()
            .for_each(|it| print!("{:>16}", format!("x {it}")));
        println!();
        for (number, name) in self.names.iter().enumerate() {
            let rate = median(self.turns.iter().map(|turn| turn[number]));
            print!("  {name:<32}{rate:>14.0}");
            for rival in rivals {
                print!("{:>16.2}", self.ratio(name, rival));
            }
            println!();
        }
    }

    /// How many times as many executions as its rival one played in the same time.
    pub(crate) fn ratio(&self, name: &str, rival: &str) -> f64 {
        let number = |name| self.names.iter().position(|it| *it == name);
        let both = number(name).zip(number(rival));
        let (one, other) = both.expect("both take part");
        median(self.turns.iter().map(|turn| turn[one] / turn[other]))
    }
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
