//! Contestants that take turns, and how they compare.

use std::time::{Duration, Instant};

/// How long each contestant runs at a stretch.
const TURN: Duration = Duration::from_millis(50);

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
    fn take_turn(&mut self) -> f64 {
        let begun = Instant::now();
        let mut executions = 0;
        while begun.elapsed() < TURN {
            executions += (self.play)();
        }
        executions as f64 / begun.elapsed().as_secs_f64()
    }
}

/// Lets the contestants take turns. Prints for each how many executions it plays in a
/// second, and how many times as many as each rival: medians over the turns.
pub(crate) fn race(mut contestants: Vec<Contestant>, rivals: &[&str]) {
    let turn = |_| contestants.iter_mut().map(Contestant::take_turn).collect();
    let turns: Vec<Vec<f64>> = (0..TURNS).map(turn).collect();
    let turns = &turns[1..];
    print!("  {:<32}{:>14}", "", "executions/s");
    rivals
        .iter()
        .for_each(|it| print!("{:>16}", format!("x {it}")));
    println!();
    for (number, contestant) in contestants.iter().enumerate() {
        let rate = median(turns.iter().map(|turn| turn[number]));
        print!("  {:<32}{rate:>14.0}", contestant.name);
        for rival in rivals {
            let rival = contestants.iter().position(|it| it.name == *rival);
            let ratio = rival.map(|rival| median(turns.iter().map(|it| it[number] / it[rival])));
            print!("{:>16.1}", ratio.unwrap_or(f64::NAN));
        }
        println!();
    }
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
