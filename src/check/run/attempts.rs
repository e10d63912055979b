//! Where each delivery of a run stands: its attempts, and what is left of it.

use redeliver_model::delivery::{InvocationId, Route};

use crate::check::plan::Plan;

/// The deliveries of a run.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    deliveries: Vec<Delivery>,
}

#[derive(Clone, Debug)]
struct Delivery {
    notification: usize,
    route: Route,
    permitted: u32,
    begun: u32,
    remaining: Vec<usize>,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Acknowledged,
    Dead,
    /// An attempt may start.
    Due,
    Running,
}

/// An attempt that starts.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) id: InvocationId,
    pub(super) events: Vec<usize>,
    pub(super) is_last: bool,
}

/// How an attempt ended, as Lambda sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Acknowledged,
    Failed,
    /// All but these were acknowledged.
    FailedPartly(Vec<usize>),
}

impl Attempts {
    /// Every delivery is due at once. Asynchronous invocations have so many attempts;
    /// those of a queue as many as the queue has receives.
    pub(super) fn new(plan: &Plan, asynchronous: u32) -> Self {
        let each = plan.notifications.iter().enumerate();
        let deliveries = each.flat_map(|(notification, it)| {
            (0..it.deliveries).map(move |_| Delivery {
                notification,
                route: it.route,
                permitted: it
                    .route
                    .queue()
                    .map_or(asynchronous, |queue| queue.receives),
                begun: 0,
                remaining: it.events.clone(),
                standing: Standing::Due,
            })
        });
        Self {
            deliveries: deliveries.collect(),
        }
    }

    /// The deliveries of which an attempt may start. Of several that nothing tells
    /// apart yet, the first stands for all.
    pub(super) fn due(&self) -> impl Iterator<Item = usize> {
        let untouched = |it: &Delivery| it.begun == 0;
        (0..self.deliveries.len()).filter(move |&number| {
            let it = &self.deliveries[number];
            let twin_before = self.deliveries[..number]
                .iter()
                .any(|earlier| untouched(earlier) && earlier.notification == it.notification);
            matches!(it.standing, Standing::Due) && !(untouched(it) && twin_before)
        })
    }

    /// Whether the next attempt of a delivery is not its first.
    pub(super) fn is_retry(&self, delivery: usize) -> bool {
        self.deliveries[delivery].begun > 0
    }

    /// Starts the next attempt of a delivery, if one is due.
    pub(super) fn start(&mut self, delivery: usize) -> Option<Attempt> {
        let it = self.deliveries.get_mut(delivery)?;
        if it.standing != Standing::Due {
            return None;
        }
        it.standing = Standing::Running;
        it.begun += 1;
        Some(Attempt {
            id: InvocationId {
                delivery,
                attempt: it.begun,
            },
            events: it.remaining.clone(),
            is_last: it.begun >= it.permitted,
        })
    }

    /// Ends an attempt: the delivery is acknowledged, due again, or dead.
    pub(super) fn end(&mut self, id: InvocationId, ending: Ending) {
        let it = &mut self.deliveries[id.delivery];
        match ending {
            Ending::Acknowledged => it.remaining.clear(),
            Ending::Failed => {}
            Ending::FailedPartly(events) => it.remaining = events,
        }
        it.standing = if it.remaining.is_empty() {
            Standing::Acknowledged
        } else if it.begun < it.permitted {
            Standing::Due
        } else {
            Standing::Dead
        };
    }

    /// How a delivery comes to the handler.
    pub(super) fn route(&self, delivery: usize) -> Route {
        self.deliveries[delivery].route
    }

    /// For each delivery, the events that ended as a dead letter.
    pub(super) fn dead(&self) -> Vec<Vec<usize>> {
        let each = self.deliveries.iter();
        let dead = each.map(|it| match it.standing {
            Standing::Dead => it.remaining.clone(),
            _ => Vec::new(),
        });
        dead.collect()
    }
}
