//! The handler in shuttle's threads, in orders drawn at random, or in every order.

use std::sync::Arc;

use redeliver::table::{Boxed, Table};
use redeliver_handler::Handler;
use redeliver_handler::record::Settings;
use redeliver_model::table::{self as model, Operation, Reply};
use shuttle::scheduler::{DfsScheduler, RandomScheduler, Scheduler};
use shuttle::sync::Mutex;
use shuttle::{Config, Runner};

use crate::handling::{Input, Threads, port};
use crate::race::Contestant;

pub(crate) fn at_random(invocations: usize, input: Input) -> Contestant {
    let threads = Threads::new(invocations, input);
    let mut seed = 0;
    Contestant::new("shuttle", move || {
        seed += 1;
        play(&threads, RandomScheduler::new_from_seed(seed, 1_000))
    })
}

pub(crate) fn depth_first(invocations: usize, input: Input) -> Contestant {
    let threads = Threads::new(invocations, input);
    Contestant::new("shuttle, depth first", move || {
        play(&threads, DfsScheduler::new(None, false))
    })
}

fn play(threads: &Arc<Threads>, scheduler: impl Scheduler + 'static) -> u64 {
    let (threads, port) = (Arc::clone(threads), port());
    let executions = Runner::new(scheduler, Config::default()).run(move || {
        let handler = Handler::new(port.on(ShuttleTable::default()), Settings::default());
        let handler = Arc::new(handler);
        let spawn = |number| {
            let (threads, handler) = (Arc::clone(&threads), Arc::clone(&handler));
            shuttle::thread::spawn(move || threads.invoke(&handler, number))
        };
        let others: Vec<_> = (1..threads.count()).map(spawn).collect();
        let mut outcomes = vec![threads.invoke(&handler, 0)];
        outcomes.extend(others.into_iter().map(|it| it.join().expect("no panic")));
        threads.judge(&outcomes);
    });
    executions as u64
}

/// The model's table, behind one lock.
#[derive(Default)]
struct ShuttleTable(Mutex<model::Table>);

impl Table for ShuttleTable {
    fn call(&self, operation: Operation) -> Boxed<'_, Reply> {
        let mut table = self.0.lock().expect("no panic");
        let reply = table.execute(&operation, 0, &mut Vec::new());
        Box::pin(std::future::ready(reply))
    }
}
