//! The handler in loom's threads, in every order that loom tells apart.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use loom::model::Builder;
use loom::sync::Mutex;
use redeliver::table::{Boxed, Table};
use redeliver_handler::Handler;
use redeliver_handler::record::Settings;
use redeliver_model::table::{self as model, Operation, Reply};

use crate::handling::{Input, Threads, port};
use crate::race::Contestant;

pub(crate) fn contestant(invocations: usize, input: Input) -> Contestant {
    let threads = Threads::new(invocations, input);
    Contestant::new("loom", move || explore(&threads))
}

/// All executions, once. loom returns in silence when it meets a limit: there is none.
fn explore(threads: &Arc<Threads>) -> u64 {
    let mut builder = Builder::new();
    builder.max_permutations = None;
    builder.max_duration = None;
    builder.checkpoint_file = None;
    builder.preemption_bound = None;
    let executions = Arc::new(AtomicU64::new(0));
    let (threads, counter, port) = (Arc::clone(threads), Arc::clone(&executions), port());
    builder.check(move || {
        let handler = Handler::new(port.on(LoomTable::default()), Settings::default());
        let handler = Arc::new(handler);
        let spawn = |number| {
            let (threads, handler) = (Arc::clone(&threads), Arc::clone(&handler));
            loom::thread::spawn(move || threads.invoke(&handler, number))
        };
        let others: Vec<_> = (1..threads.count()).map(spawn).collect();
        let mut outcomes = vec![threads.invoke(&handler, 0)];
        outcomes.extend(others.into_iter().map(|it| it.join().expect("no panic")));
        threads.judge(&outcomes);
        counter.fetch_add(1, Ordering::Relaxed);
    });
    executions.load(Ordering::Relaxed)
}

/// The model's table. It has one item, so that one lock is a lock for each item. What
/// only holds together is the standard library's, lest loom play with that too.
#[derive(Default)]
struct LoomTable(Mutex<model::Table>);

impl Table for LoomTable {
    fn call(&self, operation: Operation) -> Boxed<'_, Reply> {
        let mut table = self.0.lock().expect("no panic");
        let reply = table.execute(&operation, 0, &mut Vec::new());
        Box::pin(std::future::ready(reply))
    }
}
